"""A value of a definition file together with its place; what builders hold instead of bare data.

In: a `Source` as read. Out: values with spans, asked for one by one. Knows nothing of kinds, keys or the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from engine.loading.lines import breaks
from engine.loading.source import Source
from engine.problems import Problem, Span

_BLOCK_HEAD = re.compile(r"[|>][0-9+-]*[^\S\n]*(?:#[^\n]*)?\n(?:[^\S\n]*\n)*[^\S\n]*")


@dataclass(slots=True, eq=False)
class Origin:
    """Where pieces come from: a file, the system whose names it sees, and what a part was given when it was used."""

    source: Source
    problems: list[Problem]
    system: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Piece:
    """A value, the offsets of its key (-1 in a list), start and end, and where it comes from.

    `more` are pieces that another file adds to a list.
    """

    value: object
    origin: Origin
    key: int
    start: int
    end: int
    more: tuple[Piece, ...] = ()

    @property
    def where(self) -> Span:
        """The value; of a quoted or block text what is inside, so that offsets in it add up."""
        source = self.origin.source
        if not isinstance(self.value, str):
            return source.span(self.start, self.end)
        return scalar_span(source, self.start, self.end, self.value)

    @property
    def key_where(self) -> Span:
        """The key; the value where there is none."""
        if self.key < 0:
            return self.where
        return self.origin.source.span(self.key, key_end(self.origin.source.text, self.key))

    @property
    def raw(self) -> str:
        """The text of a scalar as it was written, without its quotes; empty for what is no scalar."""
        if isinstance(self.value, str):
            return self.value
        if self.value is None or isinstance(self.value, dict | list):
            return ""
        return self.origin.source.text[self.start : self.end]

    def items(self) -> list[Piece]:
        """The pieces of a list; a single value is a list of one, null an empty one."""
        if self.value is None:
            return list(self.more)
        if not isinstance(self.value, list):
            return [self, *self.more]
        marks = self.origin.source.marks[id(self.value)]
        own = [Piece(value, self.origin, -1, marks[2 * i + 2], marks[2 * i + 3]) for i, value in enumerate(self.value)]
        return [*own, *self.more]

    def entries(self) -> dict[str, Piece]:
        """The pieces of a mapping; of anything else none."""
        if not is_mapping(self.value):
            return {}
        marks = self.origin.source.marks[id(self.value)]
        return {
            name: Piece(value, self.origin, marks[3 * i + 2], marks[3 * i + 3], marks[3 * i + 4])
            for i, (name, value) in enumerate(self.value.items())
        }


def is_mapping(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a read value is a mapping; its keys are text, the reader sees to that."""
    return isinstance(value, dict)


def inside(text: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the content of a scalar: without quotes, or from the first character of a block."""
    first = text[start : start + 1]
    if first in ("'", '"') and end - start >= 2:
        return start + 1, end - 1
    if first in ("|", ">") and (head := _BLOCK_HEAD.match(text, start, end)) is not None:
        return head.end(), max(head.end(), end)
    return start, end


def scalar_span(source: Source, start: int, end: int, value: str) -> Span:
    """The place of a scalar's content; where its text and its written form differ, with their breaks."""
    is_block = source.text[start : start + 1] in ("|", ">")
    start, end = inside(source.text, start, end)
    if is_block:  # blanks that an indicator of indentation makes part of the text
        lines = value.lstrip("\n")
        start -= len(lines) - len(lines.lstrip(" "))
    where = source.span(start, end)
    if end - start == len(value) and not is_block:
        return where
    found = breaks(source.text, start, end, value)
    return replace(where, breaks=tuple((at, *source.position(offset)) for at, offset in found)) if found else where


def key_end(text: str, start: int) -> int:
    """Where a key ends: at its closing quote, or before the colon behind it."""
    if text[start] in "'\"":
        closing = re.compile(r"'(?:[^']|'')*'" if text[start] == "'" else r'"(?:[^"\\]|\\.)*"').match(text, start)
        return closing.end() if closing else start + 1
    colon = re.compile(r"[^\n]*?(?=\s*:(?:\s|$)|\s*[,}\]\n]|$)").match(text, start)
    return max(colon.end(), start + 1) if colon else start + 1
