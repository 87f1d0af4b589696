"""The REST door for signatures, search and the list of document types: names with an underscore, as no document has."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from engine.usecases import listing, search, tasks
from engine.usecases.views import TaskView
from engine.web.bearer import with_token
from engine.web.live import json_body
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("rest_tasks", __name__, url_prefix="/api/v1")


@blueprint.get("/_documents")
@with_token
def kinds() -> Response:
    """Document types that the account may read."""
    found = [
        {"document": one.id, "title": one.title.texts()}
        for one in runtime().definitions.documents.values()
        if listing.document_rights(runtime(), actor(), one).in_general().any
    ]
    return make_response(jsonify(found))


@blueprint.get("/_tasks")
@with_token
def waiting() -> Response:
    """Tasks that wait for the account's signature."""
    return make_response(jsonify([task_json(one) for one in tasks.my_tasks(runtime(), actor())]))


@blueprint.post("/_tasks/<task_id>")
@with_token
def decide(task_id: str) -> Response:
    """Sign: `{outcome: agree | refuse | return, comment?}`."""
    body = json_body()
    outcome = tasks.decide(runtime(), actor(), task_id, str(body.get("outcome") or ""), str(body.get("comment") or ""))
    return make_response(
        jsonify(
            {"document": outcome.document, "id": outcome.record_id, "state": outcome.state, "version": outcome.version}
        )
    )


@blueprint.get("/_search")
@with_token
def hits() -> Response:
    """Documents of all types by number or name: `q`."""
    found = search.search(runtime(), actor(), request.args.get("q", ""), 50)
    names = ("document", "id", "label", "number")
    return make_response(jsonify([dict(zip(names, hit, strict=True)) for hit in found]))


def task_json(task: TaskView) -> dict[str, object]:
    """A task as JSON."""
    return {
        "id": task.id,
        "document": task.document,
        "record_id": task.record_id,
        "number": task.number,
        "label": task.label,
        "step": task.step.texts(),
        "since": task.since.isoformat(),
        "due": None if task.due is None else task.due.isoformat(),
        "comment_required": task.comment_required,
    }
