"""Checks of rules over events: events and keys are there, what a rule says goes together, none feeds itself.

In: linked definitions. Out: problems. Expressions are checked by linking, actions by `engine.checks.actions`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checks.links.actions import document_of
from engine.checks.owners import every_act
from engine.checks.subject import Subject, problem, unknown, warning
from engine.model import actions as verbs
from engine.model.event_rules import EventRule
from engine.model.happenings import HAPPENINGS
from engine.model.types import Kind, Type
from engine.problems import Problem, Span
from engine.watches.keys import DEVICE, Held, document_event, held_as
from engine.watches.listening import events_of

_TEXTS = (Kind.TEXT, Kind.CODE, Kind.REF)


def check_watches(subject: Subject) -> Iterator[Problem]:
    """All rules over events."""
    for rule in subject.definitions.watches.values():
        yield from _events(subject, rule)
        yield from _keys(subject, rule)
        yield from _together(subject, rule)
        yield from _feeding(subject, rule)


def _named(subject: Subject, rule: EventRule) -> Iterator[tuple[str, Span]]:
    """The events of a rule with their places."""
    for role, name in rule.on.items():
        yield name, subject.places.value(rule.where, "on", *([role] if role else []))
    for key, absent in (("then_not", rule.then_not), ("not_after", rule.not_after)):
        if absent is not None:
            yield absent.event, subject.places.value(rule.where, key, "event")


def _events(subject: Subject, rule: EventRule) -> Iterator[Problem]:
    for name, place in _named(subject, rule):
        if name not in HAPPENINGS and document_event(subject.definitions, name) is None:
            yield unknown("WAT001", name, _known(subject, rule.system), place)


def _known(subject: Subject, system: str) -> Iterator[str]:
    """Everything that a rule of a system may listen to, as it is written there."""
    yield from HAPPENINGS
    for written in subject.known("document", system):
        machine = subject.machine(subject.names.key("document", written, system) or written)
        yield from (f"{written}.{event}" for event in (machine.events if machine is not None else ()))


def _keys(subject: Subject, rule: EventRule) -> Iterator[Problem]:
    """Every event has every key, and of one type."""
    definitions = subject.definitions
    for where, keys in (("same", rule.same), ("per", rule.per)):
        for key, place in subject.listed(rule.where, where, names=keys):
            types: dict[str, Type | None] = {}
            for name in events_of(rule):
                if name not in HAPPENINGS and document_event(definitions, name) is None:
                    continue
                held = held_as(definitions, name, key)
                if held is None:
                    yield unknown("WAT002", key, _holds(subject, name), place, event=name)
                else:
                    types[name] = _type(subject, name, key, held)
            yield from _one_type(key, place, types)


def _one_type(key: str, place: Span, types: dict[str, Type | None]) -> Iterator[Problem]:
    known = [(name, kind) for name, kind in types.items() if kind is not None]
    for name, kind in known[1:]:
        first = known[0][1]
        alike = kind.kind is first.kind or (kind.kind in _TEXTS and first.kind in _TEXTS)
        both_refer = kind.kind is Kind.REF is first.kind and kind.of and first.of
        if not alike or (both_refer and kind.of != first.of):
            yield problem("WAT007", place, key=key, event=known[0][0], other=name)
            return


def _holds(subject: Subject, name: str) -> list[str]:
    found = document_event(subject.definitions, name)
    if found is None:
        return [*HAPPENINGS[name].fields, DEVICE]
    return [*found.document.fields, found.document.id.rpartition(".")[2], *found.event.ask, DEVICE]


def _type(subject: Subject, name: str, key: str, held: Held) -> Type | None:
    found = document_event(subject.definitions, name)
    if held is Held.NODE:
        return Type(Kind.TEXT)
    if held is Held.RECORD and found is not None:
        return Type(Kind.REF, of=found.document.id)
    if found is None:
        return HAPPENINGS[name].fields[key]
    field = found.document.fields.get(key) or found.event.ask.get(key)
    return field.type if field is not None else None


def _together(subject: Subject, rule: EventRule) -> Iterator[Problem]:
    """Keys that need or exclude each other."""
    several, places = len(rule.on) > 1, subject.places
    if rule.times > 1 and rule.within is None:
        yield problem("WAT003", places.key(rule.where, "times"))
    excluded = [
        ("times", "in_a_row", rule.times > 1 and rule.in_a_row > 0),
        ("times", "on", rule.times > 1 and several),
        ("in_a_row", "on", rule.in_a_row > 0 and several),
    ]
    for key, other, wrong in excluded:
        if wrong:
            yield problem("WAT004", places.key(rule.where, key), key=key, other=other)
    if rule.in_a_row and rule.when is None:
        yield problem("WAT005", places.key(rule.where, "in_a_row"))
    if rule.within is not None and rule.times == 1 and not rule.in_a_row and not several:
        yield problem("WAT006", places.key(rule.where, "within"))
    alone = rule.times == 1 and not several and rule.then_not is None and rule.not_after is None
    if not alone and not rule.same and not rule.per:
        yield warning("WAT008", rule.where)


# --- rules that feed themselves --------------------------------------------------------------------------------------


def _feeding(subject: Subject, rule: EventRule) -> Iterator[Problem]:
    """A rule without a condition whose actions cause an event that it fires on at once."""
    if rule.when is not None or rule.times > 1 or rule.in_a_row or rule.then_not is not None:
        return
    last = list(rule.on.values())[-1]
    for act in every_act(rule.do):
        caused = set(_caused(subject, (act,), frozenset()))
        if act.when is None and last in caused:
            yield problem("WAT009", act.where, event=last)


def _caused(subject: Subject, acts: Iterable[verbs.Act], seen: frozenset[str]) -> Iterator[str]:
    """Events that actions cause, with those that these cause in turn."""
    for act in every_act(acts):
        if isinstance(act, verbs.Do) and act.action in subject.definitions.actions and act.action not in seen:
            yield from _caused(subject, subject.definitions.actions[act.action].do, seen | {act.action})
        event = _event(subject, act)
        found = document_event(subject.definitions, event) if event else None
        if found is not None and event not in seen:
            yield event
            yield from _caused(subject, found.event.do, seen | {event})


def _event(subject: Subject, act: verbs.Act) -> str:
    if isinstance(act, verbs.Raise) and act.on is not None and act.on.linked is not None:
        return f"{document_of(act.on.linked.type)}.{act.event}"
    if isinstance(act, verbs.Create):
        machine = subject.machine(act.document)
        first = next(iter(machine.creating()), None) if machine is not None else None
        return f"{act.document}.{act.event or (first.name if first is not None else '')}"
    return ""
