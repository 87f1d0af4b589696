"""Importing at the pages: the template, a file or pasted rows, what is wrong with which cell, taking the good rows.

A page without scripts works too; while the worker is at it, the result asks for itself anew.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.problems import Refused
from engine.usecases import imports, sheets
from engine.usecases.imports import ImportView
from engine.usecases.sheet_foresight import judging_later
from engine.usecases.sheet_templates import templates
from engine.usecases.sheets import SheetView
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say, text_of, title

blueprint = Blueprint("sheets", __name__)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACCEPTED = ".xlsx,.xls,.csv,.tsv,.txt"


@blueprint.get("/d/<document>/import")
@signed_in
def page(document: str) -> AnyResponse:
    """Where an import begins."""
    return _page(document, request.args.get("sheet", ""))


@blueprint.get("/d/<document>/import/<sheet>/template.xlsx")
@signed_in
def template(document: str, sheet: str) -> Response:
    """An empty workbook to be filled in."""
    view, content = sheets.template(runtime(), actor(), document, sheet)
    return workbook(content, f"{title(view.title)}-{say('sheets.template')}")


@blueprint.get("/d/<document>/import/templates.zip")
@signed_in
def all_templates(document: str) -> Response:
    """The templates of all sheets of the document's system by which the person may import, packed."""
    named, content = templates(runtime(), actor(), document)
    made = Response(content, mimetype="application/zip")
    stem = f"{title(named)}-{say('sheets.template')}"
    made.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stem)}.zip"
    return made


@blueprint.post("/d/<document>/import/<sheet>")
@signed_in
def bring(document: str, sheet: str) -> AnyResponse:
    """Take a file or pasted rows in; what is wrong with the whole is told on the page it came from."""
    text = request.form.get("text", "")
    try:
        begun = brought(document, sheet, text)
    except Refused as refusal:
        if refusal.kind != "findings":
            raise
        return _page(document, sheet, [text_of(one) for one in refusal.findings], text)
    return redirect(url_for("sheets.result", document=document, import_id=begun.id), 303)


def brought(document: str, sheet: str, text: str) -> ImportView:
    """The import that this request begins."""
    if text.strip():
        return sheets.paste(runtime(), actor(), document, sheet, text)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return sheets.begin(runtime(), actor(), document, sheet, b"", "")
    with sent.stream:  # one byte more than the largest says that it is too large
        content = sent.stream.read(sheets.LARGEST + 1)
    return sheets.begin(runtime(), actor(), document, sheet, content, sent.filename)


@blueprint.get("/d/<document>/imports/<import_id>")
@signed_in
def result(document: str, import_id: str) -> AnyResponse:
    """What came of it; the part that changes alone where a script asks for it."""
    view = imports.read(runtime(), actor(), document, import_id)
    name = "sheet_result_parts.html" if request.headers.get("HX-Request") else "sheet_result.html"
    before = imports.sent_before(runtime(), actor(), view) if not view.is_running else None
    declared = runtime().definitions.documents[document]
    later = _joint().join(title(one) for one in judging_later(runtime(), view.sheet))
    return make_response(
        render_template(
            name, view=view, before=before, document_title=declared.title, told_text=text_of_cell, later=later
        )
    )


def text_of_cell(texts: dict[str, str]) -> str:
    """A finding's text in the language of the page."""
    return texts.get(actor().language) or texts["zh"]


@blueprint.get("/d/<document>/imports/<import_id>/marked.xlsx")
@signed_in
def marked(document: str, import_id: str) -> Response:
    """The sheet that came, its bad cells marked."""
    name, content = imports.marked(runtime(), actor(), document, import_id)
    stem = name.rpartition(".")[0] or title(runtime().definitions.documents[document].title)
    return workbook(content, f"{stem}-{say('sheets.marked')}")


@blueprint.post("/d/<document>/imports/<import_id>/take")
@signed_in
def take(document: str, import_id: str) -> AnyResponse:
    """Import all rows, or the good ones."""
    which = imports.ALL if request.form.get("which") == imports.ALL else imports.GOOD_ONES
    imports.take(runtime(), actor(), document, import_id, which)
    return redirect(url_for("sheets.result", document=document, import_id=import_id), 303)


@blueprint.post("/d/<document>/imports/<import_id>/drop")
@signed_in
def drop(document: str, import_id: str) -> AnyResponse:
    """Forget what was sent."""
    imports.drop(runtime(), actor(), document, import_id)
    flash(say("sheets.dropped"), "done")
    return redirect(url_for("sheets.page", document=document), 303)


def workbook(content: bytes, stem: str) -> Response:
    """A workbook to be kept."""
    response = Response(content, mimetype=WORKBOOK)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(stem)}.xlsx"
    return response


def _page(document: str, chosen: str, told: list[str] | None = None, text: str = "") -> AnyResponse:
    known = sheets.sheets_of(runtime(), actor(), document)
    if not known:
        raise Refused((), kind="not_found")
    view: SheetView = next((one for one in known if one.id == chosen), known[0])
    found = render_template(
        "sheet_import.html",
        view=view,
        sheets=known,
        told=told or [],
        text=text,
        accepted=ACCEPTED,
        recent=imports.recent(runtime(), actor(), document),
    )
    return make_response(found, 422 if told else 200)


def _joint() -> str:
    """What stands between titles in a row."""
    return "、" if actor().language == "zh" else ", "
