"""A list taken away as a file: CSV for programs, a workbook for people. A long one is made by the worker.

Filters, rights, masks and the person's own columns are those of the list.
"""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort, redirect, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.usecases import exports, taking_away
from engine.usecases.views import ListRequest
from engine.web.doors import signed_in
from engine.web.list_requests import list_request
from engine.web.surroundings import actor, runtime, title

blueprint = Blueprint("exports", __name__)


@blueprint.get("/d/<document>/export.<kind>")
@signed_in
def export(document: str, kind: str) -> Response:
    """All documents of a list as a file."""
    if kind not in taking_away.MEDIA:
        abort(404)
    wanted = list_request(document, request.args)
    response = _csv(wanted) if kind == "csv" else _workbook(wanted)
    declared = runtime().definitions.documents[document]
    name = f"{title(declared.title)}-{runtime().clock.now():%Y%m%d-%H%M}.{kind}"
    response.mimetype = taking_away.MEDIA[kind]
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _csv(wanted: ListRequest) -> Response:
    titles, rows = exports.export_rows(runtime(), actor(), wanted)
    return Response(stream_with_context(exports.csv_lines([title(one) for one in titles], rows)))


def _workbook(wanted: ListRequest) -> Response:
    titles, forms, rows = exports.export_cells(runtime(), actor(), wanted)
    name = title(runtime().definitions.documents[wanted.document].title)
    return Response(runtime().workbook.write(name, [title(one) for one in titles], rows, forms))


@blueprint.post("/d/<document>/export.<kind>")
@signed_in
def later(document: str, kind: str) -> AnyResponse:
    """Let the worker make the file of a long list."""
    begun = taking_away.start_export(runtime(), actor(), list_request(document, request.form), kind)
    return redirect(url_for("errands.errand", errand_id=begun.id), 303)
