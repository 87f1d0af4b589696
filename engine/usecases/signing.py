"""Approvals within the transaction: begun and ended with the states that name them, led on by decisions of people.

What a decision leads to is told by `engine.approvals.process`, and carried out by `engine.usecases.course`.
"""

from __future__ import annotations

from engine.approvals.process import STARTER, Outcome, begin, decide, kept_after, send_back, ways_back
from engine.documents.changes import changes
from engine.documents.rules import refusing
from engine.machines.step import Step as Moved
from engine.model.formula import Title
from engine.model.machines import ANY, Approval, Event, Step
from engine.model.records import Record
from engine.problems import Finding, Refused
from engine.usecases.course import Course, as_approval, as_task, close_task, step_of
from engine.usecases.desk import Inputs, Working
from engine.usecases.reviews import begun, ended, returned
from engine.usecases.rounds import round_of, tasks_of
from engine.usecases.views import Actor, Decision
from engine.usecases.watching import look_again
from engine.usecases.work import Applied, Work

SIGNED = Event("signed", Title("审批", "Signed"), (ANY,))
"""How a decision that leads to no event stands in the history, where it changed the document."""


def approvals_after(work: Work, applied: Applied, moved: Moved) -> None:
    """Close the tasks of the state left or of a document deleted; begin the approval of the state entered."""
    working, gone = applied.working, applied.event.delete
    tasks = tasks_of(work.unit, working.document.id, str(working.values["id"]))
    if gone or (moved.left is not None and moved.left.approval):
        for task in tasks:
            if task.values["status"] == "open":
                close_task(work, task, "cancelled")
        ended(work, working)
    if not gone and moved.entered is not None and moved.entered.approval:
        approval = work.machine(working.document.id).approvals[moved.entered.approval]
        course = Course(work, working, approval, applied.actor.id, applied.actor)
        number = 1 + max((round_of(task) for task in tasks), default=0)
        last = [as_task(task) for task in tasks if round_of(task) == number - 1]
        given_back = any(task.state == "returned" for task in last)
        kept = kept_after(approval, last, STARTER) if given_back else ()
        begun(work, working, approval.id, applied.actor.id)
        course.keep(kept, number)
        course.follow(begin(approval, applied.actor.id, course.people, course.taken, kept), number, Inputs())


def sign(work: Work, task: Record, decision: Decision, actor: Actor) -> Working:
    """One person's decision and all that follows. Raises Refused when the task is no longer open or another's."""
    values = task.values
    working = work.open(str(values["document"]), str(values["record_id"]))
    fresh = next(one for one in _tasks(work, working) if one.id == task.id)
    refuse_closed(fresh)
    refuse_others(work, fresh, actor)
    approval = work.machine(working.document.id).approvals[str(fresh.values["approval"])]
    step = step_of(approval, str(fresh.values["step"]))
    if not decision.comment and (step.comment == "required" or decision.outcome != "agree"):
        raise Refused((Finding("comment", {"zh": "请填写意见", "en": "give your opinion"}, ("comment",)),))
    before = dict(working.before or {})
    _fill(work, working, step, decision, actor)
    inputs = Inputs(
        confirmed=decision.confirmed,
        comment=decision.comment,
        on_behalf=str(fresh.values["on_behalf"] or ""),
        incomplete=decision.outcome != "agree",
    )
    course = Course(work, working, approval, str(fresh.values["starter"]), actor)
    if decision.outcome == "return":
        _send_back(course, fresh, decision, inputs)
    else:
        _lead_on(course, fresh, decision, inputs)
    if working.dirty and changes(working.document.fields, before, working.values):
        applied = Applied(working, SIGNED, str(working.values["state"] or ""), {}, actor, decision.comment)
        applied.on_behalf = inputs.on_behalf
        work.save(applied)
        look_again(work, applied)
    return working


def refuse_closed(task: Record) -> None:
    """Raise Refused for a task that is not open any more."""
    if task.values["status"] != "open":
        raise Refused((_finding("task_closed", "该待办已处理", "this task is already closed"),), kind="stale")


def refuse_others(work: Work, task: Record, actor: Actor) -> None:
    """Raise Refused for everybody but the one whose task it is, who must still be allowed to see the document."""
    if task.values["assignee"] != actor.id:
        raise Refused((_finding("forbidden", "这不是您的待办", "this task is somebody else's"),), kind="forbidden")
    document = str(task.values["document"])
    row = work.world.follow(document, str(task.values["record_id"]))
    if row is None or not work.rights(document, row, actor).any:
        text = "您已无权查看此单据", "you may not see this document any more"
        raise Refused((_finding("forbidden", *text),), kind="forbidden")


def _fill(work: Work, working: Working, step: Step, decision: Decision, actor: Actor) -> None:
    """What the signer fills in: bound, computed and judged as in a form. What he rejects need not be complete."""
    if not (decision.raw or step.edit):
        return
    inputs = Inputs(decision.raw, confirmed=decision.confirmed)
    agreed = decision.outcome == "agree"
    _, findings = work.prepare(working, SIGNED, actor, inputs, checked=agreed, opened=opened_by(working, step))
    if refusing(findings, decision.confirmed):
        raise Refused(findings)
    working.notes.extend(findings)
    working.dirty = True


def opened_by(working: Working, step: Step) -> frozenset[str]:
    """Fields that a step lets its signer fill, whatever access lets him change."""
    return frozenset(working.document.fields if "*" in step.edit else step.edit)


def _lead_on(course: Course, task: Record, decision: Decision, inputs: Inputs) -> None:
    present = [as_task(one) for one in course.tasks() if one.values["round"] == task.values["round"]]
    decided: Outcome = "agree" if decision.outcome == "agree" else "refuse"
    status = "agreed" if decided == "agree" else "refused"
    close_task(course.work, task, status, decision.comment, course.signer)
    move = decide(course.approval, present, task.id, decided, course.starter, course.people, course.taken)
    course.follow(move, round_of(task), inputs)


def _send_back(course: Course, task: Record, decision: Decision, inputs: Inputs) -> None:
    """Out of the approval to the starter, or to a step that was passed, in a new round."""
    work, approval = course.work, course.approval
    present = [one for one in course.tasks() if one.values["round"] == task.values["round"]]
    ways = ways_back(approval, [as_task(one) for one in present], str(task.values["step"]))
    target = ways[0] if ways and decision.to is None else decision.to
    if target is None or target not in ways:
        raise Refused((_finding("no_return", "不能这样退回", "it cannot be returned there"),), kind="not_allowed")
    close_task(work, task, "returned", decision.comment, course.signer)
    if target == STARTER:
        work.apply(course.working, approval.return_event, as_approval(course.signer), inputs)
        returned(work, course.working)
        return
    for one in present:
        if one.values["status"] == "open" and one.id != task.id:
            close_task(work, one, "cancelled")
    kept = kept_after(approval, [as_task(one) for one in present], target)
    number = round_of(task) + 1
    course.keep(kept, number)
    course.follow(send_back(approval, kept, target, course.starter, course.people, course.taken), number, inputs)


def ways_of(work: Work, working: Working, approval: Approval, task: Record) -> tuple[str, ...]:
    """Where the signer of a task may return the document to: ids of steps, or "" for the starter."""
    present = [one for one in _tasks(work, working) if one.values["round"] == task.values["round"]]
    return ways_back(approval, [as_task(one) for one in present], str(task.values["step"]))


def _tasks(work: Work, working: Working) -> list[Record]:
    return tasks_of(work.unit, working.document.id, str(working.values["id"]))


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
