"""Records in memory counted and added up by groups, as a database does it.

In: values of matching records. Out: tallies. Refuses what a database cannot group or add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.model.criteria import Tally
from engine.model.storage import Storage
from engine.model.types import Kind
from engine.testing.matching import UNORDERED, Matcher, Row


def tallied(
    matcher: Matcher,
    storage: Storage,
    rows: Sequence[Mapping[str, Any]],
    by: Sequence[tuple[str, ...]],
    sums: Sequence[str],
) -> list[Tally]:
    """See `engine.ports.Unit.tally`."""
    blank = Row(storage, {})
    for path in by:
        column = matcher.column(blank, path)
        if column.encrypted or column.type.kind in UNORDERED:
            raise ValueError(f"{'.'.join(path)} cannot be grouped by")
    for name in sums:
        column = matcher.column(blank, (name,))
        if column.encrypted or column.type.kind not in {Kind.INTEGER, Kind.NUMBER}:
            raise ValueError(f"{name} cannot be added up")
    groups: dict[tuple[object, ...], list[Mapping[str, Any]]] = {} if by else {(): []}
    for values in rows:
        key = tuple(matcher.value(Row(storage, values), path) for path in by)
        groups.setdefault(key, []).append(values)
    return [Tally(key, len(held), tuple(_sum(held, name) for name in sums)) for key, held in groups.items()]


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> object:
    found = [values[name] for values in rows if values.get(name) is not None]
    if not found:
        return None
    return sum(found) if isinstance(found[0], int) else sum(found, Decimal(0))
