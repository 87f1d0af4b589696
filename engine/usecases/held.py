"""Rows that wait to be worked on, one worker each: taken for a while, and free again when that has passed.

In: a document type of the engine's own with `state`, `held_until` and `tries`. Out: one row, held. A worker that was
killed leaves its row held; when the time has passed somebody else takes it, and what was done before stays done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.records import Record
from engine.ports import Stale
from engine.usecases.acting import ENGINE
from engine.usecases.events import in_work
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

WAITING, DONE, FAILED = "waiting", "done", "failed"
HOLD = timedelta(seconds=90)
MOST_TRIES = 5
_LOOKED_AT = 8


def waiting(now: datetime) -> Mapping[str, object]:
    """The columns of a fresh row."""
    return {"state": WAITING, "held_until": now, "tries": 0}


def take(runtime: Runtime, document: str) -> Record | None:
    """A row that waits, held for this worker; None when there is none."""
    now = runtime.clock.now()
    due = Every((Compare(("state",), "==", WAITING), Compare(("held_until",), "<=", now)))
    oldest = (Order("held_until"), Order("created_at"))
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(document, due, oldest, limit=_LOOKED_AT))
    for record in found:
        try:
            held = in_work(runtime, ENGINE, lambda work, one=record: _hold(work, one))  # type: ignore[misc]
        except Stale:
            continue
        if held is not None:
            return held
    return None


def _hold(work: Work, record: Record) -> Record | None:
    fresh = work.unit.fetch(record.document, record.id, lock=True)
    until = None if fresh is None else fresh.values["held_until"]
    free = isinstance(until, datetime) and until <= work.now
    if fresh is None or fresh.values["state"] != WAITING or not free:
        return None
    tries = int(str(fresh.values["tries"])) + 1
    if tries > MOST_TRIES:
        keep(work, fresh, state=FAILED)
        return None
    return keep(work, fresh, held_until=work.now + HOLD, tries=tries)


def keep(work: Work, record: Record, **values: object) -> Record:
    """Store a row with some values changed."""
    version = record.version
    record.values.update(values, version=version + 1, changed_at=work.now)
    work.unit.update(record, version)
    return record
