"""The outbox: effects that wait for their time, are taken under a lease and come to an end.

In: effects and the moment. Out: rows of `guiju_effects`. An effect may be taken when `ready` has come: at first that
is when it is due, once taken it is the end of the lease, and it is null when the effect has ended. So work that a
node died over comes back by itself. PostgreSQL hands disjoint rows to several takers (SKIP LOCKED); SQLite has one
writer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.encoding import dumps, loads
from adapters.database.engine import ONE, Backend, Statement, Transaction, limited, place
from adapters.database.history import read_moment
from engine.model.records import Effect

_COLUMNS = ("id", "kind", "key", "due", "document", "record", "payload", "attempts", "state", "error", "created_at")


@dataclass(frozen=True, slots=True)
class Outbox:
    """Statements over the effects; `moment` turns a moment into the driver's value."""

    insert: Statement
    claim: Statement
    finish: Statement
    fail: Statement
    cancel: Statement
    moment: Callable[[datetime], Any]

    def put(self, transaction: Transaction, effect: Effect) -> bool:
        """Queue an effect; False when its key is known."""
        due = self.moment(effect.due)
        made = None if effect.created_at is None else self.moment(effect.created_at)
        values = [
            effect.id, effect.kind, effect.key, due, effect.document, effect.record_id, dumps(effect.payload),
            effect.attempts, effect.state, effect.error, made, due if effect.state in {"waiting", "running"} else None,
        ]  # fmt: skip
        return transaction.change(self.insert, values) == 1

    def claimed(self, transaction: Transaction, now: datetime, limit: int, lease_seconds: int) -> list[Effect]:
        """Take effects that are ready, those due first at the front."""
        until = self.moment(now + timedelta(seconds=lease_seconds))
        found = transaction.rows(self.claim, [self.moment(now), limit, until])
        return sorted((effect_of(row) for row in found), key=lambda effect: (effect.due, effect.id))

    def cancelled(self, transaction: Transaction, key_prefix: str) -> int:
        """Cancel waiting effects by the beginning of their keys."""
        return transaction.change(self.cancel, [key_prefix, key_prefix + "\U0010ffff"])


def outbox(table: sa.Table, backend: Backend, moment: Callable[[datetime], Any]) -> Outbox:
    """The statements for one database."""
    values = {column.name: place(number, column.type) for number, column in enumerate(table.c)}
    insert = postgresql.insert(table) if backend.postgres else sqlite.insert(table)
    this = table.c.id == place(0, table.c.id.type)
    finish = table.update().values(state=_word("done"), error=_word(""), ready=sa.null()).where(this)
    return Outbox(
        backend.compiled(insert.values(values).on_conflict_do_nothing()),
        backend.compiled(_claim(table)),
        backend.compiled(finish),
        backend.compiled(_fail(table).where(this)),
        backend.compiled(_cancel(table)),
        moment,
    )


def _claim(table: sa.Table) -> sa.sql.ClauseElement:
    ready = sa.select(table.c.id).where(table.c.ready <= place(0, table.c.ready.type))
    ready = limited(ready.order_by(table.c.ready, table.c.id), place(1, sa.Integer()))
    taken = {"state": _word("running"), "attempts": table.c.attempts + ONE}
    return (
        table.update()
        .values(**taken, ready=place(2, table.c.ready.type))
        .where(table.c.id.in_(ready.with_for_update(skip_locked=True)))
        .returning(*selected(table))
    )


def _fail(table: sa.Table) -> sa.Update:
    """Only what is still running can fail: another node may have taken it after the lease and ended it."""
    return (
        table.update()
        .values(
            state=place(1, table.c.state.type), error=place(2, table.c.error.type), ready=place(3, table.c.ready.type)
        )
        .where(table.c.state == _word("running"))
    )


def _cancel(table: sa.Table) -> sa.Update:
    key, waiting = table.c.key, table.c.state == _word("waiting")
    within = sa.and_(key >= place(0, key.type), key < place(1, key.type))
    return table.update().values(state=_word("cancelled"), ready=sa.null()).where(waiting, within)


def selected(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """The columns that `effect_of` expects."""
    return [table.c[name] for name in _COLUMNS]


def effect_of(row: Sequence[Any]) -> Effect:
    """The effect of a row."""
    id_, kind, key, due, document, record, payload, attempts, state, error, created = row
    data = loads(payload)
    return Effect(
        id_, kind, key, read_moment(due), document, record, data if isinstance(data, dict) else {}, attempts, state,
        error, None if created is None else read_moment(created),
    )  # fmt: skip


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())
