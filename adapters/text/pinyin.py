"""Readings of Chinese titles by pypinyin: the port `Pinyin`.

In: a title. Out: what one types to find it. Knows no code list.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict

_REMEMBERED = 65_536  # titles; the longest code list of a deployment has some ten thousand


def _plain(rest: str) -> str:
    """Letters and digits of what is no Chinese character; signs say nothing."""
    return "".join(sign for sign in rest.lower() if sign.isalnum())


@lru_cache(maxsize=_REMEMBERED)
def _initials(text: str) -> str:
    return "".join(lazy_pinyin(text, style=Style.FIRST_LETTER, errors=_plain)).lower()


@lru_cache(maxsize=_REMEMBERED)
def _letters(text: str) -> str:
    return "".join(lazy_pinyin(text, style=Style.NORMAL, v_to_u=False, errors=_plain)).lower()


@cache
def _by_syllable() -> Mapping[str, str]:
    """Characters by each of their readings without tones: those of the first block of Unicode, then the rarer ones."""
    found: dict[str, list[str]] = {}
    for code, readings in pinyin_dict.items():
        for syllable in {_without_tone(one) for one in readings.split(",")}:
            found.setdefault(syllable, []).append(chr(code))
    return {syllable: "".join(sorted(signs, key=_rarity)) for syllable, signs in found.items()}


def _rarity(sign: str) -> tuple[bool, str]:
    return not "\u4e00" <= sign <= "\u9fff", sign


def _without_tone(reading: str) -> str:
    """A reading as it is typed: without its tone, ü as v."""
    parts = unicodedata.normalize("NFD", reading.lower()).replace("u\u0308", "v")
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


class PypinyinInitials:
    """First letters or all of them, read by phrase where a character has several readings: 重庆 is cq, 重量 is zl."""

    def readings(self, text: str) -> str:
        """First letters and all letters, lower case, a blank between; without tones, ü is v as it is typed.

        Letters and digits stand for themselves, other signs are left out.
        """
        return f"{_initials(text)} {_letters(text)}".strip()

    def characters(self, syllable: str) -> str:
        """The characters that are read so, without tone."""
        return _by_syllable().get(syllable, "")
