"""Document types as tables: which table and columns a storage means, and rows of the driver to values and back.

In: `Storage` objects. Out: `DocumentLayout`: Core tables, converters of whole rows, ready statements. No connection.

A document type is `d_<document>`: system fields, declared fields, for an encrypted one a blind index beside it. A
child table is `d_<document>__<table>` with the row's `id`, `_record` (whose it is) and `_position`. On SQLite
documents have a whole number `_row` too, which full-text search refers to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from adapters.database import names
from adapters.database.convert import Codec, codec
from adapters.database.protection import Protection
from engine.model.storage import Column, Storage
from engine.model.types import SYSTEM_FIELDS, Kind, Type

ROW, RECORD, POSITION = "_row", "_record", "_position"
_CHILD_ID = Column("id", Type(Kind.TEXT, optional=False))
_SYSTEM = tuple(Column(name, type_) for name, type_ in SYSTEM_FIELDS.items())


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A field and its column; `blind` is the column of the blind index of an encrypted field, `context` what its cipher
    text is bound to."""

    field: str
    name: str
    column: Column
    codec: Codec
    blind: str = ""
    context: str = ""

    @property
    def encrypted(self) -> bool:
        return bool(self.blind)


@dataclass(frozen=True)
class TableLayout:
    """One table: `columns` by field name, and the Core table."""

    name: str
    columns: Mapping[str, StoredColumn]
    table: sa.Table
    protection: Protection
    parent: str = ""

    @cached_property
    def written(self) -> tuple[str, ...]:
        """Column names in the order in which `row` gives their values."""
        return tuple(name for stored in self.columns.values() for name in (stored.name, stored.blind) if name)

    @cached_property
    def readers(self) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
        """Field and converter of each selected column."""
        return tuple((stored.field, self._reader(stored)) for stored in self.columns.values())

    @cached_property
    def _writers(self) -> tuple[tuple[str, Callable[[Any], Any] | None, StoredColumn | None], ...]:
        return tuple((s.field, s.codec.write, s if s.encrypted else None) for s in self.columns.values())

    def _reader(self, stored: StoredColumn) -> Callable[[Any], Any] | None:
        if not stored.encrypted:
            return stored.codec.read
        return lambda cipher: self.protection.opened(stored.codec, cipher, stored.context)

    def selected(self, source: sa.FromClause) -> list[sa.ColumnElement[Any]]:
        """The columns that `values` expects, in its order."""
        return [source.c[stored.name] for stored in self.columns.values()]

    def row(self, values: Mapping[str, Any]) -> list[Any]:
        """A row for the driver. Raises ValueError for a value that its column cannot keep or a field there is none
        of."""
        if not values.keys() <= self.accepted:
            raise ValueError(f"{self.name} has no {', '.join(sorted(values.keys() - self.accepted))}")
        found: list[Any] = []
        for name, write, encrypted in self._writers:
            value = values.get(name)
            if encrypted is not None:
                found += self.protection.sealed(encrypted.codec, value, encrypted.context)
            else:
                found.append(value if value is None or write is None else write(value))
        return found

    def values(self, row: Sequence[Any]) -> dict[str, Any]:
        """The values of a row of the driver."""
        return {
            name: cell if cell is None or read is None else read(cell)
            for (name, read), cell in zip(self.readers, row, strict=False)
        }

    def field(self, name: str) -> StoredColumn:
        """A field. Raises ValueError where there is none."""
        found = self.columns.get(name)
        if found is None:
            raise ValueError(f"{self.name} has no field {name}")
        return found

    def differs(self, row: Sequence[Any], stored: Sequence[Any]) -> bool:
        """Whether a child row for the driver (fields, record, position) is another than the stored one (fields,
        position); cipher texts differ at every call and are left to their blind indexes."""
        number = len(self.written)
        if not self._odd:
            return tuple(row[:number]) != tuple(stored[:number]) or row[-1] != stored[-1]
        for place in range(number):
            ours, theirs = row[place], stored[place]
            if place in self._odd:
                if self._odd[place]:
                    continue
                ours = None if ours is None else json.loads(ours)
            if ours != theirs:
                return True
        return bool(row[-1] != stored[-1])

    @cached_property
    def _odd(self) -> dict[int, bool]:
        """Places that cannot be compared as they are: cipher texts (True), JSON that the driver reads as data
        (False)."""
        places: dict[int, bool] = {}
        for stored in self.columns.values():
            if stored.encrypted:
                places[self.written.index(stored.name)] = True
            elif stored.codec.declared == "jsonb":
                places[self.written.index(stored.name)] = False
        return places

    @cached_property
    def accepted(self) -> set[str]:
        return set(self.columns)


