"""First look at an expression's text: string literals are read and masked, signs of other alphabets are found.

In: the text of one scalar. Out: the same text with the inside of every string replaced by filler of the same length, so
that the parser behind sees neither quotes, escapes nor Chinese punctuation inside them, and offsets stay what they are.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass

FULL_WIDTH = {
    "，": ",", "、": ",", "（": "(", "）": ")", "＞": ">", "＜": "<", "＝": "=", "＋": "+", "－": "-", "—": "-",
    "–": "-", "−": "-", "＊": "*", "×": "*", "／": "/", "÷": "/", "％": "%", "。": ".", "．": ".", "“": "'",
    "”": "'", "‘": "'", "’": "'", "＂": "'", "＇": "'", "　": " ", "\xa0": " ", "≥": ">=", "≤": "<=",
    "≠": "!=", "！": "not ", "：": ":", "；": "", "［": "(", "］": ")", "【": "(", "】": ")", "｛": "{", "｝": "}",
}  # fmt: skip
"""Signs as an input method for Chinese types them, and the sign that is meant."""

OTHER_SPELLINGS = ((r"&&", "and"), (r"\|\|", "or"), (r"<>", "!="), (r"!(?!=)", "not"), (r"===", "=="), (r"\?\?", "or"))
"""Operators of other languages, and ours."""

_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Masked:
    """The masked text and the strings found: start offset to (end offset, value)."""

    text: str
    strings: Mapping[int, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong at a place: a code of the catalogue, what to say, and what to write instead."""

    code: str
    start: int
    end: int
    found: str = ""
    suggestion: str = ""


def mask(text: str) -> Masked | list[Flaw]:
    """Read the string literals; flaws are unclosed strings and signs that only look like the right ones."""
    pieces: list[str] = []
    strings: dict[int, tuple[int, str]] = {}
    flaws: list[Flaw] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char in "'\"":
            if text.startswith(char * 3, at):
                return [Flaw("EXP003", at, at + 3, char * 3, char)]
            end, value = _string(text, at)
            if end < 0:
                return [*flaws, Flaw("EXP007", at, len(text), text[at:])]
            strings[at] = (end, value)
            pieces.append(char + "x" * (end - at - 2) + char)
            at = end
            continue
        if char in FULL_WIDTH:
            flaws.append(Flaw("EXP002", at, at + 1, char, FULL_WIDTH[char]))
        elif char == "#":
            flaws.append(Flaw("EXP003", at, len(text), "#"))
        pieces.append(" " if char in "\r\n\t" else char)
        at += 1
    return flaws[:5] or Masked("".join(pieces), strings)


def _string(text: str, start: int) -> tuple[int, str]:
    """End offset and value of the literal that begins here; -1 when it is never closed. Unknown escapes stay."""
    value: list[str] = []
    quote, at = text[start], start + 1
    while at < len(text):
        char = text[at]
        if char == quote:
            return at + 1, "".join(value)
        if char == "\\" and at + 1 < len(text):
            escaped = text[at + 1]
            value.append(_ESCAPES.get(escaped, char + escaped))
            at += 2
            continue
        value.append(char)
        at += 1
    return -1, ""


_NOT_NAMES = {"and", "or", "not", "in", "is", "if", "else", "lambda", "True", "False", "None"}
_PYTHON_WORDS = frozenset(keyword.kwlist) - _NOT_NAMES
_WORD = re.compile(r"\w+")
_SHIFT = 0xA000  # Yi syllables: letters that no compatibility folding touches, and that no field is named with


def disguised(masked: str) -> str:
    """The text with words of Python that are plain names here (`from`, `class`) in letters that its parser takes."""
    return _WORD.sub(lambda match: _shifted(match.group()) if match.group() in _PYTHON_WORDS else match.group(), masked)


def _shifted(word: str) -> str:
    return "".join(chr(_SHIFT + ord(char)) for char in word)


def plain_name(name: str) -> str:
    """The name as it was written before it was disguised."""
    shifted = all(_SHIFT < ord(char) < _SHIFT + 128 for char in name)
    return "".join(chr(ord(char) - _SHIFT) for char in name) if shifted else name


def too_deep(text: str, bound: int) -> bool:
    """Whether brackets nest deeper than the bound; asked before the parser, whose own stack is not ours to test."""
    depth = 0
    for char in text:
        if char in "([{":
            depth += 1
            if depth > bound:
                return True
        elif char in ")]}":
            depth -= 1
    return False


def other_spelling(masked: str, near: int) -> Flaw | None:
    """An operator of another language, where the text could not be parsed: the one closest to the place."""
    found = [
        Flaw("EXP003", match.start(), match.end(), match.group(), ours)
        for pattern, ours in OTHER_SPELLINGS
        for match in re.finditer(pattern, masked)
    ]
    found += [
        Flaw("EXP003", match.start(), match.end(), "=", "==")
        for match in re.finditer(r"(?<![=!<>])=(?!=)", masked)
        if _at_top(masked, match.start())
    ]
    return min(found, key=lambda flaw: abs(flaw.start - near), default=None)


def _at_top(masked: str, at: int) -> bool:
    return masked.count("(", 0, at) <= masked.count(")", 0, at)


_LEADING_ZERO = re.compile(r"(?<![\w.])0\d+(?![\w.])")


def leading_zero(masked: str) -> Flaw | None:
    """A number such as 0110, which is a code: text."""
    match = _LEADING_ZERO.search(masked)
    return Flaw("EXP005", match.start(), match.end(), match.group(), f"'{match.group()}'") if match else None
