"""What a rule is about, found among events at one key: several in order, so many within a time, so many in a row.

In: a rule, what is kept at the key, one more event, and whether the rule's condition holds for events. Out: what is
kept from now on, and the match that the event completes. An event belongs to one match. Events may come late: each is
put where it belongs in time, as far back as `LATE`.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from datetime import timedelta

from engine.model.event_rules import EventRule
from engine.watches.place import Match, Place, Seen

LATE = timedelta(minutes=10)
"""So long after another event one may come that happened before it, and still be counted where it belongs."""
MOST_KEPT = 200
"""Events kept at a key; the oldest go."""
Holds = Callable[[Sequence[Seen]], bool]
Found = tuple[Place, Match | None]


def matched(rule: EventRule, place: Place, event: Seen, within: timedelta | None, holds: Holds) -> Found:
    """Take one event of those that the rule is about."""
    if _late(place.kept, event) and any(kept.id == event.id and kept.role == event.role for kept in place.kept):
        return place, None
    if rule.in_a_row:
        return _run(rule.in_a_row, place, event, within, holds)
    if len(rule.on) > 1:
        return _chain(tuple(rule.on), place, event, within, holds)
    if not holds((event,)):
        return place, None
    if rule.times == 1:
        return place, Match((event,), event)
    return _window(rule.times, place, event, within)


def _window(times: int, place: Place, event: Seen, within: timedelta | None) -> Found:
    """So many within a time: the earliest such window that the event completes."""
    kept = _with(place.kept, event.bare())
    mine = kept.index(event)
    for start in range(max(0, mine - times + 1), min(mine, len(kept) - times) + 1):
        window = kept[start : start + times]
        if within is None or window[-1].at - window[0].at <= within:
            rest = kept[:start] + kept[start + times :]
            return place.keeping(_young(rest, within)), Match(tuple(window), event)
    return place.keeping(_young(kept, within)), None


def _run(count: int, place: Place, event: Seen, within: timedelta | None, holds: Holds) -> Found:
    """So many one after the other: one for which the condition does not hold ends the run."""
    if place.closed is not None and event.order < place.closed:
        return place, None
    if not holds((event,)):
        left = tuple(kept for kept in place.kept if kept.order > event.order)
        return place.keeping(left, event.order), None
    kept = _with(place.kept, event.bare())
    if within is not None:
        kept = [one for one in kept if kept[-1].at - one.at <= within]
    if len(kept) < count:
        return place.keeping(tuple(kept)), None
    run = tuple(kept[:count])
    return place.keeping(tuple(kept[count:]), run[-1].order), Match(run, event)


def _chain(roles: tuple[str, ...], place: Place, event: Seen, within: timedelta | None, holds: Holds) -> Found:
    """One of each, in order; of several the newest counts."""
    kept = _with(place.kept, event)
    for at in range(kept.index(event), len(kept)):
        if kept[at].role != roles[-1]:
            continue
        chain = _back(roles, kept, at)
        fits = within is None or (bool(chain) and chain[-1].at - chain[0].at <= within)
        if event in chain and fits and holds(chain):
            return place.keeping(tuple(kept[at + 1 :])), Match(chain, chain[-1])
    return place.keeping(_needed(roles, kept, within)), None


def _back(roles: tuple[str, ...], kept: Sequence[Seen], at: int) -> tuple[Seen, ...]:
    """The newest event of each role before the one after it; empty when one is missing."""
    found = [kept[at]]
    for role in reversed(roles[:-1]):
        before = (one for one in reversed(kept[:at]) if one.role == role and one.id != found[0].id)
        newest = next(before, None)
        if newest is None:
            return ()
        found.insert(0, newest)
        at = kept.index(newest)
    return tuple(found)


def _needed(roles: tuple[str, ...], kept: Sequence[Seen], within: timedelta | None) -> tuple[Seen, ...]:
    """Events that may still be part of a chain: not the last of one, nor followed at once by another of the same."""
    newest = kept[-1].at
    if newest - kept[0].at <= LATE:
        return _young(kept, within)
    found: list[Seen] = []
    for one, after in zip(kept, [*kept[1:], None], strict=True):
        over = one.role == roles[-1] and newest - one.at > LATE
        repeated = after is not None and after.role == one.role and newest - after.at > LATE
        if not over and not repeated:
            found.append(one)
    return _young(found, within)


def _young(kept: Sequence[Seen], within: timedelta | None) -> tuple[Seen, ...]:
    """Events that are not too old for what may still come."""
    if within is not None and kept and kept[-1].at - kept[0].at > within + LATE:
        kept = [one for one in kept if kept[-1].at - one.at <= within + LATE]
    return tuple(kept[-MOST_KEPT:])


def _late(kept: Sequence[Seen], event: Seen) -> bool:
    """Whether one that happened later, or the event itself, is there already."""
    return bool(kept) and event.order <= kept[-1].order


def _with(kept: Sequence[Seen], event: Seen) -> list[Seen]:
    if not _late(kept, event):
        return [*kept, event]
    found = list(kept)
    insort(found, event, key=lambda one: one.order)
    return found
