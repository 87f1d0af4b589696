"""The REST door for notices: page by page, marked one by one or all at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from engine.usecases import inbox
from engine.usecases.inbox import NoticeView
from engine.web.bearer import with_token
from engine.web.submission import whole
from engine.web.surroundings import actor, runtime, say

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
    """A notice as JSON."""
    return {
        "id": notice.id,
        "text": notice.text,
        "at": notice.at.isoformat(),
        "document": notice.document or None,
        "record_id": notice.record_id or None,
        "read": notice.read,
    }


def notice_paths() -> dict[str, Any]:
    """The paths of notices in the description of the door (OpenAPI 3.1)."""
    given = [{"$ref": f"#/components/parameters/{name}"} for name in ("after", "before", "limit")]
    unread = {"name": "unread", "in": "query", "schema": {"type": "boolean"}}
    page = {
        "type": "object",
        "required": ["items", "unread", "next", "previous"],
        "properties": {
            "items": {"type": "array", "items": NOTICE},
            "unread": {"type": "integer", "minimum": 0},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
        },
    }
    marked = {"type": "object", "required": ["marked"], "properties": {"marked": {"type": "integer"}}}
    one = {"name": "notice", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "/_notices": {"get": _operation("notices", say("rest.notices"), page, [*given, unread])},
        "/_notices/read": {"post": _operation("notices.read", say("rest.notices_read"), marked, [])},
        "/_notices/{notice}": {"post": _operation("notice.read", say("rest.notice_read"), NOTICE, [one])},
    }


NOTICE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "text", "at", "document", "record_id", "read"],
    "properties": {
        "id": {"type": "string"},
        "text": {"type": "string"},
        "at": {"type": "string"},
        "document": {"type": ["string", "null"]},
        "record_id": {"type": ["string", "null"]},
        "read": {"type": "boolean"},
    },
}


def _operation(name: str, summary: str, schema: dict[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answer = {"description": summary, "content": {"application/json": {"schema": schema}}}
    refused = {"$ref": "#/components/responses/refused"}
    responses = {"200": answer, "default": refused}
    return {"operationId": name, "summary": summary, "parameters": parameters, "responses": responses}
