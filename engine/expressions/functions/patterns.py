r"""Patterns that cannot hang: a row of character classes, each with a count, judged in linear time.

In: `[a-z0-9-]+`, `\d{6}`, `.`; letters stand for themselves, `\` takes the meaning of a sign away. No groups, no
alternatives, no back references, so that every state is visited once a character. The browser twin does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engine.expressions.limits import Exhausted

MAX_COUNT = 100
MAX_STATES = 200
MAX_TEXT = 2_000

_CLASSES = {
    "d": (("0", "9"),),
    "w": (("0", "9"), ("A", "Z"), ("a", "z"), ("_", "_")),
    "s": ((" ", " "), ("\t", "\r")),
}
_COUNTS = {"?": (0, 1), "*": (0, None), "+": (1, None)}


class PatternError(ValueError):
    """The pattern cannot be read; the message says where."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters in ranges (or not in them), so many times; `most` None has no end."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool
    least: int
    most: int | None

    def takes(self, char: str) -> bool:
        """Whether the character is one of the class."""
        return any(low <= char <= high for low, high in self.ranges) is not self.negated


@lru_cache(maxsize=500)
def compiled(pattern: str) -> tuple[Piece, ...]:
    """The pieces of a pattern. Raises PatternError."""
    pieces, at, states = [], 0, 0
    while at < len(pattern):
        ranges, negated, at = _class(pattern, at)
        least, most, at = _count(pattern, at)
        states += max(most or 0, least, 1)
        if states > MAX_STATES:
            raise PatternError(f"more than {MAX_STATES} characters are counted")
        pieces.append(Piece(ranges, negated, least, most))
    return tuple(pieces)


Ranges = tuple[tuple[str, str], ...]


def _class(pattern: str, at: int) -> tuple[Ranges, bool, int]:
    char = pattern[at]
    if char == ".":
        return (), True, at + 1
    if char == "[":
        return _set(pattern, at + 1)
    if char in "()|?*+{}^$]":
        raise PatternError(f"{char!r} at {at + 1} has no meaning there; write \\{char} for the sign itself")
    ranges, at = _single(pattern, at)
    return ranges, False, at


def _single(pattern: str, at: int) -> tuple[Ranges, int]:
    """One character or escaped class."""
    if pattern[at] != "\\":
        return ((pattern[at], pattern[at]),), at + 1
    if at + 1 == len(pattern):
        raise PatternError("the pattern ends with \\")
    char = pattern[at + 1]
    if char in _CLASSES:
        return _CLASSES[char], at + 2
    if char.isalnum():
        raise PatternError(f"\\{char} has no meaning")
    return ((char, char),), at + 2


def _set(pattern: str, at: int) -> tuple[Ranges, bool, int]:
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while at < len(pattern) and pattern[at] != "]":
        found, at = _single(pattern, at)
        if pattern.startswith("-", at) and at + 1 < len(pattern) and pattern[at + 1] != "]" and len(found) == 1:
            high, at = _single(pattern, at + 1)
            if len(high) != 1 or high[0][0] < found[0][0]:
                raise PatternError(f"the range before {at + 1} runs backwards")
            found = ((found[0][0], high[0][1]),)
        ranges += found
    if at >= len(pattern) or not ranges:
        raise PatternError("[ has no ]")
    return tuple(ranges), negated, at + 1


def _count(pattern: str, at: int) -> tuple[int, int | None, int]:
    if at < len(pattern) and pattern[at] in _COUNTS:
        least, most = _COUNTS[pattern[at]]
        return least, most, at + 1
    if at >= len(pattern) or pattern[at] != "{":
        return 1, 1, at
    end = pattern.find("}", at)
    low, comma, high = pattern[at + 1 : end].partition(",")
    if end < 0 or not _is_count(low) or not (high == "" or _is_count(high)):
        raise PatternError(f"the count at {at + 1} is not {{n}}, {{n,}} or {{n,m}}")
    least, most = int(low), int(high) if high else None if comma else int(low)
    if max(least, most or 0) > MAX_COUNT or (most is not None and most < least):
        raise PatternError(f"the count at {at + 1} is not between 0 and {MAX_COUNT}")
    return least, most, end + 1


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits; time grows with text times pattern. Raises PatternError, Exhausted."""
    pieces = compiled(pattern)
    if len(text) > MAX_TEXT:
        raise Exhausted("text")
    reached = _settled({(0, 0)}, pieces)
    for char in text:
        after = set()
        for index, count in reached:
            if index < len(pieces) and pieces[index].takes(char):
                piece = pieces[index]
                more = count + 1 if piece.most is not None or count < piece.least else count
                if piece.most is None or more <= piece.most:
                    after.add((index, more))
        reached = _settled(after, pieces)
        if not reached:
            return False
    return (len(pieces), 0) in reached


def _settled(states: set[tuple[int, int]], pieces: tuple[Piece, ...]) -> set[tuple[int, int]]:
    """The states and all that can be reached from them without a character."""
    found = set(states)
    pending = list(states)
    while pending:
        index, count = pending.pop()
        if index < len(pieces) and count >= pieces[index].least and (index + 1, 0) not in found:
            found.add((index + 1, 0))
            pending.append((index + 1, 0))
    return found
