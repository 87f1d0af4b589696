"""What compiled expressions call on values: arithmetic, texts, times, rows. Null is handled outside.

In: values that are not null, of the kinds that the checker allowed; `any` functions take what they get, and answer null
for what has no meaning. Out: values. Decimal arithmetic runs in the context of `limits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.expressions.environment import Row, RowsOf, World
from engine.expressions.functions.dates import moment_of, seconds_between
from engine.expressions.limits import CONTEXT, MAX_DIGITS, MAX_TEXT, Exhausted
from engine.model.values import Duration

Numeric = int | Decimal
_WHOLE_BOUND = 10**MAX_DIGITS


def times(left: Numeric, right: Numeric) -> Numeric:
    """The product of whole numbers; rounded to the digits that numbers have where it would be longer."""
    product = left * right
    return product if -_WHOLE_BOUND < product < _WHOLE_BOUND else CONTEXT.multiply(Decimal(left), Decimal(right))


def divide(left: Numeric, right: Numeric) -> Decimal | None:
    """The quotient; null when divided by zero."""
    if not right:
        return None
    return left / right if left.__class__ is Decimal else Decimal(left) / right


def modulo(left: Numeric, right: Numeric) -> Numeric | None:
    """What is left over, with the sign of the divisor; null when divided by zero."""
    if not right:
        return None
    if isinstance(left, int) and isinstance(right, int):
        return left % right
    rest = CONTEXT.remainder(Decimal(left), Decimal(right))
    return rest + right if rest and (rest < 0) != (right < 0) else rest


def concatenate(left: str, right: str) -> str:
    """The two texts as one. Raises Exhausted."""
    if len(left) + len(right) > MAX_TEXT:
        raise Exhausted("text")
    return left + right


def whole(value: Numeric) -> Numeric:
    """A number as `int` where it is whole; otherwise as it is."""
    if isinstance(value, int):
        return value
    found = int(value) if value.adjusted() < MAX_DIGITS else None
    return found if found is not None and found == value else value


def decimal(value: Numeric) -> Decimal:
    """A number as Decimal."""
    return value if isinstance(value, Decimal) else Decimal(value)


# --- time ------------------------------------------------------------------------------------------------------------


def later(world: World, moment: date, duration: Duration) -> date | None:
    """The moment so much later; null beyond the years that dates have."""
    try:
        if duration.working_days:
            moment = world.working_days_after(moment, duration.working_days)
        return duration.added_to(moment)
    except (OverflowError, ValueError):
        return None


def between(end: date, start: date) -> Duration:
    """How long from start to end."""
    return Duration(seconds=seconds_between(start, end))


def added(left: Duration, right: Duration) -> Duration:
    """Two durations together, part by part."""
    days = left.working_days + right.working_days
    return Duration(left.months + right.months, left.seconds + right.seconds, days)


def scaled(duration: Duration, by: Numeric) -> Duration | None:
    """So many times a duration; null when months or working days would be broken."""
    months, days = duration.months * by, duration.working_days * by
    if months != int(months) or days != int(days):
        return None
    return Duration(int(months), CONTEXT.multiply(duration.seconds, Decimal(by)), int(days))


def divided(duration: Duration, by: Numeric) -> Duration | None:
    """A part of a duration; null when divided by zero, or when months or working days would be broken."""
    if not by or duration.months % by or duration.working_days % by:
        return None
    seconds = CONTEXT.divide(duration.seconds, Decimal(by))
    return Duration(int(duration.months / by), seconds, int(duration.working_days / by))


def length(duration: Duration) -> tuple[str, Numeric] | None:
    """A duration's one part and its size, by which it is compared; None when it has several."""
    parts: list[tuple[str, Numeric]] = [
        (name, size)
        for name, size in (
            ("months", duration.months),
            ("seconds", duration.seconds),
            ("days", duration.working_days),
        )
        if size
    ]
    return parts[0] if len(parts) == 1 else ("", 0) if not parts else None


