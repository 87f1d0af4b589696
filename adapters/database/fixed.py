"""The tables that every database of the engine has beside those of the documents.

In: nothing. Out: Core tables and the triggers that keep history, audit and seals append-only. Times of effects and
entries are text in SQLite and timestamps in PostgreSQL, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.model.records import ENGINE_PARTS

_TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime().with_variant(sa.Text(), "sqlite")


@dataclass(frozen=True)
class FixedTables:
    """History, audit and their seals; effects and inbox; sequences; facts the store remembers about itself."""

    metadata: sa.MetaData
    history: sa.Table
    audit: sa.Table
    seals: sa.Table
    effects: sa.Table
    inbox: sa.Table
    sequences: sa.Table
    facts: sa.Table


def fixed_tables() -> FixedTables:
    """The tables; the same for both databases but for their types."""
    metadata = sa.MetaData()
    return FixedTables(
        metadata,
        history=_chained(metadata, "guiju_history", _HISTORY),
        audit=_chained(metadata, "guiju_audit", _AUDIT),
        seals=sa.Table(
            "guiju_seals",
            metadata,
            sa.Column("block", _SERIAL, primary_key=True, autoincrement=False),
            sa.Column("history_upto", _SERIAL, nullable=False),
            sa.Column("audit_upto", _SERIAL, nullable=False),
            sa.Column("entries", _SERIAL, nullable=False),
            sa.Column("seal", _TEXT, nullable=False),
        ),
        effects=_effects(metadata),
        inbox=sa.Table(
            "guiju_inbox",
            metadata,
            sa.Column("source", _TEXT, primary_key=True),
            sa.Column("message", _TEXT, primary_key=True),
            sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.current_timestamp()),
        ),
        sequences=sa.Table(
            "guiju_sequences",
            metadata,
            sa.Column("name", _TEXT, primary_key=True),
            sa.Column("value", _SERIAL, nullable=False),
        ),
        facts=sa.Table(
            "guiju_facts",
            metadata,
            sa.Column("name", _TEXT, primary_key=True),
            sa.Column("value", _TEXT, nullable=False),
        ),
    )


_HISTORY = (
    ("version", _SERIAL),
    ("at", _MOMENT),
    ("actor", _TEXT),
    ("event", _TEXT),
    ("from_state", _TEXT),
    ("to_state", _TEXT),
    ("changes", _TEXT),
    ("comment", _TEXT),
    ("on_behalf", _TEXT),
    ("definitions", _TEXT),
)
_AUDIT = (("at", _MOMENT), ("actor", _TEXT), ("action", _TEXT), ("detail", _TEXT), ("address", _TEXT))


def _chained(metadata: sa.MetaData, name: str, columns: Sequence[tuple[str, sa.types.TypeEngine[Any]]]) -> sa.Table:
    """A table of chains: `seq` is the order in the table, `step` that in the chain, `seal` binds both entry and
    chain."""
    table = sa.Table(
        name,
        metadata,
        sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
        sa.Column("chain", _TEXT, nullable=False),
        sa.Column("step", _SERIAL, nullable=False),
        sa.Column("document", _TEXT, nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        *(sa.Column(column, type_, nullable=column in {"from_state", "to_state"}) for column, type_ in columns),
        sa.Column("seal", _TEXT, nullable=False),
        sqlite_autoincrement=True,
    )
    sa.Index(f"{name}_chain", table.c.chain, table.c.step, unique=True)
    if "event" in table.c:  # what people did is a small part of what happens
        sa.Index(f"{name}_people", table.c.seq, sqlite_where=by_people(table), postgresql_where=by_people(table))
    return table


def by_people(table: sa.Table) -> sa.ColumnElement[bool]:
    """Entries of history that are not the engine's own."""
    return table.c.actor.not_in([sa.literal_column(f"'{one}'") for one in ENGINE_PARTS])


def declared(table: sa.Table) -> sa.ColumnElement[bool]:
    """Entries of document types that are not the engine's own, whose ids begin with an underscore."""
    one: sa.ColumnElement[int] = sa.literal_column("1")
    return sa.func.substr(table.c.document, one, one) != sa.literal_column("'_'")


_CHANGES = ("UPDATE", "DELETE")


def _effects(metadata: sa.MetaData) -> sa.Table:
    """`ready` is when an effect may be taken: when it is due, or when the lease of whoever took it ends."""
    table = sa.Table(
        "guiju_effects",
        metadata,
        sa.Column("id", _TEXT, primary_key=True),
        sa.Column("kind", _TEXT, nullable=False),
        sa.Column("key", _TEXT, nullable=False, unique=True),
        sa.Column("due", _MOMENT, nullable=False),
        sa.Column("document", _TEXT, nullable=False),
        sa.Column("record", _TEXT, nullable=False),
        sa.Column("payload", _TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", _TEXT, nullable=False),
        sa.Column("error", _TEXT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=True),
        sa.Column("ready", _MOMENT, nullable=True),
    )
    open_ = table.c.ready.is_not(None)
    sa.Index("guiju_effects_ready", table.c.ready, table.c.id, sqlite_where=open_, postgresql_where=open_)
    failed = table.c.state == sa.literal_column("'failed'")
    sa.Index("guiju_effects_failed", table.c.id, sqlite_where=failed, postgresql_where=failed)
    sa.Index("guiju_effects_record", table.c.document, table.c.record)
    return table


def guards(table: str, quoted: str, *, postgres: bool) -> tuple[str, ...]:
    """Statements that make a table append-only, the owner's own UPDATE and DELETE included."""
    if not postgres:
        return tuple(
            f'CREATE TRIGGER IF NOT EXISTS "{table}_no_{act.lower()}" BEFORE {act} ON {quoted} '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in _CHANGES
        )
    refuse = (
        "CREATE OR REPLACE FUNCTION guiju_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$"
    )
    trigger = (
        f"CREATE OR REPLACE TRIGGER guiju_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {quoted} "
        "FOR EACH STATEMENT EXECUTE FUNCTION guiju_refuse()"
    )
    return refuse, trigger


def unguards(table: str, quoted: str, *, postgres: bool) -> tuple[str, ...]:
    """Statements that open an append-only table, for a change of its form."""
    if postgres:
        return (f"DROP TRIGGER IF EXISTS guiju_append_only ON {quoted}",)
    return tuple(f'DROP TRIGGER IF EXISTS "{table}_no_{act.lower()}"' for act in _CHANGES)
