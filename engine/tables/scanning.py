"""Where a piece of a cell ends: bracket- and quote-aware scanning.

In: text, an offset, the signs that end the piece. Out: the offset of the sign, or the length of the text. Knows nothing
of what the piece means.
"""

from __future__ import annotations

_OPENING = {"(": ")", "[": "]", "{": "}"}
_QUOTES = "\"'"


def expression_end(text: str, start: int, stops: str) -> int:
    """End of an expression: a stop sign counts outside quotes and brackets; `..` is two signs.

    `[` ends a piece only as the last sign of an interval, where nothing but `,` or `)` can follow.
    """
    depth: list[str] = []
    at = start
    while at < len(text):
        sign = text[at]
        if not depth and _is_stop(text, at, stops):
            return at
        if sign in _QUOTES:
            at = _behind_quote(text, at)
            continue
        if sign in _OPENING:
            depth.append(_OPENING[sign])
        elif depth and sign == depth[-1]:
            depth.pop()
        at += 1
    return at


def words_end(text: str, start: int, stops: str) -> int:
    """End of a bare text: quotes mean nothing in it, round brackets come in pairs."""
    depth = 0
    for at in range(start, len(text)):
        if not depth and _is_stop(text, at, stops):
            return at
        depth = max(0, depth + {"(": 1, ")": -1}.get(text[at], 0))
    return len(text)


def _is_stop(text: str, at: int, stops: str) -> bool:
    sign = text[at]
    if sign == "." and ".." in stops:
        return text.startswith("..", at)
    if sign == "[":
        return "[" in stops and text[at + 1 :].lstrip()[:1] in ("", ",", ")")
    return sign != "." and sign in stops


def _behind_quote(text: str, at: int) -> int:
    """Offset behind the closing quote, or the end of the text."""
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))
