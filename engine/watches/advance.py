"""One event taken by one rule at one key, and the passing of time: what fires.

In: a rule, its place at the key, an event or a moment. Out: the place from now on and the matches that fire. Time is
that of events: an absence is certain when its length has passed and all that was told before has been taken. The same
events in the same order give the same firings; what has fired stays fired, whatever comes late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from engine.model.event_rules import EventRule
from engine.watches.matching import LATE, MOST_KEPT, Holds, matched
from engine.watches.place import Limits, Match, Order, Pending, Place, Seen

MOST_PENDING = 1000
"""Matches that wait for an absence at one key; more at once are one flood and wait no longer."""


def advance(
    rule: EventRule, place: Place, name: str, event: Seen, limits: Limits, holds: Holds
) -> tuple[Place, tuple[Match, ...]]:
    """Take one event, told as `name`, in every part that the rule gives it."""
    if rule.then_not is not None and name == rule.then_not.event and limits.then_not is not None:
        left = tuple(one for one in place.pending if not _ends(one, event.order))
        place = replace(place, pending=left, absent=_noted(place.absent, event.order, LATE))
    if rule.not_after is not None and name == rule.not_after.event and limits.not_after is not None:
        place = replace(place, causes=_noted(place.causes, event.order, limits.not_after + LATE))
    fired: list[Match] = []
    for role in reversed([role for role, on in rule.on.items() if on == name]):
        place, match = matched(rule, place, event.known_as(role), limits.within, holds)
        if match is None:
            continue
        if rule.not_after is None or not _caused(place, match, limits):
            place, fires = (place, True) if rule.then_not is None else _awaiting(place, match, limits)
            fired.extend([match] if fires else [])
        break  # an event is not both ends of one match
    return place, tuple(fired)


def fall_due(place: Place, until: datetime) -> tuple[Place, tuple[Pending, ...]]:
    """What fires because nothing came until a moment, in the order in which it fell due."""
    due = sorted((one for one in place.pending if one.due <= until), key=lambda one: (one.due, one.match.id))
    left = tuple(one for one in place.pending if one.due > until)
    return (replace(place, pending=left) if due else place), tuple(due)


def _caused(place: Place, match: Match, limits: Limits) -> bool:
    """Whether the cause that must come before is there."""
    if limits.not_after is None:
        return False
    last = match.last
    return any(one < last.order and last.at - one[0] <= limits.not_after for one in place.causes)


def _awaiting(place: Place, match: Match, limits: Limits) -> tuple[Place, bool]:
    """The place with a match that waits for an absence, and whether it fires at once."""
    if limits.then_not is None:
        return place, True
    waits = Pending(match, match.last.at + limits.then_not)
    if len(place.pending) >= MOST_PENDING or any(_ends(waits, one) for one in place.absent):
        return place, False
    return replace(place, pending=(*place.pending, waits)), False


def _ends(pending: Pending, order: Order) -> bool:
    """Whether an event that came in time ends the wait for its absence."""
    return pending.match.last.order < order and order[0] <= pending.due


def _noted(noted: Sequence[Order], order: Order, length: timedelta) -> tuple[Order, ...]:
    """Moments with one more, as far back as a length of time."""
    found = [*noted, order] if not noted or noted[-1] < order else sorted({*noted, order})
    if found[-1][0] - found[0][0] > length:
        found = [one for one in found if found[-1][0] - one[0] <= length]
    return tuple(found[-MOST_KEPT:])


def kept_until(place: Place, at: datetime, limits: Limits) -> datetime | None:
    """Until when a place may still matter, where an event was taken at a moment; None for as long as it lasts."""
    if place.pending or (place.kept and limits.within is None):
        return None
    none = timedelta(0)
    return at + max(limits.within or none, limits.not_after or none) + LATE
