"""What the office tells somebody on its own pages: notices, newest first, and that they were read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.records import Record
from engine.problems import Refused
from engine.usecases.cursors import cursor_of, cursor_text
from engine.usecases.events import in_work
from engine.usecases.internal import NOTICE
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

CAP = 100


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice; `document` and `record_id` say what it is about."""

    id: str
    text: str
    at: datetime
    document: str
    record_id: str
    read: bool


def my_notices(runtime: Runtime, actor: Actor, limit: int = 50) -> tuple[NoticeView, ...]:
    """The actor's notices, newest first."""
    with runtime.store.begin(write=False) as unit:
        order = (Order("created_at", descending=True),)
        return tuple(_view(record) for record in unit.select(Selection(NOTICE, _to(actor), order, limit=limit)))


def unread(runtime: Runtime, actor: Actor) -> int:
    """How many the actor has not read, at most CAP."""
    with runtime.store.begin(write=False) as unit:
        return unit.count(NOTICE, _unread(actor), CAP)


@dataclass(frozen=True, slots=True)
class NoticePage:
    """A page of notices; `next` and `previous` are cursors, empty where there is no more."""

    notices: tuple[NoticeView, ...]
    unread: int
    next: str = ""
    previous: str = ""


def notices_page(
    runtime: Runtime,
    actor: Actor,
    *,
    after: str = "",
    backwards: bool = False,
    unread_only: bool = False,
    limit: int = 20,
) -> NoticePage:
    """One page of the actor's notices, newest first. Raises Refused for a cursor that this list did not give."""
    order, limit = (Order("created_at", descending=True),), max(1, min(limit, CAP))
    position = cursor_of(after, order, None)
    where = _unread(actor) if unread_only else _to(actor)
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(NOTICE, where, order, position, limit + 1, backwards=backwards))
    further = len(found) > limit
    found = found[-limit:] if backwards else found[:limit]
    later, earlier = (bool(after), further) if backwards else (further, bool(after))
    return NoticePage(
        tuple(_view(record) for record in found),
        unread(runtime, actor),
        cursor_text(found[-1], order) if found and later else "",
        cursor_text(found[0], order) if found and earlier else "",
    )


def read_all(runtime: Runtime, actor: Actor) -> int:
    """Mark all of the actor's notices; how many were new."""
    marked = 0
    while True:
        count = in_work(runtime, actor, lambda work: _read_some(work, actor))
        marked += count
        if count < CAP:
            return marked


def _read_some(work: Work, actor: Actor) -> int:
    found = work.unit.select(Selection(NOTICE, _unread(actor), limit=CAP))
    for record in found:
        version = record.version
        record.values.update(read_at=work.now, version=version + 1)
        work.unit.update(record, version)
    return len(found)


def note_read(runtime: Runtime, actor: Actor, notice_id: str) -> NoticeView:
    """Mark one of the actor's own notices. Raises Refused(not_found)."""

    def act(work: Work) -> NoticeView:
        record = work.unit.fetch(NOTICE, notice_id, lock=True)
        if record is None or record.values["recipient"] != actor.id:
            raise Refused((), kind="not_found")
        if record.values["read_at"] is None:
            version = record.version
            record.values.update(read_at=work.now, version=version + 1)
            work.unit.update(record, version)
        return _view(record)

    return in_work(runtime, actor, act)


def _to(actor: Actor) -> Criterion:
    return Compare(("recipient",), "==", actor.id)


def _unread(actor: Actor) -> Criterion:
    return Every((_to(actor), Compare(("read_at",), "==", None)))


def _view(record: Record) -> NoticeView:
    values = record.values
    at = values["created_at"]
    assert isinstance(at, datetime)
    about = str(values["document"] or ""), str(values["record_id"] or "")
    return NoticeView(record.id, str(values["text"]), at, *about, read=values["read_at"] is not None)
