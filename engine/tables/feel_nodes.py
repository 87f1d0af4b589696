"""What FEEL expressions are made of: operations and functions on values.

In: functions of the named values. Out: the same, combined. Knows nothing of text; whatever fails is made null by the
expression as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.tables.unary import compare

Names = Mapping[str, Any]
Node = Callable[[Names], Any]


def choice(condition: Node, chosen: Node, other: Node) -> Node:
    """`if then else`; a condition that is null chooses `else`."""
    return lambda names: chosen(names) if condition(names) is True else other(names)


def listing(items: list[Node]) -> Node:
    """A list."""
    return lambda names: tuple(item(names) for item in items)


def member(node: Node, name: str) -> Node:
    """An entry of a context."""

    def entry(names: Names) -> object:
        value = node(names)
        return value.get(name) if isinstance(value, Mapping) else None

    return entry


def operation(sign: str, left: Node, right: Node) -> Node:
    """A binary operator."""
    if sign in ("and", "or"):
        return lambda names: _logic(sign, left(names), right(names))
    if sign == "=":
        return lambda names: left(names) == right(names)
    if sign == "!=":
        return lambda names: left(names) != right(names)
    if sign in ("<", "<=", ">", ">="):
        return lambda names: compare(sign, left(names), right(names))
    return lambda names: _ARITHMETIC[sign](left(names), right(names))


def _logic(sign: str, left: object, right: object) -> bool | None:
    """Three-valued: what decides alone, else true or false of both, else null."""
    deciding = sign == "or"
    if left is deciding or right is deciding:
        return deciding
    return not deciding if isinstance(left, bool) and isinstance(right, bool) else None


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > 1000:
        raise ValueError("exponent")
    return base**exponent


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: Decimal(left) / right,
    "**": _power,
}


def _spread(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments given one by one, or as one list."""
    return tuple(items[0]) if len(items) == 1 and isinstance(items[0], tuple | list) else items


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "max": lambda *items: max(_spread(items)),
    "min": lambda *items: min(_spread(items)),
    "sum": lambda *items: sum(_spread(items)[1:], _spread(items)[0]),
    "count": lambda items: Decimal(len(items)),
    "abs": abs,
    "floor": lambda number: Decimal(number).to_integral_value("ROUND_FLOOR"),
    "ceiling": lambda number: Decimal(number).to_integral_value("ROUND_CEILING"),
    "not": lambda truth: None if truth is None else not truth,
    "list contains": lambda items, item: item in items,
    "string length": lambda text: Decimal(len(text)),
    "contains": lambda text, part: part in text,
    "starts with": lambda text, part: text.startswith(part),
    "ends with": lambda text, part: text.endswith(part),
    "upper case": lambda text: text.upper(),
    "lower case": lambda text: text.lower(),
}
"""Functions that tables of other tools commonly call."""
