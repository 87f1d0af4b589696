"""Examples of values, made from the definitions: what a field could hold, what a body could say.

In: fields, schemas. Out: JSON that fits them. Numbers of people and firms are those that standards print or that
nobody can have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.access.masks import masked
from engine.documents.identifiers import credit_check_digit
from engine.documents.json_schema import is_given
from engine.model.documents import Document, Field
from engine.model.types import Kind
from engine.web.surroundings import runtime, title

Json = dict[str, Any]
ID = "0190f3d27c5e7a0b8f3a5d2c4b6e8f10"
FILE: Json = {"hash": "9f86d081884c7d65", "name": "1.pdf", "size": 20480, "media": "application/pdf"}
_FIRM = "91110000000000000"
_SYSTEM: Mapping[str, object] = {
    "id": ID,
    "number": "20260001",
    "version": 1,
    "created_at": "2026-05-06T15:33:00",
    "created_by": ID,
    "changed_at": "2026-05-06T15:33:00",
    "changed_by": ID,
}
_BY_TYPE: Mapping[str, str] = {
    "citizen_id": "11010519491231002X",  # the example that GB 11643-1999 prints
    "credit_code": _FIRM + credit_check_digit(_FIRM),
    "mobile": "13800000000",
    "hs_code": "84713000",
}
_BY_KIND: Mapping[Kind, object] = {
    Kind.BOOLEAN: True,
    Kind.DATE: "2026-05-06",
    Kind.TIME: "15:33:00",
    Kind.DATETIME: "2026-05-06T15:33:00",
    Kind.DURATION: "45 days",
    Kind.REF: ID,
    Kind.REFS: [ID],
    Kind.FILE: FILE,
    Kind.FILES: [FILE],
    Kind.JSON: {},
}


def example_of(field: Field) -> object:
    """A value that a field could hold."""
    if field.is_table:
        return [{one.name: example_of(one) for one in field.fields.values() if is_given(one)}]
    if field.kind in _BY_TYPE:
        return _BY_TYPE[field.kind]
    kind = field.type.kind
    if kind in (Kind.CODE, Kind.CODES):
        code = _code(field)
        return code if kind is Kind.CODE else [code]
    if kind is Kind.INTEGER:
        return int(_number(field))
    if kind is Kind.NUMBER:
        return _scaled(field)
    if kind is Kind.TEXT:
        return (title(field.title) or field.name)[: _longest(field)]
    return _BY_KIND.get(kind)


def values_example(fields: Iterable[Field]) -> Json:
    """Values that could be sent for some fields."""
    return {one.name: example_of(one) for one in fields}


def record_example(document: Document, schema: Json, masks: Collection[str]) -> Json:
    """A document as it could come back, with the properties of its schema."""
    return {name: _shown(document, name, told, name in masks) for name, told in schema["properties"].items()}


def _shown(document: Document, name: str, told: Json, is_masked: bool) -> object:
    field = document.fields.get(name)
    if field is None:
        return _SYSTEM.get(name) if name != "state" else _state(document)
    if field.is_table:
        return 1 if told.get("type") == "integer" else _rows(field)
    made = example_of(field)
    return masked(str(made), field.mask) if is_masked and made is not None else made


def _rows(table: Field) -> list[Json]:
    return [{"id": ID, **values_example(table.fields.values())}]


def _state(document: Document) -> str:
    machine = runtime().definitions.machines.get(document.id)
    return next(iter(machine.states), "") if machine is not None else ""


def text_example(field: Field) -> str:
    """The same as an argument of an address says it."""
    made = example_of(field)
    if isinstance(made, list):
        return ",".join(str(one) for one in made)
    return str(made).lower() if isinstance(made, bool) else str(made)


def _code(field: Field) -> str:
    codes = runtime().definitions.codes.get(field.type.of)
    return codes.entries[0].code if codes is not None and codes.entries else field.name


def _longest(field: Field) -> int | None:
    return int(field.maximum) if isinstance(field.maximum, Decimal) else None


def _number(field: Field) -> Decimal:
    """One, or the nearest that the field takes."""
    low = field.minimum if isinstance(field.minimum, Decimal) else Decimal(1)
    high = field.maximum if isinstance(field.maximum, Decimal) else Decimal(1)
    return max(low, Decimal(1)) if high >= 1 else high


def _scaled(field: Field) -> str:
    places = field.scale if field.scale is not None else 2 if field.kind == "money" else 0
    return f"{_number(field):.{places}f}"
