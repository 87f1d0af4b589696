"""Records to rows: inserting, changing only what differs, and saying which uniqueness was broken.

In: records. Out: rows of the document's table, its child tables and its search words, in one round trip a table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exc

from adapters.database.bulk import child_rows, insert_many
from adapters.database.database import Database, Known
from adapters.database.engine import Transaction
from adapters.database.statements import RowStatements
from adapters.database.tables import TableLayout
from adapters.database.uniques import conflict
from engine.model.records import Record
from engine.ports import Stale

_Rows = list[list[Any]]


class Writer:
    """Writes through one transaction; remembers what it has seen there to spare needless work."""

    __slots__ = ("_database", "_guarded", "_new", "_seen", "_told", "_transaction")

    def __init__(self, database: Database, transaction: Transaction) -> None:
        self._database, self._transaction = database, transaction
        self._new: set[tuple[str, str]] = set()
        self._told: set[tuple[str, str]] = set()
        self._guarded: dict[tuple[str, str], tuple[Any, ...]] = {}
        self._seen: dict[tuple[str, str], list[Any]] = {}

    def begins_history(self, document: str, record_id: str) -> bool:
        """Whether the entry about to be written is surely the record's first: it was inserted here."""
        key = document, record_id
        first = key in self._new and key not in self._told
        self._told.add(key)
        return first

    def noticed(self, known: Known, values: Mapping[str, Any]) -> None:
        """Remember what is unique and what is searched of a record that was read."""
        if known.guarded:
            self._guarded[known.layout.storage.document, values["id"]] = known.guarded_values(values)
        if known.search is not None:
            key = known.layout.storage.document, str(values["id"])
            self._seen[key] = _searched(known, values)

    def insert(self, record: Record) -> None:
        """Raises Duplicate."""
        known = self._database.known(record.document)
        row = known.layout.main.row(record.values)
        if self._transaction.change(known.statements.main.insert, row) != 1:
            raise conflict(self._database, self._transaction, known, record.values)
        record_id = record.id
        self._new.add((record.document, record_id))
        for name, child in known.layout.children.items():
            rows = child_rows(child, record.values.get(name), record_id)
            self._transaction.change_many(known.statements.children[name].insert, rows)
        if known.search is not None:
            words = self._database.searcher.words(known.layout, record.values)
            self._transaction.change(known.search.insert, [words, record_id])

    def insert_many(self, records: Sequence[Record]) -> None:
        """Raises Duplicate."""
        for document, own in _by_type(records).items():
            insert_many(self._database, self._transaction, self._database.known(document), own)

    def insert_missing(self, records: Sequence[Record]) -> None:
        """Store those whose ids are not there yet: what meets a row that is there does nothing."""
        for document, own in _by_type(records).items():
            known = self._database.known(document)
            rows = [known.layout.main.row(record.values) for record in own]
            self._transaction.change_many(known.statements.main.insert, rows)

    def update_many(self, records: Sequence[Record]) -> None:
        """Raises Stale."""
        for document, own in _by_type(records).items():
            known = self._database.known(document)
            rows = [[*known.layout.main.row(record.values), record.version - 1] for record in own]
            if self._transaction.change_many(known.statements.main.update, rows) != len(rows):
                raise Stale(document)

    def update(self, record: Record, expected: int) -> None:
        """Raises Stale, Duplicate."""
        known = self._database.known(record.document)
        row = known.layout.main.row(record.values)
        if self._changed(known, record, [*row, expected]) != 1:
            raise Stale(f"{record.document} {record.id}")
        for name, child in known.layout.children.items():
            if name in record.values:
                rows = child_rows(child, record.values[name], record.id)
                self._update_rows(child, known.statements.children[name], rows, record.id)
        self._update_words(known, record)

    def remove(self, document: str, record_ids: Sequence[str]) -> None:
        """Take rows away for good."""
        statement = self._database.known(document).statements.main.delete
        assert statement is not None
        self._transaction.change_many(statement, [[one] for one in record_ids])

    def _changed(self, known: Known, record: Record, cells: Sequence[Any]) -> int:
        """Change the document's own row; a savepoint keeps the transaction usable where a uniqueness may break."""
        statement = known.statements.main.update
        key = record.document, record.id
        if not known.guarded or self._guarded.get(key) == known.guarded_values(record.values):
            return self._transaction.change(statement, cells)
        try:
            with self._transaction.savepoint():
                changed = self._transaction.change(statement, cells)
        except exc.IntegrityError as error:
            raise conflict(self._database, self._transaction, known, record.values) from error
        self._guarded[key] = known.guarded_values(record.values)
        return changed

    def _update_words(self, known: Known, record: Record) -> None:
        if known.search is None:
            return
        key, now = (record.document, record.id), _searched(known, record.values)
        if self._seen.get(key) != now:
            words = self._database.searcher.words(known.layout, record.values)
            self._transaction.change(known.search.update, [words, record.id])
            self._seen[key] = now

    def _update_rows(self, child: TableLayout, statements: RowStatements, rows: _Rows, record_id: str) -> None:
        assert statements.stored is not None
        assert statements.delete is not None
        before = {row[0]: row for row in self._transaction.rows(statements.stored, [record_id])}
        added, changed = [], []
        for row in rows:
            stored = before.pop(row[0], None)
            if stored is None:
                added.append(row)
            elif child.differs(row, stored):
                changed.append(row)
        self._transaction.change_many(statements.delete, [[record_id, id_] for id_ in before])
        self._transaction.change_many(statements.update, changed)
        self._transaction.change_many(statements.insert, added)


def _by_type(records: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.document, []).append(record)
    return found


def _searched(known: Known, values: Mapping[str, Any]) -> list[Any]:
    """What the words of a record are made of."""
    return [values.get(stored.field) for stored in known.layout.searched]
