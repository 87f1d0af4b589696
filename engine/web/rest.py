"""The REST door: every document type and event, under /api/v1, for programs with a bearer token.

The same use cases as the pages; the version of a document is its ETag, `If-Match` guards changes (RFC 9110), and
`Idempotency-Key` makes a repeated request harmless. Refusals come in the envelope of `engine.web.envelope`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from werkzeug.exceptions import BadRequest

from engine.documents.field_kinds import json_of
from engine.problems import Finding, Refused
from engine.usecases import batches, events, intake, listing, prints, reading
from engine.usecases.choosing import Filling, options
from engine.usecases.desk import CHANGE
from engine.usecases.views import EventRequest, FieldView, ListRequest, ListView, Outcome
from engine.web import envelope
from engine.web.bearer import with_token
from engine.web.files import hand_out, take
from engine.web.live import json_body
from engine.web.openapi_documents import RESERVED, sortable
from engine.web.rest_papers import of_batch
from engine.web.rest_views import asked_by, named
from engine.web.submission import whole
from engine.web.surroundings import actor, runtime, say

blueprint = Blueprint("rest", __name__, url_prefix="/api/v1")
MOST = 200
_NO_VERSION = -1
"""What a tag that is none of ours stands for: no document ever had it, so the condition fails."""


@blueprint.get("/<document>")
@with_token
def documents(document: str) -> Response:
    """One page of a document type. `?FIELD=`, `?FIELD.from=`, `?FIELD.to=`, `q`, `sort`, `after`, `before`, `limit`.

    `view` asks what a saved view asks; what stands beside it goes before.
    """
    found, declared = request.args, listing.readable_document(runtime(), actor(), document)
    kept = asked_by(named(document, found["view"])) if "view" in found else ({}, "", "")
    asked = ListRequest(
        document,
        filters={**kept[0], **_filters(found)},
        text=found.get("q", kept[1]),
        sort=found.get("sort", kept[2]),
        after=found.get("before") or found.get("after", ""),
        backwards="before" in found,
        limit=min(whole(found.get("limit")) or 50, MOST),
    )
    if found.get("sort") and asked.sort.removeprefix("-") not in sortable(declared):
        text = {"zh": "不能按此项排序", "en": "has no order to sort by"}
        raise Refused((Finding("sort", text, ("sort",)),))
    return make_response(jsonify(list_json(listing.list_documents(runtime(), actor(), asked))))


def _filters(given: Mapping[str, str]) -> dict[str, str]:
    """The arguments that are filters; `f.` stands before fields that are called like another argument."""
    found = {}
    for argument, text in given.items():
        prefix, _, rest = argument.partition(".")
        if argument not in RESERVED:
            found[rest if prefix == "f" and rest.partition(".")[0] in RESERVED else argument] = text
    return found


def list_json(view: ListView) -> Mapping[str, object]:
    """A page of documents as JSON: the list's own columns, and where it goes on."""
    return {
        "items": [
            {"id": record_id, "state": state, **{name: cell_json(cell) for name, cell in row.items()}}
            for record_id, state, row in zip(view.ids, view.state_names, view.rows, strict=True)
        ],
        "total": view.total,
        "more": view.more,
        "next": view.next or None,
        "previous": view.previous or None,
    }


def cell_json(cell: FieldView) -> object:
    """One projected value."""
    if cell.masked:
        return cell.text or None
    return json_of(cell.value, cell.field.kind) if not cell.field.is_table else len(cell.rows)


@blueprint.get("/<document>/<record_id>")
@with_token
def record(document: str, record_id: str) -> Response:
    """One document."""
    found = reading.record_json(runtime(), actor(), document, record_id)
    answer = make_response(jsonify(found))
    answer.set_etag(str(found["version"]))
    answer.make_conditional(request)
    return answer


@blueprint.post("/<document>")
@with_token
def create(document: str) -> Response:
    """Make a document: `{event?, values, asked?, confirmed?, comment?}`."""
    body = json_body()
    asked = _request(document, _creating_event(document, body), None, body)
    outcome = events.raise_event(runtime(), actor(), _well_typed(asked))
    answer = _answer(outcome, 201)
    answer.headers["Location"] = url_for("rest.record", document=document, record_id=outcome.record_id)
    return answer


@blueprint.patch("/<document>/<record_id>")
@with_token
def change(document: str, record_id: str) -> Response:
    """Change fields: `{values}`; `If-Match` is required."""
    if seen_version() is None:
        return envelope.error(428, "precondition_required", say("rest.if_match"))
    return _raise(_request(document, CHANGE, record_id, json_body()))


@blueprint.post("/<document>/<record_id>/events/<event>")
@with_token
def event(document: str, record_id: str, event: str) -> Response:
    """Raise an event: `{values?, asked?, confirmed?, comment?}`."""
    return _raise(_request(document, event, record_id, json_body() if request.data else {}))


