"""Hit policies: from the rows that matched to the result.

In: row numbers in table order and a way to get the output values of a row. Out: `Settled`, the values with the rows
that decided. Knows nothing of cells or of how the rows were found.

Standard: DMN 1.x, 8.2.10 and 8.2.11. Beyond it: null values take no part in sum, min and max, these work on each of
several outputs, and a count of no rows is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.model.tables import HitPolicy

Values = tuple[Any, ...]
Outputs = Callable[[int], Values]
Rank = Callable[[Values], tuple[int, ...]]


class Disagreement(Exception):
    """Rows matched together that may not: several where one is allowed, or different results where they must agree."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(f"rows {list(rows)}")
        self.rows = tuple(rows)


@dataclass(frozen=True, slots=True)
class Settled:
    """`values` of a single result or of an aggregate, or `listed` results; both None when no row decided."""

    values: Values | None = None
    listed: list[Values] | None = None
    rows: tuple[int, ...] = ()


def settle(policy: HitPolicy, rows: Iterable[int], outputs: Outputs, rank: Rank) -> Settled:
    """Apply a hit policy. Raises Disagreement (unique, any)."""
    return _POLICIES[policy](rows, outputs, rank)


def _first(rows: Iterable[int], outputs: Outputs, _rank: Rank) -> Settled:
    for row in rows:
        return Settled(outputs(row), rows=(row,))
    return Settled()


def _unique(rows: Iterable[int], outputs: Outputs, _rank: Rank) -> Settled:
    found = tuple(rows)
    if len(found) > 1:
        raise Disagreement(found)
    return _first(found, outputs, _rank)


def _any(rows: Iterable[int], outputs: Outputs, _rank: Rank) -> Settled:
    found = tuple(rows)
    if not found:
        return Settled()
    values = outputs(found[0])
    if any(outputs(row) != values for row in found[1:]):
        raise Disagreement(found)
    return Settled(values, rows=found)


def _priority(rows: Iterable[int], outputs: Outputs, rank: Rank) -> Settled:
    results = [(outputs(row), row) for row in rows]
    if not results:
        return Settled()
    values, row = min(results, key=lambda result: rank(result[0]))
    return Settled(values, rows=(row,))


def _listed(rows: Iterable[int], outputs: Outputs, _rank: Rank) -> Settled:
    found = tuple(rows)
    return Settled(listed=[outputs(row) for row in found], rows=found) if found else Settled()


def _output_order(rows: Iterable[int], outputs: Outputs, rank: Rank) -> Settled:
    results = sorted(((outputs(row), row) for row in rows), key=lambda result: rank(result[0]))
    if not results:
        return Settled()
    return Settled(listed=[values for values, _ in results], rows=tuple(row for _, row in results))


def _aggregate(combine: Callable[[list[Any]], object]) -> Callable[[Iterable[int], Outputs, Rank], Settled]:
    def apply(rows: Iterable[int], outputs: Outputs, _rank: Rank) -> Settled:
        found = tuple(rows)
        if not found:
            return Settled()
        columns = zip(*(outputs(row) for row in found), strict=True)
        given = [[value for value in column if value is not None] for column in columns]
        return Settled(tuple(combine(column) if column else None for column in given), rows=found)

    return apply


def _sum(values: list[Any]) -> object:
    return sum(values[1:], values[0])


def _count(rows: Iterable[int], outputs: Outputs, _rank: Rank) -> Settled:
    found = tuple(rows)
    return Settled((len(found),) * len(outputs(found[0])), rows=found) if found else Settled()


def ranking(priorities: Sequence[Sequence[object]]) -> Rank:
    """The order of results by the places of their values in the lists of the outputs, the first output first."""
    places: list[Mapping[object, int]] = [{value: place for place, value in enumerate(values)} for values in priorities]

    def rank(values: Values) -> tuple[int, ...]:
        return tuple(order.get(value, len(order)) for order, value in zip(places, values, strict=True))

    return rank


_POLICIES: Mapping[HitPolicy, Callable[[Iterable[int], Outputs, Rank], Settled]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.FIRST: _first,
    HitPolicy.RULE_ORDER: _listed,
    HitPolicy.OUTPUT_ORDER: _output_order,
    HitPolicy.COLLECT: _listed,
    HitPolicy.SUM: _aggregate(_sum),
    HitPolicy.MIN: _aggregate(min),
    HitPolicy.MAX: _aggregate(max),
    HitPolicy.COUNT: _count,
}
