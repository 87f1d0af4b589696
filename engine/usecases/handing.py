"""A signer brings in somebody else: hands his part over, has it signed on his behalf, or adds another signer.

In: an open task whose step allows it, an account. Out: a task for that account, a step in the history. The other must
be there, be allowed to see the document, and take no part in the step yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.approvals.process import GONE
from engine.model.criteria import Criterion, Every, Order, Selection
from engine.model.formula import Title
from engine.model.machines import ANY, Approval, Event
from engine.model.records import Record
from engine.problems import Finding, Refused
from engine.usecases.accounts import present
from engine.usecases.acting import Performer
from engine.usecases.auditing import watched
from engine.usecases.bounds import bounded
from engine.usecases.course import Course, close_task, step_of
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.internal import TASK
from engine.usecases.needles import found_by_text
from engine.usecases.presenting import Presenter
from engine.usecases.rounds import round_of, tasks_of
from engine.usecases.runtime import Runtime
from engine.usecases.signing import refuse_closed, refuse_others
from engine.usecases.views import Actor, Option
from engine.usecases.work import Applied, Work
from engine.usecases.world import RecordWorld

TRANSFER, DELEGATE, ADD = "transfer", "delegate", "add_signer"
HANDED = {
    TRANSFER: Event("transferred", Title("转交", "Handed over"), (ANY,)),
    DELEGATE: Event("delegated", Title("委托", "Delegated"), (ANY,)),
    ADD: Event("signer_added", Title("加签", "Signer added"), (ANY,)),
}
"""How each stands in the history."""
_STATUS = {TRANSFER: "transferred", DELEGATE: "delegated"}
_MOST, _MOST_READ = 20, 200


def hand_over(runtime: Runtime, actor: Actor, task_id: str, way: str, user: str, comment: str = "") -> None:
    """Transfer, delegate or add a signer. Raises Refused where the step does not let it, or the other cannot sign."""

    def act(work: Work) -> None:
        task = work.unit.fetch(TASK, task_id, lock=True)
        if task is None:
            raise Refused((), kind="not_found")
        refuse_others(work, task, actor)
        working = work.open(str(task.values["document"]), str(task.values["record_id"]))
        refuse_closed(task)
        approval = work.machine(working.document.id).approvals[str(task.values["approval"])]
        if way not in HANDED or way not in step_of(approval, str(task.values["step"])).may:
            text = {"zh": "此环节不允许这样做", "en": "this step does not allow it"}
            raise Refused((Finding("not_allowed", text),), kind="not_allowed")
        other = _other(work, approval, task, user)
        _bring_in(work, working, approval, task, way, other, actor)
        words = f"→ {other.name}" + (f" · {comment.strip()}" if comment.strip() else "")
        applied = Applied(working, HANDED[way], str(working.values["state"] or ""), {}, actor, words)
        working.dirty = True
        work.save(applied)

    with watched(runtime, actor, way, TASK, task_id):
        in_work(runtime, actor, act)


def _bring_in(
    work: Work, working: Working, approval: Approval, task: Record, way: str, other: Actor, actor: Actor
) -> None:
    course = Course(work, working, approval, str(task.values["starter"]), actor)
    step = step_of(approval, str(task.values["step"]))
    principal = task.values["principal"] or actor.id
    if way == ADD:
        course.put(step, other.id, round_of(task), added_by=actor.id)
        return
    close_task(work, task, _STATUS[way])
    # What was handed over is the other's own part; what was delegated stays the part of the one who delegated it.
    kept = {"due": task.values["due"], "added_by": task.values["added_by"]}
    on_behalf = principal if way == DELEGATE else None
    course.put(step, other.id, round_of(task), principal=principal, on_behalf=on_behalf, **kept)


def _other(work: Work, approval: Approval, task: Record, user: str) -> Actor:
    accounts = work.runtime.node.accounts
    record = work.unit.fetch(accounts.document, user) if accounts is not None else None
    other = present(accounts, record, "") if accounts is not None else None
    if other is None or other.id == work.actor.id:
        raise _refused("unknown_choice", "没有此人，或其账号已停用", "there is no such account, or it is closed")
    if not _may_see(work, task, other):
        raise _refused("unknown_choice", "此人无权查看此单据", "this account may not see the document")
    if approval.same_as_starter != "allow" and other.id == task.values["starter"]:
        raise _refused("starter", "不能由发起人审批自己的单据", "whoever started it cannot sign it")
    if other.id in _taking_part(work, task):
        raise _refused("takes_part", "此人已在本环节办理", "this account takes part in the step already")
    return other


def _may_see(work: Work, task: Record, other: Actor) -> bool:
    document = str(task.values["document"])
    world = RecordWorld(work.runtime, work.unit, other, work.now)
    row = world.follow(document, str(task.values["record_id"]))
    return row is not None and work.runtime.rights(document, other).on(row, world).any


def _taking_part(work: Work, task: Record) -> set[object]:
    tasks = tasks_of(work.unit, str(task.values["document"]), str(task.values["record_id"]))
    same = [one.values for one in tasks if all(one.values[key] == task.values[key] for key in ("round", "step"))]
    return {user for one in same if one["status"] not in GONE for user in (one["assignee"], one["principal"]) if user}


def candidates(runtime: Runtime, actor: Actor, task_id: str, text: str) -> tuple[Option, ...]:
    """Accounts that a task could be handed to, by part of the name or login."""
    with (
        watched(runtime, actor, "options", TASK, task_id),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        work = Work(runtime, unit, actor, Performer())
        task = unit.fetch(TASK, task_id)
        if task is None or task.values["assignee"] != actor.id or task.values["status"] != "open":
            raise Refused((), kind="not_found")
        approval = work.machine(str(task.values["document"])).approvals[str(task.values["approval"])]
        return tuple(_options(work, approval, task, text.strip()))[:_MOST]


def _options(work: Work, approval: Approval, task: Record, text: str) -> Iterator[Option]:
    accounts = work.runtime.node.accounts
    if accounts is None:
        return
    declared, presenter = work.runtime.definitions.documents[accounts.document], Presenter(work.world)
    parts: list[Criterion] = [work.runtime.rights(declared.id, work.actor).rows(work.world)]
    if text:
        parts.append(found_by_text(work, declared, text, by_name=True))
    for record in work.unit.select(
        Selection(declared.id, Every(tuple(parts)), (Order("created_at"),), limit=_MOST_READ)
    ):
        rights = presenter.rights(declared.id, record.values)
        try:
            if rights.any:
                other = _other(work, approval, task, record.id)
                yield Option(other.id, presenter.label(declared.id, record.values, rights))
        except Refused:
            continue


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused((Finding(code, {"zh": zh, "en": en}, ("to",)),))
