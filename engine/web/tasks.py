"""Approval tasks: the lists of them, the page where one is decided, agreeing to several at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.problems import Finding, Level, Refused
from engine.usecases import handing, task_lists, task_page, tasks
from engine.usecases.task_lists import OPEN, TABS, TasksRequest
from engine.usecases.views import Decision, DetailView
from engine.web.ages import left, urgency, waited
from engine.web.details import detail_values
from engine.web.doors import signed_in
from engine.web.form_pages import form_page
from engine.web.live import json_body
from engine.web.saying import standing
from engine.web.submission import VALUES, declared_fields, event_request, raw_values, whole
from engine.web.surroundings import actor, runtime, say, text_of
from engine.web.tones import tones

blueprint = Blueprint("tasks", __name__)
FACTS = 5
OUTCOMES = ("agree", "refuse", "return")
GIVEN_BACK = {"findings": 422, "stale": 409, "not_allowed": 409, "duplicate": 409}


@blueprint.get("/tasks")
@signed_in
def waiting() -> str:
    """What waits for me, what I have signed, what I started."""
    return _list()


@blueprint.post("/tasks")
@signed_in
def agree() -> str:
    """Agree to several; each has a result of its own, told above the list."""
    parts = (one.partition(":") for one in request.form.getlist("task"))
    chosen = [(task_id, whole(version)) for task_id, _, version in parts]
    return _list(tasks.agree_to_all(runtime(), actor(), chosen))


def _list(results: Sequence[tasks.BatchResult] = ()) -> str:
    args = request.args
    tab = args.get("tab", OPEN)
    if tab not in TABS:
        abort(404)
    asked = TasksRequest(tab, args.get("document", ""), args.get("after", ""), args.get("back") == "1")
    view = task_lists.list_tasks(runtime(), actor(), asked)
    return render_template(
        "tasks.html",
        view=view,
        tabs=TABS,
        asked=asked,
        results=results,
        link=lambda **changed: _address(asked, changed),
        tone=lambda one, name: tones(one.document).get(name, "moving"),
        waited=waited,
        left=left,
        urgency=urgency,
        told=text_of,
    )


def _address(asked: TasksRequest, changed: Mapping[str, str]) -> str:
    """The list with other arguments; paging begins anew."""
    found: dict[str, Any] = {"tab": asked.tab, "document": asked.document, **changed}
    return url_for("tasks.waiting", **{n: value for n, value in found.items() if value and (n, value) != ("tab", OPEN)})


@blueprint.get("/tasks/<task_id>")
@signed_in
def task(task_id: str) -> str:
    """The document on the left, opinion and buttons on the right."""
    return _page(task_id)


@blueprint.post("/tasks/<task_id>")
@signed_in
def decide(task_id: str) -> Response:
    """Sign, refuse or give back; then the next one."""
    found = tasks.open_task(runtime(), actor(), task_id)
    decision = _decision(found.document)
    if decision.outcome not in OUTCOMES:
        abort(400)
    try:
        outcome = tasks.sign_task(runtime(), actor(), task_id, decision)
    except Refused as refusal:
        if refusal.kind not in GIVEN_BACK:
            raise
        return make_response(_page(task_id, decision, refusal), GIVEN_BACK[refusal.kind])
    what = " ".join(dict.fromkeys(one for one in (found.label, found.number) if one))
    flash(say(f"task.done.{decision.outcome}", what=what) + standing(outcome), "done")
    return _next()


@blueprint.post("/tasks/<task_id>/hand")
@signed_in
def hand(task_id: str) -> Response:
    """Hand a task over, have it signed by somebody else, or add a signer."""
    form = request.form
    way, comment = form.get("way", ""), form.get("comment", "").strip()
    try:
        handing.hand_over(runtime(), actor(), task_id, way, form.get("v.to", ""), comment)
    except Refused as refusal:
        if refusal.kind not in GIVEN_BACK:
            raise
        return make_response(_page(task_id, Decision("", comment), refusal), GIVEN_BACK[refusal.kind])
    flash(say(f"task.done.{way}"), "done")
    return redirect(url_for("tasks.task", task_id=task_id), 303) if way == handing.ADD else _next()


@blueprint.post("/tasks/<task_id>/people")
@signed_in
def people(task_id: str) -> Any:
    """`{text}` -> `[[value, title, note]]`: accounts that the task could be handed to."""
    text = str(json_body().get("text") or "")
    return [[one.value, one.title, one.note] for one in handing.candidates(runtime(), actor(), task_id, text)]


def _next() -> Response:
    following = task_lists.task_after(runtime(), actor())
    if not following:
        return redirect(url_for("workbench.workbench"), 303)
    flash(say("task.next"), "info")
    return redirect(url_for("tasks.task", task_id=following, follows=1), 303)


def _decision(document: str) -> Decision:
    form = request.form
    return Decision(
        form.get("outcome", ""),
        form.get("comment", "").strip(),
        whole(form.get("_version")),
        raw_values(form, VALUES, declared_fields(document)),
        frozenset(" ".join(form.getlist("_confirm")).split()),
        form.get("to"),
    )


def _page(task_id: str, decision: Decision | None = None, refusal: Refused | None = None) -> str:
    findings: Sequence[Finding] = refusal.findings if refusal is not None else ()
    raw: Mapping[str, object] = decision.raw if decision is not None else {}
    view = task_page.read_task(runtime(), actor(), task_id, raw, findings)
    posted = None
    if decision is not None:
        fields = declared_fields(view.task.document)
        posted = event_request(request.form, view.task.document, view.fill.event.name, fields, {}, view.task.record_id)
    fill = form_page(view.fill, posted, findings)
    loose = [one for one in findings if not one.at or one.at[0] in ("comment", "to")]
    told = " ".join(text_of(one) for one in loose if one.level is Level.ERROR)
    if refusal is not None and not findings:
        told = say(f"refused.{refusal.kind}")
    return render_template(
        "task.html",
        task=view.task,
        back=view.back,
        may=view.may,
        fill=fill,
        asks=bool(fill.confirms) and not fill.errors,
        told=told,
        comment=decision.comment if decision is not None else "",
        follows="follows" in request.args,
        waited=waited,
        carded=bool(_card(view.detail)),
        kept=_card(view.detail) or _first(view.detail),
        **detail_values(view.detail),
    )


def _card(view: DetailView) -> frozenset[str]:
    """What the document's card names: it stays in sight where the rest is folded."""
    pages = runtime().definitions.pages.get(view.document)
    return frozenset(pages.card) if pages is not None else frozenset()


def _first(view: DetailView) -> frozenset[str]:
    """What stays in sight without a card: the first facts, every sum, the first table that has rows."""
    shown = [one for section in view.sections if section.shown for one in section.fields if one.shown]
    facts = [one for one in shown if not one.field.is_table][:FACTS]
    sums = [one for one in shown if one.field.kind == "money"]
    tables = [one for one in shown if one.rows][:1]
    return frozenset(one.name for one in (*facts, *sums, *tables))
