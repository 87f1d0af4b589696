"""Check digits of machine-readable zones (ICAO Doc 9303, part 3, 4.9), and the dates in them.

In: signs of a zone. Out: whether a digit is theirs; dates, their century chosen by what they are dates of.
"""

from __future__ import annotations

from datetime import date, timedelta

_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
_WEIGHTS = (7, 3, 1)
FILLER = "<"
_WIDEST = timedelta(days=15 * 366)
"""How far from today the end of a document may be, either way."""


def digit(signs: str) -> str | None:
    """The check digit; None where a sign is none of a zone."""
    if any(sign not in _VALUES for sign in signs):
        return None
    return str(sum(_VALUES[sign] * _WEIGHTS[at % 3] for at, sign in enumerate(signs)) % 10)


def holds(signs: str, check: str, *, may_be_empty: bool = False) -> bool:
    """Whether a digit is theirs; an empty field may have a filler in its place."""
    if may_be_empty and check == FILLER:
        return not signs.strip(FILLER)
    return digit(signs) == check


def _in_century(signs: str, century: int) -> date | None:
    try:
        return date(century + int(signs[:2]), int(signs[2:4]), int(signs[4:6]))
    except ValueError:
        return None


def born(signs: str, today: date) -> date | None:
    """The latest such day that is not to come; None for a day that is not known or does not exist."""
    found = [_in_century(signs, century) for century in (1900, 2000)] if len(signs) == 6 else []
    return max((one for one in found if one is not None and one <= today), default=None)


def ends(signs: str, today: date) -> date | None:
    """Such a day at most 15 years away, before or after."""
    found = [_in_century(signs, century) for century in (1900, 2000, 2100)] if len(signs) == 6 else []
    near = [one for one in found if one is not None and abs(one - today) <= _WIDEST]
    return min(near, key=lambda one: abs(one - today), default=None)
