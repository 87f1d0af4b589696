"""The REST door for the life of one document: what could be raised now, and what has happened."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from engine.model.formula import Title
from engine.usecases import reading
from engine.usecases.views import EventView, HistoryView
from engine.web.bearer import with_token
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("rest_life", __name__, url_prefix="/api/v1")
Json = dict[str, object]


@blueprint.get("/<document>/<record_id>/events")
@with_token
def events(document: str, record_id: str) -> Response:
    """Events that the account could raise now; `refusal` says why one is not allowed."""
    view = reading.read_document(runtime(), actor(), document, record_id)
    return make_response(jsonify([event_json(one) for one in view.events]))


@blueprint.get("/<document>/<record_id>/history")
@with_token
def history(document: str, record_id: str) -> Response:
    """Steps, newest first; changes only of fields that the account may read."""
    view = reading.read_document(runtime(), actor(), document, record_id)
    return make_response(jsonify([step_json(one) for one in view.history]))


def event_json(one: EventView) -> Json:
    """An event that could be raised."""
    asks = [{"name": ask.name, "title": ask.title.texts(), "required": ask.required} for ask in one.ask]
    told: Json = {"event": one.name, "title": one.title.texts(), "allowed": one.allowed}
    return {**told, "refusal": one.refusal, "asks": asks}


def step_json(one: HistoryView) -> Json:
    """A step of the history."""
    return {
        "at": one.at.isoformat(),
        "who": one.who,
        "event": one.event.texts(),
        "from": _texts(one.from_state),
        "to": _texts(one.to_state),
        "changes": [{"title": title.texts(), "before": old, "after": new} for title, old, new in one.changes],
        "comment": one.comment,
        "on_behalf": one.on_behalf,
    }


def _texts(title: Title | None) -> object:
    return None if title is None else title.texts()
