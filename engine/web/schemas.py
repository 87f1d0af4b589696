"""JSON Schema (2020-12) of documents, from their definitions and an account's rights: read, listed and written.

The fields' own schemas are those of `engine.documents.json_schema`; a masked field is text whatever its type.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.access.rights import RecordRights
from engine.documents.json_schema import FieldSchemas, is_given, nullable, of_kind
from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS
from engine.usecases import listing
from engine.web.surroundings import actor, runtime, title

Json = dict[str, Any]

FINDING: Json = {
    "type": "object",
    "required": ["at", "level", "code", "text"],
    "properties": {
        "at": {"type": "array", "items": {"type": "string"}},
        "level": {"type": "string", "enum": ["error", "confirm", "warn"]},
        "code": {"type": "string"},
        "text": {"type": "string"},
    },
}


def reading_schema(document: Document, rights: RecordRights) -> Json:
    """A document as it is read: system fields and everything the rights grant."""
    found = _system(rights)
    for name, field in document.fields.items():
        if rights.reads(name) and field.kind != "password":
            found[name] = _read(document, field, rights)
    return {"title": title(document.title), "type": "object", "required": ["id", "version"], "properties": found}


def column_schema(document: Document, rights: RecordRights) -> Json:
    """A document as lists give it: the list's own columns."""
    found: Json = {"id": {"type": "string"}, "state": {"type": "string"}}
    shown = listing.columns_of(runtime(), document, rights)
    for name in (*shown, *(one for one in ("changed_at",) if rights.reads(one))):
        field = document.fields.get(name)
        if field is None:
            found[name] = nullable(of_kind(SYSTEM_FIELDS[name].kind))
        elif field.is_table:
            found[name] = {"type": "integer", "title": title(field.title)}
        else:
            found[name] = _read(document, field, rights)
    return {"title": title(document.title), "type": "object", "required": ["id", "state"], "properties": found}


def writing_schema(document: Document, rights: RecordRights) -> Json:
    """What may be given for a document; which fields an event really takes also depends on the state."""
    return values_of(writable(document, rights))


def writable(document: Document, rights: RecordRights) -> list[Field]:
    """The fields that may be given."""
    return [
        field
        for name, field in document.fields.items()
        if rights.reads(name) and (rights.create or rights.edits(name)) and is_given(field)
    ]


def values_of(fields: Iterable[Field]) -> Json:
    """An object of input values."""
    return _schemas().values(fields)


def _schemas() -> FieldSchemas:
    return FieldSchemas(runtime().definitions.codes, title)


def _read(document: Document, field: Field, rights: RecordRights) -> Json:
    """A field as it comes back: masked in every record, in some, or in none."""
    clear = nullable(_unlimited(_schemas().field(field)))
    if field.is_table:
        return clear
    if field.name in rights.masked:
        return _masked(field)
    grants = runtime().rights(document.id, actor()).grants
    if not any(field.name in grant.mask for grant in grants):
        return clear
    return {"title": title(field.title), "anyOf": [clear, {"type": "string"}]}


_LIMITS = {"maxLength", "minimum", "maximum", "maxItems"}
"""What counts for what is written; what was stored before a limit was drawn comes back as it is."""


def _unlimited(made: Json) -> Json:
    kept = {key: value for key, value in made.items() if key not in _LIMITS}
    if "items" in kept and "properties" in kept["items"]:
        columns = {name: _unlimited(one) for name, one in kept["items"]["properties"].items()}
        kept["items"] = {**kept["items"], "properties": columns}
    return kept


def _masked(field: Field) -> Json:
    return {"title": title(field.title), "type": ["string", "null"]}


def _system(rights: RecordRights) -> Json:
    return {name: nullable(of_kind(kind.kind)) for name, kind in SYSTEM_FIELDS.items() if rights.reads(name)}
