"""Clocks of a document: a state's `until`, and timers that run across states, stand still, warn and act when late.

Deadlines are effects that become due; a document that left in time cancels them. Called within the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

from engine.documents.calendars import ALWAYS, WORK, add_time, time_between
from engine.expressions.environment import Env
from engine.machines.step import Step
from engine.model.criteria import Compare, Every, Selection
from engine.model.formula import Formula
from engine.model.machines import Timer
from engine.model.records import Record
from engine.model.system import Calendar
from engine.model.values import Duration
from engine.usecases.internal import TIMER
from engine.usecases.work import Applied, Work


def clocks_after(work: Work, applied: Applied, moved: Step) -> None:
    """Stop the clocks of the state left, start those of the state entered; a document deleted has none."""
    values, document = applied.working.values, applied.working.document.id
    prefix = f"until:{document}:{values['id']}:"
    if applied.event.delete:
        work.unit.cancel_effects(prefix)
        work.unit.cancel_effects(f"clock:{document}:{values['id']}:")
        return
    if moved.left is not None and moved.left.until is not None:
        work.unit.cancel_effects(prefix)
    entered = moved.entered
    if entered is not None and entered.until is not None:
        env = Env(values, work.world, this=values, event=applied.asked, names=applied.names)
        due = _moment(work, entered.until.after, entered.until.at, env)
        if due is not None:
            key = f"{prefix}{values['version']}"
            payload = {"event": entered.until.event, "state": entered.name}
            work.effect("timer", key, payload, document=document, record_id=str(values["id"]), due=due)
    for timer in work.machine(document).timers.values():
        _turn(work, applied, timer, moved)


def _moment(work: Work, after: Formula | None, at: Formula | None, env: Env) -> datetime | None:
    formula = after or at
    found = formula(env) if formula is not None else None
    if isinstance(found, Duration):
        return later(work, found, work.now)
    if isinstance(found, datetime):
        return found
    return datetime.combine(found, time()) if isinstance(found, date) else None


def later(work: Work, length: Duration, start: datetime) -> datetime:
    """So much after a moment: working days are those of the node's calendar, all other time runs always."""
    moment = add_time(start, replace(length, working_days=0))
    days = Duration(working_days=length.working_days)
    return add_time(moment, days, calendar_of(work, "")) if length.working_days else moment


def calendar_of(work: Work, name: str) -> Calendar:
    """A calendar by name; without one, the node's, and where it has none time runs always."""
    if name == "always":
        return ALWAYS
    calendars = work.runtime.definitions.calendars
    if name:
        return calendars.get(name, WORK)
    return ALWAYS if not work.runtime.node.calendar else calendars.get(work.runtime.node.calendar, ALWAYS)


def _turn(work: Work, applied: Applied, timer: Timer, moved: Step) -> None:
    values, document = applied.working.values, applied.working.document.id
    held = _held(work, document, str(values["id"]), timer.name)
    prefix = f"clock:{document}:{values['id']}:{timer.name}:"
    calendar = calendar_of(work, timer.calendar)
    running = held is not None and held.values["status"] == "running"
    if applied.event.name in timer.met_by or moved.to not in (*timer.runs, *timer.stands):
        if held is not None and held.values["status"] in ("running", "standing"):
            work.unit.cancel_effects(prefix)
            _keep(work, held, status="met" if applied.event.name in timer.met_by else "left", running_since=None)
        return
    if moved.to in timer.stands:
        if held is not None and running:
            since = held.values["running_since"]
            assert isinstance(since, datetime)
            spent = Decimal(int(time_between(since, work.now, calendar).total_seconds()))
            work.unit.cancel_effects(prefix)
            _keep(
                work,
                held,
                status="standing",
                running_since=None,
                seconds_left=_number(held.values["seconds_left"]) - spent,
            )
        return
    if not running:
        _start(work, applied, timer, held, prefix, calendar)


def _start(work: Work, applied: Applied, timer: Timer, held: Record | None, prefix: str, calendar: Calendar) -> None:
    values = applied.working.values
    if held is None or held.values["status"] in ("met", "left"):
        limit = timer.within(Env(values, work.world, this=values)) if timer.within is not None else None
        if not isinstance(limit, Duration):
            return
        total = Decimal(int(time_between(work.now, add_time(work.now, limit, calendar), calendar).total_seconds()))
        left = total
    else:
        left, total = _number(held.values["seconds_left"]), _number(held.values["seconds_total"])
    fresh = {"seconds_left": left, "seconds_total": total, "running_since": work.now, "status": "running"}
    if held is None:
        _new(work, applied, timer.name, fresh)
    else:
        _keep(work, held, **fresh)
    moments = [(str(index), share) for index, (share, _) in enumerate(timer.warn)] + [("late", Decimal(1))]
    for name, share in moments:
        wait = left - total * (1 - share)
        if wait < 0:
            continue
        due = add_time(work.now, Duration(seconds=wait), calendar)
        payload = {"timer": timer.name, "part": name}
        document, record_id = applied.working.document.id, str(values["id"])
        work.effect(
            "clock", f"{prefix}{values['version']}:{name}", payload, document=document, record_id=record_id, due=due
        )


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


def _held(work: Work, document: str, record_id: str, name: str) -> Record | None:
    parts = (
        Compare(("record_id",), "==", record_id),
        Compare(("document",), "==", document),
        Compare(("name",), "==", name),
    )
    found = work.unit.select(Selection(TIMER, Every(parts), limit=1))
    return found[0] if found else None


def system_values(work: Work) -> dict[str, object]:
    """System fields of a fresh record of the engine's own."""
    return {
        "id": work.runtime.ids.new(),
        "number": None,
        "state": None,
        "version": 1,
        "created_at": work.now,
        "created_by": work.actor.id,
        "changed_at": work.now,
        "changed_by": work.actor.id,
        "deleted": False,
        "frozen": False,
    }


def _new(work: Work, applied: Applied, name: str, values: Mapping[str, object]) -> None:
    about = {"document": applied.working.document.id, "record_id": str(applied.working.values["id"]), "name": name}
    work.unit.insert(Record(TIMER, {**system_values(work), **about, **values}))


def _keep(work: Work, held: Record, **values: object) -> None:
    version = held.version
    held.values.update(values, version=version + 1, changed_at=work.now)
    work.unit.update(held, version)
