"""The REST door for saved views of a list: kept, renamed, shared with roles, forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response
from werkzeug.exceptions import BadRequest

from engine.problems import Finding, Refused
from engine.usecases import listing, saved
from engine.usecases.saved import LONGEST_QUERY, SavedFilter
from engine.usecases.views import ListRequest
from engine.web.bearer import with_token
from engine.web.list_requests import FILTER, arguments_of
from engine.web.live import json_body, mapping, names_of
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("rest_views", __name__, url_prefix="/api/v1")
Json = dict[str, Any]


@blueprint.get("/<document>/views")
@with_token
def views(document: str) -> Response:
    """The account's own views, then those shared with it."""
    listing.readable_document(runtime(), actor(), document)
    return make_response(jsonify([view_json(one) for one in saved.saved_filters(runtime(), actor(), document)]))


@blueprint.post("/<document>/views")
@with_token
def save(document: str) -> Response:
    """Keep a view: `{title, filters?, q?, sort?, roles?}`; the same title again replaces it."""
    given = json_body()
    filters = {str(name): str(text) for name, text in mapping(given.get("filters")).items()}
    text, sort = str(given.get("q") or ""), str(given.get("sort") or "")
    listing.list_documents(
        runtime(), actor(), ListRequest(document, filters, text, sort, limit=1)
    )  # what a list refuses
    told = {FILTER + name: value for name, value in filters.items()} | {"q": text, "sort": sort}
    query = urlencode({name: value for name, value in told.items() if value})
    if len(query) > LONGEST_QUERY:
        raise Refused((Finding("filters", {"zh": "筛选条件过长", "en": "the filters are too long"}, ("filters",)),))
    roles = names_of(given.get("roles"))
    view = saved.save_filter(runtime(), actor(), document, str(given.get("title") or ""), query, roles)
    return make_response(jsonify(view_json(view)), 201)


@blueprint.patch("/<document>/views/<view_id>")
@with_token
def change(document: str, view_id: str) -> Response:
    """Rename or share one's own view: `{title?, roles?}`."""
    given = json_body()
    if not {"title", "roles"} & given.keys():
        raise BadRequest("title or roles is expected")
    named(document, view_id)
    title = str(given["title"] or "") if "title" in given else None
    roles = names_of(given["roles"]) if "roles" in given else None
    view = saved.change_filter(runtime(), actor(), view_id, title=title, roles=roles)
    return make_response(jsonify(view_json(view)))


@blueprint.delete("/<document>/views/<view_id>")
@with_token
def drop(document: str, view_id: str) -> Response:
    """Forget one's own view."""
    named(document, view_id)
    saved.drop_filter(runtime(), actor(), view_id)
    return make_response("", 204)


def named(document: str, view_id: str) -> SavedFilter:
    """A view of a list that the account has or shares. Raises Refused(not_found)."""
    found = next((one for one in saved.saved_filters(runtime(), actor(), document) if one.id == view_id), None)
    if found is None:
        raise Refused((), kind="not_found")
    return found


def asked_by(view: SavedFilter) -> tuple[Mapping[str, str], str, str]:
    """What a view asks of its list: filters, text, order."""
    told = arguments_of(view.query)
    filters = {name.removeprefix(FILTER): text for name, text in told.items() if name.startswith(FILTER)}
    return filters, told.get("q", ""), told.get("sort", "")


def view_json(view: SavedFilter) -> Json:
    """A saved view as JSON."""
    filters, text, sort = asked_by(view)
    told: Json = {"filters": dict(filters), "q": text, "sort": sort}
    return {"id": view.id, "title": view.title, **told, "roles": list(view.roles), "mine": view.mine}
