"""Lists of approval tasks, paged by key: what waits for me, what I have signed, what I started and who it waits for.

In: who asks, which list, where to go on. Out: rows worded for him, after the projection of each document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from engine.model.criteria import Among, Compare, Criterion, Every, Order, Selection
from engine.model.formula import Title
from engine.model.records import Record
from engine.ports import Unit
from engine.usecases.acting import Performer
from engine.usecases.auditing import watched
from engine.usecases.bounds import bounded
from engine.usecases.cursors import cursor_of, cursor_text
from engine.usecases.internal import REVIEW, TASK
from engine.usecases.presenting import Presenter
from engine.usecases.recounting import account_name, step_title, task_view, told_task
from engine.usecases.reviews import RETURNED
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, TaskView
from engine.usecases.work import Work

OPEN, DONE, STARTED = TABS = ("open", "done", "started")
SIGNED = ("agreed", "refused", "returned")
CAP = 1000
_MOST, _MOST_NAMED = 100, 3
_ORDER = {
    OPEN: (Order("created_at"),),
    DONE: (Order("changed_at", descending=True),),
    STARTED: (Order("changed_at", descending=True),),
}


@dataclass(frozen=True, slots=True)
class TasksRequest:
    """Which list, of which document type (all without), where to go on."""

    tab: str = OPEN
    document: str = ""
    after: str = ""
    backwards: bool = False
    limit: int = 30


@dataclass(frozen=True, slots=True)
class StartedView:
    """A document that the actor sent on its way: where it stands, and at which step it waits for whom."""

    document: str
    record_id: str
    kind: Title
    number: str
    label: str
    state: Title
    state_name: str
    since: datetime
    step: Title
    waits_for: tuple[str, ...]
    more: int
    due: datetime | None


@dataclass(frozen=True, slots=True)
class TasksView:
    """One page. `total` is capped: with `more` it means "at least". `kinds` are (document type, title, how many)."""

    tab: str
    tasks: tuple[TaskView, ...]
    started: tuple[StartedView, ...]
    total: int
    more: bool
    next: str
    previous: str
    kinds: tuple[tuple[str, Title, int], ...]


def list_tasks(runtime: Runtime, actor: Actor, request: TasksRequest) -> TasksView:
    """One page of a list. Raises Refused for a cursor that it did not give."""
    with watched(runtime, actor, "list", TASK), bounded(), runtime.store.begin(write=False) as unit:
        work, tab = Work(runtime, unit, actor, Performer()), request.tab
        stored, order = REVIEW if tab == STARTED else TASK, _ORDER[tab]
        where, limit, back = _where(work, tab, request.document), max(1, min(request.limit, _MOST)), request.backwards
        after = cursor_of(request.after, order, None)
        records = unit.select(Selection(stored, where, order, after, limit + 1, backwards=back))
        further = len(records) > limit
        records = records[-limit:] if back else records[:limit]
        total = unit.count(stored, where, CAP + 1)
        has_next, has_previous = (bool(request.after) if back else further), (further if back else bool(request.after))
        return TasksView(
            tab,
            () if tab == STARTED else tuple(told_task(work, one) for one in records),
            _started(work, records) if tab == STARTED else (),
            min(total, CAP),
            total > CAP,
            cursor_text(records[-1], order) if records and has_next else "",
            cursor_text(records[0], order) if records and has_previous else "",
            tuple(_kinds(work, tab)),
        )


def returned_to(runtime: Runtime, actor: Actor) -> tuple[StartedView, ...]:
    """Documents that an approval gave back to the actor and that are still where it has put them, the last first."""
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        where = Every((_where(work, STARTED, ""), Compare(("status",), "==", RETURNED)))
        found = unit.select(Selection(REVIEW, where, _ORDER[STARTED], limit=_MOST))
        return _started(work, [one for one in found if _is_back(work, one)])


def _is_back(work: Work, review: Record) -> bool:
    document = str(review.values["document"])
    machine, row = work.machine(document), work.world.follow(document, str(review.values["record_id"]))
    approval = machine.approvals.get(str(review.values["approval"]))
    event = None if approval is None else machine.events.get(approval.return_event)
    return row is not None and not row.get("deleted") and event is not None and row["state"] == event.to


class Counts(NamedTuple):
    """How many tasks wait for somebody, how many of them are late, how many documents sent wait for others.

    Each is at most one above `CAP`.
    """

    waiting: int
    late: int
    sent: int


def count_tasks(runtime: Runtime, actor: Actor) -> Counts:
    """The figures of an account."""
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        where = _where(work, OPEN, "")
        late = Every((where, Compare(("due",), "<", work.now)))
        sent = Every((_where(work, STARTED, ""), Compare(("status",), "==", "open")))
        asked = ((TASK, where), (TASK, late), (REVIEW, sent))
        return Counts(*(unit.count(stored, limit, CAP + 1) for stored, limit in asked))


def task_on(runtime: Runtime, actor: Actor, document: str, record_id: str) -> TaskView | None:
    """The actor's open task on a document, the oldest where there are several."""
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        where = Every((_where(work, OPEN, document), Compare(("record_id",), "==", record_id)))
        found = unit.select(Selection(TASK, where, _ORDER[OPEN], limit=1))
        return task_view(work, found[0]) if found else None


