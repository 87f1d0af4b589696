"""Exact decimals in a database that has none (SQLite).

In: Decimal. Out: an integer or a text that compares and sorts as the number does, and the way back. Two encodings:

- *scaled*: up to 18 digits with a declared scale are stored as an integer of the smallest unit (12.50 at scale 2 is
  1250). SQL can add them up exactly.
- *sortable text*: everything else. Up to 40 digits before the point, filled with zeros, then the fraction without
  trailing zeros; of negative numbers every digit is taken from nine and `~` ends it, so that byte order is number
  order.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal
from functools import cache

SCALED_DIGITS = 18
_WHOLE = 40
_WIDE = Context(prec=120)
_NINES = str.maketrans("0123456789", "9876543210")


def exact(value: Decimal | int, digits: int, scale: int) -> Decimal:
    """The number with exactly this many digits after the point. Raises ValueError where it does not fit."""
    return from_scaled(to_scaled(value, digits, scale), scale)


def to_scaled(value: Decimal | int, digits: int, scale: int) -> int:
    """The number in its smallest unit. Raises ValueError where it does not fit."""
    scaled = _WIDE.scaleb(Decimal(value), scale)
    whole = int(scaled)
    if whole != scaled or abs(whole) >= 10**digits:
        raise ValueError(f"a number does not fit {digits} digits, {scale} of them behind the point")
    return whole


def from_scaled(value: int, scale: int) -> Decimal:
    return Decimal(value).scaleb(-scale, _WIDE)


def to_text(value: Decimal | int) -> str:
    """Text in the order of the numbers; equal numbers give equal text. Raises ValueError beyond 40 digits."""
    number = Decimal(value)
    whole, _, fraction = f"{number.copy_abs():f}".partition(".")
    if len(whole) > _WHOLE:
        raise ValueError("a number is too large")
    fraction = fraction.rstrip("0")
    text = f"{whole:0>{_WHOLE}}.{fraction}" if fraction else f"{whole:0>{_WHOLE}}"
    return f"-{text.translate(_NINES)}~" if number < 0 else text


def from_text(text: str, scale: int | None) -> Decimal:
    """The number behind a text of `to_text`, with its declared scale where it has one."""
    plain = f"-{text[1:-1].translate(_NINES)}" if text.startswith("-") else text
    number = Decimal(plain)
    return number if scale is None else number.quantize(_unit(scale), context=_WIDE)


@cache
def _unit(scale: int) -> Decimal:
    return Decimal(1).scaleb(-scale)


class TextSum:
    """An aggregate of SQLite over sortable texts: their exact sum as such a text, null where there is none."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, text: str | None) -> None:
        """Add one."""
        if text is not None:
            self._sum = _WIDE.add(self._sum or Decimal(0), from_text(text, None))

    def finalize(self) -> str | None:
        """The sum. Raises ValueError beyond 40 digits."""
        return None if self._sum is None else to_text(self._sum)


def shifted(value: Decimal | int, scale: int) -> tuple[int, bool]:
    """The number in its smallest unit, rounded down, and whether it was whole."""
    scaled = _WIDE.scaleb(Decimal(value), scale)
    whole = int(scaled.to_integral_value(ROUND_FLOOR, _WIDE))
    return whole, whole == scaled
