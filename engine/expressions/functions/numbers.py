"""Functions on numbers. Whole numbers are `int`, all others `Decimal`; rounding is half up, away from zero."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from engine.expressions.functions.registry import function
from engine.expressions.limits import CONTEXT, MAX_DIGITS, Exhausted

Numeric = int | Decimal

MAX_POWER = 1_000
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def quantized(value: Numeric, digits: int, rounding: str) -> Decimal:
    """The number with so many decimals. Raises Exhausted beyond the digits that numbers have."""
    if not -MAX_DIGITS <= digits <= MAX_DIGITS:
        raise Exhausted("number")
    number = Decimal(value)
    if number.adjusted() + digits >= MAX_DIGITS:
        return number
    return number.quantize(Decimal(1).scaleb(-digits), rounding, CONTEXT)


@function(
    "round(value: number, digits: integer = 0) -> number",
    "四舍五入到几位小数；五入时远离零",
    "Rounds to so many decimals; a half goes away from zero",
)
def round_half_up(value: Numeric, digits: int) -> Decimal:
    return quantized(value, int(digits), ROUND_HALF_UP)


@function("abs(value: number) -> same", "绝对值", "The number without its sign")
def absolute(value: Numeric) -> Numeric:
    return -value if value < 0 else value


def _whole(value: Numeric, rounding: str) -> int:
    if isinstance(value, int):
        return value
    if value.adjusted() >= MAX_DIGITS:
        raise Exhausted("number")
    return int(value.to_integral_value(rounding))


@function("floor(value: number) -> integer", "不大于它的最大整数", "The greatest whole number that is not greater")
def floor(value: Numeric) -> int:
    return _whole(value, ROUND_FLOOR)


@function("ceil(value: number) -> integer", "不小于它的最小整数", "The least whole number that is not less")
def ceil(value: Numeric) -> int:
    return _whole(value, ROUND_CEILING)


@function(
    "power(value: number, exponent: integer) -> number",
    "乘方；指数为 -1000 到 1000 的整数",
    "A power; the exponent is a whole number from -1000 to 1000",
)
def power(value: Numeric, exponent: Numeric) -> Decimal | None:
    count = _whole(exponent, ROUND_DOWN)
    if abs(count) > MAX_POWER:
        raise Exhausted("number")
    base = Decimal(value)
    if base == 0 and count <= 0:
        return None if count < 0 else Decimal(1)
    return CONTEXT.power(base, count)


@function(
    "least(*values: ordered) -> same", "最小的一个；有空值则为空", "The least of the values; null when one is null"
)
def least(*values: Any) -> Any:
    return min(values)


@function(
    "greatest(*values: ordered) -> same",
    "最大的一个；有空值则为空",
    "The greatest of the values; null when one is null",
)
def greatest(*values: Any) -> Any:
    return max(values)


def read_number(text: str) -> Decimal | None:
    """A plain decimal number, or None."""
    text = text.strip()
    if _NUMBER.fullmatch(text) is None or len(text) > MAX_DIGITS + 2:
        return None
    return Decimal(text)


@function(
    "number(value: any) -> number",
    "把文本变成数；不是数则为空",
    "A number from a text; null when the text is not a plain decimal number",
)
def number(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return read_number(value) if isinstance(value, str) else None


@function(
    "int(value: any) -> integer",
    "取整数部分；文本须是数，否则为空",
    "The whole part of a number, or of a text that is a number; else null",
)
def integer(value: object) -> int | None:
    found = number(value)
    return None if found is None else _whole(found, ROUND_DOWN)
