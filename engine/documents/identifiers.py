"""Check digits of identifiers that national standards define.

GB 11643-1999 citizen numbers (ISO 7064 MOD 11-2), GB 32100-2015 unified social credit codes (MOD 31-3 weights) and
mainland mobile numbers (11 digits beginning 13 to 19).
"""

from __future__ import annotations

import re
from datetime import date

_CITIZEN_WEIGHTS = tuple(2 ** (17 - i) % 11 for i in range(17))
_CITIZEN_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


def citizen_check_digit(first17: str) -> str:
    """The eighteenth character of a citizen number (GB 11643)."""
    return _CITIZEN_CHECKS[sum(w * int(c) for w, c in zip(_CITIZEN_WEIGHTS, first17, strict=True)) % 11]


def is_citizen_id(text: str) -> bool:
    """Eighteen characters, a real birth date and the right check digit."""
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return citizen_check_digit(text[:17]) == text[17]


def credit_check_digit(first17: str) -> str:
    """The eighteenth character of a unified social credit code (GB 32100)."""
    total = sum(w * _CREDIT_ALPHABET.index(c) for w, c in zip(_CREDIT_WEIGHTS, first17, strict=True))
    return _CREDIT_ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Eighteen characters of the standard's alphabet with the right check character."""
    if not re.fullmatch(f"[{_CREDIT_ALPHABET}]{{18}}", text):
        return False
    return credit_check_digit(text[:17]) == text[17]


def is_mobile(text: str) -> bool:
    """A mainland mobile number."""
    return re.fullmatch(r"1[3-9][0-9]{9}", text) is not None
