"""Deciding approval tasks, one or many; each decision is a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import watched
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.internal import TASK
from engine.usecases.recounting import task_view
from engine.usecases.runtime import Runtime
from engine.usecases.signing import refuse_others, sign
from engine.usecases.task_lists import TasksRequest, list_tasks
from engine.usecases.views import Actor, Decision, Outcome, TaskView
from engine.usecases.work import Work

MOST_AT_ONCE = 100


def decide(
    runtime: Runtime, actor: Actor, task_id: str, outcome: str, comment: str = "", version: int | None = None
) -> Outcome:
    """Agree, refuse or return, with an opinion alone: see `sign_task`."""
    return sign_task(runtime, actor, task_id, Decision(outcome, comment, version))


def sign_task(runtime: Runtime, actor: Actor, task_id: str, decision: Decision) -> Outcome:
    """Carry out a decision. Raises Refused when the task is closed or another's, a comment is missing, the return leads
    nowhere, or what was filled in does not hold."""
    if decision.outcome not in ("agree", "refuse", "return"):
        raise Refused((Finding("outcome", {"zh": "未知的处理意见", "en": "unknown decision"}),))
    decision = replace(decision, comment=decision.comment.strip())

    def act(work: Work) -> Outcome:
        task = work.unit.fetch(TASK, task_id, lock=True)
        if task is None:
            raise Refused((), kind="not_found")
        refuse_others(work, task, actor)
        if decision.version is not None:
            seen = work.open(str(task.values["document"]), str(task.values["record_id"]))
            if seen.values["version"] != decision.version:
                text = {"zh": "此记录已变更，请查看后再处理", "en": "the document has changed; look at it again"}
                raise Refused((Finding("stale", text),), kind="stale")
        return _outcome(sign(work, task, decision, actor))

    with watched(runtime, actor, "decide", TASK, task_id):
        return in_work(runtime, actor, act)


def _outcome(working: Working) -> Outcome:
    values = working.values
    return Outcome(
        working.document.id,
        str(values["id"]),
        str(values["number"] or ""),
        str(values["state"] or ""),
        int(str(values["version"])),
        tuple(working.notes),
    )


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What came of one of many tasks: `outcome` where it was agreed to, else what refused it."""

    task_id: str
    what: str
    outcome: Outcome | None = None
    kind: str = ""
    findings: tuple[Finding, ...] = ()


def agree_to_all(runtime: Runtime, actor: Actor, chosen: Sequence[tuple[str, int | None]]) -> tuple[BatchResult, ...]:
    """Agree to tasks that ask for nothing but consent; `chosen` are ids with the versions that were seen.

    What has to be confirmed or filled in is left to its own page. Raises Refused for too many at once.
    """
    if len(chosen) > MOST_AT_ONCE:
        text = {"zh": f"一次最多办理{MOST_AT_ONCE}件", "en": f"at most {MOST_AT_ONCE} at once"}
        raise Refused((Finding("too_many", text),))
    return tuple(_agreed(runtime, actor, task_id, version) for task_id, version in dict(chosen).items())


def _agreed(runtime: Runtime, actor: Actor, task_id: str, version: int | None) -> BatchResult:
    try:
        view = open_task(runtime, actor, task_id)
    except Refused as refused:
        return BatchResult(task_id, "", None, refused.kind, tuple(refused.findings))
    what = view.number or view.label
    if view.alone:
        text = {"zh": "需要填写内容，请逐件办理", "en": "it asks for more: sign it by itself"}
        return BatchResult(task_id, what, None, "not_allowed", (Finding("alone", text),))
    try:
        return BatchResult(task_id, what, sign_task(runtime, actor, task_id, Decision("agree", version=version)))
    except Refused as refused:
        return BatchResult(task_id, what, None, refused.kind, tuple(refused.findings))


def open_task(runtime: Runtime, actor: Actor, task_id: str) -> TaskView:
    """An open task of the actor, worded. Raises Refused(not_found)."""
    with watched(runtime, actor, "read", TASK, task_id), runtime.store.begin(write=False) as unit:
        task = unit.fetch(TASK, task_id)
        if task is None or task.values["status"] != "open" or task.values["assignee"] != actor.id:
            raise Refused((), kind="not_found")
        return task_view(Work(runtime, unit, actor, Performer()), task)


def my_tasks(runtime: Runtime, actor: Actor) -> tuple[TaskView, ...]:
    """The first page of what waits for the actor, oldest first."""
    return list_tasks(runtime, actor, TasksRequest(limit=100)).tasks
