"""Approvals within the transaction: tasks opened and closed as `engine.approvals.process` decides, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.approvals.process import Move, Outcome, Task, begin, decide
from engine.expressions.environment import Env
from engine.machines.step import Step as Moved
from engine.model.machines import Approval, Participants, Step
from engine.model.records import Record
from engine.model.values import Duration
from engine.problems import Finding, Refused
from engine.usecases.deadlines import later, system_values
from engine.usecases.desk import Inputs, Working
from engine.usecases.internal import TASK
from engine.usecases.lateness import watch_task
from engine.usecases.people import holders, ids_of, open_accounts
from engine.usecases.rounds import tasks_of
from engine.usecases.views import Actor
from engine.usecases.work import Applied, Work


def as_approval(signer: Actor) -> Actor:
    """The approval acting on somebody's decision: it may raise its events, history names who decided."""
    return replace(signer, special="approval")


def approvals_after(work: Work, applied: Applied, moved: Moved) -> None:
    """Close the tasks of the state left; begin the approval of the state entered."""
    working = applied.working
    if moved.left is not None and moved.left.approval:
        for task in _tasks(work, working):
            if task.values["status"] == "open":
                _close(work, task, "cancelled")
    if moved.entered is not None and moved.entered.approval:
        approval = work.machine(working.document.id).approvals[moved.entered.approval]
        course = _Course(work, working, approval, applied.actor.id, applied.actor)
        number = 1 + max((_round(task) for task in _tasks(work, working)), default=0)
        course.follow(begin(approval, applied.actor.id, course.people, course.taken), number)


def sign(work: Work, task: Record, outcome: str, comment: str, actor: Actor) -> Working:
    """One person's decision and all that follows. Raises Refused when the task is no longer open or another's."""
    values = task.values
    working = work.open(str(values["document"]), str(values["record_id"]))
    fresh = next(one for one in _tasks(work, working) if one.id == task.id)
    if fresh.values["status"] != "open":
        raise Refused((_finding("task_closed", "该待办已处理", "this task is already closed"),), kind="stale")
    refuse_others(work, fresh, actor)
    approval = work.machine(working.document.id).approvals[str(fresh.values["approval"])]
    if not comment and any(one.id == fresh.values["step"] and one.comment == "required" for one in approval.steps):
        raise Refused((Finding("comment", {"zh": "请填写意见", "en": "give your opinion"}, ("comment",)),))
    if outcome == "return":
        return _send_back(work, working, approval, fresh, comment, actor)
    starter = str(fresh.values["starter"])
    course = _Course(work, working, approval, starter, actor)
    before = [one for one in _tasks(work, working) if one.values["round"] == fresh.values["round"]]
    present = [Task(_text(t, "step"), _text(t, "assignee"), _text(t, "status"), t.id) for t in before]
    decided: Outcome = "agree" if outcome == "agree" else "refuse"
    _close(work, fresh, "agreed" if outcome == "agree" else "refused", comment, actor)
    move = decide(approval, present, fresh.id, decided, starter, course.people, course.taken)
    course.follow(move, _round(fresh), comment)
    return working


def refuse_others(work: Work, task: Record, actor: Actor) -> None:
    """Raise Refused for everybody but the one whose task it is, who must still be allowed to see the document."""
    if task.values["assignee"] != actor.id:
        raise Refused((_finding("forbidden", "这不是您的待办", "this task is somebody else's"),), kind="forbidden")
    document = str(task.values["document"])
    row = work.world.follow(document, str(task.values["record_id"]))
    if row is None or not work.rights(document, row, actor).any:
        text = "您已无权查看此单据", "you may not see this document any more"
        raise Refused((_finding("forbidden", *text),), kind="forbidden")