def task_after(runtime: Runtime, actor: Actor) -> str:
    """The id of the task that has waited longest, "" for none."""
    with runtime.store.begin(write=False) as unit:
        where = _where(Work(runtime, unit, actor, Performer()), OPEN, "")
        found = unit.select(Selection(TASK, where, _ORDER[OPEN], limit=1))
        return found[0].id if found else ""


def _where(work: Work, tab: str, document: str) -> Criterion:
    reviewed = reviewed_documents(work.runtime)
    of = Among(("document",), (document,) if document in reviewed else () if document else reviewed)
    if tab == OPEN:
        return Every((Compare(("assignee",), "==", work.actor.id), Compare(("status",), "==", "open"), of))
    if tab == DONE:
        return Every((Compare(("decided_by",), "==", work.actor.id), Among(("status",), SIGNED), of))
    return Every((Compare(("starter",), "==", work.actor.id), of))


def reviewed_documents(runtime: Runtime) -> tuple[str, ...]:
    """Document types that have approvals."""
    return tuple(name for name, machine in runtime.definitions.machines.items() if machine.approvals)


def _kinds(work: Work, tab: str) -> list[tuple[str, Title, int]]:
    stored, documents = REVIEW if tab == STARTED else TASK, work.runtime.definitions.documents
    counted = [
        (name, work.unit.count(stored, _where(work, tab, name), CAP)) for name in reviewed_documents(work.runtime)
    ]
    return [(name, documents[name].title, count) for name, count in counted if count]


def _started(work: Work, records: Sequence[Record]) -> tuple[StartedView, ...]:
    waiting = _waiting(work.unit, [str(one.values["record_id"]) for one in records])
    return tuple(_started_view(work, one, waiting.get(str(one.values["record_id"]), [])) for one in records)


def _waiting(unit: Unit, ids: Sequence[str]) -> dict[str, list[Record]]:
    where = Every((Among(("record_id",), tuple(ids)), Compare(("status",), "==", "open")))
    found: dict[str, list[Record]] = {}
    for task in unit.select(Selection(TASK, where, (Order("created_at"),), limit=CAP)):
        found.setdefault(str(task.values["record_id"]), []).append(task)
    return found


def _started_view(work: Work, review: Record, waiting: Sequence[Record]) -> StartedView:
    document, record_id = str(review.values["document"]), str(review.values["record_id"])
    presenter, begun = Presenter(work.world), review.values["begun_at"]
    row = work.world.follow(document, record_id) or {"id": record_id}
    rights = presenter.rights(document, row)
    state = work.machine(document).states.get(str(row.get("state") or ""))
    seen = rights.any and state is not None and not row.get("deleted")
    dues = [due for task in waiting if isinstance(due := task.values["due"], datetime)]
    names = tuple(dict.fromkeys(account_name(work, str(task.values["assignee"])) for task in waiting)) if seen else ()
    return StartedView(
        document,
        record_id,
        work.runtime.definitions.documents[document].title,
        presenter.number(row, rights),
        presenter.label(document, row, rights) if rights.any else "",
        state.title if seen and state is not None else Title(),
        state.name if seen and state is not None else "",
        begun if isinstance(begun, datetime) else work.now,
        step_title(work, waiting[0]) if waiting and seen else Title(),
        names[:_MOST_NAMED],
        max(0, len(names) - _MOST_NAMED),
        min(dues, default=None),
    )
