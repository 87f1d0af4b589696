"""The course of one approval of one document: people are found, tasks opened and closed, the end carried out.

In: moves as `engine.approvals.process` decides them. Out: task records of the round, and the approval's event at its
end. Called within the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.approvals.process import Move, Task
from engine.expressions.environment import Env
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
from engine.usecases.work import Work

KEPT = "kept"


def as_approval(signer: Actor) -> Actor:
    """The approval acting on somebody's decision: it may raise its events, history names who decided."""
    return replace(signer, special="approval")


class Course:
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

    def tasks(self) -> list[Record]:
        """All tasks the document ever had."""
        return tasks_of(self.work.unit, self.working.document.id, str(self.working.values["id"]))

    def follow(self, move: Move, number: int, inputs: Inputs) -> None:
        """Carry out what was decided in round `number`: close, open, end."""
        tasks = {task.id: task for task in self.tasks()}
        for task_id in move.closed:
            if tasks[task_id].values["status"] == "open":
                close_task(self.work, tasks[task_id], "cancelled")
        for task in move.opened:
            self._open(task, number)
        if move.ended is not None:
            event = self.approval.agreed if move.ended == "agree" else self.approval.refused
            self.work.apply(self.working, event, as_approval(self.signer), inputs)

    def keep(self, kept: Sequence[Task], number: int) -> None:
        """Put agreements that stay valid into a new round."""
        tasks = {task.id: task for task in self.tasks()}
        for task in kept:
            fresh = {**tasks[task.id].values, **system_values(self.work), "round": number, "status": KEPT}
            self.work.unit.insert(Record(TASK, fresh))

    def _open(self, task: Task, number: int) -> None:
        step = step_of(self.approval, task.step)
        people = [task.assignee] if task.assignee else self._stand_ins()
        for user in people:
            # What counts as agreed because of an earlier step is signed by nobody here.
            self.put(
                step, user, number, status=task.state, decided_at=self.work.now if task.state == "agreed" else None
            )

    def put(self, step: Step, user: str, number: int, **values: object) -> Record:
        """A task for somebody in a step."""
        opened = Record(
            TASK,
            {
                **system_values(self.work),
                "document": self.working.document.id,
                "record_id": self.working.values["id"],
                "approval": self.approval.id,
                "round": number,
                "step": step.id,
                "assignee": user,
                "role": step.who.role,
                "org": None,
                "opinion": "",
                "decided_at": None,
                "decided_by": None,
                "due": self._due(step),
                "starter": self.starter,
                "status": "open",
                "principal": None,
                "on_behalf": None,
                "added_by": None,
                **values,
            },
        )
        self.work.unit.insert(opened)
        if opened.values["status"] == "open":
            watch_task(self.work, self.working, step, opened)
        return opened

    def _stand_ins(self) -> Sequence[str]:
        to = self.approval.nobody.to
        found = self._participants(to) if to is not None else ()
        if self.approval.same_as_starter != "allow":  # nobody stands in for the one who would have to sign his own
            found = [user for user in found if user != self.starter]
        if not found:
            text = {"zh": "找不到审批人", "en": "nobody can be found to approve"}
            raise Refused((Finding("nobody", text),), kind="not_allowed")
        return found

    def _due(self, step: Step) -> datetime | None:
        length = step.due(self.env) if step.due is not None else None
        return later(self.work, length, self.work.now) if isinstance(length, Duration) else None


def step_of(approval: Approval, name: str) -> Step:
    """A step by its id."""
    return next(one for one in approval.steps if one.id == name)


def close_task(work: Work, task: Record, status: str, comment: str = "", actor: Actor | None = None) -> None:
    """Close a task; with an actor, who decided it and why."""
    version = task.version
    decided = {"opinion": comment, "decided_at": work.now, "decided_by": actor.id} if actor else {}
    task.values.update(status=status, version=version + 1, changed_at=work.now, **decided)
    work.unit.update(task, version)


def as_task(record: Record) -> Task:
    """A task record as the process reads it."""
    texts = {name: str(record.values[name] or "") for name in ("step", "assignee", "status", "principal")}
    added = bool(record.values["added_by"])
    return Task(texts["step"], texts["assignee"], texts["status"], record.id, texts["principal"], added)
