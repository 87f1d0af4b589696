"""Single changes of the schema, each with its sentence.

In: layouts and the operations of Alembic. Out: `Step`s that can be told or taken. What steps are needed is decided in
`differences`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.schema import CreateIndex, CreateTable, SetColumnComment

from adapters.database.database import Database
from adapters.database.engine import Transaction
from adapters.database.fixed import guards, unguards
from adapters.database.indexes import Index
from adapters.database.live import rows_about
from adapters.database.tables import StoredColumn, TableLayout
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.ports import Duplicate

if TYPE_CHECKING:
    from alembic.operations import Operations

LARGE = 100_000  # from so many rows on an index of PostgreSQL is built without keeping writers waiting
_WORTH_TELLING = 100_000  # from so many rows on a step says how long it may take
_DEFAULTS = {Kind.BOOLEAN: "false", Kind.INTEGER: "0", Kind.TEXT: "''", Kind.DATETIME: "'1970-01-01 00:00:00.000000'"}


@dataclass(frozen=True, slots=True)
class Step:
    """One change. `lossy`: values or tables go, so it is taken only when asked for; `blocking`: without it the document
    type cannot be worked with. `run` returns what to add to the sentence. `beside` are name and statement of an index
    of a large table that is built after the transaction, beside those who write."""

    sentence: str
    run: Callable[[], str | None]
    lossy: bool = False
    blocking: bool = False
    beside: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Work:
    """The database and the transaction in which its schema is changed."""

    database: Database
    transaction: Transaction

    @property
    def operations(self) -> Operations:
        """Alembic's; loaded when the schema has to change, which most starts need not."""
        context = import_module("alembic.runtime.migration").MigrationContext.configure(self.transaction.connection)
        made: Operations = import_module("alembic.operations").Operations(context)
        return made

    def execute(self, sql: str) -> None:
        self.transaction.connection.exec_driver_sql(sql)

    def duration(self, table: str, lite_rate: int, pg_rate: int) -> str:
        """`, about 12 s for 1,000,000 rows`, or nothing for a small table."""
        backend = self.database.backend
        rows = rows_about(self.transaction, table, backend.quoted(table), postgres=backend.postgres)
        if rows < _WORTH_TELLING:
            return ""
        return f", about {max(1, rows // (pg_rate if backend.postgres else lite_rate))} s for {rows:,} rows"


def create_fixed(work: Work, table: sa.Table) -> Step:
    def run() -> None:
        connection = work.transaction.connection
        connection.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index))
        if table.name in {"guiju_history", "guiju_audit", "guiju_seals"}:
            guard(work, table.name)

    return Step(f"create table {table.name}", run)


def create_fixed_index(work: Work, index: sa.Index) -> Step:
    """An index that an earlier version did not have; history and audit grow large, and every event writes them."""
    assert index.table is not None
    if work.database.backend.postgres and not index.unique and _is_large(work, index.table.name):
        statement = _concurrent(str(CreateIndex(index).compile(work.transaction.connection)))
        time = work.duration(index.table.name, 400_000, 450_000)
        return Step(f"create index {index.name} beside writers{time}", _nothing, beside=(str(index.name), statement))
    return Step(f"create index {index.name}", lambda: _made(work, index))


def _made(work: Work, index: sa.Index) -> None:
    work.transaction.connection.execute(CreateIndex(index))


def _concurrent(statement: str) -> str:
    """The statement of an index that keeps no writer waiting; no transaction can have it."""
    return statement.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1)


def _nothing() -> None:
    """What is done later is not done now."""


def guard(work: Work, table: str) -> None:
    """Make a table append-only."""
    quoted = work.database.backend.quoted(table)
    for sql in guards(table, quoted, postgres=work.database.backend.postgres):
        work.execute(sql)


def opened(work: Work, table: str, step: Step) -> Step:
    """A step that writes the values of an append-only table anew."""

    def run() -> str | None:
        quoted = work.database.backend.quoted(table)
        for sql in unguards(table, quoted, postgres=work.database.backend.postgres):
            work.execute(sql)
        note = step.run()
        guard(work, table)
        return note

    return replace(step, run=run)


def create_table(work: Work, layout: TableLayout, *, append_only: bool = False) -> Step:
    def run() -> None:
        connection = work.transaction.connection
        connection.execute(CreateTable(layout.table))
        if work.database.backend.postgres:
            for column in layout.table.c:
                if column.comment:
                    connection.execute(SetColumnComment(column))
        if append_only:
            guard(work, layout.name)

    return Step(f"create table {layout.name}", run)


def rename_table(work: Work, old: str, new: str) -> Step:
    return Step(f"rename table {old} to {new}", lambda: work.operations.rename_table(old, new))


def drop_table(work: Work, name: str) -> Step:
    return Step(f"drop table {name}: no longer declared", lambda: work.operations.drop_table(name), lossy=True)


def add_column(work: Work, layout: TableLayout, stored: StoredColumn) -> Step:
    def run() -> None:
        add_columns(work, layout, stored, {})

    return Step(f"add column {layout.name}.{stored.name} ({stored.codec.declared})", run)


def add_columns(work: Work, layout: TableLayout, stored: StoredColumn, named: dict[str, str]) -> None:
    """The column and its blind index, under other names where `named` says so."""
    for name in filter(None, (stored.name, stored.blind)):
        column = layout.table.c[name]
        default = _DEFAULTS.get(SYSTEM_FIELDS[stored.field].kind) if not column.nullable else None
        if default == "false" and not work.database.backend.postgres:
            default = "0"
        added: sa.Column[Any] = sa.Column(
            named.get(name, name),
            column.type,
            nullable=column.nullable,
            server_default=None if default is None else sa.text(default),
            comment=column.comment,
        )
        work.operations.add_column(layout.name, added)


def rename_column(work: Work, layout: TableLayout, old: str, new: str) -> Step:
    def run() -> None:
        work.operations.alter_column(layout.name, old, new_column_name=new)

    return Step(f"rename column {layout.name}.{old} to {new}", run)


def drop_column(work: Work, table: str, name: str) -> Step:
    time = work.duration(table, 120_000, 1_000_000_000)
    return Step(
        f"drop column {table}.{name}: no longer declared{time}",
        lambda: work.operations.drop_column(table, name),
        lossy=True,
    )


def create_index(work: Work, index: Index, *, stands: bool) -> Step:
    def run() -> None:
        try:
            work.execute(index.sql)
        except exc.IntegrityError as error:
            raise Duplicate(index.table, index.fields) from error

    backend = work.database.backend
    large = stands and backend.postgres and not index.unique and _is_large(work, index.table)
    if large:
        time = work.duration(index.table, 400_000, 450_000)
        sentence = f"create index {index.name} on {index.table} ({', '.join(index.fields)}) beside writers{time}"
        return Step(sentence, _nothing, beside=(index.name, _concurrent(index.sql)))
    kind = "unique index" if index.unique else "index"
    time = work.duration(index.table, 400_000, 450_000) if stands else ""
    return Step(f"create {kind} {index.name} on {index.table} ({', '.join(index.fields)}){time}", run)


def _is_large(work: Work, table: str) -> bool:
    quoted = work.database.backend.quoted(table)
    return rows_about(work.transaction, table, quoted, postgres=True) >= LARGE


def drop_index(work: Work, name: str, table: str) -> Step:
    return Step(f"drop index {name} on {table}", lambda: work.execute(f"DROP INDEX {name}"))
