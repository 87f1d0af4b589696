"""Deferred answers that an offer promised: looked after when their time is over, and each day until they have come.

In: an offer that was served, what its `do` created; later the effect that is due. Out: the call among the exceptions
(MSG214) while its answer is missing, and processed again once it was sent. An answer counts when it is among the
messages that left for what was created; whether it arrived is that message's own affair.
"""

from __future__ import annotations

from datetime import timedelta

from engine.expressions.environment import Env
from engine.incidents import worded
from engine.model.criteria import Among, Compare, Every, Selection
from engine.model.interfaces import Offer
from engine.model.records import Effect, Record
from engine.model.values import Duration
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import later
from engine.usecases.events import in_work
from engine.usecases.landing import note_state
from engine.usecases.landing_records import DISCARDED, FAILED, MESSAGE, OUT, PROCESSED
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

PROMISE = "promise"
OVERDUE = "MSG214"
_AGAIN = timedelta(days=1)


def promise(work: Work, offer: Offer, landed: Record, env: Env) -> None:
    """Look after the deferred answer of a call when its time is over, in the transaction that serves the call."""
    if offer.later is None or offer.later.within is None or not landed.values["record_id"]:
        return
    length = offer.later.within(env)
    if isinstance(length, Duration):
        due = later(work, length, work.now)
        about = {"document": str(landed.values["document"]), "record_id": str(landed.values["record_id"])}
        payload = {"landed": landed.id, "mapping": offer.later.mapping}
        work.effect(PROMISE, f"{PROMISE}:{landed.id}", payload, due=due, **about)


def look_after(runtime: Runtime, effect: Effect) -> None:
    """The worker's turn: an answer that is missing is an incident, one that has come is none any more."""

    def act(work: Work) -> None:
        call = work.unit.fetch(MESSAGE, str(effect.payload["landed"]), lock=True)
        if call is None or call.values["state"] == DISCARDED:
            return
        if _is_answered(work, effect):
            if call.values["code"] == OVERDUE:
                note_state(work.unit, call, work.now, PROCESSED, code="", told=None)
            return
        if call.values["code"] != OVERDUE:
            note_state(work.unit, call, work.now, FAILED, code=OVERDUE, told=worded(OVERDUE))
        key = f"{PROMISE}:{call.id}:{work.now.isoformat()}"
        work.effect(
            PROMISE, key, effect.payload, document=effect.document, record_id=effect.record_id, due=work.now + _AGAIN
        )

    in_work(runtime, ENGINE, act)


def _is_answered(work: Work, effect: Effect) -> bool:
    """Whether the answer, in whichever edition, was sent of what the call created."""
    name = str(effect.payload["mapping"])
    mappings = work.runtime.definitions.mappings
    kinds = (name, *(one.id for one in mappings.values() if one.edition_of == name))
    about = Compare(("document",), "==", effect.document), Compare(("record_id",), "==", effect.record_id)
    sent = Every((*about, Compare(("direction",), "==", OUT), Among(("kind",), kinds)))
    return bool(work.unit.select(Selection(MESSAGE, sent, limit=1)))
