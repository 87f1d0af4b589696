"""Which rules listen to which events.

In: rules over events. Out: the rules by the name of each event that they are about. What no rule listens to need not be
kept at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.model.event_rules import EventRule


def events_of(rule: EventRule) -> tuple[str, ...]:
    """The events that a rule is about, each once."""
    absent = [one.event for one in (rule.then_not, rule.not_after) if one is not None]
    return tuple(dict.fromkeys([*rule.on.values(), *absent]))


def listeners(rules: Iterable[EventRule]) -> Mapping[str, tuple[EventRule, ...]]:
    """Rules by event."""
    found: dict[str, tuple[EventRule, ...]] = {}
    for rule in rules:
        for event in events_of(rule):
            found[event] = (*found.get(event, ()), rule)
    return found
