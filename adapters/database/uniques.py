"""Uniqueness: which one a write has broken and whose record stands in the way.

In: values that were refused. Out: `Duplicate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.model.criteria import (
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    Holds,
    Like,
    Not,
    Selection,
    Some,
)
from engine.model.storage import Unique
from engine.ports import Duplicate

if TYPE_CHECKING:
    from adapters.database.database import Database, Known
    from adapters.database.engine import Transaction


def looked_at(unique: Unique) -> frozenset[str]:
    """The fields that a uniqueness and its condition look at."""
    return frozenset({*unique.fields, *_fields_of(unique.when)})


def _fields_of(criterion: Criterion) -> Iterator[str]:
    match criterion:
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _fields_of(part)
        case Not(part):
            yield from _fields_of(part)
        case CompareFields(left, _, right):
            yield from (left[0], right[0])
        case Compare(path) | Among(path) | Holds(path) | Like(path):
            yield path[0]


def conflict(database: Database, transaction: Transaction, known: Known, values: Mapping[str, Any]) -> Duplicate:
    """The uniqueness that these values break; `id` where it is none of the declared ones."""
    document = known.layout.storage.document
    others = Not(Compare(("id",), "==", values["id"]))
    for unique in known.layout.storage.uniques:
        if any(values.get(name) is None for name in unique.fields):
            continue
        same = [Compare((name,), "==", values[name]) for name in unique.fields]
        selection = Selection(document, Every((*same, unique.when, others)), limit=1)
        found = database.selector.page(transaction, selection)
        if found:
            return Duplicate(document, unique.fields, str(found[0]["id"]))
    return Duplicate(document, ("id",), str(values["id"]))
