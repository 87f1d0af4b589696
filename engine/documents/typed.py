"""Fields for values that have a type and no declaration: results of expressions, parameters.

In: a name and a type. Out: a field by which such a value is read, worded and written as JSON.
"""

from __future__ import annotations

from decimal import Decimal

from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.types import Kind, Type

_KINDS = {
    Kind.INTEGER: "integer", Kind.NUMBER: "decimal", Kind.BOOLEAN: "boolean", Kind.DATE: "date", Kind.TIME: "time",
    Kind.DATETIME: "datetime", Kind.DURATION: "duration", Kind.CODE: "code", Kind.CODES: "codes", Kind.REF: "ref",
    Kind.REFS: "refs", Kind.JSON: "json",
}  # fmt: skip


def field_of(name: str, kind: Type, least: Decimal | None = None, most: Decimal | None = None) -> Field:
    """A field of a type, between bounds; text where nothing closer is known."""
    return Field(name, Title(), _KINDS.get(kind.kind, "text"), kind, minimum=least, maximum=most)
