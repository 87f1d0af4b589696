"""Tasks that wait for a signature: the list of them, and the page where one is decided."""

from __future__ import annotations

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.model.machines import Approval
from engine.problems import Refused
from engine.usecases import reading, tasks
from engine.usecases.views import DetailView, TaskView
from engine.web.ages import age
from engine.web.details import detail_values
from engine.web.doors import signed_in
from engine.web.submission import whole
from engine.web.surroundings import actor, runtime, say, text_of

blueprint = Blueprint("tasks", __name__)
OUTCOMES = ("agree", "refuse", "return")
SIGNED = ("agreed", "refused", "returned")


@blueprint.get("/tasks")
@signed_in
def waiting() -> str:
    """What waits for me, and what I have signed."""
    state = "done" if request.args.get("state") == "done" else "open"
    found = tasks.my_tasks(runtime(), actor()) if state == "open" else signed()
    return render_template("tasks.html", tasks=found, state=state, age=age, now=runtime().clock.now())


@blueprint.get("/tasks/<task_id>")
@signed_in
def task(task_id: str) -> str:
    """The document on the left, opinion and buttons on the right."""
    return _page(_mine(task_id))


@blueprint.post("/tasks/<task_id>")
@signed_in
def decide(task_id: str) -> Response:
    """Sign, refuse or give back; then the next one."""
    outcome, comment = request.form.get("outcome", ""), request.form.get("comment", "").strip()
    if outcome not in OUTCOMES:
        abort(400)
    found = _mine(task_id)
    try:
        tasks.decide(runtime(), actor(), task_id, outcome, comment, version=whole(request.form.get("_version")))
    except Refused as refusal:
        if refusal.kind in {"not_found", "forbidden"}:
            raise
        told = " ".join(text_of(one) for one in refusal.findings) or say(f"refused.{refusal.kind}")
        return make_response(_page(found, told, comment), 409 if refusal.kind == "stale" else 422)
    flash(say(f"task.done.{outcome}", what=found.number or found.label), "done")
    following = next((one for one in tasks.my_tasks(runtime(), actor()) if one.id != task_id), None)
    if following is None:
        return redirect(url_for("workbench.workbench"), 303)
    return redirect(url_for("tasks.task", task_id=following.id), 303)


def signed() -> list[TaskView]:
    """What I have signed, newest first."""
    found = [one for state in SIGNED for one in tasks.my_tasks(runtime(), actor(), state)]
    return sorted(found, key=lambda one: one.decided_at or one.since, reverse=True)


def _mine(task_id: str) -> TaskView:
    """My open task; for anybody else it does not exist."""
    found = next((one for one in tasks.my_tasks(runtime(), actor()) if one.id == task_id), None)
    if found is None:
        abort(404)
    return found


def _page(found: TaskView, told: str = "", comment: str = "") -> str:
    view = reading.read_document(runtime(), actor(), found.document, found.record_id)
    approval = approval_of(view)
    return render_template(
        "task.html",
        task=found,
        told=told,
        comment=comment,
        may_return=approval is not None and bool(approval.return_to),
        age=age,
        **detail_values(view),
    )


def approval_of(view: DetailView) -> Approval | None:
    """The approval that the document is in."""
    machine = runtime().definitions.machines.get(view.document)
    if machine is None or view.state not in machine.states:
        return None
    return machine.approvals.get(machine.states[view.state].approval)
