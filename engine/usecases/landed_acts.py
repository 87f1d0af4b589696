"""What operators do with messages: send again, try again, release what was put aside, discard with a reason.

In: ids, or a query whose newest matches are meant. Out: how many it was done to; each is done in the transaction that
also queues what follows, and all of it stands in the audit. What does not fit a message's state is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from engine.model.criteria import Among, Selection
from engine.model.records import AuditEntry, Effect, Record
from engine.ports import Unit
from engine.problems import Finding, Refused
from engine.usecases.incident_kinds import UNFINISHED
from engine.usecases.landed import LandedQuery, ids_of_query
from engine.usecases.landing import note_state
from engine.usecases.landing_records import (
    ABNORMAL,
    ARRIVED,
    AWAITING,
    BLOCKED,
    CONFIRMED,
    DISCARDED,
    FAILED,
    IN,
    MESSAGE,
    OUT,
    QUARANTINED,
    SENDING,
    SENT,
    UNMATCHED,
)
from engine.usecases.runtime import Runtime
from engine.usecases.taking_in import process_again
from engine.usecases.views import Actor

MOST = 10_000
"""Messages that one act reaches: more is asked for again."""
_AT_ONCE = 200
"""Messages of one transaction. An act on no more than so many stands in the audit of each of them as well."""
_TOLD = 20
_TAKEN_UP = "taken up with its message"
_RESENT = frozenset({SENT, AWAITING, CONFIRMED, BLOCKED, FAILED, DISCARDED})
_RETRIED = frozenset({BLOCKED, FAILED, UNMATCHED})
_Act = Callable[[Runtime, Unit, Actor, Record], bool]


def resend(runtime: Runtime, actor: Actor, ids: Sequence[str]) -> int:
    """Send messages again that left, failed, are blocked or were given up: the same number and key, a new try."""
    return _each(runtime, actor, "message_resend", ids, _resend)


def resend_query(runtime: Runtime, actor: Actor, query: LandedQuery) -> int:
    """Send all again that match, the newest ten thousand."""
    return resend(runtime, actor, ids_of_query(runtime, query, MOST))


def retry(runtime: Runtime, actor: Actor, ids: Sequence[str]) -> int:
    """Try at once what is blocked, has failed or found nothing to belong to, whichever way it goes."""
    return _each(runtime, actor, "message_retry", ids, _retry)


def retry_query(runtime: Runtime, actor: Actor, query: LandedQuery) -> int:
    """Try all again that match, the newest ten thousand."""
    return retry(runtime, actor, ids_of_query(runtime, query, MOST))


def release(runtime: Runtime, actor: Actor, ids: Sequence[str]) -> int:
    """Let messages be processed that were put aside."""
    return _each(runtime, actor, "message_release", ids, _release)


def release_query(runtime: Runtime, actor: Actor, query: LandedQuery) -> int:
    """Let all be processed that match and were put aside, the newest ten thousand."""
    return release(runtime, actor, ids_of_query(runtime, query, MOST))


def discard(runtime: Runtime, actor: Actor, ids: Sequence[str], because: str) -> int:
    """Give up messages that are abnormal or wait, and keep why. Raises Refused without a reason."""
    if not because.strip():
        text = {"zh": "请写明作废的原因", "en": "say why it is discarded"}
        raise Refused((Finding("required", text, ("because",)),))

    def act(runtime: Runtime, unit: Unit, actor: Actor, record: Record) -> bool:
        if record.values["state"] not in ABNORMAL | {ARRIVED, SENDING, AWAITING}:
            return False
        note_state(unit, record, runtime.clock.now(), DISCARDED, because=because.strip()[:500], changed_by=actor.id)
        return True

    return _each(runtime, actor, "message_discard", ids, act, because=because.strip()[:500])


def _each(runtime: Runtime, actor: Actor, action: str, ids: Sequence[str], act: _Act, **detail: object) -> int:
    done: list[str] = []
    begun = runtime.clock.now()
    for start in range(0, len(ids), _AT_ONCE):
        some = tuple(dict.fromkeys(ids[start : start + _AT_ONCE]))
        with runtime.store.begin() as unit:
            found = unit.select(Selection(MESSAGE, Among(("id",), some), limit=len(some)))
            acted = [record.id for record in found if act(runtime, unit, actor, record)]
            for landed_id in acted if len(ids) <= _AT_ONCE else ():
                now = runtime.clock.now()
                unit.append_audit(AuditEntry(now, actor.id, action, MESSAGE, landed_id, detail, actor.address))
        done += acted
    _end_former(runtime, frozenset(done), begun)
    about = {"messages": done[:_TOLD], "count": len(done), **detail}
    with runtime.store.begin() as unit:
        unit.append_audit(AuditEntry(runtime.clock.now(), actor.id, action, "", "", about, actor.address))
    return len(done)


def _end_former(runtime: Runtime, landed: frozenset[str], begun: datetime) -> None:
    """Effects that had failed with these messages need nobody's eye any more."""
    former = runtime.store.effects(state="failed", limit=MOST)
    ended = [
        effect.id
        for effect in former
        if (effect.id in landed or effect.payload.get("landed") in landed)
        and (effect.created_at is None or effect.created_at <= begun)
    ]
    runtime.store.drop_effects(ended, _TAKEN_UP)


def _resend(runtime: Runtime, unit: Unit, actor: Actor, record: Record) -> bool:
    values = record.values
    if values["direction"] != OUT or values["state"] not in _RESENT or values["purged_at"] is not None:
        return False
    times = int(str(values["resent"] or 0)) + 1
    return _send_again(runtime, unit, actor, record, resent=times)


def _send_again(runtime: Runtime, unit: Unit, actor: Actor, record: Record, **noted: object) -> bool:
    now, values = runtime.clock.now(), record.values
    payload = {"landed": record.id, "channel": values["channel"], "mapping": values["kind"]}
    about = str(values["document"] or ""), str(values["record_id"] or "")
    kind = "send"
    if values["channel"] in runtime.definitions.services:  # a call: what it was told stands in its headers
        headers = values["headers"]
        kind, payload = "call", {"landed": record.id, **(headers if isinstance(headers, Mapping) else {})}
    effect = Effect(
        runtime.ids.new(), kind, f"resend:{record.id}:{record.version}", now, *about, payload, created_at=now
    )
    unit.put_effect(effect)
    code = values["code"] if values["code"] in UNFINISHED else ""
    note_state(unit, record, now, SENDING, code=code, told=None, tries=0, changed_by=actor.id, **noted)
    return True


def _retry(runtime: Runtime, unit: Unit, actor: Actor, record: Record) -> bool:
    if record.values["state"] not in _RETRIED:
        return False
    if record.values["direction"] == OUT:
        return _send_again(runtime, unit, actor, record)
    return _process_again(runtime, unit, actor, record)


def _release(runtime: Runtime, unit: Unit, actor: Actor, record: Record) -> bool:
    if record.values["direction"] != IN or record.values["state"] != QUARANTINED:
        return False
    return _process_again(runtime, unit, actor, record)


def _process_again(runtime: Runtime, unit: Unit, actor: Actor, record: Record) -> bool:
    process_again(runtime, unit, record.id, record.version)
    note_state(unit, record, runtime.clock.now(), ARRIVED, code="", told=None, tries=0, changed_by=actor.id)
    return True
