"""What must be stored of a document type: columns, child tables, keys, and the indexes that its readers need.

In: a document, its machine and how others read it. Out: `engine.model.storage.Storage`. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from engine.expressions.expression import Checked
from engine.model.criteria import ALWAYS, Criterion
from engine.model.documents import Document, Field, UniqueKey
from engine.model.formula import Formula
from engine.model.storage import Column, Storage, StoredTable, Unique
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.sources.criteria import constant_criterion, is_constant

Group = tuple[str, ...]


def storage_of(document: Document, indexes: Iterable[Group]) -> Storage:
    """The storage of one document type; `indexes` are the groups that look-ups, lists and back references want."""
    columns = _columns(document.fields)
    tables = [field for field in document.fields.values() if field.is_table]
    names = {column.name for column in columns} | SYSTEM_FIELDS.keys()
    wanted = dict.fromkeys(group for group in indexes if group and set(group) <= names)
    searched = tuple(name for name in document.search if name in names and not _protected(document, name))
    return Storage(
        document=document.id,
        columns=columns,
        tables=tuple(StoredTable(table.name, _columns(table.fields)) for table in tables),
        uniques=tuple(_unique(key) for key in _keys(document)),
        indexes=tuple(_longest(wanted)),
        search=searched,
        renamed=document.renamed,
        title=document.title.zh,
        append_only=bool(document.ledger) and document.id != document.ledger,
    )


def _protected(document: Document, name: str) -> bool:
    field = document.fields.get(name)
    return field is not None and field.protect


def _columns(fields: Mapping[str, Field]) -> tuple[Column, ...]:
    return tuple(_column(field) for field in fields.values() if not field.is_table)


def _column(field: Field) -> Column:
    length = int(field.maximum) if field.type.kind is Kind.TEXT and isinstance(field.maximum, Decimal) else None
    scale = 2 if field.kind == "money" and field.scale is None else field.scale
    return Column(field.name, field.type, length, field.digits, scale, encrypted=field.protect, title=field.title.zh)


def _keys(document: Document) -> list[UniqueKey]:
    own = [UniqueKey((field.name,)) for field in document.fields.values() if field.unique]
    return [*document.uniques, *own]


def _unique(key: UniqueKey) -> Unique:
    return Unique(key.fields, condition(key.when))


def condition(formula: Formula | None) -> Criterion:
    """A condition on the row alone, as stores judge it."""
    linked = formula.linked if formula is not None else None
    if formula is None or not isinstance(linked, Checked) or not is_constant(linked):
        return ALWAYS
    return constant_criterion(formula)


def _longest(groups: Iterable[Group]) -> list[Group]:
    """Groups that are not the beginning of another."""
    known = list(groups)
    return [one for one in known if not any(other != one and other[: len(one)] == one for other in known)]
