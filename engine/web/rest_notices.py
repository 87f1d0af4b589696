"""The REST door for notices: page by page, marked one by one or all at once."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from engine.usecases import inbox
from engine.usecases.inbox import NoticeView
from engine.usecases.internal import is_internal
from engine.web.bearer import with_token
from engine.web.submission import whole
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("rest_notices", __name__, url_prefix="/api/v1")


@blueprint.get("/_notices")
@with_token
def notices() -> Response:
    """One page, newest first: `after`, `before`, `limit`; `unread=true` the new ones alone."""
    given = request.args
    found = inbox.notices_page(
        runtime(),
        actor(),
        after=given.get("before") or given.get("after", ""),
        backwards="before" in given,
        unread_only=given.get("unread") == "true",
        limit=whole(given.get("limit")) or 20,
    )
    items = [notice_json(one) for one in found.notices]
    page = {"items": items, "unread": found.unread, "next": found.next or None, "previous": found.previous or None}
    return make_response(jsonify(page))


@blueprint.post("/_notices/read")
@with_token
def read_all() -> Response:
    """Mark all as read: how many were new."""
    return make_response(jsonify({"marked": inbox.read_all(runtime(), actor())}))


@blueprint.post("/_notices/<notice_id>")
@with_token
def read(notice_id: str) -> Response:
    """Mark one as read."""
    return make_response(jsonify(notice_json(inbox.note_read(runtime(), actor(), notice_id))))


def notice_json(notice: NoticeView) -> dict[str, object]:
    """A notice as JSON; what the engine keeps for itself is no document."""
    about = None if is_internal(notice.document) else notice.document or None
    return {
        "id": notice.id,
        "text": notice.text,
        "at": notice.at.isoformat(),
        "document": about,
        "record_id": notice.record_id or None if about else None,
        "read": notice.read,
    }
