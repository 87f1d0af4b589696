"""What a node is asked to do for itself by events, jobs and rules (`care`): carried out by the worker after the commit.

In: an order with its arguments. Out: it is done, or the effect fails and is tried again where that may help. How it
ended is told by happenings (`backup.made`, `update.ready`, `clock.set` and the like).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.flows import DONE
from engine.model.node_care import CareFault
from engine.model.records import AuditEntry, Effect
from engine.problems import DeliveryError, Incident
from engine.usecases.runtime import Runtime

CARE, CARETAKER = "care", "engine"
_AGAIN = frozenset({CareFault.AWAY.value, CareFault.BUSY.value})
"""Why an order may go well next time: nobody answers, another one is under way."""
_LATER = _AGAIN | {CareFault.MORE.value}
"""What is no fault of an order for one piece: somebody orders the next."""


def care_for(runtime: Runtime, effect: Effect) -> None:
    """Carry out one order. Raises DeliveryError."""
    given = effect.payload["with"]
    take_care(runtime, str(effect.payload["order"]), given if isinstance(given, Mapping) else {})


def take_care(runtime: Runtime, order: str, given: Mapping[str, object]) -> None:
    """Carry out an order of the node. Raises DeliveryError where that does not go well."""
    if runtime.care is None:
        raise DeliveryError(Incident(order, "this node looks after nothing", retry=False))
    done = runtime.care.order(order, given)
    if done.outcome != DONE and not (given.get("seconds") and done.answer.get("why") in _LATER):
        why = str(done.answer.get("why") or done.outcome)
        raise DeliveryError(Incident(order, why, retry=why in _AGAIN))


def note_care(runtime: Runtime, action: str, about: Mapping[str, object]) -> None:
    """Keep in the audit what a node did for itself."""
    runtime.store.note(AuditEntry(runtime.clock.now(), CARETAKER, action, "", "", about))
