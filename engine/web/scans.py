"""Scanned paper brought in: many files at a time, what became of each page, pages that wait for a hand."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from engine.problems import Refused
from engine.usecases import page_filing, scans
from engine.usecases.scans import ScanView
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime, say, text_of

blueprint = Blueprint("scans", __name__)
TONES = {
    "waiting": "moving", "done": "done", "failed": "late",
    "filed": "done", "unread": "waiting", "refused": "late", "aside": "stopped",
}  # fmt: skip


@blueprint.get("/scans")
@signed_in
def page() -> AnyResponse:
    """Where scans are brought, what waits, what came lately; only for who files paper."""
    forms = scans.scanned_forms(runtime(), actor())
    if not forms:
        abort(404)
    return make_response(
        render_template(
            "scans.html",
            forms=forms,
            waiting=scans.open_pages(runtime(), actor()),
            found=scans.my_scans(runtime(), actor()),
            tones=TONES,
        )
    )


@blueprint.post("/scans")
@signed_in
def take() -> AnyResponse:
    """Take one file; the answer says where to ask what becomes of it."""
    view = taken()
    return make_response(jsonify({"id": view.id, "part": url_for("scans.part", scan_id=view.id)}), 201)


def taken() -> ScanView:
    """The scan of this request, kept."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadRequest("a part named file is expected")
    with sent.stream:  # one byte more than the largest says that it is too large
        content = sent.stream.read(scans.LARGEST + 1)
    return scans.take_scan(runtime(), actor(), content, sent.filename)


@blueprint.get("/scans/<scan_id>")
@signed_in
def part(scan_id: str) -> str:
    """One scan and its pages: asked for again until it has been read."""
    return render_template("scan_part.html", scan=scans.scan_view(runtime(), actor(), scan_id), tones=TONES)


@blueprint.get("/scans/pages/<page_id>.jpg")
@signed_in
def picture(page_id: str) -> Response:
    """The picture of a page; `?small` for the list."""
    content = scans.picture_of(runtime(), actor(), page_id, small="small" in request.args)
    response = Response(content, mimetype="image/jpeg")
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


@blueprint.post("/scans/pages/<page_id>")
@signed_in
def by_hand(page_id: str) -> AnyResponse:
    """File a page by hand: `print` and `number`; or put it aside (`aside`)."""
    given = request.form
    try:
        if "aside" in given:
            scans.put_aside(runtime(), actor(), page_id)
            flash(say("scan.put_aside"), "done")
        else:
            page_filing.file_by_hand(runtime(), actor(), page_id, given.get("print", ""), given.get("number", ""))
            flash(say("scan.filed_by_hand", number=given.get("number", "").strip()), "done")
    except Refused as refused:
        if not refused.findings:
            raise
        flash("；".join(text_of(one) for one in refused.findings), "error")
    return redirect(url_for("scans.page"), 303)
