"""Shapes of what rows hold: records with system fields, child tables and back references, asked fields, parameters.

In: the model. Out: shapes and types for the checker of expressions. Knows no scope and no text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.documents import Document, Field
from engine.model.machines import Machine
from engine.model.types import SYSTEM_FIELDS, Kind, Shape, Type

STATES = "states of "
"""A document's states serve as a code list of this name, so that expressions that compare `state` are checked."""


@dataclass(frozen=True, slots=True)
class BackReference:
    """Records that refer to a document type: `document.path` is the field, `name` how the other side calls them."""

    name: str
    document: str
    path: tuple[str, ...]


def row_type(shape: Shape) -> Type:
    """One row, never null."""
    return Type(Kind.ROW, of=shape.document, optional=False, shape=shape)


def rows_type(shape: Shape) -> Type:
    """Many rows."""
    return Type(Kind.ROWS, of=shape.document, optional=False, shape=shape)


def table_shape(field: Field, document: str) -> Shape:
    """What a row of a child table holds."""
    fields = {"id": SYSTEM_FIELDS["id"], **field_types(field.fields, document)}
    return Shape(f"{document}.{field.name}", fields, parent=document)


def field_types(fields: Mapping[str, Field], document: str = "") -> dict[str, Type]:
    """Types of declared fields, questions or parameters."""
    return {
        name: rows_type(table_shape(field, document)) if field.is_table else field.type
        for name, field in fields.items()
    }


def asked_shape(fields: Mapping[str, Field]) -> Shape:
    """What comes with an event."""
    return Shape("event", field_types(fields))


def record_shapes(documents: Mapping[str, Document], machines: Mapping[str, Machine]) -> dict[str, Shape]:
    """What records hold, by document type, as the loader completed it; `state` becomes a code of the machine's states.

    Shapes refer to each other, so the field is set in the shape itself rather than in a copy.
    """
    for key, document in documents.items():
        fields = document.shape.fields
        machine = machines.get(key)
        if isinstance(fields, dict) and machine is not None and any(machine.states):
            fields["state"] = Type(Kind.CODE, of=STATES + key)
    return {key: document.shape for key, document in documents.items()}


def back_references(documents: Mapping[str, Document]) -> dict[str, list[BackReference]]:
    """Back references by the document type that is referred to."""
    found: dict[str, list[BackReference]] = {}
    for key, document in documents.items():
        for path, field in every_field(document.fields):
            if field.back and field.type.kind in (Kind.REF, Kind.REFS):
                found.setdefault(field.type.of, []).append(BackReference(field.back, key, path))
    return found


def every_field(fields: Mapping[str, Field]) -> list[tuple[tuple[str, ...], Field]]:
    """Fields with their paths, those of child tables behind their table."""
    found: list[tuple[tuple[str, ...], Field]] = []
    for name, field in fields.items():
        found.append(((name,), field))
        found.extend(((name, *path), inner) for path, inner in every_field(field.fields))
    return found
