"""Full-text search said without an index: which texts a search for some words finds.

In: a record and what a person typed. Out: whether every word of it is found in one of the `search` fields. Text is
taken apart into atoms: a character of writing without spaces, a run of letters, a run of digits. A word is found where
its atoms follow each other, the last one, when of letters or digits, at least as a beginning; two characters that stand
together in the word must stand together in the text. An encrypted field is found by its whole value alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.model.storage import Storage

_UNSPACED = (
    r"\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff"
    r"\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
_ATOMS = re.compile(rf"(?P<unspaced>(?!\W)[{_UNSPACED}])|\d+|(?:(?![{_UNSPACED}])[^\W\d_])+")


@dataclass(frozen=True, slots=True)
class _Atom:
    text: str
    unspaced: bool
    joined: bool  # stands right behind the atom before it, and both are characters of writing without spaces


def found(storage: Storage, values: Mapping[str, Any], text: str) -> bool:
    """Whether every word of the text is found. Raises ValueError where nothing is searchable."""
    if not storage.search:
        raise ValueError(f"{storage.document} has no search fields")
    encrypted = {column.name for column in storage.columns if column.encrypted}
    texts = [_text(values.get(name)) for name in storage.search if name not in encrypted]
    secrets = {_text(values.get(name)) for name in storage.search if name in encrypted} - {""}
    words = [word for word in text.split() if _atoms(word)]
    if text.strip() in secrets:
        return True
    atoms = [_atoms(one) for one in texts]
    return all(word in secrets or any(_contains(one, _atoms(word)) for one in atoms) for word in words)


def _text(value: object) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@lru_cache(maxsize=4096)
def _atoms(text: str) -> tuple[_Atom, ...]:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    atoms: list[_Atom] = []
    end = -1
    for match in _ATOMS.finditer(plain):
        unspaced = match["unspaced"] is not None
        joined = unspaced and bool(atoms) and atoms[-1].unspaced and match.start() == end
        atoms.append(_Atom(match[0], unspaced, joined))
        end = match.end()
    return tuple(atoms)


def _contains(text: Sequence[_Atom], word: Sequence[_Atom]) -> bool:
    return any(_begins(text[start:], word) for start in range(len(text) - len(word) + 1))


def _begins(text: Sequence[_Atom], word: Sequence[_Atom]) -> bool:
    for place, (ours, wanted) in enumerate(zip(text, word, strict=False)):
        if place and ours.joined is not wanted.joined:
            return False
        last = place == len(word) - 1
        if ours.unspaced is not wanted.unspaced:
            return False
        if not (ours.text == wanted.text or (last and not wanted.unspaced and ours.text.startswith(wanted.text))):
            return False
    return True