@blueprint.get("/<document>/<record_id>/prints")
@with_token
def print_forms(document: str, record_id: str) -> Response:
    """The prints that can be had of a document."""
    view = reading.read_document(runtime(), actor(), document, record_id)
    return make_response(jsonify([{"id": one.id, "title": one.title.texts()} for one in view.prints]))


@blueprint.post("/<document>/<record_id>/prints/<print_id>")
@with_token
def make_print(document: str, record_id: str, print_id: str) -> Response:
    """Make a print; the answer names the file."""
    again = request.args.get("again") == "true"
    about = document, record_id, print_id
    if batches.is_bundle(runtime(), print_id):
        key = request.headers.get("Idempotency-Key", "")[:200]
        stored = batches.start_bundle(runtime(), actor(), *about, again=again, key=key)
        if isinstance(stored, str):
            return of_batch(stored)
    else:
        stored = prints.make_print(runtime(), actor(), *about, again=again)
    answer = make_response(jsonify(json_of(stored, "file")), 201)
    answer.headers["Location"] = url_for("rest.file", document=document, record_id=record_id, file_hash=stored.hash)
    return answer


@blueprint.get("/<document>/<record_id>/files/<file_hash>")
@with_token
def file(document: str, record_id: str, file_hash: str) -> Response:
    """The bytes of an attachment or print."""
    return hand_out(document, record_id, file_hash)


@blueprint.post("/<document>/files/<path>")
@with_token
def upload(document: str, path: str) -> Response:
    """Take a file in for a field (`table.column` for one of a child table); its answer goes into `values`.

    With `event`, for a field that the event asks for; the answer then goes into `asked`.
    """
    return make_response(jsonify(take(document, path)), 201)


@blueprint.get("/<document>/options/<path>")
@with_token
def choices(document: str, path: str) -> Response:
    """Choices of a code or reference field that match `q`; with `event`, of a field that the event asks for.

    With `id`, those of that document as it stands, otherwise those of a new one.
    """
    named, asked = tuple(path.split(".")), request.args
    stands = Filling(asked.get("id") or None)
    found = options(runtime(), actor(), document, named, asked.get("q", ""), asked.get("event", ""), stands)
    return make_response(jsonify([{"value": one.value, "title": one.title, "note": one.note} for one in found]))


def seen_version() -> int | None:
    """The version that the caller saw, from `If-Match`."""
    tags = request.if_match
    if not tags or tags.star_tag:
        return None
    found = whole(next(iter(tags.as_set(include_weak=True)), None))
    return _NO_VERSION if found is None else found


def _creating_event(document: str, body: Mapping[str, Any]) -> str:
    """The event that the caller named, or the only one that creates."""
    if named := body.get("event"):
        return str(named)
    machine = runtime().definitions.machines.get(document)
    creating = machine.creating() if machine is not None else ()
    if len(creating) > 1:
        raise BadRequest(say("rest.which_event", events=", ".join(one.name for one in creating)))
    return creating[0].name if creating else ""


def _request(document: str, name: str, record_id: str | None, body: Mapping[str, Any]) -> EventRequest:
    confirmed = body.get("confirmed") or ()
    if not isinstance(confirmed, list | tuple):
        raise BadRequest("confirmed must be a list of codes")
    return EventRequest(
        document,
        name,
        record_id,
        version=seen_version() if record_id else None,
        raw=_object(body, "values"),
        asked=_object(body, "asked"),
        confirmed=frozenset(str(code) for code in confirmed),
        key=request.headers.get("Idempotency-Key", "")[:200],
        comment=str(body.get("comment") or ""),
        changed=tuple(_object(body, "values")),
    )


def _object(body: Mapping[str, Any], key: str) -> Mapping[str, object]:
    """The object under a key, empty where there is none."""
    found = body.get(key)
    if found is not None and not isinstance(found, dict):
        raise BadRequest(f"{key} must be an object")
    return found or {}


def _well_typed(asked: EventRequest) -> EventRequest:
    """The request, its values being of the types that the description says. Raises Refused with all that are not."""
    findings = intake.mistyped(runtime(), actor(), asked)
    if findings:
        raise Refused(findings)
    return asked


def _raise(asked: EventRequest) -> Response:
    try:
        return _answer(events.raise_event(runtime(), actor(), _well_typed(asked)))
    except Refused as refusal:
        if refusal.kind == "stale" and asked.version is not None:
            return envelope.of_refusal(refusal, 412)
        raise


def _answer(outcome: Outcome, status: int = 200) -> Response:
    answer = make_response(
        jsonify(
            {
                "id": outcome.record_id,
                "number": outcome.number or None,
                "state": outcome.state or None,
                "version": outcome.version,
                "notes": [envelope.finding_json(one) for one in outcome.notes],
            }
        ),
        status,
    )
    answer.set_etag(str(outcome.version))
    return answer
