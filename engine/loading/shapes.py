"""Completing of shapes: what expressions see of a record, back references and history included.

In: all document types, with empty shapes. Out: the same shapes, filled: system fields, declared fields, child tables,
`history`, and for each reference with `back` the rows that refer, under that name.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.documents import Document, Field
from engine.model.types import SYSTEM_FIELDS, TEXT, Kind, Shape, Type

HISTORY = "history"


def complete(documents: Mapping[str, Document]) -> None:
    """Fill every document type's shape; they refer to each other, so this is done when all exist."""
    tables: dict[tuple[str, str], Shape] = {}
    for key, document in documents.items():
        for name, field in document.fields.items():
            if field.is_table:
                tables[key, name] = _table(key, name, field)
    for key, document in documents.items():
        _fields(document).update(_declared(key, document, tables))
        _fields(document)[HISTORY] = _rows(_history(document))
    for key, document in documents.items():
        for name, field in document.fields.items():
            _back(documents, field, document.shape)
            for inner in field.fields.values():
                _back(documents, inner, tables[key, name] if field.is_table else document.shape)


def _fields(document: Document) -> dict[str, Type]:
    """The shape's own dictionary, which this module alone fills."""
    fields = document.shape.fields
    assert isinstance(fields, dict)
    return fields


def _declared(key: str, document: Document, tables: Mapping[tuple[str, str], Shape]) -> dict[str, Type]:
    own = {name: _rows(tables[key, name]) if field.is_table else field.type for name, field in document.fields.items()}
    return {**SYSTEM_FIELDS, **own}


def _table(document: str, name: str, field: Field) -> Shape:
    fields = {"id": SYSTEM_FIELDS["id"], **{inner: one.type for inner, one in field.fields.items()}}
    return Shape(f"{document}.{name}", fields, parent=document)


def _rows(shape: Shape) -> Type:
    return Type(Kind.ROWS, shape.document, optional=False, shape=shape)


def _back(documents: Mapping[str, Document], field: Field, referring: Shape) -> None:
    target = documents.get(field.type.of)
    if field.back and target is not None and field.type.kind in (Kind.REF, Kind.REFS):
        _fields(target).setdefault(field.back, _rows(referring))


def _history(document: Document) -> Shape:
    fields = {
        "version": SYSTEM_FIELDS["version"], "at": SYSTEM_FIELDS["changed_at"], "actor": TEXT, "event": TEXT,
        "from_state": TEXT, "to_state": TEXT, "comment": TEXT, "on_behalf": TEXT,
        "document": Type(Kind.REF, document.id, optional=False),
    }  # fmt: skip
    return Shape(HISTORY, fields)