def ordered(left: Any, operator: str, right: Any) -> bool | None:
    """A comparison by size of durations or of values whose kind was not known; null where there is none."""
    if left is None or right is None:
        return None
    if isinstance(left, Duration) and isinstance(right, Duration):
        one, other = length(left), length(right)
        if one is None or other is None or (one[0] != other[0] and "" not in {one[0], other[0]}):
            return None
        left, right = one[1], other[1]
    left, right = plain(left), plain(right)
    if isinstance(left, date) and isinstance(right, date):
        left, right = moment_of(left), moment_of(right)
    if not _comparable(left, right):
        return None
    return bool(_COMPARISONS[operator](left, right))


_COMPARISONS = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def _comparable(left: object, right: object) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return False
    kinds: tuple[Any, ...] = (str, int | Decimal, datetime, time)
    return any(isinstance(left, kind) and isinstance(right, kind) for kind in kinds)


# --- values whose kind is known at run time only ---------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value of foreign data as expressions know it: floats become exact decimals."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def same(left: Any, right: Any) -> bool:
    """Equality of values whose kinds were not known: true is not 1."""
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(plain(left) == plain(right))


def among(item: Any, members: Any) -> bool:
    """Membership of values whose kinds were not known."""
    if isinstance(members, str | Mapping) or not isinstance(members, Iterable):
        return False
    return any(same(item, member) for member in members)


def any_arithmetic(world: World, left: Any, operator: str, right: Any) -> Any:
    """An operator between values whose kinds were not known; null where it has no meaning."""
    left, right = plain(left), plain(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return None
    if isinstance(left, int | Decimal) and isinstance(right, int | Decimal):
        return _NUMBERS[operator](left, right)
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return concatenate(left, right)
    if operator in "+-" and isinstance(left, date) and isinstance(right, Duration):
        return later(world, left, right if operator == "+" else -right)
    if operator == "-" and isinstance(left, date) and isinstance(right, date):
        return between(left, right)
    if operator == "*" and isinstance(left, int | Decimal) and isinstance(right, Duration):
        return scaled(right, left)
    return None


_NUMBERS: dict[str, Any] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": times,
    "/": divide,
    "%": modulo,
}


def any_call(function: Callable[..., Any], *arguments: Any) -> Any:
    """A function on values whose kinds were not known; null where it is not made for them."""
    try:
        return function(*(plain(argument) for argument in arguments))
    except (TypeError, AttributeError, ValueError, ArithmeticError):
        return None


def any_number(value: Any) -> Any:
    """A value of unknown kind as a number; null when it is none."""
    found = plain(value)
    return found if isinstance(found, int | Decimal) and not isinstance(found, bool) else None


def any_negative(value: Any) -> Any:
    """The opposite of a number or duration; null of anything else."""
    value = plain(value)
    numeric = isinstance(value, int | Decimal | Duration) and not isinstance(value, bool)
    return -value if numeric else None


def truth(value: Any) -> bool | None:
    """A condition whose kind was not known: anything but true and false is null."""
    return value if isinstance(value, bool) else None


# --- rows ------------------------------------------------------------------------------------------------------------


def part(value: Any, name: str) -> Any:
    """A part of foreign data, of an attachment, or of a row that need not have it; null where there is none."""
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, name, None) if name in {"name", "size", "media", "hash"} else None


def follow_any(world: World, reference: str) -> Row | None:
    """The record behind a reference that says itself of which type it is: `type:id`."""
    document, _, record_id = reference.partition(":")
    return world.follow(document, record_id) if record_id else None


def children(row: Row | None, name: str) -> Sequence[Row]:
    """The rows of a child table."""
    return (row.get(name) or ()) if row is not None else ()


def referred(world: World, document: str, references: Any) -> list[Row]:
    """The records that a reference or several name; those that are gone are left out."""
    if references is None:
        return []
    ids = (references,) if isinstance(references, str) else references
    found = (world.follow(document, record_id) for record_id in ids)
    return [row for row in found if row is not None]


def members(value: Any) -> Sequence[Any]:
    """Any value as rows: a list as it is, one row alone, nothing for null."""
    if value is None:
        return ()
    return (value,) if isinstance(value, Mapping | str) else value


def references(value: Any) -> tuple[str, ...]:
    """Rows or references as several references."""
    return tuple(member["id"] if isinstance(member, Mapping) else member for member in members(value))


def back(name: str, document: str, record_id: str) -> RowsOf:
    """The source of the records that refer to one record."""
    return RowsOf("back", name, document, record_id)
