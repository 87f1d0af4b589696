"""One event on many records: each through its own event, with its own rights, guards and history; what came of each.

In: a document type, an event, ids or a list's filters. Out: an errand whose `told` counts what was done and names what
was refused (with its reason) or asks to be confirmed. A few are done at once, more by the worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.model.criteria import Among, Criterion, Every, Order, Selection
from engine.problems import Finding, Level, Refused
from engine.usecases.acting import Performer
from engine.usecases.bounds import bounded
from engine.usecases.bulk_events import bulk_events
from engine.usecases.errands import (
    DONE,
    Errand,
    begin_errand,
    end_errand,
    errand,
    errand_and_owner,
    note_progress,
    queue_next,
)
from engine.usecases.events import raise_event
from engine.usecases.listing import readable_document, where_of
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest, EventView, ListRequest
from engine.usecases.work import Work

KIND = "bulk"
AT_ONCE, MOST, PIECE = 50, 10_000, 25
LINES = 500
"""How many records are named in the result; the rest are counted."""
_KINDS = {
    "not_found": ("不存在或无权查看", "not there, or not for you"),
    "forbidden": ("无权办理", "not permitted"),
    "stale": ("正被他人修改", "changed by others"),
    "not_allowed": ("当前状态不能办理", "not possible in its state"),
    "duplicate": ("与已有单据重复", "there is one like it already"),
    "findings": ("内容有误", "its content is not right"),
}


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """What shall be raised on which records: on those named, or with `matching` on all that a list shows."""

    document: str
    event: str
    ids: tuple[str, ...] = ()
    matching: ListRequest | None = None
    asked: Mapping[str, object] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a bulk event would go over: how many records, and whether there are more than one go may take."""

    event: EventView
    count: int
    too_many: bool


def bulk_target(runtime: Runtime, actor: Actor, request: BulkRequest) -> Target:
    """The event and how many records it is about. Raises Refused: no such event for the actor, none chosen."""
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        event = _event(work, request)
        count = unit.count(request.document, _chosen(work, request), MOST + 1)
    if count == 0:
        raise Refused((Finding("none", {"zh": "没有选中单据", "en": "nothing is selected"}),))
    return Target(event, min(count, MOST), count > MOST)


def start_bulk(runtime: Runtime, actor: Actor, request: BulkRequest) -> Errand:
    """Raise an event on many records; a few at once, else the worker does it. Raises Refused, also for too many."""
    target = bulk_target(runtime, actor, request)
    if target.too_many:
        text = {"zh": f"一次最多办理{MOST:,}条，请缩小范围", "en": f"at most {MOST:,} at once; narrow the list"}
        raise Refused((Finding("too_many", text),))
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        where, order = _chosen(work, request), (Order("created_at"),)
        found = unit.select(Selection(request.document, where, order, limit=MOST))
    told = {
        "event": request.event,
        "ids": [record.id for record in found],
        "asked": dict(request.asked),
        "confirmed": sorted(request.confirmed),
        "comment": request.comment,
    }
    later = len(found) > AT_ONCE
    begun = begin_errand(runtime, actor, KIND, request.document, len(found), told, later=later)
    while not later and step_bulk(runtime, begun.id):
        pass
    return errand(runtime, actor, begun.id)


def chosen_ids(runtime: Runtime, actor: Actor, request: BulkRequest, most: int) -> tuple[str, ...]:
    """Ids of the records that a selection means, as far as the actor sees them; one more than `most` where there are.

    Raises Refused where the actor may read none of the type.
    """
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        readable_document(runtime, actor, request.document)
        where = _chosen(work, request)
        found = unit.select(Selection(request.document, where, (Order("created_at"),), limit=most + 1, tables=()))
    return tuple(record.id for record in found)


