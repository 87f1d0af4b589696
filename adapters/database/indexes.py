"""Indexes of document tables: those of lists and those that keep fields unique.

In: a layout. Out: names and statements. Every index leaves deleted rows out; one for lists ends with the id, so that
a page can be sought by key; fields of several values have one on PostgreSQL alone. A unique one carries its
condition. The name is made of all that, so an index whose name is there need not be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.database import names
from adapters.database.conditions import Conditions
from adapters.database.criteria import Form, Prepared
from adapters.database.database import Database
from adapters.database.tables import DocumentLayout
from adapters.database.uniques import looked_at
from engine.model.storage import Unique


@dataclass(frozen=True, slots=True)
class Index:
    """An index that should be there; `fields` as the definition names them, `looks_at` those of its condition too."""

    name: str
    table: str
    fields: tuple[str, ...]
    unique: bool
    looks_at: frozenset[str]
    sql: str


def wanted_indexes(database: Database, layout: DocumentLayout) -> list[Index]:
    """All indexes of a document type's own table."""
    found = [_unique(database, layout, unique) for unique in layout.storage.uniques]
    found += [_listing(database, layout, fields) for fields in layout.storage.indexes]
    return list({index.name: index for index in found if index.sql}.values())


def _listing(database: Database, layout: DocumentLayout, fields: Sequence[str]) -> Index:
    columns = [_column(layout, name) for name in fields]
    several = [name for name in fields if layout.main.field(name).codec.several]
    living = _living(database)
    quoted = database.backend.quoted
    name = names.index("gx", layout.main.name, *columns)
    table = quoted(layout.main.name)
    if several:
        listed = f"USING gin ({quoted(_column(layout, several[0]))})"
        sql = f"CREATE INDEX {name} ON {table} {listed} WHERE {living}" if database.backend.postgres else ""
    else:
        listed = ", ".join(quoted(column) for column in dict.fromkeys([*columns, "id"]))
        sql = f"CREATE INDEX {name} ON {table} ({listed}) WHERE {living}"
    return Index(name, layout.main.name, tuple(fields), False, frozenset(fields), sql)


def _unique(database: Database, layout: DocumentLayout, unique: Unique) -> Index:
    columns = [_column(layout, name) for name in unique.fields]
    when = _condition(database, layout, unique)
    quoted = database.backend.quoted
    where = " AND ".join([_living(database), *([f"({when})"] if when else [])])
    name = names.index("gu", layout.main.name, *columns, when)
    listed = ", ".join(quoted(column) for column in columns)
    sql = f"CREATE UNIQUE INDEX {name} ON {quoted(layout.main.name)} ({listed}) WHERE {where}"
    return Index(name, layout.main.name, unique.fields, True, looked_at(unique), sql)


def _condition(database: Database, layout: DocumentLayout, unique: Unique) -> str:
    """The condition with its values written out: an index takes no parameters. Raises ValueError for one that looks
    beyond the row."""
    layouts = {layout.storage.document: layout}
    postgres = database.backend.postgres
    prepared = Prepared(layouts, layout.storage.document, postgres, database.searcher)
    form = prepared.form(unique.when)
    if form == ("every",):
        return ""
    made = Conditions(layouts, layout, postgres, database.searcher, literals=prepared.values)
    scope = made.scope()
    scope.source = layout.main.table
    condition = made.built(form, scope)
    if scope.origin is not None or _looks_elsewhere(form):
        raise ValueError(f"{layout.storage.document}: a uniqueness looks at its own row only")
    return database.backend.spelled(condition)


def _looks_elsewhere(form: Form) -> bool:
    """Whether a condition needs a query within: no index can have one."""
    return form[0] in {"row", "holds"} or any(
        isinstance(part, tuple) and _looks_elsewhere(part) for part in form[1:] if part
    )


def _column(layout: DocumentLayout, name: str) -> str:
    stored = layout.main.field(name)
    return stored.blind or stored.name


def _living(database: Database) -> str:
    return "deleted = false" if database.backend.postgres else "deleted = 0"
