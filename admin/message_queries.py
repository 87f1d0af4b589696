"""What the address of a list of messages asks for, and addresses that ask the same of another page.

In: arguments of a request, the room (all that landed, exceptions, blocked). Out: a `LandedQuery`, the arguments that
are in use, and names of those that could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from engine.usecases.landed import LandedQuery
from engine.usecases.landing_records import ABNORMAL, BLOCKED, IN, OUT, STATES
from engine.usecases.monitoring import ASIDE

ROOMS: Mapping[str, tuple[str, ...]] = {"landed": (), "exceptions": ASIDE, "blocked": (BLOCKED,)}
"""States that a room shows; all of them for none."""
ACTS: Mapping[str, tuple[str, ...]] = {
    "landed": ("resend", "retry", "release", "discard"),
    "exceptions": ("retry", "release", "discard"),
    "blocked": ("retry", "end", "discard"),
}
NORMAL, WRONG = "normal", "abnormal"
_GROUPS = {NORMAL: tuple(one for one in STATES if one not in ABNORMAL), WRONG: tuple(sorted(ABNORMAL))}
_NAMES = ("number", "kind", "direction", "channel", "state", "code", "from", "to", "by")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """`typed` are all arguments as they were typed, `arguments` those in use; `unread` those that are no moments."""

    query: LandedQuery
    typed: Mapping[str, str]
    arguments: Mapping[str, str]
    unread: tuple[str, ...] = ()


def asked_of(room: str, given: Mapping[str, str]) -> Asked:
    """What is asked for."""
    typed = {name: given.get(name, "").strip()[:_LONGEST] for name in _NAMES}
    used = {name: text for name, text in typed.items() if text}
    since, until = moment_of(typed["from"], ends=False), moment_of(typed["to"], ends=True)
    unread = tuple(name for name, found in (("from", since), ("to", until)) if typed[name] and found is None)
    query = LandedQuery(
        direction=typed["direction"] if typed["direction"] in (IN, OUT) else "",
        states=_states(room, typed["state"]),
        kind=typed["kind"],
        channel=typed["channel"],
        number=typed["number"],
        code=typed["code"],
        since=since,
        until=until,
        by_sending=typed["by"] == "sent",
    )
    return Asked(query, typed, used, unread)


def states_of(room: str) -> tuple[str, ...]:
    """What the filter by state offers in a room."""
    return ROOMS[room] or (NORMAL, WRONG, *STATES)


def _states(room: str, state: str) -> tuple[str, ...]:
    if state in _GROUPS and not ROOMS[room]:
        return _GROUPS[state]
    return (state,) if state in (ROOMS[room] or STATES) else ROOMS[room]


def moment_of(text: str, *, ends: bool) -> datetime | None:
    """A day, or a moment to the minute or second; a day and a minute mean all of it where a span ends."""
    written = text.replace("/", "-").replace("T", " ")
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    if found.tzinfo is not None:
        return None
    if " " not in written:
        return datetime.combine(found, time.max if ends else time.min)
    is_minute = ends and written.count(":") == 1
    return found + timedelta(minutes=1, microseconds=-1) if is_minute else found
