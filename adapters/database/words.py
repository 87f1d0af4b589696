"""Texts to the words of full-text search, for Chinese and Latin writing alike.

In: text. Out: tokens in order. A character of writing without spaces (Chinese, kana, hangul, Thai) begins a token
together with the next one (a bigram); the last of a run stands alone. Letters form words, digits numbers. So a phrase
of tokens keeps the order of characters, any two characters are found, and a single one is the beginning of a token.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 16_000
"""So many tokens of a record are indexed; PostgreSQL keeps no more positions."""
_LONGEST = 200
_UNSPACED = (
    r"\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff"
    r"\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
_RUNS = re.compile(rf"(?P<unspaced>(?:(?!\W)[{_UNSPACED}])+)|\d+|(?:(?![{_UNSPACED}])[^\W\d_])+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that follow each other; of the last one only the beginning is given where `prefix`. `word` is what was
    typed."""

    tokens: tuple[str, ...]
    prefix: bool
    word: str = ""


def plain(text: str) -> str:
    """The text without differences of width, case or presentation."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def tokens(text: str) -> list[str]:
    """All tokens of a text."""
    found: list[str] = []
    for run in _RUNS.finditer(plain(text)):
        found += _run_tokens(run)
    return found


def _run_tokens(run: re.Match[str]) -> Iterable[str]:
    text = run[0]
    if run["unspaced"] is None:
        return [text[:_LONGEST]]
    return [text[start : start + 2] for start in range(len(text))]


def phrases(text: str) -> list[Phrase]:
    """What a search asks for: one phrase for each word between spaces that holds letters or digits at all."""
    found = []
    for word in text.split():
        runs = list(_RUNS.finditer(plain(word)))
        if not runs:
            continue
        parts = [token for run in runs for token in _run_tokens(run)]
        last = runs[-1]
        bigrams = last["unspaced"] is not None and len(last[0]) > 1
        found.append(Phrase(tuple(parts[:-1] if bigrams else parts), not bigrams, word))
    return found
