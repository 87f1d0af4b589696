"""What the expressions of a rule over events see when it is asked or fires.

In: a rule, events that it keeps, the surroundings of a transaction. Out: environments, lengths of time and keys. What
an event held is as it was when it happened; what it refers to is as it is now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from engine.documents.calendars import add_time
from engine.expressions.environment import Env, World
from engine.model.event_rules import EventRule
from engine.model.formula import Formula
from engine.model.happenings import HAPPENINGS
from engine.model.system import Definitions
from engine.model.values import Duration
from engine.usecases.runtime import Runtime
from engine.watches.keys import document_event, held_as, key_text, value_of
from engine.watches.place import Limits, Seen

Values = dict[str, object]


def row_of(definitions: Definitions, name: str, seen: Seen) -> Values:
    """What an event held, with everything that one of its name holds by now."""
    found = document_event(definitions, name)
    if found is not None:
        known: Mapping[str, object] = found.document.fields
    else:
        known = HAPPENINGS[name].fields if name in HAPPENINGS else {}
    values = seen.content.get("values")
    return {**dict.fromkeys(known), **(values if isinstance(values, Mapping) else {})}


def asked_of(definitions: Definitions, name: str, seen: Seen) -> Values:
    """What came with an event, and when it happened."""
    found = document_event(definitions, name)
    if found is None:
        return {"at": seen.at, **row_of(definitions, name, seen)}
    asked = seen.content.get("asked")
    return {"at": seen.at, **dict.fromkeys(found.event.ask), **(asked if isinstance(asked, Mapping) else {})}


def names_of(runtime: Runtime, rule: EventRule, events: Sequence[Seen], at_hand: Seen) -> Values:
    """Joined events by name, and the keys."""
    definitions, node = runtime.definitions, runtime.node.id
    joined = {one.role: row_of(definitions, rule.on[one.role], one) for one in events if one.role}
    name = rule.on[at_hand.role]
    keys = {
        key: value_of(held_as(definitions, name, key), key, at_hand.content, node) for key in (*rule.same, *rule.per)
    }
    return {**keys, **joined}


def env_of(runtime: Runtime, rule: EventRule, events: Sequence[Seen], at_hand: Seen, world: World) -> Env:
    """The scope of a rule's condition."""
    definitions, name = runtime.definitions, rule.on[at_hand.role]
    row = row_of(definitions, name, at_hand)
    this = row if document_event(definitions, name) is not None else None
    names = names_of(runtime, rule, events, at_hand)
    return Env(row, world, this=this, event=asked_of(definitions, name, at_hand), names=names)


def place_key(runtime: Runtime, rule: EventRule, name: str, seen: Seen) -> str | None:
    """Under which key a rule keeps an event; None where the event has no value for one of its keys."""
    held = runtime.force.once(
        "held",
        f"{rule.id} {name}",
        lambda: [(key, held_as(runtime.definitions, name, key)) for key in (*rule.same, *rule.per)],
    )
    values = tuple(value_of(how, key, seen.content, runtime.node.id) for key, how in held)
    return None if None in values or "" in values else key_text(rule.id, values)


def limits_of(rule: EventRule, env: Env, seen: Seen) -> Limits:
    """The lengths of time that a rule names, counted from an event."""
    return Limits(
        within=_length(rule.within, env, seen),
        then_not=_length(rule.then_not.within if rule.then_not else None, env, seen),
        not_after=_length(rule.not_after.within if rule.not_after else None, env, seen),
    )


def _length(formula: Formula | None, env: Env, seen: Seen) -> timedelta | None:
    length = formula(env) if formula is not None else None
    return add_time(seen.at, length) - seen.at if isinstance(length, Duration) else None
