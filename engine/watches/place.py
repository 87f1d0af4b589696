"""How far one rule is at one key: events that may still belong to a firing, and firings that wait for an absence.

Plain values, and the same as plain data that a store keeps. Events are ordered by when they happened; among those of
one moment by their ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

Order = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """An event at a key. `role` is the name that the rule gives it; `content` what it held, where that is kept."""

    at: datetime
    id: str
    role: str = ""
    content: Mapping[str, object] = field(default_factory=dict, compare=False)

    @property
    def order(self) -> Order:
        """Its place in time."""
        return self.at, self.id

    def bare(self) -> Seen:
        """The event without what it held."""
        return Seen(self.at, self.id, self.role) if self.content else self

    def known_as(self, role: str) -> Seen:
        """The event under the name that a rule gives it."""
        return Seen(self.at, self.id, role, self.content) if role else self


@dataclass(frozen=True, slots=True)
class Match:
    """Events that together are what a rule is about, in order; the one at hand is the one that completed them."""

    events: tuple[Seen, ...]
    at_hand: Seen

    @property
    def last(self) -> Seen:
        """The event that happened last."""
        return self.events[-1]

    @property
    def id(self) -> str:
        """The same for the same events, whoever finds them."""
        return sha256("\0".join(event.id for event in self.events).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Pending:
    """A match that fires when `due` has passed, unless the absent event comes before."""

    match: Match
    due: datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """The lengths of time that a rule names, as they are at one event."""

    within: timedelta | None = None
    then_not: timedelta | None = None
    not_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """All that is kept of one rule at one key. `closed` is the event up to which a run is over."""

    kept: tuple[Seen, ...] = ()
    closed: Order | None = None
    pending: tuple[Pending, ...] = ()
    causes: tuple[Order, ...] = ()
    absent: tuple[Order, ...] = ()

    def keeping(self, kept: tuple[Seen, ...], closed: Order | None = None) -> Place:
        """The place with other events kept, and a run that is over by now."""
        return Place(kept, closed or self.closed, self.pending, self.causes, self.absent)

    @property
    def due(self) -> datetime | None:
        """When the next absence is certain."""
        return min((one.due for one in self.pending), default=None)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.kept or self.closed or self.pending or self.causes or self.absent)


EMPTY = Place()


def plain(place: Place) -> dict[str, object]:
    """What a store keeps of a place."""
    return {
        "kept": [_plain_event(event) for event in place.kept],
        "closed": list(place.closed) if place.closed is not None else None,
        "pending": [[plain_match(one.match), one.due] for one in place.pending],
        "causes": [list(one) for one in place.causes],
        "absent": [list(one) for one in place.absent],
    }


def place_of(data: Mapping[str, Any]) -> Place:
    """The place that was kept."""
    return Place(
        tuple(_event(one) for one in data["kept"]),
        _order(data["closed"]) if data["closed"] is not None else None,
        tuple(Pending(match_of(match), due) for match, due in data["pending"]),
        tuple(_order(one) for one in data["causes"]),
        tuple(_order(one) for one in data["absent"]),
    )


def _plain_event(event: Seen) -> list[object]:
    return [event.at, event.id, event.role, dict(event.content)]


def plain_match(match: Match) -> list[object]:
    """What a store keeps of a match."""
    return [[_plain_event(event) for event in match.events], _plain_event(match.at_hand)]


def _event(data: Any) -> Seen:
    return Seen(data[0], data[1], data[2], data[3])


def match_of(data: Any) -> Match:
    """The match that was kept."""
    return Match(tuple(_event(one) for one in data[0]), _event(data[1]))


def _order(data: Any) -> Order:
    return data[0], data[1]
