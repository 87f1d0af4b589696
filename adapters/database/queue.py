"""A queue in the database: the ports `Channel`, `Pipeline` and `Source` without a broker.

In: messages. Out: rows of `guiju_queue`. A row that is ready may be taken, under a lease after which it comes again;
PostgreSQL hands disjoint rows to several takers (SKIP LOCKED), SQLite has one writer. Accepted rows lose their body and
stay for a while, so that a key that was sent is not sent twice. Bodies lie as they are, as on a broker.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.engine import ONE, Backend, Statement, Transaction, limited, place
from engine.model.traffic import Arrived, Outgoing, sending_of
from engine.ports import Stale
from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

LEASE = 60.0
"""Seconds after which what was taken and not accepted comes again: its taker died."""
POLL = 0.1
KEPT = 90 * 86_400.0
"""Seconds that accepted messages are remembered by their key."""
_FORGET_EVERY = 3_600.0
_FORGET_AT_ONCE = 10_000
_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_MOMENT = sa.Float(53)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NONE: sa.ColumnElement[Any] = sa.null()
_TAKEN = ("seq", "key", "kind", "headers", "body", "given")


def queue_table() -> sa.Table:
    """`ready` is when a row may be taken: at once, or when the lease of its taker ends; null when it is done with."""
    table = sa.Table(
        "guiju_queue",
        sa.MetaData(),
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("queue", _TEXT, nullable=False),
        sa.Column("sending", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("headers", _TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("ready", _MOMENT, nullable=True),
        sa.Column("taker", _TEXT, nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("ended", _MOMENT, nullable=True),
    )
    open_ = table.c.ready.is_not(None)
    sa.Index("guiju_queue_sending", table.c.queue, table.c.sending, unique=True)
    sa.Index("guiju_queue_open", table.c.queue, table.c.seq, sqlite_where=open_, postgresql_where=open_)
    sa.Index("guiju_queue_ended", table.c.ended)
    return table


@dataclass(frozen=True, slots=True)
class _Statements:
    insert: Statement
    claim: Statement
    end: Statement
    give_back: Statement
    forget: Statement
    waiting: Statement


class DatabaseQueues:
    """All queues of one database; its table is made at first use."""

    def __init__(self, backend: Backend, now: Callable[[], float] = time.time) -> None:
        self.backend, self.now = backend, now
        self._forgotten = 0.0

    @cached_property
    def statements(self) -> _Statements:
        """The statements, once the table stands."""
        table = queue_table()
        try:
            table.metadata.create_all(self.backend.writer)
        except sa.exc.DBAPIError:  # another process made it at the same time
            table.metadata.create_all(self.backend.writer)
        return _statements(table, self.backend)

    @contextmanager
    def begin(self, name: str) -> Iterator[Transaction]:
        """A transaction. Raises DeliveryError where the database is away or busy."""
        try:
            _ = self.statements
            with self.backend.begin(write=True) as transaction:
                yield transaction
        except (sa.exc.SQLAlchemyError, Stale) as fault:
            raise DeliveryError(Incident(name, type(fault).__name__)) from fault

    def look(self, name: str) -> Probed:
        """Whether the database answers, and how many messages wait in a queue. Raises DeliveryError."""
        with self.begin(name) as transaction:
            (row,) = transaction.rows(self.statements.waiting, [name])
        return Probed(name, int(row[0]))

    def forget(self, name: str) -> None:
        """Now and then: remove what was accepted long ago."""
        now = self.now()
        if now - self._forgotten > _FORGET_EVERY:
            self._forgotten = now
            with self.begin(name) as transaction:
                transaction.change(self.statements.forget, [now - KEPT, _FORGET_AT_ONCE])


class DatabaseChannel:
    """Puts messages into a queue, once per key and deliberate repetition."""

    def __init__(self, queues: DatabaseQueues, name: str) -> None:
        self._queues, self._name = queues, name

    def probe(self) -> Probed:
        """See `DatabaseQueues.look`."""
        return self._queues.look(self._name)

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Put one message at the end. Raises DeliveryError."""
        (incident,) = self.send_many([Outgoing(body, key, kind, headers)])
        if incident is not None:
            raise DeliveryError(incident)

    def send_many(self, messages: Sequence[Outgoing]) -> Sequence[Incident | None]:
        """Put all at the end in one transaction; see `engine.ports.Pipeline`."""
        now = self._queues.now()
        rows = [
            [
                self._name, sending_of(one.key, one.headers), one.key, one.kind,
                json.dumps(dict(one.headers), ensure_ascii=False), one.body, now,
            ]
            for one in messages
        ]  # fmt: skip
        try:
            with self._queues.begin(self._name) as transaction:
                transaction.change_many(self._queues.statements.insert, rows)
        except DeliveryError as failed:
            return [failed.incident] * len(messages)
        return [None] * len(messages)


