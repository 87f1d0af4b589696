"""The database as the engine sees it: transactions, the form of the tables, the outbox, the walk over history.

In: calls of `engine.ports.DocumentStore`. Out: rows and records. Everything is delegated; here is only what belongs
to no single unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from adapters.database import evolution
from adapters.database.database import Database
from adapters.database.engine import Backend, Statement, limited, place
from adapters.database.fixed import by_people, declared
from adapters.database.gathering import Gathering
from adapters.database.history import audit_entry, history_chain, read_moment
from adapters.database.outbox import selected
from adapters.database.queue import DatabaseQueues
from adapters.database.reading import Readers
from adapters.database.sealing import Sealing
from adapters.database.unit import DatabaseUnit
from engine.model.records import AuditEntry, Effect, HistoryEntry
from engine.model.storage import Storage
from engine.ports import FieldCipher

_AT_ONCE = 1_000
_SQLITE_SIZE = "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())"


class DatabaseStore:
    """Documents in SQLite or PostgreSQL. See `engine.ports.DocumentStore` for what each method promises."""

    def __init__(
        self, url: str, *, cipher: FieldCipher | None = None, connections: int = 10, patience: float = 30
    ) -> None:
        """`url` as SQLAlchemy writes it: `sqlite:///var/guiju.db`, `postgresql://user@host/name`. `connections` are
        kept open; a SQLite writer waits `patience` seconds for others."""
        self._backend = Backend(url, connections=connections, patience=patience)
        self._database = Database(self._backend, cipher)
        self._sealing = Sealing(self._database)
        self._notes = Gathering(self._note_all)
        self._queues = DatabaseQueues(self._backend)
        self._readers = Readers(partial(self._backend.begin, write=False))

    def close(self) -> None:
        """Give all connections back."""
        self._backend.close()

    def size(self) -> int | None:
        """How many bytes the database takes on its disk; None where it does not say."""
        asked = "pg_database_size(current_database())" if self._backend.postgres else _SQLITE_SIZE
        statement = self._backend.compiled(sa.select(sa.literal_column(asked)))
        with self._backend.begin(write=False) as transaction:
            return int(transaction.rows(statement)[0][0])

    def queues(self) -> DatabaseQueues:
        """Queues of messages in this database."""
        return self._queues

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[DatabaseUnit]:
        if write:
            self._readers.outdate()
        with self._backend.begin(write=True) if write else self._readers.begin() as transaction:
            yield DatabaseUnit(self._database, transaction, write=write)

    def reading(self) -> AbstractContextManager[None]:
        return self._readers.reading()

    def note(self, entry: AuditEntry) -> None:
        if self._backend.postgres:  # gathers commits by itself
            self._note_all([entry])
        else:
            self._notes.put(entry)

    def _note_all(self, entries: Sequence[AuditEntry]) -> None:
        with self.begin() as unit:
            for entry in entries:
                unit.append_audit(entry)

    def use(self, storages: Sequence[Storage]) -> None:
        self._database.use(storages)

    def plan(self, storages: Sequence[Storage]) -> Sequence[str]:
        return evolution.plan(self._database, storages)

    def apply(self, storages: Sequence[Storage], *, drop: bool = False) -> Sequence[str]:
        done = evolution.apply(self._database, storages, drop=drop)
        self._database.use(storages)
        return done

    def claim_effects(self, now: datetime, limit: int, lease_seconds: int) -> list[Effect]:
        with self._backend.begin(write=True) as transaction:
            return self._database.outbox.claimed(transaction, now, limit, lease_seconds)

    def finish_effect(self, effect_id: str) -> None:
        self.finish_effects([effect_id])

    def finish_effects(self, effect_ids: Sequence[str]) -> None:
        with self._backend.begin(write=True) as transaction:
            transaction.change_many(self._database.outbox.finish, [[effect_id] for effect_id in effect_ids])

    def extend_effects(self, effect_ids: Sequence[str], until: datetime) -> None:
        ready = self._database.moment(until)
        with self._backend.begin(write=True) as transaction:
            transaction.change_many(self._database.outbox.extend, [[one, ready] for one in sorted(effect_ids)])

    def fail_effect(self, effect_id: str, error: str, retry_at: datetime | None) -> None:
        ready = None if retry_at is None else self._database.moment(retry_at)
        state = "failed" if retry_at is None else "waiting"
        with self._backend.begin(write=True) as transaction:
            transaction.change(self._database.outbox.fail, [effect_id, state, error, ready])

    def retry_effects(self, effect_ids: Sequence[str], now: datetime) -> int:
        with self._backend.begin(write=True) as transaction:
            ready, statement = self._database.moment(now), self._database.outbox.retry
            return sum(transaction.change(statement, [effect_id, ready]) for effect_id in effect_ids)

    def drop_effects(self, effect_ids: Sequence[str], because: str) -> int:
        with self._backend.begin(write=True) as transaction:
            statement = self._database.outbox.drop
            return sum(transaction.change(statement, [effect_id, because]) for effect_id in effect_ids)

    def forget(self, before: datetime) -> int:
        moment, gone = self._database.moment(before), 0
        for statement in (self._database.outbox.forget, self._database.statements.forget_messages):
            some = _AT_ONCE
            while some == _AT_ONCE:
                with self._backend.begin(write=True) as transaction:
                    some = transaction.change(statement, [moment, _AT_ONCE])
                gone += some
        return gone

    def effects(
        self, *, state: str | None = None, record: tuple[str, str] | None = None, limit: int = 100
    ) -> list[Effect]:
        table = self._database.fixed.effects
        wanted = {"state": state, "document": record and record[0], "record": record and record[1]}
        query = sa.select(*selected(table)).order_by(table.c.id.desc())
        if state in {"waiting", "running"}:  # the index of open effects
            query = query.where(table.c.ready.is_not(None))
        if state == "failed":
            query = query.where(table.c.state == sa.literal_column("'failed'"))
        listed = self._database.outbox.listed
        return [listed(row) for row in self._listed(query, table, wanted, limit)]

    def audit(
        self,
        *,
        limit: int = 100,
        document: str = "",
        record_id: str = "",
        span: tuple[datetime, datetime] | None = None,
        actions: Sequence[str] = (),
        others: bool = False,
    ) -> list[AuditEntry]:
        ledger = self._database.audit
        table = ledger.table
        wanted: dict[str, Any] = {"document": document or None, "record": record_id or None}
        if document and record_id:
            wanted = {"chain": history_chain(document, record_id)}
        query = sa.select(*(table.c[name] for name in (*ledger.columns, "seal"))).order_by(table.c.seq.desc())
        values: list[Any] = []
        if span is not None:
            query = query.where(*self._within(table, span, values))
        if actions:
            named = table.c.action.in_([sa.literal_column(f"'{one}'") for one in actions if one.isidentifier()])
            query = query.where(sa.not_(named) if others else named)
        return [audit_entry(row) for row in self._listed(query, table, wanted, limit, values)]

    def acts(self, span: tuple[datetime, datetime], limit: int) -> list[HistoryEntry]:
        table, values = self._database.fixed.history, list[Any]()
        plain = ("document", "record", "version", "at", "actor", "event", "from_state", "to_state")
        query = sa.select(*(table.c[name] for name in plain)).where(by_people(table), declared(table))
        query = query.where(*self._within(table, span, values)).order_by(table.c.seq.desc())
        found = self._listed(query, table, {}, limit, values)
        return [HistoryEntry(row[0], row[1], row[2], read_moment(row[3]), *row[4:]) for row in found]

    def _within(self, table: sa.Table, span: tuple[datetime, datetime], values: list[Any]) -> Sequence[Any]:
        """Conditions that an entry is of a span; the moments are put among the values."""
        first = len(values)
        values += [self._database.moment(one) for one in span]
        at = table.c.at
        return at >= place(first, at.type), at < place(first + 1, at.type)

    def _listed(
        self, query: Any, table: sa.Table, wanted: dict[str, Any], limit: int, given: Sequence[Any] = ()
    ) -> Sequence[Sequence[Any]]:
        values = list(given)
        for name, value in wanted.items():
            if value is not None:
                query = query.where(table.c[name] == place(len(values), table.c[name].type))
                values.append(value)
        statement: Statement = self._backend.compiled(limited(query, place(len(values), sa.Integer())))
        with self._backend.begin(write=False) as transaction:
            return transaction.rows(statement, [*values, limit])

    def seal_history(self) -> str:
        return self._sealing.seal()

    def verify_history(self, anchor: str = "") -> Iterator[str]:
        return self._sealing.verify(anchor)
