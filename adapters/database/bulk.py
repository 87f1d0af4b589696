"""Many new records at once, without SQLAlchemy's handling of parameters: COPY on PostgreSQL, tuples on SQLite.

In: records of one document type. Out: rows, one statement a table. When a uniqueness is broken, everything is taken
back and the records are tried one by one to say which and by what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import exc

from adapters.database.database import Database, Known
from adapters.database.engine import Statement, Transaction
from adapters.database.tables import TableLayout
from adapters.database.uniques import conflict
from engine.model.records import Record

_WORTH_COPYING = 20


class _RepeatedError(Exception):
    """Some of the rows were refused; which is not known yet."""


def insert_many(database: Database, transaction: Transaction, known: Known, records: Sequence[Record]) -> None:
    """Store new records of one type. Raises Duplicate; nothing of them is stored then."""
    rows = [known.layout.main.row(record.values) for record in records]
    try:
        with transaction.savepoint():
            _put_all(database, transaction, known, records, rows)
    except (_RepeatedError, exc.IntegrityError):
        with transaction.savepoint():
            for record, row in zip(records, rows, strict=True):
                if transaction.change(known.statements.main.insert, row) != 1:
                    raise conflict(database, transaction, known, record.values) from None
        raise


def _put_all(
    database: Database, transaction: Transaction, known: Known, records: Sequence[Record], rows: Sequence[Sequence[Any]]
) -> None:
    layout = known.layout
    _put(database, transaction, known.copied[""], known.statements.main.insert, rows)
    for name, child in layout.children.items():
        own = [row for record in records for row in child_rows(child, record.values.get(name), record.id)]
        _put(database, transaction, known.copied[name], known.statements.children[name].insert, own)
    if known.search is not None:
        words = [[database.searcher.words(layout, record.values), record.id] for record in records]
        _put(database, transaction, known.search.copied, known.search.insert, words)


def _put(
    database: Database,
    transaction: Transaction,
    copied: tuple[str, str],
    insert: Statement,
    rows: Sequence[Sequence[Any]],
) -> None:
    if database.backend.postgres and len(rows) >= _WORTH_COPYING:
        transaction.copy(*copied, rows)
    elif transaction.change_many(insert, rows) != len(rows):
        raise _RepeatedError


def child_rows(child: TableLayout, value: Any, record_id: str) -> list[list[Any]]:
    """Rows for the driver: the fields, whose they are, their place."""
    return [[*child.row(one), record_id, position] for position, one in enumerate(value or ())]