def _send_back(work: Work, working: Working, approval: Approval, task: Record, comment: str, actor: Actor) -> Working:
    if not approval.return_event:
        raise Refused(
            (_finding("no_return", "此审批不能退回", "this approval cannot be returned"),), kind="not_allowed"
        )
    _close(work, task, "returned", comment, actor)
    work.apply(working, approval.return_event, as_approval(actor), Inputs(comment=comment))
    return working


def _tasks(work: Work, working: Working) -> list[Record]:
    return tasks_of(work.unit, working.document.id, str(working.values["id"]))


def _round(task: Record) -> int:
    return int(str(task.values["round"]))


def _text(task: Record, name: str) -> str:
    return str(task.values[name] or "")


class _Course:
    """The course of one approval of one document, in its present round."""

    def __init__(self, work: Work, working: Working, approval: Approval, starter: str, signer: Actor) -> None:
        self.work, self.working, self.approval, self.starter = work, working, approval, starter
        self.signer = signer
        self.env = Env(working.values, work.world, this=working.values)

    def people(self, step: Step) -> Sequence[str]:
        """Who takes part in a step."""
        return self._participants(step.who)

    def _participants(self, who: Participants) -> Sequence[str]:
        if who.role:
            found = holders(self.work.runtime, self.work.world, who.role, who.within, self.env)
            return [str(row["id"]) for row in found]
        named = ids_of(who.users(self.env)) if who.users is not None else ()
        return open_accounts(self.work.runtime, self.work.world, named)

    def taken(self, step: Step) -> bool:
        """Whether the step's condition holds."""
        return step.when is None or step.when.holds(self.env)

    def follow(self, move: Move, number: int, comment: str = "") -> None:
        """Carry out what was decided in round `number`: close, open, end."""
        tasks = {task.id: task for task in _tasks(self.work, self.working)}
        for task_id in move.closed:
            if tasks[task_id].values["status"] == "open":
                _close(self.work, tasks[task_id], "cancelled")
        for task in move.opened:
            self._open(task, number)
        if move.ended is not None:
            event = self.approval.agreed if move.ended == "agree" else self.approval.refused
            self.work.apply(self.working, event, as_approval(self.signer), Inputs(comment=comment))

    def _open(self, task: Task, number: int) -> None:
        step = next(one for one in self.approval.steps if one.id == task.step)
        people = [task.assignee] if task.assignee else self._stand_ins()
        for user in people:
            about = {"document": self.working.document.id, "record_id": self.working.values["id"]}
            opened = Record(
                TASK,
                {
                    **system_values(self.work),
                    **about,
                    "approval": self.approval.id,
                    "round": number,
                    "step": step.id,
                    "assignee": user,
                    "role": step.who.role,
                    "org": None,
                    "opinion": "",
                    "decided_at": self.work.now if task.state == "agreed" else None,
                    "decided_by": user if task.state == "agreed" else None,
                    "due": self._due(step),
                    "starter": self.starter,
                    "status": task.state,
                },
            )
            self.work.unit.insert(opened)
            if task.state == "open":
                watch_task(self.work, self.working, step, opened)

    def _stand_ins(self) -> Sequence[str]:
        to = self.approval.nobody.to
        found = self._participants(to) if to is not None else ()
        if self.approval.same_as_starter != "allow":  # nobody stands in for the one who would have to sign his own
            found = [user for user in found if user != self.starter]
        if not found:
            raise Refused((_finding("nobody", "找不到审批人", "nobody can be found to approve"),), kind="not_allowed")
        return found

    def _due(self, step: Step) -> datetime | None:
        length = step.due(self.env) if step.due is not None else None
        return later(self.work, length, self.work.now) if isinstance(length, Duration) else None


def _close(work: Work, task: Record, status: str, comment: str = "", actor: Actor | None = None) -> None:
    version = task.version
    decided = {"opinion": comment, "decided_at": work.now, "decided_by": actor.id} if actor else {}
    task.values.update(status=status, version=version + 1, changed_at=work.now, **decided)
    work.unit.update(task, version)


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
