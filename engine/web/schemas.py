"""JSON Schema (2020-12) of documents, from their definitions and an account's rights: read, listed and written.

Exact numbers travel as text, civil times without offset; a masked field is text whatever its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from engine.access.rights import RecordRights
from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.usecases import listing
from engine.web.surroundings import runtime, title

Json = dict[str, Any]
MOST_LISTED = 60
CIVIL_TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$"
NUMBER = r"^-?\d+(\.\d+)?$"

_BY_KIND: Mapping[Kind, Json] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "string", "pattern": NUMBER},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "pattern": r"^\d\d:\d\d(:\d\d)?$"},
    Kind.DATETIME: {"type": "string", "pattern": CIVIL_TIME},
    Kind.DURATION: {"type": "string"},
    Kind.CODE: {"type": "string"},
    Kind.CODES: {"type": "array", "items": {"type": "string"}},
    Kind.REF: {"type": "string"},
    Kind.REFS: {"type": "array", "items": {"type": "string"}},
    Kind.FILE: {"$ref": "#/components/schemas/file"},
    Kind.FILES: {"type": "array", "items": {"$ref": "#/components/schemas/file"}},
    Kind.JSON: {},
}
_FINDING: Json = {
    "type": "object",
    "required": ["at", "level", "code", "text"],
    "properties": {
        "at": {"type": "array", "items": {"type": "string"}},
        "level": {"type": "string", "enum": ["error", "confirm", "warn"]},
        "code": {"type": "string"},
        "text": {"type": "string"},
    },
}
COMMON_SCHEMAS: Mapping[str, Json] = {
    "finding": _FINDING,
    "error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message", "findings"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "findings": {"type": "array", "items": {"$ref": "#/components/schemas/finding"}},
                },
            }
        },
    },
    "file": {
        "type": "object",
        "required": ["hash", "name", "size", "media"],
        "properties": {
            "hash": {"type": "string"},
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "media": {"type": "string"},
        },
    },
    "outcome": {
        "type": "object",
        "required": ["id", "number", "state", "version", "notes"],
        "properties": {
            "id": {"type": "string"},
            "number": {"type": ["string", "null"]},
            "state": {"type": ["string", "null"]},
            "version": {"type": "integer"},
            "notes": {"type": "array", "items": {"$ref": "#/components/schemas/finding"}},
        },
    },
}


def reading_schema(document: Document, rights: RecordRights) -> Json:
    """A document as it is read: system fields and everything the rights grant."""
    found = _system(rights)
    for name, field in document.fields.items():
        if rights.reads(name) and field.kind != "password":
            found[name] = _masked(field) if name in rights.masked else _nullable(field_schema(field))
    return {"title": title(document.title), "type": "object", "properties": found}


def column_schema(document: Document, rights: RecordRights) -> Json:
    """A document as lists give it: the list's own columns."""
    found: Json = {"id": {"type": "string"}, "state": {"type": "string"}}
    for name in listing.columns_of(runtime(), document, rights):
        field = document.fields.get(name)
        if field is None:
            found[name] = _nullable(dict(_BY_KIND.get(SYSTEM_FIELDS[name].kind, {})))
        elif field.is_table:
            found[name] = {"type": "integer", "title": title(field.title)}
        else:
            found[name] = _masked(field) if name in rights.masked else _nullable(field_schema(field))
    return {"title": title(document.title), "type": "object", "properties": found}


def writing_schema(document: Document, rights: RecordRights) -> Json:
    """What may be given for a document; which fields an event really takes also depends on the state."""
    fields = [
        field
        for name, field in document.fields.items()
        if rights.reads(name) and (rights.create or rights.edits(name)) and _is_given(field)
    ]
    return values_of(fields)


def values_of(fields: Iterable[Field]) -> Json:
    """An object of input values."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {field.name: _nullable(field_schema(field, written=True)) for field in fields},
    }


def field_schema(field: Field, *, written: bool = False) -> Json:
    """One field. `written` leaves out of a child table what the engine gives."""
    made: Json = {"title": title(field.title)}
    if hint := title(field.hint):
        made["description"] = hint
    if field.is_table:
        columns = [one for one in field.fields.values() if not written or _is_given(one)]
        inner: Json = {"id": {"type": "string"}} | {one.name: _nullable(field_schema(one)) for one in columns}
        made |= {"type": "array", "items": {"type": "object", "properties": inner}}
        if field.rows_max is not None:
            made["maxItems"] = field.rows_max
        return made
    if "$ref" in (plain := _BY_KIND.get(field.type.kind, {})):
        return dict(plain)
    made |= plain
    if field.type.kind is Kind.TEXT and isinstance(field.maximum, Decimal):
        made["maxLength"] = int(field.maximum)
    if field.type.kind is Kind.INTEGER:
        _limits(made, field)
    if field.type.kind is Kind.CODE:
        made |= _codes(field)
    return made


def _is_given(field: Field) -> bool:
    """Whether people or programs may give the value."""
    return field.edit is not False and not (field.is_derived and field.edit is None)


def _limits(made: Json, field: Field) -> None:
    if isinstance(field.minimum, Decimal):
        made["minimum"] = int(field.minimum)
    if isinstance(field.maximum, Decimal):
        made["maximum"] = int(field.maximum)


def _codes(field: Field) -> Json:
    codes = runtime().definitions.codes.get(field.type.of)
    if codes is None or len(codes.entries) > MOST_LISTED:
        return {}
    return {"enum": list(dict.fromkeys(entry.code for entry in codes.entries))}


def _masked(field: Field) -> Json:
    return {"title": title(field.title), "type": ["string", "null"]}


def _nullable(made: Json) -> Json:
    if "$ref" in made:
        return {"anyOf": [made, {"type": "null"}]}
    if "type" in made and isinstance(made["type"], str):
        made["type"] = [made["type"], "null"]
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made


def _system(rights: RecordRights) -> Json:
    return {
        name: _nullable(dict(_BY_KIND.get(kind.kind, {}))) for name, kind in SYSTEM_FIELDS.items() if rights.reads(name)
    }
