"""Functions on sources at run time: they go over rows, and charge each visit to the evaluation's budget beforehand.

In: rows (or rows with their places), a function for the value and one for the condition. A null condition counts as
false; null values are left out. Out: a value, or a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from functools import cmp_to_key
from typing import Any

from engine.expressions.environment import Row
from engine.expressions.functions.numbers import quantized
from engine.expressions.limits import CONTEXT, MAX_ROWS, Budget, Exhausted

_COST_OF_SHARE = 8  # a row of a share costs as much as so many visits

Item = Any
Judge = Callable[[Item], Any] | None
Placed = tuple[Row, Row | None, int]


def kept(budget: Budget, rows: Sequence[Item], where: Judge) -> Sequence[Item]:
    """The rows for which the condition holds."""
    budget.charge(len(rows))
    return rows if where is None else [item for item in rows if where(item)]


def count(budget: Budget, rows: Sequence[Item], where: Judge) -> int:
    """How many rows."""
    return len(kept(budget, rows, where))


def present(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge) -> list[Any]:
    """The values of the rows, nulls left out."""
    values = map(value, kept(budget, rows, where))
    return [found for found in values if found is not None]


def total(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge) -> int | Decimal:
    """The sum; 0 for none."""
    found: int | Decimal = sum(present(budget, rows, value, where))
    return found


def mean(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge) -> Decimal | None:
    """The arithmetic mean; None for none."""
    values = present(budget, rows, value, where)
    return CONTEXT.divide(Decimal(sum(values)), Decimal(len(values))) if values else None


def least(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge) -> Any:
    """The least value."""
    return min(present(budget, rows, value, where), default=None)


def greatest(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge) -> Any:
    """The greatest value."""
    return max(present(budget, rows, value, where), default=None)


def some(budget: Budget, rows: Sequence[Item], where: Judge) -> bool:
    """Whether the condition holds for a row; without one, whether there is a row."""
    budget.charge(len(rows))
    return bool(rows) if where is None else any(True for item in rows if where(item))


def every(budget: Budget, rows: Sequence[Item], check: Callable[[Item], Any], where: Judge) -> bool:
    """Whether the check holds for every row that the condition lets in."""
    budget.charge(len(rows))
    return all(check(item) for item in rows if where is None or where(item))


def one(budget: Budget, rows: Sequence[Item], where: Judge) -> Any:
    """The only row; None for none and for several."""
    found = kept(budget, rows, where)
    return found[0] if len(found) == 1 else None


Keys = tuple[tuple[Callable[[Item], Any], bool], ...]


def first(budget: Budget, rows: Sequence[Item], where: Judge, keys: Keys) -> Any:
    """The first row in the order of the keys; rows with null keys come last."""
    found = kept(budget, rows, where)
    return arranged(found, keys)[0] if found else None


def arranged(rows: Sequence[Item], keys: Keys) -> Sequence[Item]:
    """Rows in order; nulls last whichever way, equal rows as they came."""
    if not keys or len(rows) < 2:
        return rows
    valued = [(tuple(key(item) for key, _ in keys), item) for item in rows]
    directions = [descending for _, descending in keys]

    def compare(left: tuple[tuple[Any, ...], Item], right: tuple[tuple[Any, ...], Item]) -> int:
        for one, other, descending in zip(left[0], right[0], directions, strict=True):
            if one == other:
                continue
            if one is None or other is None:
                return 1 if one is None else -1
            return (1 if one > other else -1) * (-1 if descending else 1)
        return 0

    return [item for _, item in sorted(valued, key=cmp_to_key(compare))]


def newest(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge) -> Any:
    """The row with the greatest value, the first of equals; rows without a value do not count."""
    found = [(value(item), item) for item in kept(budget, rows, where)]
    valued = [pair for pair in found if pair[0] is not None]
    return max(valued, key=lambda pair: pair[0])[1] if valued else None


def listed(budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any] | None, where: Judge) -> tuple[Any, ...]:
    """The values of the rows, nulls among them; the rows themselves without a value."""
    found = kept(budget, rows, where)
    return tuple(found) if value is None else tuple(map(value, found))


def percentile(
    budget: Budget, rows: Sequence[Item], value: Callable[[Item], Any], where: Judge, percent: Any
) -> Decimal | None:
    """The value at a percentile by nearest rank; None for none, or when the percent is not above 0 and at most 100."""
    values = sorted(present(budget, rows, value, where))
    if not values or percent is None or not 0 < percent <= 100:
        return None
    rank = CONTEXT.divide(len(values) * Decimal(percent), Decimal(100)).to_integral_value(ROUND_CEILING)
    return Decimal(values[int(rank) - 1])


def row_of(found: Placed | None) -> Row | None:
    """The row of a row with its place."""
    return None if found is None else found[0]


def rows_of(found: Sequence[Placed]) -> tuple[Row, ...]:
    """The rows of rows with their places."""
    return tuple(row for row, _, _ in found)


def placed(rows: Sequence[Row], parent: Row | None) -> list[Placed]:
    """Rows with the row they belong to and their number from 0."""
    return [(row, parent, index) for index, row in enumerate(rows)]


def through(budget: Budget, outer: Sequence[Item], inner: Callable[[Item], Sequence[Item]]) -> list[Item]:
    """The rows behind every row."""
    budget.charge(len(outer))
    found: list[Item] = []
    for item in outer:
        rows = inner(item)
        budget.charge(len(rows))
        found.extend(rows)
    return found


def shares(whole: Decimal, weights: Sequence[Decimal], digits: int) -> list[Decimal]:
    """A total split by weights so that the parts, each rounded, add up to the rounded total exactly.

    Each part is the difference of two rounded running totals: no part is off by more than one last unit.
    """
    goal = quantized(whole, digits, ROUND_HALF_UP)
    sum_of_weights = sum(weights)
    if not sum_of_weights:
        return [Decimal(0)] * len(weights)
    parts, running, given = [], Decimal(0), Decimal(0)
    for weight in weights:
        running += weight
        reached = quantized(CONTEXT.divide(CONTEXT.multiply(goal, running), sum_of_weights), digits, ROUND_HALF_UP)
        parts.append(reached - given)
        given = reached
    return parts


def share(  # noqa: PLR0913, PLR0917 - what a share depends on
    budget: Budget,
    memo: dict[object, object] | None,
    key: object,
    whole: Decimal | None,
    parent: Row | None,
    rows: Callable[[Row | None], Sequence[Item]],
    by: Callable[[Item], Any],
    where: Judge,
    own: int | None,
    digits: int,
) -> Decimal | None:
    """This row's part of a total; 0 when the condition leaves it out. `own` is its number from 1.

    The parts of all rows are worked out once: for one evaluation, or as long as the environment's `memo` is kept.
    """
    if whole is None or own is None:
        return None
    kept = budget.memo if memo is None else memo
    known = (key, id(parent), whole)
    parts = kept.get(known) if key is not None else None
    if not isinstance(parts, list):
        parts = kept[known] = _parts(budget, Decimal(whole), rows(parent), by, where, digits)
    return parts[own - 1] if own <= len(parts) else None


def _parts(
    budget: Budget, whole: Decimal, rows: Sequence[Item], by: Callable[[Item], Any], where: Judge, digits: int
) -> list[Decimal]:
    budget.charge(_COST_OF_SHARE * len(rows))
    taken = [where is None or bool(where(item)) for item in rows]
    weights = [Decimal(by(item) or 0) if counted else Decimal(0) for item, counted in zip(rows, taken, strict=True)]
    return shares(whole, weights, digits)


def complete(rows: Sequence[Row]) -> Sequence[Row]:
    """All rows of a source. Raises Exhausted when there are more than may be read: a part would be a wrong answer."""
    if len(rows) > MAX_ROWS:
        raise Exhausted("rows")
    return rows
