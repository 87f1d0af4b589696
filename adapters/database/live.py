"""The schema as it stands: tables, columns with their declared types, indexes, rough row counts.

In: an open transaction. Out: `Live`. Type names are those of `convert`, so that they can be compared as text. Row
counts are estimates and never read the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.database.engine import Statement, Transaction

_LITE_TABLES = Statement("SELECT name FROM sqlite_schema WHERE type = 'table'")
_LITE_COLUMNS = Statement("SELECT name, type FROM pragma_table_info(?)")
_LITE_INDEXES = Statement("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'index'")
_PG_COLUMNS = Statement(
    "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c "
    "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace"
)
_PG_INDEXES = Statement(  # one whose building was interrupted is none
    "SELECT i.relname, t.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
    "JOIN pg_class t ON t.oid = x.indrelid WHERE x.indisvalid AND t.relnamespace = current_schema()::regnamespace"
)


@dataclass(frozen=True, slots=True)
class Live:
    """Tables with their columns (name to declared type) and indexes (name to table)."""

    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)

    def has(self, table: str) -> bool:
        return table in self.columns


def live(transaction: Transaction, *, postgres: bool) -> Live:
    """The schema that the transaction sees."""
    columns: dict[str, dict[str, str]] = {}
    if postgres:
        indexes = transaction.rows(_PG_INDEXES)
        for table, column, declared in transaction.rows(_PG_COLUMNS):
            columns.setdefault(table, {})[column] = declared
        return Live(columns, {row[0]: row[1] for row in indexes})
    for (table,) in transaction.rows(_LITE_TABLES):
        columns[table] = dict(tuple(row) for row in transaction.rows(_LITE_COLUMNS, [table]))
    return Live(columns, {row[0]: row[1] for row in transaction.rows(_LITE_INDEXES)})


def rows_about(transaction: Transaction, table: str, quoted: str, *, postgres: bool) -> int:
    """About how many rows a table has."""
    if postgres:
        found = transaction.row(
            Statement("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(%s::text)"), [quoted]
        )
    else:
        found = transaction.row(Statement(f"SELECT coalesce(max(rowid), 0) FROM {quoted}"))  # noqa: S608
    return int(found[0]) if found else 0
