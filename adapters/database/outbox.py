"""The outbox: effects that wait for their time, are taken under a lease and come to an end.

In: effects and the moment. Out: rows of `guiju_effects`. An effect may be taken when `ready` has come: at first that
is when it is due, once taken it is the end of the lease, and it is null when the effect has ended. So work that a
node died over comes back by itself. PostgreSQL hands disjoint rows to several takers (SKIP LOCKED); SQLite has one
writer. What an effect carries (bodies of messages, texts for people) is no less private than protected fields: with a
cipher it is kept encrypted, bound to its effect.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.encoding import decode, dumps, loads
from adapters.database.engine import ONE, Backend, Statement, Transaction, limited, place
from adapters.database.history import read_moment
from adapters.database.protection import Protection
from engine.model.records import Effect

_COLUMNS = ("id", "kind", "key", "due", "document", "record", "payload", "attempts", "state", "error", "created_at")
_PAYLOAD = _COLUMNS.index("payload")
_SEALED = "$sealed"


@dataclass(frozen=True, slots=True)
class Outbox:
    """Statements over the effects; `moment` turns a moment into the driver's value."""

    insert: Statement
    claim: Statement
    extend: Statement
    finish: Statement
    fail: Statement
    cancel: Statement
    retry: Statement
    drop: Statement
    forget: Statement
    moment: Callable[[datetime], Any]
    protection: Protection

    def put(self, transaction: Transaction, effect: Effect) -> bool:
        """Queue an effect; False when its key is known."""
        due = self.moment(effect.due)
        made = None if effect.created_at is None else self.moment(effect.created_at)
        values = [
            effect.id, effect.kind, effect.key, due, effect.document, effect.record_id, self._sealed(effect),
            effect.attempts, effect.state, effect.error, made, due if effect.state in {"waiting", "running"} else None,
        ]  # fmt: skip
        return transaction.change(self.insert, values) == 1

    def claimed(self, transaction: Transaction, now: datetime, limit: int, lease_seconds: int) -> list[Effect]:
        """Take effects that are ready, those due first at the front; one that was altered fails, alone."""
        until = self.moment(now + timedelta(seconds=lease_seconds))
        found = transaction.rows(self.claim, [self.moment(now), limit, until])
        taken = []
        for row in found:
            try:
                taken.append(self.effect_of(row))
            except ValueError as fault:
                transaction.change(self.fail, [row[0], "failed", str(fault), None])
        return sorted(taken, key=lambda effect: (effect.due, effect.id))

    def cancelled(self, transaction: Transaction, key_prefix: str) -> int:
        """Cancel waiting effects by the beginning of their keys."""
        return transaction.change(self.cancel, [key_prefix, key_prefix + "\U0010ffff"])

    def listed(self, row: Sequence[Any]) -> Effect:
        """The effect of a row, for people to see; empty where what it carries cannot be read."""
        try:
            return self.effect_of(row)
        except ValueError:
            return _effect(row, {})

    def effect_of(self, row: Sequence[Any]) -> Effect:
        """The effect of a row of `selected`. Raises ValueError when what it carries was altered."""
        data = json.loads(row[_PAYLOAD])
        if isinstance(data, dict) and data.keys() == {_SEALED}:
            text = self.protection.cipher.decrypt(data[_SEALED], _context(row[0]))
            return _effect(row, loads(text))
        return _effect(row, decode(data))

    def _sealed(self, effect: Effect) -> str:
        text = dumps(effect.payload)
        if not effect.payload or not self.protection.has_cipher:
            return text
        return json.dumps({_SEALED: self.protection.cipher.encrypt(text, _context(effect.id))})


def outbox(table: sa.Table, backend: Backend, moment: Callable[[datetime], Any], protection: Protection) -> Outbox:
    """The statements for one database."""
    values = {column.name: place(number, column.type) for number, column in enumerate(table.c)}
    insert = postgresql.insert(table) if backend.postgres else sqlite.insert(table)
    this = table.c.id == place(0, table.c.id.type)
    finish = table.update().values(state=_word("done"), error=_word(""), ready=sa.null()).where(this)
    return Outbox(
        backend.compiled(insert.values(values).on_conflict_do_nothing()),
        backend.compiled(_claim(table)),
        backend.compiled(_extend(table).where(this)),
        backend.compiled(finish),
        backend.compiled(_fail(table).where(this)),
        backend.compiled(_cancel(table)),
        backend.compiled(_retry(table).where(this)),
        backend.compiled(_drop(table).where(this)),
        backend.compiled(_forget(table)),
        moment,
        protection,
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


def _extend(table: sa.Table) -> sa.Update:
    return table.update().values(ready=place(1, table.c.ready.type)).where(table.c.state == _word("running"))


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


def _retry(table: sa.Table) -> sa.Update:
    begun = {"state": _word("waiting"), "attempts": sa.literal_column("0"), "error": _word("")}
    return table.update().values(**begun, ready=place(1, table.c.ready.type)).where(table.c.state == _word("failed"))


def _drop(table: sa.Table) -> sa.Update:
    given_up = {"state": _word("cancelled"), "error": place(1, table.c.error.type), "ready": sa.null()}
    return table.update().values(**given_up).where(table.c.state.in_([_word("waiting"), _word("failed")]))


def _forget(table: sa.Table) -> sa.Delete:
    """Some of the oldest, so that no writer waits long."""
    ended = sa.and_(table.c.ready.is_(None), table.c.state != _word("failed"), table.c.due < place(0, table.c.due.type))
    some = limited(sa.select(table.c.id).where(ended).order_by(table.c.id), place(1, sa.Integer()))
    return table.delete().where(table.c.id.in_(some))


def selected(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """The columns that `Outbox.effect_of` expects."""
    return [table.c[name] for name in _COLUMNS]


def _effect(row: Sequence[Any], payload: object) -> Effect:
    id_, kind, key, due, document, record, _, attempts, state, error, created = row
    return Effect(
        id_, kind, key, read_moment(due), document, record, payload if isinstance(payload, dict) else {}, attempts,
        state, error, None if created is None else read_moment(created),
    )  # fmt: skip


def _context(effect_id: str) -> str:
    return f"effect.{effect_id}"


def _word(text: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{text}'", sa.Text())