def step_bulk(runtime: Runtime, errand_id: str) -> bool:
    """Do the next records of an errand; whether more are left."""
    found = errand_and_owner(runtime, errand_id)
    if found is None:
        return False
    begun, owner = found
    ids: Sequence[str] = begun.asked["ids"][begun.handled : begun.handled + PIECE]
    told = _told(begun.told)
    names = _labels(runtime, owner, begun.document, ids)
    for record_id in ids:
        _raise(runtime, owner, begun, record_id, names.get(record_id, ""), told)
    after = note_progress(runtime, begun, begun.handled + len(ids), told)
    if after.ended:
        return False
    if after.handled >= after.total:
        end_errand(runtime, after, DONE, told, text=_ending(runtime, owner, after, told))
        return False
    if begun.asked["later"]:
        queue_next(runtime, after)
    return True


def _event(work: Work, request: BulkRequest) -> EventView:
    document = readable_document(work.runtime, work.actor, request.document)
    found = next((one for one in bulk_events(work, document) if one.name == request.event), None)
    if found is None:
        raise Refused((), kind="forbidden")
    return found


def _chosen(work: Work, request: BulkRequest) -> Criterion:
    document = work.runtime.definitions.documents[request.document]
    if request.matching is not None:
        return where_of(work, document, request.matching)
    named = Among(("id",), tuple(request.ids[:MOST]))
    return Every((work.runtime.rights(document.id, work.actor).rows(work.world), named))


def _told(before: Mapping[str, Any]) -> dict[str, Any]:
    return {"done": 0, "refused": 0, "asking": 0, "lines": [], **before}


def _labels(runtime: Runtime, actor: Actor, document: str, ids: Sequence[str]) -> dict[str, str]:
    """What the records are called, as far as the actor may know."""
    with bounded(), runtime.store.begin(write=False) as unit:
        presenter = Presenter(Work(runtime, unit, actor, Performer()).world)
        made = {}
        for record_id, record in unit.fetch_many(document, ids).items():
            rights = presenter.rights(document, record.values)
            if rights.any:
                number, label = (
                    presenter.number(record.values, rights),
                    presenter.label(document, record.values, rights),
                )
                made[record_id] = label if number in ("", label) else f"{number} {label}"
        return made


def _raise(runtime: Runtime, actor: Actor, begun: Errand, record_id: str, name: str, told: dict[str, Any]) -> None:
    asked = begun.asked
    request = EventRequest(
        begun.document,
        str(asked["event"]),
        record_id,
        asked=asked["asked"],
        confirmed=frozenset(asked["confirmed"]),
        comment=str(asked["comment"]),
        key=f"{begun.id}:{record_id}",
    )
    try:
        raise_event(runtime, actor, request)
    except Refused as refused:
        asking = _asks(refused)
        told["asking" if asking else "refused"] += 1
        codes = sorted({finding.code for finding in refused.findings if finding.level is Level.CONFIRM})
        line = [record_id, name, "asking" if asking else "refused", _reason(refused, actor.language), codes]
    else:
        told["done"] += 1
        line = [record_id, name, "done", "", []]
    if len(told["lines"]) < LINES and (line[2] != "done" or begun.total <= AT_ONCE):
        told["lines"].append(line)


def _asks(refused: Refused) -> bool:
    """Whether nothing but confirmations is missing."""
    telling = [one for one in refused.findings if one.level is not Level.WARN]
    return refused.kind == "findings" and bool(telling) and all(one.level is Level.CONFIRM for one in telling)


def _reason(refused: Refused, language: str) -> str:
    texts = [
        one.text.get(language) or one.text.get("zh", "") for one in refused.findings if one.level is not Level.WARN
    ]
    zh, en = _KINDS.get(refused.kind, _KINDS["findings"])
    return "；".join(dict.fromkeys(text for text in texts if text)) or (zh if language == "zh" else en)


def _ending(runtime: Runtime, actor: Actor, begun: Errand, told: Mapping[str, Any]) -> str:
    """The notice for what was done while its owner was elsewhere; none for what they saw."""
    if not begun.asked["later"]:
        return ""
    event = runtime.definitions.machines[begun.document].events[str(begun.asked["event"])]
    left = told["refused"] + told["asking"]
    if actor.language == "zh":
        return f"批量{event.title.worded('zh')}已完成：办理{told['done']}条，未办{left}条"
    return f"Bulk {event.title.worded('en')} finished: {told['done']} done, {left} not"
