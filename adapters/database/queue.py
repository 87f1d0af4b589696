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
from functools import cached_property

import sqlalchemy as sa

from adapters.database.engine import Backend, Transaction
from adapters.database.queue_statements import Statements, queue_table, statements
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
_LAST = "\U0010ffff"
"""Behind every sign that a name may have."""


class DatabaseQueues:
    """All queues of one database; its table is made at first use."""

    def __init__(self, backend: Backend, now: Callable[[], float] = time.time) -> None:
        self.backend, self.now = backend, now
        self._forgotten = 0.0

    @cached_property
    def statements(self) -> Statements:
        """The statements, once the table stands."""
        table = queue_table()
        try:
            table.metadata.create_all(self.backend.writer)
        except sa.exc.DBAPIError:  # another process made it at the same time
            table.metadata.create_all(self.backend.writer)
        return statements(table, self.backend)

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

    def names(self, beginning: str, *, taken: bool = False) -> list[str]:
        """Queues that begin so and have something to take, or that is taken and not done with. Raises DeliveryError."""
        with self.begin(beginning) as transaction:
            until = self.now() + (2 * LEASE if taken else 0)
            rows = transaction.rows(self.statements.names, [beginning, beginning + _LAST, until])
        return sorted(str(name) for (name,) in rows)

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
        return self._put([(self._name, one) for one in messages])

    def _put(self, messages: Sequence[tuple[str, Outgoing]]) -> Sequence[Incident | None]:
        """Put each at the end of the queue beside it, all in one transaction."""
        now = self._queues.now()
        rows = [
            [
                queue, sending_of(one.key, one.headers), one.key, one.kind,
                json.dumps(dict(one.headers), ensure_ascii=False), one.body, now,
            ]
            for queue, one in messages
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
        return self._claim(self._name, limit)

    def _claim(self, queue: str, limit: int) -> list[Arrived]:
        now = self._queues.now()
        with self._queues.begin(queue) as transaction:
            given = [queue, now, limit, now + LEASE, self._taker]
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
