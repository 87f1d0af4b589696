"""What changed between two states of a document: for history, and for people who meet each other's changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.documents.passwords import KIND as PASSWORD
from engine.model.documents import Field

Changes = dict[str, tuple[object, object]]


def changes(fields: Mapping[str, Field], before: Mapping[str, object] | None, after: Mapping[str, object]) -> Changes:
    """Changed values by path, `field` or `table.ROWID.field`; an added row is `table.ROWID`, from None to its values.

    Of a password only is said that it changed.
    """
    found: Changes = {}
    for name, field in fields.items():
        old, new = (before or {}).get(name), after.get(name)
        if field.is_table:
            found.update(_row_changes(name, field, old or [], new or []))  # type: ignore[arg-type]
        elif old != new:
            found[name] = (None, None) if field.kind == PASSWORD else (old, new)
    return found


def _row_changes(
    table: str, field: Field, before: Iterable[Mapping[str, object]], after: Iterable[Mapping[str, object]]
) -> Changes:
    found: Changes = {}
    old_rows = {str(row["id"]): row for row in before}
    for row in after:
        row_id = str(row["id"])
        old = old_rows.pop(row_id, None)
        if old is None:
            found[f"{table}.{row_id}"] = (None, {name: row.get(name) for name in field.fields})
            continue
        for name in field.fields:
            if old.get(name) != row.get(name):
                found[f"{table}.{row_id}.{name}"] = (old.get(name), row.get(name))
    for row_id, old in old_rows.items():
        found[f"{table}.{row_id}"] = ({name: old.get(name) for name in field.fields}, None)
    return found
