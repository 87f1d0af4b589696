"""JSON in the one form that is signed: the JSON Canonicalization Scheme (RFC 8785).

In: data as `engine.mappings.json_messages.parsed` gives it. Out: bytes: names in order of their UTF-16 code units, no
blanks, numbers as ECMAScript writes them, UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from math import inf, isfinite


def canonical(value: object) -> bytes:
    """The canonical form. Raises ValueError for a number beyond doubles, and what is no JSON."""
    return _text(value).encode()


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: str(name).encode("utf-16-be"))
        return "{" + ",".join(f"{_text(str(name))}:{_text(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(one) for one in value) + "]"
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    raise ValueError(f"{type(value).__name__} is no JSON")


def _number(value: float | Decimal) -> str:
    """ECMA-262, Number::toString: the shortest digits that read back as the same double."""
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise ValueError("a number that JSON does not have")
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text, point = "".join(map(str, digits)), len(digits) + exponent
    minus = "-" if sign else ""
    if len(text) <= point <= 21:
        return f"{minus}{text}{'0' * (point - len(text))}"
    if 0 < point <= 21:
        return f"{minus}{text[:point]}.{text[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    tail = f".{text[1:]}" if len(text) > 1 else ""
    return f"{minus}{text[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"
