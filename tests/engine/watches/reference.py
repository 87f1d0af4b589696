"""When rules fire, said by looking at a whole history at once: what the engine is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.event_rules import EventRule
from engine.watches.place import Limits

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Told:
    """An event of a history: `good` where the rule's condition holds for it."""

    at: datetime
    id: str
    name: str
    good: bool = True


def fired(rule: EventRule, limits: Limits, history: Sequence[Told], until: datetime) -> list[tuple[str, ...]]:
    """The ids of the events of each firing, in order of their last event."""
    told = sorted(history, key=lambda one: (one.at, one.id))
    return [
        tuple(one.id for one in match)
        for match in _matches(rule, limits, told)
        if not _caused(rule, limits, match[-1], told) and _absent(rule, limits, match[-1], told, until)
    ]


def _matches(rule: EventRule, limits: Limits, told: Sequence[Told]) -> list[list[Told]]:
    if rule.in_a_row:
        return _runs(rule, told)
    if len(rule.on) > 1:
        return _chains(list(rule.on.values()), limits, told)
    mine = [one for one in told if one.name == rule.on[""] and one.good]
    found: list[list[Told]] = []
    window: list[Told] = []
    for one in mine:
        window = [*(old for old in window if limits.within is None or one.at - old.at <= limits.within), one]
        if len(window) == rule.times:
            found.append(window)
            window = []
    return found


def _runs(rule: EventRule, told: Sequence[Told]) -> list[list[Told]]:
    found: list[list[Told]] = []
    run: list[Told] = []
    for one in told:
        if one.name == rule.on[""]:
            run = [*run, one] if one.good else []
            if len(run) == rule.in_a_row:
                found.append(run)
                run = []
    return found


def _chains(names: list[str], limits: Limits, told: Sequence[Told]) -> list[list[Told]]:
    found: list[list[Told]] = []
    begun: list[list[Told]] = [[] for _ in names]
    for one in told:
        if one.name not in names:
            continue
        place = names.index(one.name)
        before = begun[place - 1] if place else []
        if place and not before:
            continue
        chain = [*before, one]
        if place < len(names) - 1:
            begun[place] = chain
        elif one.good and (limits.within is None or one.at - chain[0].at <= limits.within):
            found.append(chain)
            begun = [[] for _ in names]
    return found


def _caused(rule: EventRule, limits: Limits, last: Told, told: Sequence[Told]) -> bool:
    if rule.not_after is None or limits.not_after is None:
        return False
    causes = [one for one in told if one.name == rule.not_after.event and (one.at, one.id) < (last.at, last.id)]
    return any(last.at - one.at <= limits.not_after for one in causes)


def _absent(rule: EventRule, limits: Limits, last: Told, told: Sequence[Told], until: datetime) -> bool:
    if rule.then_not is None or limits.then_not is None:
        return True
    due = last.at + limits.then_not
    after = [one for one in told if one.name == rule.then_not.event and (one.at, one.id) > (last.at, last.id)]
    return due <= until and not any(one.at <= due for one in after)
