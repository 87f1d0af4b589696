"""Rules over events tried on what has happened: when they would have fired, with nothing changed.

In: a rule, the history of documents. Out: firings with their moments. A record is as it was at each of its events, as
far as its history says; answers to what an event asked are not part of history, and happenings of devices are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.documents.passwords import KIND as PASSWORD
from engine.expressions.environment import World
from engine.model.criteria import ALWAYS, Compare, Order, Selection
from engine.model.event_rules import EventRule
from engine.ports import Unit
from engine.usecases.acting import ENGINE
from engine.usecases.happenings import rules_of
from engine.usecases.runtime import Runtime
from engine.usecases.watch_records import HAPPENING, RULE_STATE
from engine.usecases.watch_scopes import env_of, limits_of, place_key
from engine.usecases.world import RecordWorld
from engine.watches.advance import advance, fall_due
from engine.watches.keys import DocumentEvent, document_event
from engine.watches.listening import events_of
from engine.watches.place import EMPTY, Place, Seen

_PAGE = 500
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Firing:
    """When a rule would have fired, and the events for which; each is the name of an event and a record's id."""

    at: datetime
    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands: places that it keeps, the next moment at which an absence is certain."""

    rule: EventRule
    places: int
    due: datetime | None


def standings(runtime: Runtime) -> tuple[list[Standing], int]:
    """The rules of this node, and how many happenings wait."""
    found = []
    with runtime.store.begin(write=False) as unit:
        for rule in rules_of(runtime):
            own = Compare(("rule",), "==", rule.id)
            first = unit.select(Selection(RULE_STATE, own, (Order("due"),), limit=1))
            due = str(first[0].values["due"] or "") if first else ""
            count = unit.count(RULE_STATE, own, _MOST)
            found.append(Standing(rule, count, datetime.fromisoformat(due) if due else None))
        return found, unit.count(HAPPENING, ALWAYS, _MOST)


def tried(runtime: Runtime, rule: EventRule, since: datetime | None = None) -> list[Firing]:
    """Firings of a rule over the history of documents, in order."""
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
        told = sorted(_history(runtime, unit, rule, since), key=lambda one: one[1].order)
        return sorted(_fed(runtime, rule, told, world), key=lambda one: one.at)


def _fed(runtime: Runtime, rule: EventRule, told: Sequence[tuple[str, Seen]], world: World) -> Iterator[Firing]:
    places: dict[str, Place] = {}
    for name, seen in told:
        key = place_key(runtime, rule, name, seen)
        if key is None:
            continue

        def holds(chain: Sequence[Seen]) -> bool:
            return rule.when is None or rule.when.holds(env_of(runtime, rule, chain, chain[-1], world))

        role = next((role for role, on in rule.on.items() if on == name), next(iter(rule.on)))
        env = env_of(runtime, rule, (), Seen(seen.at, seen.id, role, seen.content), world)
        limits = limits_of(rule, env, seen)
        places[key], fired = advance(rule, places.get(key, EMPTY), name, seen, limits, holds)
        yield from (Firing(seen.at, _named(rule, match.events)) for match in fired)
    for place in places.values():
        yield from (Firing(one.due, _named(rule, one.match.events)) for one in fall_due(place, world.now)[1])


def _named(rule: EventRule, events: Sequence[Seen]) -> tuple[tuple[str, str], ...]:
    return tuple((rule.on[one.role], one.id.partition(" ")[0]) for one in events)


def _history(runtime: Runtime, unit: Unit, rule: EventRule, since: datetime | None) -> Iterator[tuple[str, Seen]]:
    for name in events_of(rule):
        found = document_event(runtime.definitions, name)
        if found is not None:
            yield from ((name, seen) for seen in _events(unit, found, since))


def _events(unit: Unit, found: DocumentEvent, since: datetime | None) -> Iterator[Seen]:
    """The occurrences of an event, of all records there ever were."""
    document, after = found.document, None
    secret = {one.name: None for one in document.fields.values() if one.kind == PASSWORD}
    while page := unit.select(Selection(document.id, ALWAYS, after=after, limit=_PAGE, tables=None, deleted=True)):
        after = (page[-1].id,)
        for record in page:
            values: dict[str, object] = {**record.values, **secret}
            for entry in reversed(unit.history(document.id, record.id)):
                own = {"state": entry.to_state, "version": entry.version, "changed_at": entry.at}
                if entry.event == found.event.name and (since is None or entry.at >= since):
                    yield Seen(entry.at, f"{record.id} {entry.version}", content={"values": {**values, **own}})
                values.update({path: before for path, (before, _) in entry.changes.items() if path in document.fields})
