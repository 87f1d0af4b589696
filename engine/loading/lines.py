"""From offsets in the text that a scalar means to offsets in the text of its file.

In: the text of a file, the stretch of a scalar's content in it, the value that was read. Out: where the two go apart:
at escapes, doubled quotes, folded lines, the indentation of blocks. Knows nothing of expressions.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_JOINED = re.compile(r"\\\r?\n[ \t]*")
_FOLD = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n)[ \t]*)+")
_LINE = re.compile(r"\r\n|\r|\n")
_HEAD = re.compile(r"(?:^|\s)([|>])[0-9+-]*(?:\s+#[^\n]*)?\Z")


def breaks(text: str, start: int, end: int, value: str) -> list[tuple[int, int]]:
    """Pairs of an offset in the value and one in the file, from which on both go forward alike.

    `start` and `end` enclose the content, without quotes. Nothing is given for what cannot be followed.
    """
    block = _block(text, start)
    quote = text[start - 1 : start] if start else ""
    if block:
        empty = len(value) - len(value.lstrip("\n"))
        offsets = [start] * empty + _in_block(text, start, end, folds=block == ">")
    else:
        offsets = _flowing(text, start, end, quote if quote in ("'", '"') else "")
    offsets = offsets[: len(value)]
    if len(offsets) < len(value.rstrip()):
        return []
    return [(at, offset) for at, offset in enumerate(offsets) if offset != (offsets[at - 1] + 1 if at else start)]


def _block(text: str, start: int) -> str:
    """The sign of the block that the content belongs to; its head ends the last line before it that is not empty."""
    before = text[:start].rstrip()
    head = _HEAD.search(before[before.rfind("\n") + 1 :])
    return head.group(1) if head is not None else ""


def _in_block(text: str, start: int, end: int, *, folds: bool) -> list[int]:
    """Every character stands for itself, but for the indentation of the first line, which is taken from each.

    Where the block folds, a line end between lines that are not indented further is a blank, several are one less.
    """
    indent = start - (text.rfind("\n", 0, start) + 1)
    ends = re.compile(rf"(?:(?:\r\n|\r|\n) {{0,{indent}}})+")
    offsets: list[int] = []
    at = begin = start
    while at < end:
        found = ends.match(text, at)
        if found is None:
            offsets.append(at)
            at += 1
            continue
        count = len(_LINE.findall(found.group()))
        further = text[begin : begin + 1] in (" ", "\t") or text[found.end() : found.end() + 1] in (" ", "\t")
        offsets += [at] * (count if further or not folds else max(1, count - 1))
        at = begin = found.end()
    return offsets


def _flowing(text: str, start: int, end: int, quote: str) -> list[int]:
    """Plain, quoted or folded text: one line end is a blank, several are one line end less."""
    offsets: list[int] = []
    at = start
    while at < end:
        if quote == '"' and (joined := _JOINED.match(text, at)) is not None:
            at = joined.end()
        elif (fold := _FOLD.match(text, at)) is not None:
            offsets += [at] * max(1, len(_LINE.findall(fold.group())) - 1)
            at = fold.end()
        else:
            offsets.append(at)
            at = _behind(text, at, quote)
    return offsets


def _behind(text: str, at: int, quote: str) -> int:
    """The offset behind one character as it is written."""
    if quote == '"' and (escape := _ESCAPE.match(text, at)) is not None:
        return escape.end()
    return at + (2 if quote == "'" and text.startswith("''", at) else 1)
