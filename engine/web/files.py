"""Attachments and prints: taken in, made, and handed out. What a browser could run is never shown inside a page."""

from __future__ import annotations

from typing import BinaryIO, cast

from flask import Blueprint, Response, jsonify, make_response, redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from engine.documents.field_kinds import json_of
from engine.model.values import StoredFile
from engine.problems import Refused
from engine.usecases import batches, files, prints
from engine.web.bearer import recognise_token
from engine.web.doors import recognise, signed_in
from engine.web.handing import handed
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("files", __name__)
_AROUND = 1 << 16
"""Bytes that a form puts around a file."""
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
    named, event = tuple(path.split(".")), request.args.get("event", "")
    with sent.stream:
        about = document, named, cast(BinaryIO, sent.stream), sent.filename, event
        stored = files.take_upload(runtime(), actor(), *about)
    return json_of(stored, "file")


def allowed() -> int:
    """Bytes that the body of this request may have, whatever others may, where its field takes as much and whoever
    brings it may bring files for it; else 0. Of whoever is unknown nothing large is read."""
    known = {"files.upload": recognise, "rest.upload": recognise_token}.get(request.endpoint or "")
    if known is None or not known():
        return 0
    about = request.view_args or {}
    named, event = tuple(about["path"].split(".")), request.args.get("event", "")
    try:
        field = files.taking(runtime(), actor(), about["document"], named, event)
    except Refused:
        return 0
    return files.largest(field) + _AROUND if field.max_size else 0


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


def _answer(stored: StoredFile, content: BinaryIO) -> Response:
    """Shown in the browser only where that is harmless."""
    return handed(stored, content, shown=stored.media in SHOWN and "download" not in request.args)


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
