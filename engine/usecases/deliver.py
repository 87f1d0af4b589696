"""The worker's step: takes effects that are due and carries them out, each in its own transaction.

An effect may be taken twice (a crash between doing and noting): each doing is keyed or harmless when repeated.
Long because what carries out each kind of effect stands in one table.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import TypeVar

from engine.model.records import Effect, Record
from engine.problems import DeliveryError, Incident, Refused
from engine.usecases import bulk, taking_away
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.batches import is_bundle, start_for
from engine.usecases.calling import ask
from engine.usecases.care import CARE, care_for
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Inputs
from engine.usecases.errands import errand_and_owner, fail_errand
from engine.usecases.events import in_work
from engine.usecases.internal import NOTICE
from engine.usecases.jobs import keep_up, run_job
from engine.usecases.late_receipts import OVERDUE, end_waiting
from engine.usecases.lateness import escalate
from engine.usecases.notices import SITE
from engine.usecases.prints import make_print
from engine.usecases.promises import PROMISE, look_after
from engine.usecases.runtime import Runtime
from engine.usecases.sending import attempts_of, send_all
from engine.usecases.sheet_taking import advance
from engine.usecases.taking_in import take_again
from engine.usecases.views import Actor
from engine.usecases.watch_firing import FIRING, fire
from engine.usecases.watch_turns import PUT_ASIDE, hear_again
from engine.usecases.watching import ITSELF, look_up_again
from engine.usecases.work import Applied, Work

Part = TypeVar("Part")
TIMER = Actor("timer", "timer", special="timer")
LEASE_SECONDS = 30
"""After which effects of a worker that died come to others; one that lives makes its lease longer before that."""
_WORDS = 200
"""Signs of what went wrong that an event which asks `why` is told."""
SEND, LOOK = "send", "look"
_WITHIN = frozenset({"receive", "timer", "clock", "late", LOOK, FIRING})
"""Kinds that do nothing outside the database, and nothing twice: that several of them are done is noted at once."""


class Held:
    """The effects that a worker has taken and not yet ended; a thread beside it keeps them its own."""

    def __init__(self) -> None:
        self.ids: frozenset[str] = frozenset()

    def keep(self, runtime: Runtime) -> None:
        """Make their lease longer. Raises what the store raises when it is away."""
        if held := self.ids:
            until = runtime.clock.now() + timedelta(seconds=LEASE_SECONDS)
            runtime.store.extend_effects(sorted(held), until)


def deliver_due(runtime: Runtime, limit: int = 50, held: Held | None = None) -> int:
    """Carry out effects that are due, oldest first; how many were taken. `held` knows which, as long as that takes."""
    effects = runtime.store.claim_effects(runtime.clock.now(), limit, LEASE_SECONDS)
    held = held or Held()
    held.ids = frozenset(effect.id for effect in effects)
    try:
        _carry_out(runtime, effects)
    finally:
        held.ids = frozenset()
    return len(effects)


def _carry_out(runtime: Runtime, effects: Sequence[Effect]) -> None:
    _send(runtime, [effect for effect in effects if effect.kind == SEND])
    _look_at_all(runtime, [effect for effect in effects if effect.kind == LOOK])
    _deliver(runtime, [effect for effect in effects if effect.kind not in (SEND, LOOK)])


def _deliver(runtime: Runtime, effects: Sequence[Effect]) -> None:
    """One after the other; that they are done is noted at the latest when one has acted outside the database."""
    done: list[str] = []
    for effect in effects:
        if _delivered(runtime, effect):
            done.append(effect.id)
            if effect.kind not in _WITHIN:
                runtime.store.finish_effects(done)
                done = []
    if done:
        runtime.store.finish_effects(done)


def _delivered(runtime: Runtime, effect: Effect) -> bool:
    """Carry out one effect; whether that went well."""
    try:
        _DELIVERIES[effect.kind](runtime, effect)
    except Exception as fault:  # noqa: BLE001 - the worker must outlive any defect of one effect; the operator sees it
        _faulty(runtime, effect, fault)
        return False
    return True


def _send(runtime: Runtime, effects: Sequence[Effect]) -> None:
    """Messages leave together, so that a channel need not wait for each before the next."""
    if not effects:
        return
    outcomes = send_all(runtime, effects)
    runtime.store.finish_effects([effect.id for effect, fault in outcomes if fault is None])
    for effect, fault in outcomes:
        if fault is not None:
            _faulty(runtime, effect, fault)


def _faulty(runtime: Runtime, effect: Effect, fault: Exception) -> None:
    if isinstance(fault, DeliveryError):
        _failed(runtime, effect, str(fault), fault.incident.retry)
    elif isinstance(fault, Refused):
        _failed(runtime, effect, _refusal(fault), retry=fault.kind == "stale")
    else:
        _failed(runtime, effect, _fault(fault), retry=True)


def _refusal(refused: Refused) -> str:
    """What an operator may read: texts of rules quote values, their names do not."""
    codes = sorted({finding.code for finding in refused.findings})
    return ": ".join(filter(None, (refused.kind, ", ".join(codes))))


def _fault(fault: Exception) -> str:
    """The kind of a defect and its place; its text may quote values."""
    frames = traceback.extract_tb(fault.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(fault).__name__}{place}"


def _failed(runtime: Runtime, effect: Effect, error: str, retry: bool) -> None:
    again = retry and effect.attempts < attempts_of(runtime, effect)
    if not again and effect.kind == "errand":
        fail_errand(runtime, str(effect.payload["errand"]))
    wait = timedelta(seconds=min(3600, 2 ** min(effect.attempts, 12)))
    runtime.store.fail_effect(effect.id, error[:2000], runtime.clock.now() + wait if again else None)
    failed = str(effect.payload.get("failed") or "")
    if not again and failed:
        _raise(runtime, effect, failed, ENGINE, error)


def _raise(runtime: Runtime, effect: Effect, event: str, actor: Actor, why: str = "") -> None:
    """Raise an event on the effect's document, with `why` where it asks for that; one that cannot happen any more is
    passed over."""

    def act(work: Work) -> None:
        if not work.unit.seen("effect", f"{effect.key}:{event}"):
            known = work.machine(effect.document).events[event].ask
            asked = {"why": why[:_WORDS]} if why and "why" in known else {}
            work.apply(work.open(effect.document, effect.record_id), event, actor, Inputs(asked=asked))

    _passing_over(runtime, actor, act, "not_allowed", "not_found")


def _passing_over(runtime: Runtime, actor: Actor, act: Callable[[Work], None], *kinds: str) -> None:
    """Do something in a transaction of its own; what cannot happen any more for a reason of these kinds is left."""
    try:
        in_work(runtime, actor, act)
    except Refused as refused:
        if refused.kind not in kinds:
            raise


def _print(runtime: Runtime, effect: Effect) -> None:
    print_id, again = str(effect.payload["print"]), bool(effect.payload.get("again"))
    if is_bundle(runtime, print_id):
        start_for(runtime, str(effect.payload.get("actor") or ""), effect, print_id, again=again)
    else:
        make_print(runtime, ENGINE, effect.document, effect.record_id, print_id, again)


def _bound(parts: Mapping[str, Part], name: str) -> Part:
    """What this node binds to a name. Raises DeliveryError: its definitions changed since."""
    if name not in parts:
        raise DeliveryError(Incident(name, "this node binds no such channel", retry=False))
    return parts[name]


def _notify(runtime: Runtime, effect: Effect) -> None:
    way, to, text = (str(effect.payload[name]) for name in ("via", "to", "text"))
    if way != SITE:
        _bound(runtime.notifiers, way).send(to, text, effect.key)
        return

    def act(work: Work) -> None:
        if work.unit.seen("notice", effect.key):
            return
        about = {"document": effect.document, "record_id": effect.record_id, "recipient": to, "text": text}
        work.unit.insert(Record(NOTICE, {**system_values(work), **about, "read_at": None}))

    in_work(runtime, ENGINE, act)


def _timer(runtime: Runtime, effect: Effect) -> None:
    _raise(runtime, effect, str(effect.payload["event"]), TIMER)


def _clock(runtime: Runtime, effect: Effect) -> None:
    """A share of a timer's limit has passed, or all of it: do what the definition says then, once."""

    def act(work: Work) -> None:
        if work.unit.seen("clock", effect.key):
            return
        working = work.open(effect.document, effect.record_id)
        machine = work.machine(effect.document)
        timer = machine.timers[str(effect.payload["timer"])]
        part = str(effect.payload["part"])
        actions = timer.late if part == "late" else timer.warn[int(part)][1]
        event = next(iter(machine.events.values()))
        applied = Applied(working, event, str(working.values["state"] or ""), {}, TIMER, occasion=effect.key)
        Performer().actions(work, applied, actions)
        work.save(applied)

    _passing_over(runtime, TIMER, act, "not_found")  # the document was deleted meanwhile


