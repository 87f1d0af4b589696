"""The REST door for imports: sheets, templates, a file or pasted rows, findings by cell, all rows or the good ones.

An import is tried out as soon as it is sent; a large one answers with `checking` and is asked for again.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from werkzeug.exceptions import BadRequest

from engine.problems import Refused
from engine.sheets.findings import CellFinding
from engine.usecases import imports, sheets
from engine.usecases.imports import ALL, GOOD_ONES, ImportView
from engine.usecases.sheets import SheetView
from engine.web.bearer import with_token
from engine.web.live import json_body
from engine.web.sheets import brought, workbook
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("rest_sheets", __name__, url_prefix="/api/v1")
Json = dict[str, Any]


@blueprint.get("/<document>/sheets")
@with_token
def known(document: str) -> Response:
    """The sheets by which the account may import."""
    return make_response(jsonify([_sheet_json(one) for one in sheets.sheets_of(runtime(), actor(), document)]))


@blueprint.get("/<document>/sheets/<sheet>/template")
@with_token
def template(document: str, sheet: str) -> Response:
    """An empty workbook to be filled in."""
    _, content = sheets.template(runtime(), actor(), document, sheet)
    return workbook(content, f"{sheet}-template")


@blueprint.post("/<document>/sheets/<sheet>/imports")
@with_token
def begin(document: str, sheet: str) -> Response:
    """Send a file as `multipart/form-data` (part `file`), or rows apart by tabs as `text/plain`."""
    text = request.get_data(as_text=True) if request.mimetype.startswith("text/") else ""
    view = brought(document, sheet, text)
    answer = make_response(jsonify(import_json(view)), 202 if view.is_running else 201)
    answer.headers["Location"] = url_for("rest_sheets.read", document=document, import_id=view.id)
    return answer


@blueprint.get("/<document>/imports")
@with_token
def recent(document: str) -> Response:
    """The account's own imports of late, newest first."""
    if not sheets.sheets_of(runtime(), actor(), document):
        raise Refused((), kind="not_found")
    return make_response(jsonify([import_json(one) for one in imports.recent(runtime(), actor(), document)]))


@blueprint.get("/<document>/imports/<import_id>")
@with_token
def read(document: str, import_id: str) -> Response:
    """What came of an import."""
    return make_response(jsonify(import_json(imports.read(runtime(), actor(), document, import_id))))


@blueprint.post("/<document>/imports/<import_id>/take")
@with_token
def take(document: str, import_id: str) -> Response:
    """Import: `{which: all | good}`."""
    which = json_body().get("which")
    if which not in (ALL, GOOD_ONES):
        raise BadRequest(f"which must be {ALL} or {GOOD_ONES}")
    view = imports.take(runtime(), actor(), document, import_id, which)
    return make_response(jsonify(import_json(view)), 202 if view.is_running else 200)


@blueprint.get("/<document>/imports/<import_id>/marked")
@with_token
def marked(document: str, import_id: str) -> Response:
    """The sheet that came, its bad cells marked."""
    _, content = imports.marked(runtime(), actor(), document, import_id)
    return workbook(content, f"{import_id}-marked")


@blueprint.delete("/<document>/imports/<import_id>")
@with_token
def drop(document: str, import_id: str) -> Response:
    """Forget what was sent."""
    imports.drop(runtime(), actor(), document, import_id)
    return make_response("", 204)


def _sheet_json(view: SheetView) -> Json:
    columns = [{"head": one.head, "required": one.is_needed} for one in view.columns]
    return {"id": view.id, "title": view.title.texts(), "columns": columns}


def import_json(view: ImportView) -> Json:
    """An import with the first of its findings."""
    counts = ("rows", "good", "found", "known", "bad", "taken", "refused")
    return {
        "id": view.id,
        "sheet": view.sheet,
        "status": view.status,
        "progress": round(view.progress, 3),
        **{name: getattr(view, name) for name in counts},
        "findings": [_finding_json(one) for one in view.findings],
        "findings_total": view.told,
    }


def _finding_json(one: CellFinding) -> Json:
    text = one.text.get(actor().language) or one.text["zh"]
    found: Json = {"cell": one.address, "page": one.page or None, "head": one.head}
    found |= {"row": one.line or None, "column": one.column or None}
    return found | {"code": one.code, "level": str(one.level), "text": text, "value": one.value}