@dataclass(frozen=True)
class DocumentLayout:
    """All tables of a document type."""

    storage: Storage
    main: TableLayout
    children: Mapping[str, TableLayout]
    searched: tuple[StoredColumn, ...] = ()
    search: sa.Table | None = None


def document_layout(storage: Storage, protection: Protection, *, postgres: bool) -> DocumentLayout:
    """The tables of a storage. Raises ValueError for what cannot be stored."""
    metadata = sa.MetaData()
    document = storage.document
    main = _main(metadata, storage, protection, postgres)
    children: dict[str, TableLayout] = {}
    for child in storage.tables:
        stored = _columns(
            (RECORD, POSITION), (_CHILD_ID, *child.columns), f"{document}.{child.name}", protection, postgres
        )
        table = sa.Table(
            names.child_table(document, child.name),
            metadata,
            sa.Column(RECORD, _key(postgres), sa.ForeignKey(main.table.c.id, ondelete="CASCADE"), primary_key=True),
            *_core_columns(stored, {"id"}),
            sa.Column(POSITION, sa.Integer(), nullable=False),
        )
        children[child.name] = TableLayout(table.name, stored, table, protection, parent=document)
    main.accepted.update(children)
    searched = tuple(main.field(name) for name in storage.search)
    return DocumentLayout(storage, main, children, searched)


def _main(metadata: sa.MetaData, storage: Storage, protection: Protection, postgres: bool) -> TableLayout:
    stored = _columns((ROW,), (*_SYSTEM, *storage.columns), storage.document, protection, postgres)
    row = () if postgres else (sa.Column(ROW, sa.Integer(), primary_key=True),)
    table = sa.Table(
        names.document_table(storage.document), metadata, *row, *_core_columns(stored, {"id"} if postgres else set())
    )
    return TableLayout(table.name, stored, table, protection)


def _key(postgres: bool) -> sa.types.TypeEngine[Any]:
    return codec(_CHILD_ID, postgres=postgres).type


def _columns(
    taken: tuple[str, ...], columns: Sequence[Column], context: str, protection: Protection, postgres: bool
) -> dict[str, StoredColumn]:
    physical = names.columns(taken, [column.name for column in columns])
    found: dict[str, StoredColumn] = {}
    for column in columns:
        name, where = physical[column.name], f"{context}.{column.name}"
        if column.encrypted:
            blind = name + names.BLIND_SUFFIX
            found[column.name] = StoredColumn(column.name, name, column, protection.codec(column, where), blind, where)
        else:
            plain = codec(column, postgres=postgres)
            found[column.name] = StoredColumn(column.name, name, column, plain, context=where)
    return found


def _core_columns(stored: Mapping[str, StoredColumn], keys: set[str]) -> list[sa.Column[Any]]:
    found: list[sa.Column[Any]] = []
    for one in stored.values():
        required = one.field in SYSTEM_FIELDS and not one.column.type.optional
        key = one.field in keys
        title = one.column.title or None  # what SQL tools show beside the name, where the database keeps such a thing
        found.append(
            sa.Column(one.name, one.codec.type, primary_key=key, nullable=not (required or key), comment=title)
        )
        if one.field == "id" and not key:
            found[-1].unique = True
        if one.blind:
            found.append(sa.Column(one.blind, one.codec.type, nullable=True))
    return found
