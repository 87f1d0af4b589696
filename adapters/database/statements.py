"""The fixed statements of a document type, built once: reading, storing and changing a record and its child rows.

In: a layout and a backend. Out: `Statement`s with the order of their values. Selections with conditions are elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.engine import Backend, Statement, place
from adapters.database.tables import POSITION, RECORD, DocumentLayout, TableLayout


@dataclass(frozen=True, slots=True)
class RowStatements:
    """Statements of one table. `insert` and `update` take the values of `TableLayout.row`, then, for a child row, the
    record's id and the position; `update` of a document takes the expected version at the end."""

    insert: Statement
    update: Statement
    fetch: Statement
    delete: Statement | None = None
    stored: Statement | None = None


@dataclass(frozen=True, slots=True)
class DocumentStatements:
    """Statements of a document type; `children` by child table, with `fetch` of all rows of a record in order."""

    main: RowStatements
    locked: Statement
    children: dict[str, RowStatements]


def document_statements(layout: DocumentLayout, backend: Backend) -> DocumentStatements:
    """All fixed statements of a document type."""
    main = layout.main
    table = main.table
    number = len(main.written)
    fetch = sa.select(*main.selected(table)).where(table.c.id == place(0, sa.Text()))
    update = (
        table.update()
        .values(_places(main))
        .where(table.c.id == place(0, sa.Text()), table.c.version == place(number, sa.BigInteger()))
    )
    delete = table.delete().where(table.c.id == place(0, sa.Text()))
    return DocumentStatements(
        RowStatements(
            _insert(backend, table, _places(main)),
            backend.compiled(update),
            backend.compiled(fetch),
            backend.compiled(delete),
        ),
        backend.compiled(fetch.with_for_update()),
        {name: _child(backend, child) for name, child in layout.children.items()},
    )


def _child(backend: Backend, layout: TableLayout) -> RowStatements:
    table = layout.table
    number = len(layout.written)
    places = {**_places(layout), RECORD: place(number, sa.Text()), POSITION: place(number + 1, sa.Integer())}
    mine = table.c[RECORD] == place(0, sa.Text())
    this = sa.and_(mine, table.c.id == place(1, sa.Text()))
    fetch = sa.select(*layout.selected(table)).where(mine).order_by(table.c[POSITION])
    stored = sa.select(*[table.c[name] for name in layout.written], table.c[POSITION]).where(mine)
    same = sa.and_(table.c[RECORD] == place(number, sa.Text()), table.c.id == place(0, sa.Text()))
    return RowStatements(
        backend.compiled(table.insert().values(places)),
        backend.compiled(table.update().values(places).where(same)),
        backend.compiled(fetch),
        backend.compiled(table.delete().where(this)),
        backend.compiled(stored),
    )


def _places(layout: TableLayout) -> dict[str, Any]:
    return {name: place(number, layout.table.c[name].type) for number, name in enumerate(layout.written)}


def _insert(backend: Backend, table: sa.Table, places: dict[str, Any]) -> Statement:
    if backend.postgres:
        return backend.compiled(postgresql.insert(table).values(places).on_conflict_do_nothing())
    return backend.compiled(sqlite.insert(table).values(places).on_conflict_do_nothing())
