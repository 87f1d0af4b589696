"""Stretches of rows: of a source that fills many screens, those that are looked at, with the count of all.

In: a source of a screen, the world as its reader sees it, where the stretch begins. Out: the rows and how many there
are, found by the store; nothing where it would find others than reading all of them does: then all are read. Rows that
no key of the order tells apart come as the store has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.expressions import nodes
from engine.expressions.environment import Env
from engine.model.criteria import ALWAYS, Order
from engine.model.documents import Document
from engine.model.formula import Sort
from engine.model.free_pages import Source
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.sources.criteria import checked_of, criterion_of, residual_of
from engine.usecases.projected import ProjectedWorld

_ORDERED = frozenset(
    {Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.DATETIME}
)  # a store orders them as they are compared here


def stretch(world: ProjectedWorld, source: Source, env: Env, start: int, size: int) -> tuple[list[Env], int] | None:
    """The rows from the one numbered `start` on, at most `size`, and how many there are; from 0. None where all rows
    have to be read for it."""
    node = checked_of(source.of).node
    if not isinstance(node, nodes.Documents) or source.most is not None:
        return None
    order = _orders(world, world.runtime.definitions.documents[node.document], source.sort)
    if order is None or (source.where is not None and residual_of(source.where, env) is not None):
        return None
    where = ALWAYS if source.where is None else criterion_of(source.where, env)
    counted = world.tally(node.document, where)
    if not counted:
        return None
    count = counted[0].count
    start = min(max(0, start), max(0, count - 1))
    rows = world.select(node.document, where, order, start + size)[start:]
    if len(rows) != min(size, count - start):
        return None  # some of them are not seen
    return [env.inner(row, names=env.locals) for row in rows], count


def _orders(world: ProjectedWorld, document: Document, sort: Sort | None) -> Sequence[Order] | None:
    """The same order for a store; None where it orders otherwise, or where a place would tell what is not seen."""
    found = tuple(_order(document, sort))
    rights = world.runtime.rights(document.id, world.actor)
    known = all(order is not None and rights.sees_everywhere(order.field) for order in found)
    return [order for order in found if order is not None] if known else None


def _order(document: Document, sort: Sort | None) -> Iterator[Order | None]:
    for key in sort.keys if sort is not None else ():
        node = checked_of(key.formula).node
        if isinstance(node, nodes.Field) and isinstance(node.row, nodes.Here) and node.row.frame == 0:
            yield Order(node.name, key.descending) if _kind_of(document, node.name) in _ORDERED else None
        else:
            yield None


def _kind_of(document: Document, name: str) -> Kind:
    if name in SYSTEM_FIELDS:
        return SYSTEM_FIELDS[name].kind
    field = document.fields.get(name)
    return Kind.NULL if field is None or field.protect or field.kind == "password" else field.type.kind
