"""The REST door for signatures, search and the list of document types: names with an underscore, as no document has."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from werkzeug.exceptions import BadRequest

from engine.model.formula import Title
from engine.problems import Finding, Refused
from engine.usecases import handing, intake, listing, search, task_lists, task_page, tasks
from engine.usecases.task_lists import OPEN, TABS, StartedView, TasksRequest, TasksView
from engine.usecases.views import Decision, EventRequest, Outcome, TaskView
from engine.web.bearer import with_token
from engine.web.envelope import finding_json
from engine.web.live import json_body, mapping, names_of
from engine.web.submission import whole
from engine.web.surroundings import actor, runtime

blueprint = Blueprint("rest_tasks", __name__, url_prefix="/api/v1")
Json = dict[str, object]


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
    """One page of what waits for the account, what it has signed or started: `tab`, `document`, `after`, `limit`."""
    args = request.args
    tab = args.get("tab", OPEN)
    if tab not in TABS:
        raise BadRequest(f"tab is one of {', '.join(TABS)}")
    before = args.get("before", "")
    asked = TasksRequest(
        tab, args.get("document", ""), before or args.get("after", ""), bool(before), whole(args.get("limit")) or 100
    )
    view = task_lists.list_tasks(runtime(), actor(), asked)
    rows = [task_json(one) for one in view.tasks] or [started_json(one) for one in view.started]
    answer = make_response(jsonify(rows))
    _link_pages(answer, view)
    return answer


def _link_pages(answer: Response, view: TasksView) -> None:
    """Where the list goes on, as RFC 8288 links."""
    kept = {name: request.args[name] for name in ("tab", "document", "limit") if name in request.args}
    for rel, name, cursor in (("next", "after", view.next), ("prev", "before", view.previous)):
        if cursor:
            address = url_for("rest_tasks.waiting", **{**kept, name: cursor})  # type: ignore[arg-type]
            answer.headers.add("Link", f'<{address}>; rel="{rel}"')


@blueprint.get("/_tasks/<task_id>")
@with_token
def task(task_id: str) -> Response:
    """One open task: what may be filled in, where it may be returned to, whom it may be handed to."""
    view = task_page.read_task(runtime(), actor(), task_id)
    fields = [one.name for section in view.fill.sections for one in section.fields]
    back = [{"to": name or task_page.STARTER, "title": title.texts()} for name, title in view.back]
    return make_response(jsonify({**task_json(view.task), "fill": fields, "back": back, "may": list(view.may)}))


@blueprint.post("/_tasks")
@with_token
def agree() -> Response:
    """Agree to several: `{tasks: [id | {id, version}]}`; each has a result of its own."""
    given = json_body().get("tasks")
    if not isinstance(given, list):
        raise BadRequest("tasks is a list")
    chosen = [_chosen(one) for one in given]
    return make_response(jsonify([result_json(one) for one in tasks.agree_to_all(runtime(), actor(), chosen)]))


def _chosen(given: object) -> tuple[str, int | None]:
    if isinstance(given, dict):
        version = given.get("version")
        return str(given.get("id") or ""), version if isinstance(version, int) else None
    return str(given), None


@blueprint.post("/_tasks/<task_id>")
@with_token
def decide(task_id: str) -> Response:
    """Sign: `{outcome: agree | refuse | return, comment?, values?, confirmed?, to?, version?}`."""
    body = json_body()
    to, version, values = body.get("to"), body.get("version"), mapping(body.get("values"))
    if values:
        document = tasks.open_task(runtime(), actor(), task_id).document
        mistyped = intake.mistyped(runtime(), actor(), EventRequest(document, "", raw=values))
        if mistyped:
            raise Refused(mistyped)
    decision = Decision(
        str(body.get("outcome") or ""),
        str(body.get("comment") or ""),
        version if isinstance(version, int) else None,
        values,
        frozenset(names_of(body.get("confirmed"))),
        None if to is None else "" if to == task_page.STARTER else str(to),
    )
    return make_response(jsonify(outcome_json(tasks.sign_task(runtime(), actor(), task_id, decision))))


@blueprint.post("/_tasks/<task_id>/<way>")
@with_token
def hand(task_id: str, way: str) -> Response:
    """Bring in somebody else, `way` being transfer, delegate or add_signer: `{to: account, comment?}`."""
    body = json_body()
    to, comment = str(body.get("to") or ""), str(body.get("comment") or "")
    handing.hand_over(runtime(), actor(), task_id, way, to, comment)
    return make_response("", 204)


@blueprint.get("/_tasks/<task_id>/people")
@with_token
def people(task_id: str) -> Response:
    """Accounts that a task may be handed to: `q`."""
    found = handing.candidates(runtime(), actor(), task_id, request.args.get("q", ""))
    return make_response(jsonify([{"id": one.value, "name": one.title} for one in found]))


@blueprint.get("/_search")
@with_token
def hits() -> Response:
    """Documents of all types by number or name: `q`."""
    found = search.search(runtime(), actor(), request.args.get("q", ""), 50)
    names = ("document", "id", "label", "number")
    return make_response(jsonify([dict(zip(names, hit, strict=True)) for hit in found]))


def task_json(task: TaskView) -> Json:
    """A task as JSON."""
    return {
        "id": task.id,
        "document": task.document,
        "record_id": task.record_id,
        "number": task.number,
        "label": task.label,
        "state": task.document_state_name,
        "version": task.version,
        "step": task.step.texts(),
        "since": task.since.isoformat(),
        "due": None if task.due is None else task.due.isoformat(),
        "comment_required": task.comment_required,
        "alone": task.alone,
        "on_behalf": task.on_behalf,
        "summary": [{"title": heading.texts(), "text": text} for heading, text in task.summary],
        **({} if task.state == "open" else _decided(task)),
    }


def _decided(task: TaskView) -> Json:
    decided = None if task.decided_at is None else task.decided_at.isoformat()
    return {"decision": task.state, "opinion": task.opinion, "decided_at": decided}


def started_json(one: StartedView) -> Json:
    """A document that the account sent for approval, as JSON."""
    return {
        "document": one.document,
        "record_id": one.record_id,
        "number": one.number,
        "label": one.label,
        "state": one.state_name,
        "since": one.since.isoformat(),
        "step": None if one.step == Title() else one.step.texts(),
        "waits_for": list(one.waits_for),
        "due": None if one.due is None else one.due.isoformat(),
    }


def outcome_json(outcome: Outcome) -> Json:
    """What came of a decision."""
    return {
        "document": outcome.document,
        "id": outcome.record_id,
        "state": outcome.state,
        "version": outcome.version,
        "notes": [finding_json(one) for one in outcome.notes],
    }


def result_json(one: tasks.BatchResult) -> Json:
    """What came of one of several tasks."""
    if one.outcome is not None:
        return {"task": one.task_id, "ok": True, **outcome_json(one.outcome)}
    findings: tuple[Finding, ...] = one.findings
    return {"task": one.task_id, "ok": False, "code": one.kind, "findings": [finding_json(f) for f in findings]}
