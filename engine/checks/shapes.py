"""Shapes of what rows hold: records with system fields, child tables and back references, asked fields, parameters.

In: the model. Out: shapes and types for the checker of expressions. Knows no scope and no text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.model.documents import Document, Field
from engine.model.machines import Machine
from engine.model.types import Kind, Shape, Type

STATES = "states of "
"""A document's states serve as a code list of this name, so that expressions that compare `state` are checked."""

Sound = Callable[[Type], Type]
"""A type as far as it makes sense: one that names something unknown becomes any, so that it is reported once."""


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


def table_shape(field: Field, sound: Sound) -> Shape:
    """What a row of a table holds that is asked for or given."""
    return Shape(field.name, field_types(field.fields, sound))


def field_types(fields: Mapping[str, Field], sound: Sound) -> dict[str, Type]:
    """Types of questions or parameters."""
    return {
        name: rows_type(table_shape(field, sound)) if field.is_table else sound(field.type)
        for name, field in fields.items()
    }


def record_shapes(documents: Mapping[str, Document], machines: Mapping[str, Machine], sound: Sound) -> dict[str, Shape]:
    """What records hold, by document type, as the loader completed it; `state` becomes a code of the machine's states.

    Shapes refer to each other, so fields are set in the shapes themselves rather than in copies.
    """
    for key, document in documents.items():
        fields = document.shape.fields
        machine = machines.get(key)
        if isinstance(fields, dict):
            fields.update(_sound(fields, sound))
            if machine is not None and any(machine.states):
                fields["state"] = Type(Kind.CODE, of=STATES + key)
    return {key: document.shape for key, document in documents.items()}


def _sound(fields: Mapping[str, Type], sound: Sound) -> dict[str, Type]:
    for kind in fields.values():
        inner = kind.shape.fields if kind.kind is Kind.ROWS and kind.shape is not None and kind.shape.parent else None
        if isinstance(inner, dict):
            inner.update({name: sound(column) for name, column in inner.items()})
    return {name: sound(kind) for name, kind in fields.items()}


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