def _late(runtime: Runtime, effect: Effect) -> None:
    _passing_over(runtime, ENGINE, lambda work: escalate(work, effect, Performer()), "not_found")


def _look_at_all(runtime: Runtime, effects: Sequence[Effect]) -> None:
    """Looks in one transaction, each document once; where one of them is refused, each in its own."""
    looks = {(effect.document, effect.record_id): effect for effect in effects}

    def act(work: Work) -> None:
        for place in sorted(looks):  # the same order everywhere: nobody waits for the other crosswise
            _look_at(work, looks[place])

    try:
        if len(looks) > 1:
            in_work(runtime, ITSELF, act)
    except Exception:  # noqa: BLE001 - whichever of them it was fails again below, by itself
        looks.clear()
    if len(looks) > 1:
        runtime.store.finish_effects([effect.id for effect in effects])
        return
    _deliver(runtime, effects)


def _look(runtime: Runtime, effect: Effect) -> None:
    _passing_over(runtime, ITSELF, lambda work: _look_at(work, effect), "not_found", "not_allowed")


def _look_at(work: Work, effect: Effect) -> None:
    """Look again at a document: fill what it finds, and let events happen whose guard has become true."""
    working = work.open(effect.document, effect.record_id)
    machine = work.machine(effect.document)
    look_up_again(work, working)
    for name in work.runtime.force.programs[effect.document].itself_events:
        event = machine.events[name]
        if work.obstacle_to(working, event, ITSELF) is None:
            work.apply(working, name, ITSELF)
            return


