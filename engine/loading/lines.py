"""From offsets in the text that a scalar means to offsets in the text of its file.

In: a source, the place of a scalar's content, offsets in its value. Out: a span. Walks the written form: escapes of
quoted texts, doubled quotes, folded lines and the indentation of blocks. Knows nothing of expressions.
"""

from __future__ import annotations

import re

from engine.loading.source import Source
from engine.problems import Span

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|\r?\n[ \t]*|.)", re.DOTALL)
_BREAK = re.compile(r"[ \t]*(?:\r\n|\r|\n)[ \t]*")


def content_offsets(source: Source, where: Span, start: int, end: int) -> Span:
    """The stretch of the file between two offsets of a scalar's value; `where` is the scalar's content."""
    first = source.offset(where.line, where.column)
    last = source.offset(where.end_line, where.end_column)
    quote = source.text[first - 1 : first] if first else ""
    offsets = _offsets(source.text, first, last, quote)
    begin = offsets[min(start, len(offsets) - 1)]
    stop = offsets[min(max(end, start + 1), len(offsets) - 1)]
    return source.span(begin, max(stop, begin + 1))


def _offsets(text: str, first: int, last: int, quote: str) -> list[int]:
    """For each character of the value where it stands in the file, and the end."""
    offsets: list[int] = []
    at = first
    while at < last:
        offsets.append(at)
        char = text[at]
        if char == "\\" and quote == '"' and (escape := _ESCAPE.match(text, at)) is not None:
            at = escape.end()
        elif char == "'" and quote == "'" and text[at + 1 : at + 2] == "'":
            at += 2
        elif char in " \t\r\n" and (folded := _BREAK.match(text, at)) is not None:
            at = folded.end()
        else:
            at += 1
    return [*offsets, last]
