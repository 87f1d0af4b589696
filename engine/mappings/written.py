"""Rows as scenarios write them, typed as the mapping's names are: `20260506` for a day becomes a day.

In: the tree of a linked mapping, a raw row. Out: the row that reading such a message gives. Raises Malformed, and
KeyError for a name that the mapping does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.documents.field_kinds import parse
from engine.documents.typed import field_of
from engine.mappings.ways import repeated_of, way_of
from engine.model.messages import MessageLeaf
from engine.model.types import Type


def typed(leaves: Sequence[MessageLeaf], row: Mapping[str, object]) -> dict[str, object]:
    """The row with typed values."""
    kinds, tables = dict(_kinds(leaves)), dict(_tables(leaves))
    made: dict[str, object] = {}
    for name, value in row.items():
        if name in tables and isinstance(value, list):
            made[name] = [typed(tables[name], one) for one in value]
        else:
            made[name] = None if value is None else parse(value, field_of(name, kinds[name]))
    return made


def _kinds(leaves: Sequence[MessageLeaf]) -> Iterator[tuple[str, Type]]:
    for leaf in leaves:
        if leaf.each is None and leaf.children:
            yield from _kinds(leaf.children)
        elif leaf.each is None and leaf.value is not None:
            way = way_of(leaf.value)
            if way.kind == "field":
                yield way.name, way.type


def _tables(leaves: Sequence[MessageLeaf]) -> Iterator[tuple[str, Sequence[MessageLeaf]]]:
    for leaf in leaves:
        if leaf.each is not None:
            yield repeated_of(leaf.each).table, leaf.children
        else:
            yield from _tables(leaf.children)
