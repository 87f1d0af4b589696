"""Paging by key: which rows come after a given one, for any sort keys, in both directions.

In: sort keys and the values of the last row seen. Out: pieces of a page, each with a condition and an order that an
index can serve. Nulls come last whichever way a key is sorted, and the id breaks ties in the direction of the last
key. A page is read in up to two pieces, rows where the first key is given and rows where it is null, because an index
knows one place for nulls and neither database would seek through `nulls last`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from adapters.database.conditions import Condition, Conditions, Scope
from adapters.database.criteria import Form
from adapters.database.tables import StoredColumn
from engine.model.criteria import Order
from engine.model.types import SYSTEM_FIELDS


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key; `nullable` where rows without it may exist."""

    path: tuple[str, ...]
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a page: `first` says of the first key that it is `given`, `null`, or `any`; `after` are nullness flags of
    the row to continue from (None: from the beginning)."""

    keys: tuple[Key, ...]
    first: str
    after: tuple[bool, ...] | None
    backwards: bool


def key_of(order: Order, stored: StoredColumn) -> Key:
    """The sort key of an order. Raises ValueError for a field that has no order."""
    if not stored.codec.ordered:
        raise ValueError(f"{order.field} cannot be sorted by")
    path = tuple(order.field.split("."))
    required = len(path) == 1 and order.field in SYSTEM_FIELDS and not SYSTEM_FIELDS[order.field].optional
    return Key(path, order.descending, not required)


def pieces(keys: tuple[Key, ...], after: Sequence[Any] | None, *, given: bool, backwards: bool) -> list[Piece]:
    """The pieces of a page in the order to read them; `given`: the condition leaves no row without the first key."""
    flags = None if after is None else tuple(value is None for value in after)
    if not keys or not keys[0].nullable or given:
        return [Piece(keys, "any", flags, backwards)]
    both = ("null", "given") if backwards else ("given", "null")
    if flags is None:
        return [Piece(keys, first, None, backwards) for first in both]
    start = both.index("null" if flags[0] else "given")
    return [Piece(keys, first, flags if place == 0 else None, backwards) for place, first in enumerate(both[start:])]


def never_null(form: Form, path: tuple[str, ...]) -> bool:
    """Whether a condition holds only where the field at the path is given."""
    if form[0] == "every":
        return any(never_null(part, path) for part in form[1:])
    return form[0] in {"compare", "given", "like", "among"} and form[1] == path and form[-1] is not True


def _uniform(all_keys: Sequence[Key], keys: Sequence[Key]) -> bool:
    """Whether one comparison of rows says it all: one direction, and no nulls (the first of all keys has none here)."""
    return len({key.descending for key in keys}) <= 1 and not any(key.nullable for key in all_keys[1:])


class Ordered:
    """Builds condition and order of a piece within a statement."""

    __slots__ = ("_columns", "_conditions", "_piece", "_scope", "_stored")

    def __init__(self, conditions: Conditions, scope: Scope, piece: Piece) -> None:
        self._conditions, self._scope, self._piece = conditions, scope, piece
        found = [conditions.found(key.path, scope) for key in piece.keys]
        self._columns = [source.c[stored.name] for source, stored in found]
        self._stored = [stored for _, stored in found]

    def condition(self) -> Condition:
        """Which rows belong to the piece and come after the row given."""
        first = self._piece.first
        parts: list[Condition] = []
        if first != "any":
            parts.append(self._columns[0].is_(None) if first == "null" else self._columns[0].is_not(None))
        if self._piece.after is not None:
            parts.append(self._after())
        return sa.and_(sa.true(), *parts)

    def order(self) -> list[sa.ColumnElement[Any]]:
        """The sort keys and the id."""
        found: list[sa.ColumnElement[Any]] = []
        for number, (key, column) in enumerate(zip(self._piece.keys, self._columns, strict=True)):
            if number == 0 and self._piece.first == "null":
                continue
            one = column.asc() if self._ascending(key) else column.desc()
            if key.nullable and number > 0:
                one = one.nulls_first() if self._piece.backwards else one.nulls_last()
            found.append(one)
        id_ = self._scope.source.c.id
        return [*found, id_.asc() if self._id_ascending() else id_.desc()]

    def _ascending(self, key: Key) -> bool:
        return key.descending is self._piece.backwards

    def _id_ascending(self) -> bool:
        return self._ascending(self._piece.keys[-1]) if self._piece.keys else not self._piece.backwards

    def _after(self) -> Condition:
        flags = self._piece.after or ()
        start = 1 if self._piece.first == "null" else 0
        places = [
            None if null else self._conditions.place(stored.codec.bind)
            for null, stored in zip(flags, [*self._stored, None], strict=True)
            if stored is not None
        ]
        last = self._conditions.place(sa.Text())
        keys, columns = self._piece.keys[start:], self._columns[start:]
        if _uniform(self._piece.keys, keys):
            return self._row_comparison(columns, places[start:], last)
        chain = self._chain(keys, columns, places[start:], last)
        if start == 0 and places[0] is not None:  # lets an index begin at the right place
            bound = columns[0] >= places[0] if self._ascending(keys[0]) else columns[0] <= places[0]
            return sa.and_(bound, chain)
        return chain

    def _row_comparison(self, columns: Sequence[Condition], places: Sequence[Any], last: Condition) -> Condition:
        id_ = self._scope.source.c.id
        ours: Any = sa.tuple_(*columns, id_) if columns else id_
        theirs: Any = sa.tuple_(*places, last) if columns else last
        condition: Condition = ours > theirs if self._id_ascending() else ours < theirs
        return condition

    def _chain(
        self, keys: Sequence[Key], columns: Sequence[Condition], places: Sequence[Any], last: Condition
    ) -> Condition:
        id_ = self._scope.source.c.id
        found: Condition = id_ > last if self._id_ascending() else id_ < last
        for key, column, value in reversed(list(zip(keys, columns, places, strict=True))):
            same = column.is_(None) if value is None else column == value
            found = sa.or_(self._beyond(key, column, value), sa.and_(same, found))
        return found

    def _beyond(self, key: Key, column: Condition, value: Any) -> Condition:
        if value is None:
            return column.is_not(None) if self._piece.backwards else sa.false()
        beyond = column > value if self._ascending(key) else column < value
        return sa.or_(beyond, column.is_(None)) if key.nullable and not self._piece.backwards else beyond
