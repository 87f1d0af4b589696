"""Attachments and prints: taken in, made, and handed out. What a browser could run is never shown inside a page."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from engine.documents.field_kinds import json_of
from engine.model.values import StoredFile
from engine.usecases import batches, files, prints
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("files", __name__)
SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"}


@blueprint.post("/d/<document>/upload/<path>")
@signed_in
def upload(document: str, path: str) -> AnyResponse:
    """Take one file in for a field; the answer is what the form sends back with the other values."""
    return make_response(jsonify(take(document, path)), 201)


def take(document: str, path: str) -> object:
    """The uploaded file of this request, kept; as JSON. `?event=` says that the event asks for it."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadRequest("a part named file is expected")
    with sent.stream:  # one byte more than the largest says that it is too large
        content = sent.stream.read(files.LARGEST + 1)
    named, event = tuple(path.split(".")), request.args.get("event", "")
    stored = files.take_upload(runtime(), actor(), document, named, content, sent.filename, event)
    return json_of(stored, "file")


@blueprint.get("/d/<document>/<record_id>/files/<file_hash>")
@signed_in
def file(document: str, record_id: str, file_hash: str) -> AnyResponse:
    """The bytes of an attachment or print of a document that the actor may read."""
    return hand_out(document, record_id, file_hash)


@blueprint.get("/uploads/<file_hash>")
@signed_in
def uploaded(file_hash: str) -> AnyResponse:
    """One's own upload, looked at before its form is sent."""
    return _answer(*files.open_upload(runtime(), actor(), file_hash))


def hand_out(document: str, record_id: str, file_hash: str) -> Response:
    """A file of a document as an answer."""
    return _answer(*prints.open_file(runtime(), actor(), document, record_id, file_hash))


def _answer(stored: StoredFile, content: bytes) -> Response:
    """Shown in the browser only where that is harmless, and then with nothing that it could load or run."""
    response = Response(content, mimetype=stored.media)
    way = "inline" if stored.media in SHOWN and "download" not in request.args else "attachment"
    response.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{quote(stored.name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
    return response


@blueprint.post("/d/<document>/<record_id>/prints/<print_id>")
@signed_in
def make(document: str, record_id: str, print_id: str) -> AnyResponse:
    """Make a print, or take the archived one again, and open it."""
    again = request.form.get("again") == "1"
    about = document, record_id, print_id
    if batches.is_bundle(runtime(), print_id):
        stored = batches.start_bundle(runtime(), actor(), *about, again=again)
        if isinstance(stored, str):
            return redirect(url_for("batches.batch", batch_id=stored), 303)
    else:
        stored = prints.make_print(runtime(), actor(), *about, again=again)
    where = url_for("files.file", document=document, record_id=record_id, file_hash=stored.hash)
    return redirect(where, 303)
