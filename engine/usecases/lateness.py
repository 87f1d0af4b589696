"""Approval tasks that nobody signs in time: people are reminded, and what the definition says then is done.

In: a task when it is opened. Out: effects that become due; a task that was signed meanwhile is left alone.
"""

from __future__ import annotations

from datetime import datetime

from engine.expressions.environment import Env
from engine.model.machines import Step
from engine.model.records import Effect, Record
from engine.model.values import Duration
from engine.usecases.deadlines import later
from engine.usecases.desk import Working
from engine.usecases.internal import TASK
from engine.usecases.work import Applied, Perform, Work

WAY = "site"
REMIND = "remind"


def watch_task(work: Work, working: Working, step: Step, task: Record) -> None:
    """Queue what follows when the task is still open at its due moment, and after further times."""
    due, env = task.values["due"], Env(working.values, work.world, this=working.values)
    start = due if isinstance(due, datetime) else work.now
    for index, escalation in enumerate(step.late):
        length = escalation.after(env) if escalation.after is not None else None
        moment = later(work, length, start) if isinstance(length, Duration) else start
        payload = {"task": task.id, "index": index}
        record_id = str(working.values["id"])
        key = f"late:{task.id}:{index}"
        work.effect("late", key, payload, document=working.document.id, record_id=record_id, due=moment)


def escalate(work: Work, effect: Effect, perform: Perform) -> None:
    """Carry out one escalation of a task that is still open, once."""
    task = work.unit.fetch(TASK, str(effect.payload["task"]))
    if task is None or task.values["status"] != "open" or work.unit.seen("late", effect.key):
        return
    working = work.open(effect.document, effect.record_id)
    machine = work.machine(effect.document)
    approval = machine.approvals[str(task.values["approval"])]
    step = next((one for one in approval.steps if one.id == task.values["step"]), None)
    index = int(str(effect.payload["index"]))
    if step is None or index >= len(step.late):
        return
    if step.late[index].remind:
        _remind(work, working, step, task, effect.key)
    event = machine.events[approval.agreed]
    applied = Applied(working, event, str(working.values["state"] or ""), {}, work.actor, occasion=effect.key)
    perform.actions(work, applied, step.late[index].do)
    work.save(applied)


def _remind(work: Work, working: Working, step: Step, task: Record, key: str) -> None:
    number = str(working.values["number"] or "")
    text = f"待办已超时：{working.document.title.zh}{number}，{step.title.zh}"
    told = {"notice": REMIND, "via": WAY, "to": str(task.values["assignee"]), "text": text}
    record_id = str(working.values["id"])
    work.effect("notify", f"{key}:told", told, document=working.document.id, record_id=record_id)
