"""JSON Schema (2020-12) of documents, from their definitions and an account's rights: read, listed and written.

The fields' own schemas are those of `engine.documents.json_schema`; a masked field is text whatever its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.access.rights import RecordRights
from engine.documents.json_schema import FILE, FieldSchemas, is_given, nullable, of_kind
from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS
from engine.usecases import listing
from engine.web.surroundings import runtime, title

Json = dict[str, Any]

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
    "file": FILE,
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
    found, schemas = _system(rights), _schemas()
    for name, field in document.fields.items():
        if rights.reads(name) and field.kind != "password":
            found[name] = _masked(field) if name in rights.masked else nullable(schemas.field(field))
    return {"title": title(document.title), "type": "object", "properties": found}


def column_schema(document: Document, rights: RecordRights) -> Json:
    """A document as lists give it: the list's own columns."""
    found: Json = {"id": {"type": "string"}, "state": {"type": "string"}}
    schemas = _schemas()
    for name in listing.columns_of(runtime(), document, rights):
        field = document.fields.get(name)
        if field is None:
            found[name] = nullable(of_kind(SYSTEM_FIELDS[name].kind))
        elif field.is_table:
            found[name] = {"type": "integer", "title": title(field.title)}
        else:
            found[name] = _masked(field) if name in rights.masked else nullable(schemas.field(field))
    return {"title": title(document.title), "type": "object", "properties": found}


def writing_schema(document: Document, rights: RecordRights) -> Json:
    """What may be given for a document; which fields an event really takes also depends on the state."""
    fields = [
        field
        for name, field in document.fields.items()
        if rights.reads(name) and (rights.create or rights.edits(name)) and is_given(field)
    ]
    return values_of(fields)


def values_of(fields: Iterable[Field]) -> Json:
    """An object of input values."""
    return _schemas().values(fields)


def _schemas() -> FieldSchemas:
    return FieldSchemas(runtime().definitions.codes, title)


def _masked(field: Field) -> Json:
    return {"title": title(field.title), "type": ["string", "null"]}


def _system(rights: RecordRights) -> Json:
    return {name: nullable(of_kind(kind.kind)) for name, kind in SYSTEM_FIELDS.items() if rights.reads(name)}
