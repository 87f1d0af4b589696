"""What forms ask while one types: computed values, conditions and findings of the whole document, options of pickers.

JSON in, JSON out; nothing is stored. Only what differs from what was sent goes back for child tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Blueprint, request, url_for
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from engine.model.types import Kind
from engine.problems import Finding
from engine.usecases import choosing, forms
from engine.usecases.views import EventRequest, FieldView, FormView
from engine.web.controls import plain_value, text_for_input
from engine.web.doors import signed_in
from engine.web.envelope import finding_json
from engine.web.form_pages import ASKED_ROOM
from engine.web.grids import grid_rows
from engine.web.incoming import read_json
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("live", __name__)
Json = dict[str, Any]
MOST_ROWS = 200
WORDED = {Kind.CODE, Kind.CODES, Kind.REF, Kind.REFS}


@blueprint.post("/d/<document>/preview/<event>")
@signed_in
def preview(document: str, event: str) -> Any:
    """`{record_id, version, raw, asked, changed}` -> `{fields, asked, tables, sections, findings}`."""
    body = json_body()
    raw, asked = mapping(body.get("raw")), mapping(body.get("asked"))
    record_id, version = body.get("record_id"), body.get("version")
    view = forms.preview(
        runtime(),
        actor(),
        EventRequest(
            document,
            event,
            record_id=str(record_id) if record_id else None,
            version=version if isinstance(version, int) else None,
            raw=raw,
            asked=asked,
            changed=names_of(body.get("changed")),
        ),
    )
    return preview_json(view, raw, asked)


@blueprint.post("/d/<document>/options/<path>")
@signed_in
def options(document: str, path: str) -> Any:
    """`{text, event, form: {record_id, raw, asked, row}}` -> `[[value, title, note, named?]]`; only `text` is needed.

    The path of a column is `table.column`. Without `form` no document is at hand, as before a filter of a list.
    """
    body = json_body()
    found = choosing.options(
        runtime(),
        actor(),
        document,
        tuple(path.split(".")),
        str(body.get("text") or ""),
        str(body.get("event") or ""),
        filling_of(body.get("form")),
    )
    return [[one.value, one.title, one.note, *([True] if one.named else [])] for one in found]


def json_body() -> Json:
    """The request's JSON object."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        body = read_json(request.get_data())
    except ValueError as fault:
        raise BadRequest(f"not readable as JSON: {fault}"[:200]) from None
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is expected")
    return body


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def filling_of(value: object) -> choosing.Filling | None:
    """The form that a picker stands in, where it stands in one."""
    if not isinstance(value, dict):
        return None
    record_id, row = value.get("record_id"), value.get("row")
    return choosing.Filling(
        str(record_id) if record_id else None,
        mapping(value.get("raw")),
        mapping(value.get("asked")),
        row if isinstance(row, int) else None,
    )


def names_of(value: object) -> tuple[str, ...]:
    """A JSON list of names, or none."""
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


def preview_json(view: FormView, raw: Mapping[str, object], asked: Mapping[str, object]) -> Json:
    """What the form's script puts on the page."""
    fields = [one for section in view.sections for one in section.fields]
    return {
        "fields": {one.name: _field(one, raw) for one in fields},
        "asked": {one.name: _field(one, asked) | {"findings": _asked_told(view, one)} for one in view.event.ask},
        "tables": {one.name: _table(one, raw.get(one.name)) for one in fields if one.field.is_table},
        "sections": [section.shown for section in view.sections],
        "findings": [finding_json(one) for one in view.findings],
    }


def _field(view: FieldView, raw: Mapping[str, object]) -> Json:
    found: Json = {"shown": view.shown, "required": view.required, "findings": _told(view.findings)}
    if view.field.is_table or view.field.kind in {"file", "image", "password"}:
        return found
    misread = view.editable and view.value is None and raw.get(view.name) not in (None, "", [])
    if not misread:  # a text that could not be read stays as typed
        found["value"] = plain_value(view)
        found["text"] = view.text
    return found


def _table(view: FieldView, raw: object) -> Json:
    """Cells `[row, column, value, text]` that are not as sent, and columns that the engine gives; whole rows where none
    were sent and it is worth it."""
    told = (one for row in view.rows for cell in row.values() for one in cell.findings)
    found: Json = {
        "ids": list(view.row_ids),
        "cells": [],
        "shown": view.shown,
        "findings": _told(view.findings),
        "cell_findings": [finding_json(one) | {"at": list(one.at[1:])} for one in told],
    }
    if isinstance(raw, list):
        found["cells"] = _cells(view, [row for row in raw if isinstance(row, dict)])
        found["given"] = _given_columns(view)
    elif view.field.filled is not None or len(view.rows) <= MOST_ROWS:
        found["rows"] = grid_rows(view)
    return found


def _cells(view: FieldView, sent: Sequence[Mapping[str, object]]) -> list[list[object]]:
    """Cells that people may change and that are not as they were sent."""
    open_to = [(place, one.name) for place, one in enumerate(view.columns) if one.editable]
    cells: list[list[object]] = []
    for index, row in enumerate(view.rows):
        typed = sent[index] if index < len(sent) else {}
        for place, name in open_to:
            cell = row[name]
            if cell.value is None and typed.get(name) not in (None, ""):
                continue  # what could not be read stays as typed
            value = text_for_input(cell)
            if not _same(typed.get(name), value, cell):
                cells.append([index, place, value, cell.text])
    return cells


def _given_columns(view: FieldView) -> dict[int, Json]:
    """Whole columns that the engine gives, by place: values, and wordings where these say more."""
    found: dict[int, Json] = {}
    for place, one in enumerate(view.columns):
        if not one.editable:
            cells = [row[one.name] for row in view.rows]
            found[place] = {"values": [text_for_input(cell) for cell in cells]}
            if one.field.type.kind in WORDED:
                found[place]["texts"] = [cell.text for cell in cells]
    return found


def _same(typed: object, value: str, cell: FieldView) -> bool:
    """Whether a cell is as it was sent; `1.5` is `1.5000`."""
    text = "" if typed is None else str(typed)
    if text == value or not isinstance(cell.value, Decimal | int):
        return text == value
    try:
        return Decimal(text.replace(",", "")) == cell.value
    except InvalidOperation:
        return False


def _asked_told(view: FormView, asked: FieldView) -> list[Mapping[str, object]]:
    return _told([one for one in view.findings if one.at == (ASKED_ROOM, asked.name)])


def _told(findings: Sequence[Finding]) -> list[Mapping[str, object]]:
    return [{**finding_json(one), **_way(one)} for one in findings]


def _way(finding: Finding) -> Mapping[str, object]:
    """The address of the record that a finding speaks of."""
    if not finding.about:
        return {}
    document, record_id = finding.about
    return {"about": url_for("details.detail", document=document, record_id=record_id)}
