"""Scopes of rules over events: what the event held, what it asked, the events it is joined with, the keys.

In: rules and the linker of their system. Out: linked formulas. The row at hand is what the last event of the rule held:
a record as it was then, or the values of a happening; `event` is what was asked with it and `at`, when it happened.
"""

from __future__ import annotations

from dataclasses import replace

from engine.checks.linking import UNKNOWN, Linker
from engine.checks.links.actions import ActionLinker
from engine.checks.shapes import row_type
from engine.expressions.names import Scope
from engine.model.event_rules import EventRule
from engine.model.happenings import HAPPENINGS
from engine.model.types import BOOLEAN, DATETIME, DURATION, Kind, Shape, Type
from engine.watches.keys import Held, document_event, held_as

AT = "at"
ACCOUNT = "account"
"""A value of happenings that refers to an account of the node."""


def link_watch(linker: Linker, rule: EventRule) -> None:
    """Link one rule."""
    scope = watch_scope(linker, rule)
    linker.formula(rule.when, scope, BOOLEAN)
    absences = [one.within for one in (rule.then_not, rule.not_after) if one is not None]
    for length in (rule.within, *absences):
        linker.formula(length, scope, DURATION)
    ActionLinker(linker).actions(rule.do, scope)


def watch_scope(linker: Linker, rule: EventRule) -> Scope:
    """What the expressions of a rule see."""
    last = list(rule.on.values())[-1]
    row = event_shape(linker, rule, last)
    joined = {role: row_type(event_shape(linker, rule, name)) for role, name in rule.on.items() if role}
    named = [key for key in (*rule.same, *rule.per) if key not in row.fields]
    keys = {key: kind for key in named if (kind := key_type(linker, rule, last, key)) is not None}
    scope = replace(linker.surroundings, row=row, this=row if row.document else None, event=_asked(linker, rule, last))
    return scope.with_locals(**keys, **joined)


def event_shape(linker: Linker, rule: EventRule, name: str) -> Shape:
    """What an event holds; an unknown shape where there is no such event."""
    found = document_event(linker.definitions, name)
    if found is not None:
        return linker.shape(found.document.id)
    shape = HAPPENINGS.get(name)
    accounts = linker.definitions.accounts_of(rule.system)
    if shape is None or accounts is None or ACCOUNT not in shape.fields:
        return shape or UNKNOWN
    return Shape(name, {**shape.fields, ACCOUNT: Type(Kind.REF, of=accounts.document)})


def _asked(linker: Linker, rule: EventRule, name: str) -> Shape:
    found = document_event(linker.definitions, name)
    fields = linker.types(found.event.ask) if found is not None else event_shape(linker, rule, name).fields
    return Shape("event", {AT: DATETIME.required(), **fields})


def key_type(linker: Linker, rule: EventRule, name: str, key: str) -> Type | None:
    """The type of a key in an event; None where it is the node, or not there."""
    held, found = held_as(linker.definitions, name, key), document_event(linker.definitions, name)
    if held is Held.VALUE:
        return event_shape(linker, rule, name).fields.get(key)
    if held is Held.RECORD and found is not None:
        return Type(Kind.REF, of=found.document.id, optional=False)
    return linker.types(found.event.ask).get(key) if held is Held.ANSWER and found is not None else None
