"""Splitting of texts with expressions in braces: `{number} has {left} left`, `{today:%Y%m%d}{seq:06}`.

In: the text of a scalar and its place. Out: literal texts and expressions, in order. `{{` and `}}` stand for the braces
themselves; a colon outside brackets and quotes separates the format. Knows nothing of what expressions mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.problems import Span


@dataclass(frozen=True, slots=True)
class Slot:
    """One expression of a text, and how its value is written."""

    text: str
    format: str
    where: Span


def split(text: str, where: Span) -> list[str | Slot]:
    """The pieces of a text; a brace that is never closed stays text."""
    pieces: list[str | Slot] = []
    literal, at = "", 0
    while at < len(text):
        char = text[at]
        if char in "{}" and text[at : at + 2] == char * 2:
            literal, at = literal + char, at + 2
            continue
        end = _closing(text, at + 1) if char == "{" else -1
        if end < 0:
            literal, at = literal + char, at + 1
            continue
        if literal:
            pieces.append(literal)
            literal = ""
        pieces.append(_slot(text, at + 1, end, where))
        at = end + 1
    return [*pieces, literal] if literal else pieces


def _slot(text: str, start: int, end: int, where: Span) -> Slot:
    colon = _scan(text, start, end, ":")
    stop = end if colon < 0 else colon
    inner = text[start:stop]
    begin = start + len(inner) - len(inner.lstrip())
    stripped = inner.strip()
    place = where.shifted(begin, begin + len(stripped)) if where.line == where.end_line else where
    return Slot(stripped, "" if colon < 0 else text[colon + 1 : end], place)


def _closing(text: str, start: int) -> int:
    return _scan(text, start, len(text), "}")


def _scan(text: str, start: int, end: int, wanted: str) -> int:
    """Offset of the first wanted character outside brackets and quotes, or -1."""
    depth, quote, at = 0, "", start
    while at < end:
        char = text[at]
        if quote:
            at += char == "\\"
            quote = "" if char == quote else quote
        elif char == wanted and depth == 0:
            return at
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        at += 1
    return -1
