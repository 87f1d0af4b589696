"""What computed fields say of themselves on demand: made once for each document type and language, then kept."""

from __future__ import annotations

from collections.abc import Mapping

from engine.documents.explained import explanation
from engine.model.documents import Field
from engine.usecases.views import FieldView
from engine.web.controls import How
from engine.web.following import is_given
from engine.web.surroundings import language, runtime


def explained(document: str, table: str = "") -> How:
    """How each computed field of a document, or column of a child table, comes by its value."""
    texts = runtime().force.once(f"explained {language()}", document, lambda: _texts(document))

    def of(view: FieldView) -> str:
        return "" if view.editable else texts.get((table, view.name), "")

    return of


def _texts(document: str) -> Mapping[tuple[str, str], str]:
    documents = runtime().definitions.documents
    if document not in documents:
        return {}
    fields, found = documents[document].fields, {}
    for name, field in fields.items():
        if is_given(field):
            found["", name] = explanation(field, fields, documents, language())
        found.update(_columns(name, field.fields, {**fields, **field.fields}))
    return found


def _columns(table: str, columns: Mapping[str, Field], around: Mapping[str, Field]) -> Mapping[tuple[str, str], str]:
    documents = runtime().definitions.documents
    return {
        (table, name): explanation(column, around, documents, language())
        for name, column in columns.items()
        if is_given(column)
    }
