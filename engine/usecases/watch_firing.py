"""What a rule over events does when it fires: its actions in one transaction, once.

In: a match, queued as an effect by the transaction that took the events away. Out: what its actions change and queue.
A firing that is refused stands among the effects that failed, for operators to see and to try again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.model.event_rules import EventRule
from engine.model.formula import Title
from engine.model.machines import ANY, Event
from engine.model.records import Effect
from engine.ports import Unit
from engine.problems import DeliveryError, Incident
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.jobs import NO_DOCUMENT
from engine.usecases.runtime import Runtime
from engine.usecases.watch_scopes import asked_of, names_of, row_of
from engine.usecases.work import Applied, Work
from engine.watches.place import Match, match_of, plain_match

FIRING = "watch"
WATCHED = Event("watch", Title("监视", "Watch"), (ANY,))


def queue_firing(runtime: Runtime, unit: Unit, rule: EventRule, place: str, match: Match, now: datetime) -> None:
    """Queue what a match sets going, once for these events."""
    payload = {"rule": rule.id, "match": plain_match(match)}
    key = f"{FIRING}:{rule.id}:{place}:{match.id}"
    unit.put_effect(Effect(runtime.ids.new(), FIRING, key, now, payload=payload, created_at=now))


def fire(runtime: Runtime, effect: Effect) -> None:
    """Carry out a firing, once per key. Raises DeliveryError where the rule is gone, and what its actions raise."""
    rule = runtime.definitions.watches.get(str(effect.payload["rule"]))
    match = match_of(effect.payload["match"])
    if rule is None or match.at_hand.role not in rule.on:
        raise DeliveryError(Incident(str(effect.payload["rule"]), "there is no such rule any more", retry=False))
    in_work(runtime, ENGINE, lambda work: _fire(work, rule, match, effect.key))


def _fire(work: Work, rule: EventRule, match: Match, key: str) -> None:
    if work.unit.seen(FIRING, key):
        return
    definitions, name = work.runtime.definitions, rule.on[match.at_hand.role]
    row: Mapping[str, object] = row_of(definitions, name, match.at_hand)
    values: dict[str, object] = {"id": "", "version": 0, "state": None, **row}
    names = names_of(work.runtime, rule, match.events, match.at_hand)
    asked = asked_of(definitions, name, match.at_hand)
    applied = Applied(Working(NO_DOCUMENT, values, None), WATCHED, None, asked, ENGINE, occasion=key, names=names)
    Performer().actions(work, applied, rule.do)