def _errand(runtime: Runtime, effect: Effect) -> None:
    errand_id = str(effect.payload["errand"])
    found = errand_and_owner(runtime, errand_id)
    if found is None:
        return
    try:
        _ERRANDS[found[0].kind](runtime, errand_id)
    except Refused as refused:
        if refused.kind == "stale":
            raise
        texts = [one.text.get(found[1].language) or one.text.get("zh", "") for one in refused.findings]
        fail_errand(runtime, errand_id, "；".join(texts))


_ERRANDS: Mapping[str, Callable[[Runtime, str], object]] = {
    bulk.KIND: bulk.step_bulk,
    taking_away.KIND: taking_away.run_export,
}


def _sheet(runtime: Runtime, effect: Effect) -> None:
    advance(runtime, effect.payload)


_DELIVERIES: Mapping[str, Callable[[Runtime, Effect], object]] = {
    "print": _print,
    "call": ask,
    "receive": take_again,
    OVERDUE: end_waiting,
    "notify": _notify,
    CARE: care_for,
    "timer": _timer,
    "clock": _clock,
    "late": _late,
    LOOK: _look,
    "job": run_job,
    "upkeep": keep_up,
    "sheet": _sheet,
    "errand": _errand,
    PROMISE: look_after,
    FIRING: fire,
    PUT_ASIDE: hear_again,
}
