"""Readings of Chinese titles by pypinyin: the port `Pinyin`.

In: a title. Out: what one types to find it. Knows no code list.
"""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

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


class PypinyinInitials:
    """First letters or all of them, read by phrase where a character has several readings: 重庆 is cq, 重量 is zl."""

    def readings(self, text: str) -> str:
        """First letters and all letters, lower case, a blank between; without tones, ü is v as it is typed.

        Letters and digits stand for themselves, other signs are left out.
        """
        return f"{_initials(text)} {_letters(text)}".strip()
