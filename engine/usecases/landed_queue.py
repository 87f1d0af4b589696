"""The line in which blocked messages wait: when each is tried next, and one that goes to its end.

In: landed messages and the outbox. Out: moments; an effect behind all others. Only the newest thousand that wait are
looked at: a longer line says no moment for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from engine.model.criteria import Among, Selection
from engine.model.records import AuditEntry, Effect, Record
from engine.usecases.landing import note_state
from engine.usecases.landing_records import BLOCKED, MESSAGE, OUT
from engine.usecases.runtime import Runtime
from engine.usecases.taking_in import RECEIVE
from engine.usecases.views import Actor

_MOST = 1_000
_SEND = "send"


def next_tries(runtime: Runtime) -> Mapping[str, datetime]:
    """When messages are tried next, by landed id."""
    found: dict[str, datetime] = {}
    for effect in _line(runtime):
        landed_id = _landed(effect)
        found[landed_id] = min(effect.due, found.get(landed_id, effect.due))
    return found


def to_the_end(runtime: Runtime, actor: Actor, ids: Sequence[str]) -> int:
    """Let blocked messages wait behind all others of the line, their tries counted anew; how many. In the audit."""
    line = _line(runtime)
    due = max([runtime.clock.now(), *(effect.due for effect in line)])
    moved: list[str] = []
    with runtime.store.begin() as unit:
        for record in unit.select(Selection(MESSAGE, Among(("id",), tuple(ids[:_MOST])), limit=_MOST)):
            if record.values["state"] == BLOCKED:
                due += timedelta(seconds=1)
                unit.put_effect(_last(runtime, record, due))
                now = runtime.clock.now()
                note_state(unit, record, now, BLOCKED, tries=0, changed_by=actor.id)
                unit.append_audit(AuditEntry(now, actor.id, "message_end", MESSAGE, record.id, {}, actor.address))
                moved.append(record.id)
    former = [effect.id for effect in line if _landed(effect) in moved]
    runtime.store.drop_effects(former, "moved to the end")
    return len(moved)


def _line(runtime: Runtime) -> list[Effect]:
    waiting = runtime.store.effects(state="waiting", limit=_MOST)
    return [effect for effect in waiting if effect.kind in {_SEND, RECEIVE}]


def _landed(effect: Effect) -> str:
    return str(effect.payload.get("landed") or effect.id)


def _last(runtime: Runtime, record: Record, due: datetime) -> Effect:
    values, now = record.values, runtime.clock.now()
    payload: dict[str, object] = {"landed": record.id}
    kind = RECEIVE
    if values["direction"] == OUT:
        kind, payload = _SEND, {**payload, "channel": values["channel"], "mapping": values["kind"]}
    about = str(values["document"] or ""), str(values["record_id"] or "")
    key = f"end:{record.id}:{record.version}"
    return Effect(runtime.ids.new(), kind, key, due, *about, payload, created_at=now)