class DatabaseSource:
    """Takes messages out of a queue; several share it."""

    def __init__(self, queues: DatabaseQueues, name: str) -> None:
        self._queues, self._name = queues, name
        self._taker = secrets.token_hex(8)

    def probe(self) -> Probed:
        """See `DatabaseQueues.look`."""
        return self._queues.look(self._name)

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`."""
        until = time.monotonic() + wait
        while True:
            if found := self._claimed(limit):
                return found
            left = until - time.monotonic()
            if left <= 0:
                self._queues.forget(self._name)
                return []
            time.sleep(min(POLL, left))

    def accept(self, tags: Sequence[str]) -> None:
        """Have done with these. Raises DeliveryError where the lease was over: they come again."""
        self._end(tags, "done", keep=False)

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give one back, or keep it aside under the state `aside`."""
        if again:
            self._give_back(int(tag))
        else:
            self._end([tag], "aside", keep=True)

    def close(self) -> None:
        """Give back what was not accepted."""
        self._give_back(None)

    def _claimed(self, limit: int) -> list[Arrived]:
        now = self._queues.now()
        with self._queues.begin(self._name) as transaction:
            given = [self._name, now, limit, now + LEASE, self._taker]
            rows = transaction.rows(self._queues.statements.claim, given)
        return [
            Arrived(bytes(body), key, kind, json.loads(headers), str(seq), times > 1)
            for seq, key, kind, headers, body, times in sorted(rows, key=lambda row: int(row[0]))
        ]

    def _end(self, tags: Sequence[str], state: str, *, keep: bool) -> None:
        now = self._queues.now()
        rows = [[int(tag), self._taker, state, now, 1 if keep else 0] for tag in tags]
        with self._queues.begin(self._name) as transaction:
            ended = sum(transaction.change(self._queues.statements.end, row) for row in rows)
        if ended < len(tags):
            raise DeliveryError(Incident(self._name, "the lease was over; they come again"))

    def _give_back(self, seq: int | None) -> None:
        with self._queues.begin(self._name) as transaction:
            given = [self._taker, self._queues.now(), seq or 0, 1 if seq is None else 0]
            transaction.change(self._queues.statements.give_back, given)


def _statements(table: sa.Table, backend: Backend) -> _Statements:
    return _Statements(
        backend.compiled(_insert(table, postgres=backend.postgres)),
        backend.compiled(_claim(table)),
        backend.compiled(_end(table)),
        backend.compiled(_give_back(table)),
        backend.compiled(_forget(table)),
        backend.compiled(_waiting(table)),
    )


def _waiting(table: sa.Table) -> sa.sql.ClauseElement:
    open_ = table.c.ready.is_not(None)
    return sa.select(sa.func.count()).where(open_, table.c.queue == place(0, table.c.queue.type))


def _insert(table: sa.Table, *, postgres: bool) -> sa.sql.ClauseElement:
    names = ("queue", "sending", "key", "kind", "headers", "body", "ready")
    values: dict[str, Any] = {name: place(number, table.c[name].type) for number, name in enumerate(names)}
    fresh = {"taker": _word(""), "given": sa.literal_column("0"), "state": _word("waiting")}
    insert = postgresql.insert(table) if postgres else sqlite.insert(table)
    return insert.values({**values, **fresh}).on_conflict_do_nothing()


def _claim(table: sa.Table) -> sa.sql.ClauseElement:
    ready = sa.select(table.c.seq).where(table.c.queue == place(0, _TEXT), table.c.ready <= place(1, _MOMENT))
    ready = limited(ready.order_by(table.c.seq), place(2, sa.Integer()))
    return (
        table.update()
        .values(ready=place(3, _MOMENT), taker=place(4, _TEXT), given=table.c.given + ONE)
        .where(table.c.seq.in_(ready.with_for_update(skip_locked=True)))
        .returning(*(table.c[name] for name in _TAKEN))
    )


def _end(table: sa.Table) -> sa.sql.ClauseElement:
    """Only who holds it can end it: after the lease it may be another's."""
    keeps = place(4, sa.Integer()) == ONE
    body = sa.case((keeps, table.c.body), else_=sa.literal_column("''", sa.LargeBinary()))
    return (
        table.update()
        .values(ready=_NONE, state=place(2, _TEXT), ended=place(3, _MOMENT), body=body)
        .where(table.c.seq == place(0, _SERIAL), table.c.taker == place(1, _TEXT), table.c.ready.is_not(None))
    )


def _give_back(table: sa.Table) -> sa.sql.ClauseElement:
    meant = sa.or_(table.c.seq == place(2, _SERIAL), place(3, sa.Integer()) == ONE)
    return (
        table.update()
        .values(ready=place(1, _MOMENT), taker=_word(""))
        .where(table.c.taker == place(0, _TEXT), table.c.ready.is_not(None), meant)
    )


def _forget(table: sa.Table) -> sa.sql.ClauseElement:
    old = sa.and_(table.c.ended < place(0, _MOMENT), table.c.state == _word("done"))
    some = limited(sa.select(table.c.seq).where(old).order_by(table.c.seq), place(1, sa.Integer()))
    return table.delete().where(table.c.seq.in_(some))


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())
