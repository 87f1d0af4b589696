"""What a person keeps of a list: saved views, which one opens by itself, columns and their widths."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from engine.problems import Refused
from engine.usecases import preferences, saved
from engine.usecases.views import ListRequest
from engine.web.doors import safe_target, signed_in
from engine.web.list_requests import arguments_of, list_link
from engine.web.live import json_body
from engine.web.submission import whole
from engine.web.surroundings import actor, runtime, say, text_of

blueprint = Blueprint("list_views", __name__)


@blueprint.post("/d/<document>/views")
@signed_in
def save(document: str) -> AnyResponse:
    """Keep the list as it is shown, under a name; perhaps for the roles one holds, perhaps as what opens."""
    given = request.form
    query = given.get("query", "")
    try:
        view = saved.save_filter(runtime(), actor(), document, given.get("title", ""), query, given.getlist("role"))
    except Refused as refusal:
        return _told(refusal, list_link(ListRequest(document), **arguments_of(query)))
    if given.get("opening"):
        preferences.choose_view(runtime(), actor(), document, view.id)
    flash(say("view.saved", what=view.title), "done")
    return redirect(list_link(ListRequest(document), view.id, **arguments_of(view.query)), 303)


@blueprint.post("/d/<document>/views/<view_id>")
@signed_in
def change(document: str, view_id: str) -> AnyResponse:
    """Rename, share or forget a view, or choose what opens; `act` says which."""
    given, act = request.form, request.form.get("act", "")
    back = safe_target(given.get("next"))
    try:
        if act == "drop":
            saved.drop_filter(runtime(), actor(), view_id)
            flash(say("view.dropped"), "done")
            return redirect(list_link(ListRequest(document)), 303)
        if act in {"open", "unopen"}:
            preferences.choose_view(runtime(), actor(), document, view_id if act == "open" else "")
        else:
            saved.change_filter(runtime(), actor(), view_id, title=given.get("title"), roles=given.getlist("role"))
    except Refused as refusal:
        return _told(refusal, back)
    flash(say("view.changed"), "done")
    return redirect(back, 303)


@blueprint.post("/d/<document>/columns")
@signed_in
def columns(document: str) -> AnyResponse:
    """The columns from now on, in the order in which they were sent; `reset` goes back to the definition's."""
    chosen = [] if request.form.get("reset") else request.form.getlist("column")
    preferences.choose_columns(runtime(), actor(), document, chosen)
    return redirect(safe_target(request.form.get("next")), 303)


@blueprint.post("/d/<document>/widths")
@signed_in
def width(document: str) -> Response:
    """The width of one column from now on: `{column, width}`."""
    body = json_body()
    preferences.choose_width(
        runtime(), actor(), document, str(body.get("column", "")), whole(str(body.get("width"))) or 0
    )
    return make_response("", 204)


def _told(refusal: Refused, back: str) -> AnyResponse:
    """What was refused, told on the list it came from; what is not there at all goes the usual way."""
    if refusal.kind == "not_found":
        raise refusal
    flash(" ".join(text_of(finding) for finding in refusal.findings), "error")
    return redirect(back, 303)
