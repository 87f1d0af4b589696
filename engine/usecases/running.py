"""What still runs for a document, as people see it: a state that will end by itself, limits that run or stand still.

In: a record within a transaction. Out: what each is called and when it falls due. Nothing is changed here; clocks are
turned by `engine.usecases.deadlines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from engine.documents.calendars import add_time
from engine.model.criteria import Compare, Every, Selection
from engine.model.machines import Machine, Timer
from engine.model.records import Record
from engine.model.values import Duration
from engine.usecases.deadlines import calendar_of
from engine.usecases.desk import Working
from engine.usecases.internal import TIMER
from engine.usecases.views import DeadlineView
from engine.usecases.work import Work

_MOST = 100


def deadlines_of(work: Work, working: Working) -> tuple[DeadlineView, ...]:
    """What runs, in the order in which it falls due; what stands still comes last."""
    machine = work.machine(working.document.id)
    found = [*_of_state(work, working, machine), *_of_timers(work, working, machine)]
    return tuple(sorted(found, key=lambda one: (one.due is None, one.due or work.now)))


def _of_state(work: Work, working: Working, machine: Machine) -> Iterator[DeadlineView]:
    state = machine.states.get(str(working.values["state"] or ""))
    if state is None or state.until is None:
        return
    document, record_id = working.document.id, str(working.values["id"])
    for effect in work.runtime.store.effects(state="waiting", record=(document, record_id), limit=_MOST):
        if effect.key.startswith(f"until:{document}:{record_id}:"):
            event = machine.events.get(state.until.event)
            if event is not None:
                yield DeadlineView(event.title, effect.due)


def _of_timers(work: Work, working: Working, machine: Machine) -> Iterator[DeadlineView]:
    if not machine.timers:
        return
    parts = (
        Compare(("record_id",), "==", str(working.values["id"])),
        Compare(("document",), "==", working.document.id),
    )
    for held in work.unit.select(Selection(TIMER, Every(parts), limit=_MOST)):
        timer, status = machine.timers.get(str(held.values["name"])), held.values["status"]
        if timer is not None and status in ("running", "standing"):
            yield DeadlineView(timer.title, _due(work, timer, held) if status == "running" else None)


def _due(work: Work, timer: Timer, held: Record) -> datetime | None:
    since, left = held.values["running_since"], held.values["seconds_left"]
    if not isinstance(since, datetime) or not isinstance(left, Decimal):
        return None
    return add_time(since, Duration(seconds=left), calendar_of(work, timer.calendar))
