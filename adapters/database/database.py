"""What all units of a store share: the backend, the document types it knows, the statements built for them.

In: a backend and a cipher. Out: `Database`, the state behind `store` and `unit`. Holds no transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.changes import Changes
from adapters.database.engine import Backend, Statement, limited, place
from adapters.database.fixed import FixedTables, fixed_tables
from adapters.database.history import ledger
from adapters.database.outbox import outbox
from adapters.database.protection import Protection
from adapters.database.search import Searcher, SearchStatements
from adapters.database.selection import Selector
from adapters.database.statements import DocumentStatements, document_statements
from adapters.database.tables import POSITION, RECORD, DocumentLayout, document_layout
from adapters.database.uniques import looked_at
from engine.model.storage import Storage
from engine.ports import FieldCipher


@dataclass(frozen=True)
class Known:
    """A document type the store works with. What is built for it is built when it is first asked for: a process works
    with few of the types that are declared."""

    layout: DocumentLayout
    backend: Backend

    @cached_property
    def statements(self) -> DocumentStatements:
        """The statements over its tables."""
        return document_statements(self.layout, self.backend)

    @cached_property
    def search(self) -> SearchStatements | None:
        """Those over its words, where it has any."""
        backend = self.backend
        return (
            SearchStatements(self.layout, backend.quoted, postgres=backend.postgres) if self.layout.searched else None
        )

    @cached_property
    def copied(self) -> Mapping[str, tuple[str, str]]:
        """Table and columns of each table as COPY names them."""
        quoted, behind = self.backend.quoted, (RECORD, POSITION)
        children = [(name, child, behind) for name, child in self.layout.children.items()]
        return {
            name: (quoted(table.name), ", ".join(quoted(one) for one in (*table.written, *more)))
            for name, table, more in [("", self.layout.main, ()), *children]
        }

    @cached_property
    def guarded(self) -> tuple[str, ...]:
        """The fields that uniquenesses look at."""
        uniques = self.layout.storage.uniques
        return tuple(sorted({"deleted", *(name for one in uniques for name in looked_at(one))})) if uniques else ()

    def guarded_values(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """What a record has of the fields that uniquenesses look at: as long as they stay, none can be broken."""
        return tuple([values.get(name) for name in self.guarded])


@dataclass(frozen=True, slots=True)
class FixedStatements:
    """Statements over sequences and the inbox; `lock_chain` where writers of one chain must queue."""

    next_number: Statement
    note_message: Statement
    forget_messages: Statement
    lock_chain: Statement | None


class Database:
    """Backend, known document types and everything built for them."""

    def __init__(self, backend: Backend, cipher: FieldCipher | None) -> None:
        self.backend = backend
        postgres = self.backend.postgres
        self.protection = Protection(cipher, postgres=postgres)
        self.layouts: dict[str, DocumentLayout] = {}
        self._planned: dict[str, DocumentLayout] = {}  # worked out to plan with, and soon to be used
        self._known: dict[str, Known] = {}
        self.searcher = Searcher(self.protection, self.backend)
        self.selector = Selector(self.backend, self.layouts, self.searcher)
        self.changes = Changes(self.layouts, self.protection)
        self.fixed: FixedTables = fixed_tables()
        self.history = ledger(self.fixed.history, self.backend)
        self.audit = ledger(self.fixed.audit, self.backend)
        self.outbox = outbox(self.fixed.effects, self.backend, self.moment, self.protection)
        self.statements = _fixed_statements(self.fixed, self.backend)

    def layout(self, storage: Storage) -> DocumentLayout:
        """The tables of a storage, whether known or not."""
        for known in (self.layouts.get(storage.document), self._planned.get(storage.document)):
            if known is not None and known.storage == storage:
                return known
        made = document_layout(storage, self.protection, postgres=self.backend.postgres)
        self._planned[storage.document] = made
        return made

    def use(self, storages: Sequence[Storage]) -> None:
        """Work with these document types from now on; what was known of others stays."""
        for storage in storages:
            layout = self.layout(storage)
            if self.layouts.get(storage.document) is not layout:
                self.layouts[storage.document] = layout
                self._known[storage.document] = Known(layout, self.backend)
        self._planned.clear()
        self.selector.forget()

    def known(self, document: str) -> Known:
        """A document type. Raises ValueError for one that the store was never told of."""
        found = self._known.get(document)
        if found is None:
            raise ValueError(f"the store does not know {document}")
        return found

    def moment(self, moment: datetime) -> Any:
        """A moment for the driver. Raises ValueError for one with an offset."""
        if moment.tzinfo is not None:
            raise ValueError("moments are stored in civil time, without an offset")
        return moment if self.backend.postgres else moment.isoformat(" ", "microseconds")


def _fixed_statements(fixed: FixedTables, backend: Backend) -> FixedStatements:
    insert = postgresql.insert if backend.postgres else sqlite.insert
    sequences, inbox = fixed.sequences, fixed.inbox
    number = insert(sequences).values(name=place(0, sequences.c.name.type), value=sa.literal_column("1"))
    number = number.on_conflict_do_update(
        index_elements=[sequences.c.name], set_={"value": sequences.c.value + sa.literal_column("1")}
    )
    note = insert(inbox).values(source=place(0, inbox.c.source.type), message=place(1, inbox.c.message.type))
    return FixedStatements(
        backend.compiled(number.returning(sequences.c.value)),
        backend.compiled(note.on_conflict_do_nothing()),
        backend.compiled(_forget_messages(inbox)),
        Statement("SELECT pg_advisory_xact_lock(hashtextextended(%s::text, 0))") if backend.postgres else None,
    )


def _forget_messages(inbox: sa.Table) -> sa.Delete:
    """Some notes from before a moment."""
    old = sa.select(inbox.c.source, inbox.c.message).where(inbox.c.at < place(0, inbox.c.at.type))
    some = limited(old, place(1, sa.Integer()))
    return inbox.delete().where(sa.tuple_(inbox.c.source, inbox.c.message).in_(some))
