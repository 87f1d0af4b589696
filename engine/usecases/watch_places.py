"""Places of rules over events within one transaction: read together, written together at its end.

In: a unit of work and keys. Out: `engine.watches.place.Place`s. Whoever works on them has the turn of the node, so
nobody else changes them meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.criteria import Compare, Order, Selection
from engine.model.event_rules import EventRule
from engine.model.records import Record
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.runtime import Runtime
from engine.usecases.watch_records import RULE_STATE, moment_text
from engine.usecases.work import Work
from engine.watches.matching import LATE
from engine.watches.place import EMPTY, Place, place_of, plain

_MOST = 500


@dataclass
class Places:
    """What a transaction knows of places, by key."""

    work: Work
    _records: dict[str, Record] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict)
    _rules: dict[str, str] = field(default_factory=dict)
    _until: dict[str, datetime | None] = field(default_factory=dict)

    def load(self, keys: Iterable[str]) -> None:
        """Read what is kept under these keys."""
        wanted = sorted({*keys} - self._places.keys())
        for key, record in self.work.unit.fetch_many(RULE_STATE, wanted).items():
            content = record.values["content"]
            assert isinstance(content, dict)
            self._records[key], self._places[key] = record, place_of(content)
            self._rules[key] = str(record.values["rule"])

    def at(self, key: str) -> Place:
        """The place under a key."""
        return self._places.get(key, EMPTY)

    def rule(self, key: str) -> str:
        """Whose place it is."""
        return self._rules[key]

    def due(self, until: datetime) -> list[str]:
        """Places at which an absence is certain, those of the earliest first."""
        found = [(place.due, key) for key, place in self._places.items() if place.due is not None]
        return [key for due, key in sorted(found) if due <= until]

    def put(self, rule: EventRule, key: str, place: Place, until: datetime | None) -> None:
        """A place as it is after an event; `until` it may matter, for as long as it lasts where that is None."""
        if place != self.at(key):
            self._rules[key], self._places[key], self._until[key] = rule.id, place, until

    def fallen_due(self, key: str, place: Place) -> None:
        """A place as it is after some of its matches have fallen due."""
        self._places[key], self._until[key] = place, self._until.get(key) or self._freed(place)

    def _freed(self, place: Place) -> datetime | None:
        return None if place.pending or place.kept else self.work.now + LATE

    def save(self) -> None:
        """Write what has changed; a place with nothing in it is none."""
        unit, fresh, changed, gone = self.work.unit, list[Record](), list[Record](), list[str]()
        for key, until in self._until.items():
            place, record = self._places[key], self._records.get(key)
            moments = {"due": _text(place.due), "until": _text(until)}
            about = {"rule": self._rules[key], **moments, "content": plain(place)}
            if place.empty:
                gone += [key] if record is not None else []
            elif record is None:
                fresh.append(Record(RULE_STATE, {**system_values(self.work), "id": key, **about}))
            else:
                stamp = {"version": record.version + 1, "changed_at": self.work.now}
                changed.append(Record(RULE_STATE, {**record.values, **about, **stamp}))
        if fresh:
            unit.insert_many(fresh)
        if changed:
            unit.update_many(changed)
        if gone:
            unit.remove(RULE_STATE, gone)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)


def forget_places(runtime: Runtime) -> int:
    """Remove places that matter no more; how many."""

    def act(work: Work) -> int:
        over = Compare(("until",), "<=", moment_text(work.now))
        found = work.unit.select(Selection(RULE_STATE, over, (Order("until"),), limit=_MOST))
        work.unit.remove(RULE_STATE, [record.id for record in found])
        return len(found)

    count = 0
    while some := in_work(runtime, ENGINE, act):
        count += some
    return count
