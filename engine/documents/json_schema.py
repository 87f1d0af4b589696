"""JSON Schema (2020-12) of a document's fields: what REST calls are described by and held to.

In: fields, the code lists, how to word a title. Out: schemas as data. Exact numbers travel as text, civil times without
offset; everything may be null, because what is required depends on the document's other values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.system import CodeList
from engine.model.types import Kind

Json = dict[str, Any]
MOST_LISTED = 60
CIVIL_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?$"
TIME_OF_DAY = r"^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
FILE: Json = {
    "type": "object",
    "required": ["hash", "name", "size", "media"],
    "properties": {
        "hash": {"type": "string"},
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "media": {"type": "string"},
    },
}
"""An uploaded file; other schemas refer to it as `#/components/schemas/file`, its place in an OpenAPI description."""

_FILE: Json = {"$ref": "#/components/schemas/file"}
_BY_KIND: Mapping[Kind, Json] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "string", "pattern": NUMBER},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "pattern": TIME_OF_DAY},
    Kind.DATETIME: {"type": "string", "pattern": CIVIL_TIME},
    Kind.DURATION: {"type": "string"},
    Kind.CODE: {"type": "string"},
    Kind.CODES: {"type": "array", "items": {"type": "string"}},
    Kind.REF: {"type": "string"},
    Kind.REFS: {"type": "array", "items": {"type": "string"}},
    Kind.FILE: _FILE,
    Kind.FILES: {"type": "array", "items": _FILE},
    Kind.JSON: {},
}


def of_kind(kind: Kind) -> Json:
    """Values of a kind; anything where it has no form of its own."""
    return dict(_BY_KIND.get(kind, {}))


def nullable(made: Json) -> Json:
    """The same schema, null allowed too."""
    if "$ref" in made:
        return {"anyOf": [made, {"type": "null"}]}
    if "type" in made and isinstance(made["type"], str):
        made["type"] = [made["type"], "null"]
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made


def is_given(field: Field) -> bool:
    """Whether people or programs may give the value; what is computed or copied stays so unless `edit` opens it."""
    return field.edit is not False and not (field.edit is None and (field.is_derived or field.copied is not None))


def _untitled(title: Title) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class FieldSchemas:
    """Writes the schemas of fields. Without `worded` they say nothing to people."""

    codes: Mapping[str, CodeList]
    worded: Callable[[Title], str] = _untitled

    def values(self, fields: Iterable[Field], *, closed: bool = True) -> Json:
        """An object of input values; an open one leaves names that it does not know to others."""
        properties = {field.name: nullable(self.field(field, written=True)) for field in fields}
        made: Json = {"type": "object", "properties": properties}
        return made | {"additionalProperties": False} if closed else made

    def field(self, field: Field, *, written: bool = False) -> Json:
        """One field. `written` leaves out of a child table what the engine gives."""
        made = self._told(field)
        if field.is_table:
            return made | self._rows(field, written=written)
        if "$ref" in (plain := of_kind(field.type.kind)):
            return plain
        made |= plain
        if field.type.kind is Kind.TEXT and isinstance(field.maximum, Decimal):
            made["maxLength"] = int(field.maximum)
        if field.type.kind is Kind.INTEGER:
            made |= _limits(field)
        if field.type.kind is Kind.CODE:
            made |= self._choices(field)
        return made

    def _told(self, field: Field) -> Json:
        said = {"title": self.worded(field.title), "description": self.worded(field.hint)}
        return {key: text for key, text in said.items() if text}

    def _rows(self, table: Field, *, written: bool) -> Json:
        given = (one for one in table.fields.values() if not written or is_given(one))
        columns = {one.name: nullable(self.field(one)) for one in given}
        row_id: Json = {"type": ["string", "null"] if written else "string"}  # a new row has no id of its own yet
        inner = {"id": row_id} | columns
        made: Json = {"type": "array", "items": {"type": "object", "properties": inner}}
        return made if table.rows_max is None else made | {"maxItems": table.rows_max}

    def _choices(self, field: Field) -> Json:
        codes = self.codes.get(field.type.of)
        if codes is None or len(codes.entries) > MOST_LISTED:
            return {}
        return {"enum": list(dict.fromkeys(entry.code for entry in codes.entries))}


def _limits(field: Field) -> Json:
    made: Json = {}
    if isinstance(field.minimum, Decimal):
        made["minimum"] = int(field.minimum)
    if isinstance(field.maximum, Decimal):
        made["maximum"] = int(field.maximum)
    return made
