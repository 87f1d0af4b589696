"""Drafts at the pages: kept while somebody types, opened again, given up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from engine.usecases import drafts
from engine.web.carried import address_of, carried, request_of
from engine.web.doors import safe_target, signed_in
from engine.web.incoming import read_json
from engine.web.live import json_body
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("drafts", __name__)


@blueprint.post("/d/<document>/draft/<event>")
@signed_in
def keep(document: str, event: str) -> Any:
    """Keep what a form holds: `{record_id, version, raw, asked, changed, key}` -> `{id, at}`.

    A form sent here by a button, say after the session had ended, is kept and opened again.
    """
    body = json_body() if request.is_json else read_json(carried() or "{}")
    try:
        sent = request_of({**body, "document": document, "event": event})
    except (KeyError, TypeError):
        raise BadRequest("a form is expected") from None
    draft = drafts.keep(runtime(), actor(), sent)
    if not request.is_json:
        return redirect(address_of(draft), 303)
    return {"id": draft.id, "at": draft.at.strftime("%H:%M")}


@blueprint.get("/drafts/<draft_id>")
@signed_in
def go_on(draft_id: str) -> Response:
    """Open the form of a draft."""
    return redirect(address_of(drafts.opened(runtime(), actor(), draft_id)))


@blueprint.post("/drafts/<draft_id>/drop")
@signed_in
def drop(draft_id: str) -> Response:
    """Give a draft up."""
    drafts.drop(runtime(), actor(), draft_id)
    return redirect(safe_target(request.form.get("next")), 303)
