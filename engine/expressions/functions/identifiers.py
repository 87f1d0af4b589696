"""What public standard identifiers say: GB 11643-1999, the 18-digit identification number of residents.

Functions answer null for what is not such a number; whether a field must hold a valid one is its field type's business.
"""

from __future__ import annotations

import re
from datetime import date

from engine.expressions.functions.registry import function

_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]|[0-9]{15}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


def _full(number: str) -> str | None:
    """The number's first 17 digits; one of 15 digits, given before 1999, is of the 20th century."""
    if _NUMBER.fullmatch(number) is None:
        return None
    return number[:17] if len(number) == 18 else number[:6] + "19" + number[6:]


def valid_gb11643(number: str) -> bool:
    """Whether an 18-digit number has a possible date and the check character of GB 11643 (ISO 7064 MOD 11-2)."""
    digits = _full(number)
    if digits is None or len(number) != 18 or birth_of(number) is None:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return _CHECK_CHARACTERS[total % 11] == number[17].upper()


@function(
    "birth_of(number: text) -> date", "身份号码（GB 11643）中的出生日期", "The date of birth in a GB 11643 number"
)
def birth_of(number: str) -> date | None:
    digits = _full(number)
    try:
        return date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14])) if digits else None
    except ValueError:
        return None


@function(
    "sex_of(number: text) -> text",
    "身份号码（GB 11643）中的性别：1 男，2 女（GB/T 2261.1）",
    "The sex in a GB 11643 number: 1 male, 2 female, as GB/T 2261.1 codes them",
)
def sex_of(number: str) -> str | None:
    digits = _full(number)
    return None if digits is None else "1" if int(digits[16]) % 2 else "2"
