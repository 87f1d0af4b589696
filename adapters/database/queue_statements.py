"""The table of the queue in the database, and the statements over it.

In: a backend. Out: `guiju_queue` and its statements, compiled. A row that is ready may be taken, under a lease; what a
statement is given, in which order, its function says by `place`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapters.database.engine import ONE, Backend, Statement, limited, place

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
class Statements:
    """What is done with the rows of the queue."""

    insert: Statement
    claim: Statement
    end: Statement
    give_back: Statement
    forget: Statement
    waiting: Statement
    names: Statement


def statements(table: sa.Table, backend: Backend) -> Statements:
    """The statements for one database."""
    return Statements(
        backend.compiled(_insert(table, postgres=backend.postgres)),
        backend.compiled(_claim(table)),
        backend.compiled(_end(table)),
        backend.compiled(_give_back(table)),
        backend.compiled(_forget(table)),
        backend.compiled(_waiting(table)),
        backend.compiled(_names(table)),
    )


def _waiting(table: sa.Table) -> sa.sql.ClauseElement:
    open_ = table.c.ready.is_not(None)
    return sa.select(sa.func.count()).where(open_, table.c.queue == place(0, table.c.queue.type))


def _names(table: sa.Table) -> sa.sql.ClauseElement:
    """The partial index gives them without a look at the rows."""
    named = sa.and_(table.c.queue >= place(0, _TEXT), table.c.queue < place(1, _TEXT))
    return (
        sa.select(table.c.queue).distinct().where(table.c.ready.is_not(None), named, table.c.ready <= place(2, _MOMENT))
    )


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
