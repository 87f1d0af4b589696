"""What the office tells a person on its pages: notices page by page, marked as read, and how many are new."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.usecases import inbox
from engine.usecases.inbox import NoticeView
from engine.usecases.internal import ERRAND
from engine.web.ages import age
from engine.web.doors import safe_target, signed_in
from engine.web.surroundings import actor, runtime, title

blueprint = Blueprint("notices", __name__)
PAGE = 20


@blueprint.get("/notices")
@signed_in
def page() -> str:
    """One page of notices, newest first; `?unread=1` the new ones alone."""
    given = request.args
    found = inbox.notices_page(
        runtime(),
        actor(),
        after=given.get("after", ""),
        backwards=given.get("back") == "1",
        unread_only=given.get("unread") == "1",
        limit=PAGE,
    )
    return render_template("notices.html", page=found, unread_only=given.get("unread") == "1", age=age, about=_about)


@blueprint.get("/notices/count")
@signed_in
def count() -> Response:
    """How many are new; what the pages ask again and again."""
    answer = make_response(jsonify(unread=inbox.unread(runtime(), actor())))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/notices/read")
@signed_in
def read_all() -> AnyResponse:
    """Mark all as read."""
    inbox.read_all(runtime(), actor())
    return redirect(safe_target(request.form.get("next") or url_for("notices.page")), 303)


@blueprint.post("/notices/<notice_id>")
@signed_in
def read(notice_id: str) -> AnyResponse:
    """Mark one as read, and go to what it is about; with `stay` back to where one was."""
    found = inbox.note_read(runtime(), actor(), notice_id)
    if request.form.get("stay"):
        return redirect(safe_target(request.form.get("stay")), 303)
    return redirect(target_of(found), 303)


def target_of(notice: NoticeView) -> str:
    """Where a notice leads."""
    if notice.document == ERRAND:
        return url_for("errands.errand", errand_id=notice.record_id)
    if notice.document in runtime().definitions.documents:
        return url_for("details.detail", document=notice.document, record_id=notice.record_id)
    return url_for("notices.page")


def _about(notice: NoticeView) -> str:
    """What kind of thing a notice is about."""
    declared = runtime().definitions.documents.get(notice.document)
    return title(declared.title) if declared is not None else ""
