"""The fullest record that a document type allows: every text as long as it may be, every table with all its rows.

In: document types and code lists. Out: a view as templates see it, made as it is read, for references lead on without
end. What has no limit gets a generous one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine.model.documents import Document, Field
from engine.model.system import CodeList, Definitions
from engine.model.types import SYSTEM_FIELDS
from engine.printing.views import CodesView, CodeView, FileView, RefView, RowView

ROWS = 30
"""Rows of a table that has no limit; of one with a higher limit as well."""
LENGTH, LONG = 60, 600
"""Signs of a text that has no limit, of a long one."""
_RARE = "䶮"
"""A sign of personal names that small fonts lack."""
_WIDE = "永"
_DAY = date(2026, 12, 28)
_LINE = 40
_DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)


class WorstRecord(Mapping[str, Any]):
    """A record of a document type with the longest value in every field."""

    def __init__(self, definitions: Definitions, document: Document) -> None:
        self._definitions, self._document = definitions, document

    def __iter__(self) -> Iterator[str]:
        return iter((*SYSTEM_FIELDS, *self._document.fields))

    def __len__(self) -> int:
        return len(SYSTEM_FIELDS) + len(self._document.fields)

    def __contains__(self, name: object) -> bool:
        return name in self._document.fields or name in SYSTEM_FIELDS

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        field = self._document.fields.get(name)
        if field is None:
            return _SYSTEM.get(name, "8" * 32)
        return self._value(field)

    def _value(self, field: Field) -> object:
        if field.is_table:
            row = RowView({name: self._value(inner) for name, inner in field.fields.items()})
            return (row,) * min(field.rows_max or ROWS, ROWS)
        of = field.type.of
        if field.kind in ("ref", "refs"):
            one = RefView("0" * 32, _wide(30), self._record(of))
            return one if field.kind == "ref" else (one,) * 3
        if field.kind in ("code", "codes"):
            return _codes(self._definitions.codes[of], several=field.kind == "codes")
        make = _VALUES.get(field.kind, _text)
        return make(field)

    def _record(self, document: str) -> Mapping[str, Any]:
        declared = self._definitions.documents.get(document)
        return {} if declared is None else WorstRecord(self._definitions, declared)


def _wide(count: int) -> str:
    return (_RARE + _WIDE * count)[: max(1, count)]


def _text(field: Field) -> str:
    return _wide(_most(field, LENGTH))


def _long(field: Field) -> str:
    text = _wide(_most(field, LONG))
    return "\n".join(text[start : start + _LINE] for start in range(0, len(text), _LINE))


def _most(field: Field, otherwise: int) -> int:
    return int(field.maximum) if isinstance(field.maximum, int | Decimal) else otherwise


def _codes(codes: CodeList, *, several: bool) -> object:
    views = [CodeView(one.code, str(one.columns.get("title") or one.code), one.columns) for one in codes.entries]
    longest = max(views, key=lambda view: len(view.title), default=CodeView("", _wide(8)))
    return CodesView(tuple(views), tuple(views)) if several else longest


def _number(field: Field) -> object:
    return Decimal(_most(field, 999_999_999_999)) if field.kind != "integer" else _most(field, 999_999_999)


_SYSTEM: Mapping[str, object] = {
    "number": "SP" + "8" * 34,
    "state": _WIDE * 6,
    "version": 9999,
    "created_at": datetime(2026, 12, 28, 23, 59),
    "changed_at": datetime(2026, 12, 28, 23, 59),
}
_VALUES: Mapping[str, Callable[[Field], object]] = {
    "long_text": _long,
    "rich_text": _long,
    "integer": _number,
    "decimal": _number,
    "money": _number,
    "boolean": lambda field: True,
    "date": lambda field: _DAY,
    "datetime": lambda field: datetime(2026, 12, 28, 23, 59),
    "time": lambda field: time(23, 59),
    "citizen_id": lambda field: "990101199012280017",
    "credit_code": lambda field: "9" * 17 + "X",
    "mobile": lambda field: "1" + "9" * 10,
    "hs_code": lambda field: "8" * 10,
    "file": lambda field: FileView(_wide(60) + ".pdf"),
    "image": lambda field: FileView("w.png", _DOT),
    "password": lambda field: None,
}
