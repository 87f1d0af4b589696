"""Uniqueness: which one a write has broken and whose record stands in the way.

In: values that were refused. Out: `Duplicate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.model.criteria import Compare, Every, Not, Selection
from engine.ports import Duplicate

if TYPE_CHECKING:
    from adapters.database.database import Database, Known
    from adapters.database.engine import Transaction


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
