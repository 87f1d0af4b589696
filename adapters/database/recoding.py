"""A column whose values must be written anew: another type, another scale, encrypted from now on or no longer.

In: the column as it was and as it shall be. Out: every value converted, in batches; values without meaning in the new
type become null and are counted. PostgreSQL widens numbers and dates by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.database import names
from adapters.database.coercion import coerced, keeps_all
from adapters.database.convert import codec
from adapters.database.described import Former
from adapters.database.engine import Statement
from adapters.database.steps import Step, Work, add_columns
from adapters.database.tables import RECORD, StoredColumn, TableLayout
from engine.model.storage import Column
from engine.model.types import Kind

_BATCH = 2_000
_NUMBERS = {Kind.INTEGER, Kind.NUMBER}


def recode(work: Work, layout: TableLayout, stored: StoredColumn, former: Former, declared: str) -> Step:
    """The step that brings a column from what it was (`declared` in the database) to what it shall be."""
    before = former.column
    after = stored.column
    where = f"{layout.name}.{stored.name}"
    time = work.duration(layout.name, 60_000, 30_000)
    if after.encrypted and not before.encrypted:
        sentence = f"encrypt column {where}{time}; what history, backups and logs hold of it stays as it was"
        return Step(sentence, lambda: _run(work, layout, stored, former), blocking=True)
    kept = keeps_all(before, after) and not (before.encrypted and not after.encrypted)
    if kept and work.database.backend.postgres and not before.encrypted and _native(before, after):
        sentence = f"widen column {where} from {declared} to {stored.codec.declared}{time}"
        return Step(sentence, lambda: _widen(work, layout, stored), blocking=True)
    if before.encrypted and after.encrypted and former.context != stored.context:
        return Step(
            f"encrypt column {where} again for its new name{time}",
            lambda: _run(work, layout, stored, former),
            blocking=True,
        )
    change = "decrypt" if before.encrypted and not after.encrypted else "widen" if kept else "change"
    loss = "" if kept or change == "decrypt" else "; values that do not fit are lost"
    sentence = f"{change} column {where} from {declared} to {stored.codec.declared}{time}{loss}"
    return Step(sentence, lambda: _run(work, layout, stored, former), lossy=not kept, blocking=True)


def _native(before: Column, after: Column) -> bool:
    kinds = before.type.kind, after.type.kind
    return set(kinds) <= _NUMBERS or kinds == (Kind.DATE, Kind.DATETIME)


def _widen(work: Work, layout: TableLayout, stored: StoredColumn) -> None:
    table, column = work.database.backend.quoted(layout.name), work.database.backend.quoted(stored.name)
    work.execute(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {stored.codec.declared}")


def _run(work: Work, layout: TableLayout, stored: StoredColumn, former: Former) -> str | None:
    fresh = {name: names.index("new", name) for name in (stored.name, stored.blind) if name}
    add_columns(work, layout, stored, fresh)
    lost = _copy(work, layout, stored, former, list(fresh.values()))
    operations = work.operations
    operations.drop_column(layout.name, stored.name)
    if former.column.encrypted:
        operations.drop_column(layout.name, stored.name + names.BLIND_SUFFIX)
    for name, temporary in fresh.items():
        operations.alter_column(layout.name, temporary, new_column_name=name)
    return f"{lost:,} values did not fit and are empty now" if lost else None


def _copy(work: Work, layout: TableLayout, stored: StoredColumn, former: Former, fresh: Sequence[str]) -> int:
    backend = work.database.backend
    keys = [RECORD, "id"] if layout.parent else ["id"]
    mark = "%s" if backend.postgres else "?"
    table, column = backend.quoted(layout.name), backend.quoted(stored.name)
    key, marks = ", ".join(keys), ", ".join([mark] * len(keys))
    page = Statement(
        f"SELECT {key}, {column} FROM {table} WHERE ({key}) > ({marks}) AND {column} IS NOT NULL "  # noqa: S608
        f"ORDER BY {key} LIMIT {_BATCH}"
    )
    sets = ", ".join(f"{backend.quoted(name)} = {mark}" for name in fresh)
    change = Statement(f"UPDATE {table} SET {sets} WHERE {' AND '.join(f'{name} = {mark}' for name in keys)}")  # noqa: S608
    last: list[Any] = [""] * len(keys)
    lost = 0
    while rows := work.transaction.rows(page, last):
        *last, _ = rows[-1]
        written = [[*_cells(work, stored, former, row[-1]), *row[:-1]] for row in rows]
        lost += sum(cells[0] is None for cells in written)
        work.transaction.change_many(change, written)
    return lost


def _cells(work: Work, stored: StoredColumn, former: Former, cell: Any) -> list[Any]:
    """What stands in the new column, and in its blind index."""
    protection = work.database.protection
    before = former.column
    if before.encrypted:
        value = protection.opened(protection.codec(before, former.context), cell, former.context)
    else:
        read = codec(before, postgres=work.database.backend.postgres).read
        value = cell if read is None else read(cell)
    value = coerced(value, stored.column)
    try:
        if stored.encrypted:
            return list(protection.sealed(stored.codec, value, stored.context))
        return [value if value is None or stored.codec.write is None else stored.codec.write(value)]
    except ValueError:
        return [None, None] if stored.encrypted else [None]
