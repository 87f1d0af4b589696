"""Tables as the storages want them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from adapters.database.database import Database
from adapters.database.fixed import guards
from adapters.database.indexes import wanted_indexes
from adapters.database.search import search_ddl
from engine.model.storage import Storage


def plan(database: Database, storages: Sequence[Storage]) -> list[str]:
    with database.backend.begin(write=False) as transaction:
        return [f"create {name}" for name in _missing(database, transaction.connection, storages)]


def _missing(database: Database, connection: sa.Connection, storages: Sequence[Storage]) -> list[str]:
    there = set(sa.inspect(connection).get_table_names())
    tables = [*database.fixed.metadata.sorted_tables]
    for storage in storages:
        tables += database.layout(storage).main.table.metadata.sorted_tables
    return [table.name for table in tables if table.name not in there]


def apply(database: Database, storages: Sequence[Storage], *, drop: bool) -> list[str]:
    done = []
    with database.backend.begin(write=True) as transaction:
        connection = transaction.connection
        there = set(sa.inspect(connection).get_table_names())
        for table in database.fixed.metadata.sorted_tables:
            if table.name not in there:
                connection.execute(CreateTable(table))
                for index in table.indexes:
                    connection.execute(CreateIndex(index))
                done.append(f"create {table.name}")
                if table.name in {"guiju_history", "guiju_audit", "guiju_seals"}:
                    for sql in guards(table.name, postgres=database.backend.postgres):
                        connection.exec_driver_sql(sql)
        for storage in storages:
            layout = database.layout(storage)
            if layout.main.name in there:
                continue
            for table in layout.main.table.metadata.sorted_tables:
                connection.execute(CreateTable(table))
                done.append(f"create {table.name}")
            for index in wanted_indexes(database, layout):
                connection.exec_driver_sql(index.sql)
            if layout.searched:
                for sql in search_ddl(layout, database.backend.quoted, postgres=database.backend.postgres):
                    connection.exec_driver_sql(sql)
    return done
