"""One transaction over documents: the `Unit` of the ports.

In: records, entries, effects. Out: rows in one transaction. Knows layouts and statements; how a condition becomes SQL,
how entries are sealed and how effects are kept is elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from adapters.database.database import Database
from adapters.database.engine import Transaction
from adapters.database.history import audit_cells, audit_chain, history_cells, history_chain, history_entry
from adapters.database.writing import Writer
from engine.model.criteria import Criterion, Selection, Tally
from engine.model.records import AuditEntry, Effect, HistoryEntry, Record


class DatabaseUnit:
    """A unit of work on an open transaction. See `engine.ports.Unit` for what each method promises."""

    __slots__ = ("_database", "_transaction", "_write", "_writer")

    def __init__(self, database: Database, transaction: Transaction, *, write: bool) -> None:
        self._database, self._transaction, self._write = database, transaction, write
        self._writer = Writer(database, transaction)

    def fetch(self, document: str, record_id: str, *, lock: bool = False) -> Record | None:
        known = self._database.known(document)
        statement = known.statements.locked if lock else known.statements.main.fetch
        row = self._transaction.row(statement, [record_id])
        if row is None:
            return None
        values = known.layout.main.values(row)
        for name, child in known.layout.children.items():
            rows = self._transaction.rows(known.statements.children[name].fetch, [record_id])
            values[name] = [child.values(one) for one in rows]
        if self._write:
            self._writer.noticed(known, values)
        return Record(document, values)

    def fetch_many(self, document: str, record_ids: Sequence[str]) -> dict[str, Record]:
        main = self._database.known(document).layout.main
        rows = self._database.selector.by_ids(self._transaction, main, record_ids)
        found = (Record(document, main.values(row)) for row in rows)
        return {record.id: record for record in found}

    def fetch_locked(self, document: str, record_ids: Sequence[str]) -> dict[str, Record]:
        main = self._database.known(document).layout.main
        rows = self._database.selector.by_ids(self._transaction, main, sorted(record_ids), locked=True)
        found = (Record(document, main.values(row)) for row in rows)
        return {record.id: record for record in found}

    def select(self, selection: Selection) -> list[Record]:
        layout = self._database.known(selection.document).layout
        found = self._database.selector.page(self._transaction, selection)
        wanted = layout.children if selection.tables is None else selection.tables
        for name in wanted:
            self._add_rows(found, name, layout.children.get(name))
        return [Record(selection.document, values) for values in found]

    def _add_rows(self, found: Sequence[dict[str, Any]], name: str, child: Any) -> None:
        if child is None:
            raise ValueError(f"no child table {name}")
        by_id: dict[str, list[dict[str, Any]]] = {values["id"]: [] for values in found}
        for row in self._database.selector.by_ids(self._transaction, child, list(by_id)):
            by_id[row[0]].append(child.values(row[1:]))
        for values in found:
            values[name] = by_id[values["id"]]

    def count(self, document: str, where: Criterion, cap: int) -> int:
        self._database.known(document)
        return self._database.selector.count(self._transaction, document, where, cap)

    def tally(
        self,
        document: str,
        where: Criterion,
        by: Sequence[tuple[str, ...]] = (),
        sums: Sequence[str] = (),
        most: int = 10_000,
    ) -> list[Tally]:
        self._database.known(document)
        return self._database.selector.tally(self._transaction, document, where, by, sums, most)

    def insert(self, record: Record) -> None:
        self._writer.insert(record)

    def insert_many(self, records: Sequence[Record]) -> None:
        self._writer.insert_many(records)

    def insert_missing(self, records: Sequence[Record]) -> None:
        self._writer.insert_missing(records)

    def update_many(self, records: Sequence[Record]) -> None:
        self._writer.update_many(records)

    def update(self, record: Record, expected: int) -> None:
        self._writer.update(record, expected)

    def remove(self, document: str, record_ids: Sequence[str]) -> None:
        self._writer.remove(document, record_ids)

    def next_number(self, sequence: str) -> int:
        row = self._transaction.row(self._database.statements.next_number, [sequence])
        assert row is not None  # an upsert returns its row
        return int(row[0])

    def append_history(self, entry: HistoryEntry) -> None:
        database = self._database
        changes = database.changes.sealed(entry.document, entry.changes)
        chain = history_chain(entry.document, entry.record_id)
        comment = database.changes.sealed_comment(entry.document, entry.comment)
        cells = history_cells(entry, database.moment, changes, comment)
        first = self._writer.begins_history(entry.document, entry.record_id)
        database.history.append(self._transaction, chain, cells, first=first)

    def history(self, document: str, record_id: str) -> list[HistoryEntry]:
        rows = self._transaction.rows(self._database.history.chain, [history_chain(document, record_id)])
        changes = self._database.changes
        opened, said = partial(changes.opened, document), partial(changes.opened_comment, document)
        return [history_entry(row, opened, said) for row in rows]

    def append_audit(self, entry: AuditEntry) -> None:
        database = self._database
        chain = audit_chain(entry)
        if database.statements.lock_chain is not None:
            self._transaction.row(database.statements.lock_chain, [f"audit {chain}"])
        database.audit.append(self._transaction, chain, audit_cells(entry, database.moment))

    def put_effect(self, effect: Effect) -> bool:
        return self._database.outbox.put(self._transaction, effect)

    def cancel_effects(self, key_prefix: str) -> int:
        return self._database.outbox.cancelled(self._transaction, key_prefix)

    def seen(self, source: str, message_id: str) -> bool:
        return self._transaction.change(self._database.statements.note_message, [source, message_id]) == 0
