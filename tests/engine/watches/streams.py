"""Streams of events that another rule engine has joined too: on each key one cause at most is open at a time."""

from __future__ import annotations

from random import Random

Event = tuple[int, str, int]
"""Number, kind (a or b), key."""
STREAMS, LENGTH, KEYS = 25, 60, 6


def stream(seed: int) -> list[Event]:
    """A stream; an effect may come without its cause, a cause never twice before its effect."""
    chance, open_keys, found = Random(seed), set[int](), list[Event]()  # noqa: S311
    for number in range(1, LENGTH + 1):
        key, kind = chance.randrange(KEYS), chance.choice("ab")
        if key in open_keys:
            kind = "b"
        open_keys = open_keys | {key} if kind == "a" else open_keys - {key}
        found.append((number, kind, key))
    return found
