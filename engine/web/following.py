"""What a form needs to work along in the browser: kinds and values of its fields, formulas, and what follows from what.

In: a FormView, after the projection. Out: plain JSON data. A value that the engine gives but people may overwrite is
left to the engine again once something that it follows from was changed later; `sources` says what that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import url_for

from engine.model.documents import Field
from engine.model.program import Path
from engine.usecases.views import EventView, FieldView, FormView
from engine.web.controls import plain_value
from engine.web.surroundings import runtime

MOST_CODES = 300
Json = dict[str, Any]


def live_data(view: FormView, *, posted: bool) -> Json:
    """Everything that the form's script reads once, when the page opens."""
    fields = [one for section in view.sections for one in section.fields]
    kinds = runtime().force.once("kinds", view.document, lambda: _kinds(view.document))
    return {
        "preview": url_for("live.preview", document=view.document, event=view.event.name),
        "draft": url_for("drafts.keep", document=view.document, event=view.event.name),
        "record_id": view.record_id,
        "version": view.version,
        "now": runtime().clock.now().isoformat(timespec="seconds"),
        "posted": posted,
        "formulas": {**view.formulas, "codes": _codes(view.document, view.formulas)},
        "fields": {one.name: kinds[one.name] for one in fields if not one.masked},
        "values": {one.name: plain_value(one) for one in fields if not one.masked and not one.field.is_table},
        "sources": _sources_of_fields(view.document, fields),
    }


def asking_data(document: str, event: EventView, record_id: str, version: int, *, posted: bool) -> Json:
    """What the script of a dialog reads that asks only what its event asks: conditions are worked out by the server."""
    return {
        "preview": url_for("live.preview", document=document, event=event.name),
        "draft": None,
        "record_id": record_id,
        "version": version,
        "now": runtime().clock.now().isoformat(timespec="seconds"),
        "posted": posted,
        "formulas": {},
        "fields": {},
        "values": {},
        "sources": {},
    }


def _kinds(document: str) -> Mapping[str, Json]:
    return {name: _kind(field) for name, field in runtime().definitions.documents[document].fields.items()}


def _kind(field: Field) -> Json:
    if field.is_table:
        return {"columns": {name: _plain_kind(column) for name, column in field.fields.items()}}
    return _plain_kind(field)


def _plain_kind(field: Field) -> Json:
    scale = field.scale if field.scale is not None else (2 if field.kind == "money" else None)
    return {"kind": field.kind, "scale": 0 if field.kind in {"integer", "counter"} else scale}


def _sources_of_fields(document: str, fields: list[FieldView]) -> Mapping[str, list[str]]:
    force = runtime().force
    given: Mapping[str, list[str]] = force.once("given fields", document, lambda: _given_fields(document))
    return {one.name: given[one.name] for one in fields if one.name in given and one.editable}


def _given_fields(document: str) -> Mapping[str, list[str]]:
    """The fields that the engine gives, with the fields that they follow from."""
    own = [name for name, field in runtime().definitions.documents[document].fields.items() if is_given(field)]
    found = {name: sorted({path[0] for path in sources(document, (name,))} - {name}) for name in own}
    return {name: names for name, names in found.items() if names}


def column_sources(document: str, table: FieldView) -> Mapping[str, list[int]]:
    """For each column that the engine gives and people may overwrite: the places of the columns it follows from."""
    places = {one.name: place for place, one in enumerate(table.columns)}
    found: dict[str, list[int]] = {}
    for one in table.columns:
        if not (one.editable and is_given(one.field)):
            continue
        read = sources(document, (table.name, one.name))
        beside = {path[1] for path in read if path[0] == table.name and len(path) == 2} - {one.name}
        found[one.name] = sorted(places[name] for name in beside if name in places)
    return found


def is_given(field: Field) -> bool:
    """Whether the engine gives a value: computed, looked up or copied."""
    return field.is_derived or field.copied is not None


def sources(document: str, path: Path) -> frozenset[Path]:
    """All that a field follows from, near and far."""
    program = runtime().force.programs.get(document)
    if program is None:
        return frozenset()
    found: set[Path] = set()
    ahead = {path}
    while ahead:
        ahead = {source for source, readers in program.dependents.items() if readers & ahead} - found
        found |= ahead
    return frozenset(found)


def _codes(document: str, formulas: Mapping[str, object]) -> Json:
    """Columns of short code lists that the formulas read: list, code, column."""
    found: Json = {}
    for list_id, column in runtime().force.once("columns read", document, lambda: set(_columns_read(formulas))):
        codes = runtime().definitions.codes.get(list_id)
        if codes is None or len(codes.entries) > MOST_CODES:
            continue
        today = runtime().clock.now().date().isoformat()
        for entry in codes.entries:
            if entry.dated.holds_on(today):
                value = entry.columns.get(column)
                plain = value if isinstance(value, bool) or value is None else str(value)
                found.setdefault(list_id, {}).setdefault(entry.code, {})[column] = plain
    return found


def _columns_read(tree: object) -> Iterator[tuple[str, str]]:
    if isinstance(tree, Mapping):
        if isinstance(tree.get("list_id"), str) and isinstance(tree.get("column"), str):
            yield tree["list_id"], tree["column"]
        for inner in tree.values():
            yield from _columns_read(inner)
    elif isinstance(tree, list | tuple):
        for inner in tree:
            yield from _columns_read(inner)
