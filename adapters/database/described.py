"""What the tables of a document type were last made for, as the database itself remembers it.

In: a layout. Out: a row of `guiju_facts`, and the columns behind it. The live schema says which columns there are; it
cannot say whether a text was a code or a duration, what name a field had, nor what the search index holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from adapters.database.encoding import dumps, loads
from adapters.database.engine import Backend, Statement, Transaction
from adapters.database.tables import DocumentLayout
from engine.model.storage import Column
from engine.model.types import Kind, Type

_WORDS = 1  # the way texts are cut into words; a search index of another way is built anew
_DECLARED = (
    ("DECIMAL", Kind.NUMBER),
    ("numeric", Kind.NUMBER),
    ("INTEGER", Kind.INTEGER),
    ("bigint", Kind.INTEGER),
    ("BOOLEAN", Kind.BOOLEAN),
    ("boolean", Kind.BOOLEAN),
    ("DATETIME", Kind.DATETIME),
    ("timestamp", Kind.DATETIME),
    ("DATE", Kind.DATE),
    ("date", Kind.DATE),
    ("TIME", Kind.TIME),
    ("time", Kind.TIME),
    ("JSON", Kind.JSON),
    ("json", Kind.JSON),
)


@dataclass(frozen=True, slots=True)
class Former:
    """A field as it was kept: its column's name, what stood there, and what its cipher text is bound to."""

    name: str
    column: Column
    context: str


@dataclass(frozen=True, slots=True)
class Described:
    """Fields of each child table (`""` is the document's own), and what is searched."""

    columns: Mapping[str, Mapping[str, Former]] = field(default_factory=dict)
    search: tuple[object, ...] = ()


def described(layout: DocumentLayout) -> Described:
    """The description of a layout."""
    tables = {"": layout.main, **layout.children}
    columns = {
        name: {one.field: Former(one.name, _plain(one.column), one.context) for one in table.columns.values()}
        for name, table in tables.items()
    }
    search = tuple((stored.field, stored.encrypted) for stored in layout.searched)
    return Described(columns, (_WORDS, *search) if search else ())


def remembered(transaction: Transaction, backend: Backend, document: str) -> Described:
    """The description that the database keeps; empty where it keeps none."""
    mark = "%s::text" if backend.postgres else "?"
    found = transaction.row(Statement(f"SELECT value FROM guiju_facts WHERE name = {mark}"), [_fact(document)])  # noqa: S608
    if found is None:
        return Described()
    data = cast("dict[str, Any]", loads(found[0]))
    columns = {table: {n: _former(n, cells) for n, cells in own.items()} for table, own in data["columns"].items()}
    return Described(columns, data["search"])


def with_leftovers(now: Described, before: Described, live: Mapping[str, Mapping[str, str]]) -> Described:
    """The description with what is no longer declared but still stands: `live` gives the columns of each child
    table."""
    columns: dict[str, Mapping[str, Former]] = {}
    for table in {**before.columns, **now.columns}:
        own, there = now.columns.get(table, {}), live.get(table, {})
        names = {former.name for former in own.values()}
        left = {n: f for n, f in before.columns.get(table, {}).items() if f.name in there and f.name not in names}
        if table in now.columns or there:
            columns[table] = {**left, **own}
    return Described(columns, now.search)


def remember(transaction: Transaction, backend: Backend, document: str, whole: Described) -> None:
    """Keep a description."""
    columns = {table: {n: _cells(former) for n, former in own.items()} for table, own in whole.columns.items()}
    mark = "%s::text" if backend.postgres else "?"
    sql = (
        f"INSERT INTO guiju_facts (name, value) VALUES ({mark}, {mark}) "  # noqa: S608
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    text = dumps({"columns": columns, "search": whole.search})
    transaction.change(Statement(sql), [_fact(document), text])


def guessed(name: str, declared: str) -> Column:
    """A column as well as its declared type tells."""
    kind = next((kind for word, kind in _DECLARED if declared.startswith(word)), Kind.TEXT)
    if kind is not Kind.NUMBER or "(" not in declared:
        return Column(name, Type(kind))
    digits, scale = declared.split("(")[1].rstrip(")").split(",")
    return Column(name, Type(kind), digits=int(digits), scale=int(scale))


def _fact(document: str) -> str:
    return f"document:{document}"


def _plain(column: Column) -> Column:
    """What of a column decides how it is kept."""
    return Column(
        column.name, Type(column.type.kind), digits=column.digits, scale=column.scale, encrypted=column.encrypted
    )


def _cells(former: Former) -> tuple[object, ...]:
    column = former.column
    return former.name, str(column.type.kind), column.digits, column.scale, column.encrypted, former.context


def _former(field_name: str, cells: tuple[Any, ...]) -> Former:
    name, kind, digits, scale, encrypted, context = cells
    column = Column(field_name, Type(Kind(kind)), digits=digits, scale=scale, encrypted=encrypted)
    return Former(name, column, context)
