"""What waits for me: approval tasks, and deciding them."""

from __future__ import annotations

from engine.model.criteria import Compare, Every, Order, Selection
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import watched
from engine.usecases.events import in_work
from engine.usecases.internal import TASK
from engine.usecases.recounting import task_view
from engine.usecases.runtime import Runtime
from engine.usecases.signing import refuse_others, sign
from engine.usecases.views import Actor, Outcome, TaskView
from engine.usecases.work import Work


def my_tasks(runtime: Runtime, actor: Actor, state: str = "open", limit: int = 100) -> tuple[TaskView, ...]:
    """The actor's tasks in a state (open, agreed, refused, cancelled), oldest first."""
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        mine = Every((Compare(("assignee",), "==", actor.id), Compare(("status",), "==", state)))
        return tuple(
            task_view(work, r) for r in unit.select(Selection(TASK, mine, (Order("created_at"),), limit=limit))
        )


def decide(
    runtime: Runtime, actor: Actor, task_id: str, outcome: str, comment: str = "", version: int | None = None
) -> Outcome:
    """Agree, refuse or return. Raises Refused when the task is closed, another's, or a comment is missing."""
    if outcome not in ("agree", "refuse", "return"):
        raise Refused((Finding("outcome", {"zh": "未知的处理意见", "en": "unknown decision"}),))

    def act(work: Work) -> Outcome:
        task = work.unit.fetch(TASK, task_id, lock=True)
        if task is None:
            raise Refused((), kind="not_found")
        refuse_others(work, task, actor)
        if outcome != "agree" and not comment.strip():
            raise Refused((Finding("comment", {"zh": "请填写意见", "en": "give your opinion"}, ("comment",)),))
        if version is not None:
            seen = work.open(str(task.values["document"]), str(task.values["record_id"]))
            if seen.values["version"] != version:
                text = {"zh": "此记录已变更，请查看后再处理", "en": "the document has changed; look at it again"}
                raise Refused((Finding("stale", text),), kind="stale")
        working = sign(work, task, outcome, comment.strip(), actor)
        values = working.values
        return Outcome(
            working.document.id,
            str(values["id"]),
            str(values["number"] or ""),
            str(values["state"] or ""),
            int(str(values["version"])),
        )

    with watched(runtime, actor, "decide", TASK, task_id):
        return in_work(runtime, actor, act)
