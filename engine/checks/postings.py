"""Checks of the verb `post`: the ledger and its entry exist, accounts are told by all their keys, amounts by the names
that the entry takes, and an event whose posting is taken has made one.

In: an action and its owner, after linking. Out: problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.fields import check_literal
from engine.checks.owners import Owner, every_act
from engine.checks.subject import Subject, problem, unknown
from engine.model.actions import Act, Post, Side
from engine.model.documents import Field
from engine.model.formula import Given, Title
from engine.model.ledgers import EntryKind, Ledger
from engine.model.machines import ANY, Event, Machine
from engine.model.types import Kind, Type
from engine.problems import Problem

_WRITTEN = {"": "account", "from": "from", "to": "to"}


def check_post(subject: Subject, owner: Owner, act: Post) -> Iterator[Problem]:
    """One posting."""
    ledger = subject.definitions.ledgers.get(act.ledger)
    if ledger is None:
        place = subject.places.value(act.where, "post")
        yield unknown("LED001", act.ledger, subject.known("ledger", owner.system), place)
        return
    kind = ledger.entries.get(act.entry)
    if kind is None:
        place = subject.places.value(act.where, "entry")
        yield unknown("LED002", act.entry, ledger.entries, place, ledger=ledger.id)
        return
    yield from _sides(subject, act, ledger, kind)
    yield from _amounts(subject, act, kind)
    if act.of:
        yield from _taken(subject, owner, act, kind)


def _sides(subject: Subject, act: Post, ledger: Ledger, kind: EntryKind) -> Iterator[Problem]:
    wanted = {} if act.of else kind.sides
    if set(act.sides) != set(wanted):
        said = " + ".join(_WRITTEN[side] for side in wanted) or "of"
        yield problem("LED016", act.where, related=(kind.where,), entry=kind.name, wanted=said)
        return
    for name, side in act.sides.items():
        yield from _account(subject, act, ledger, _WRITTEN[name], side)


def _account(subject: Subject, act: Post, ledger: Ledger, key: str, side: Side) -> Iterator[Problem]:
    if side.row is not None:
        linked = side.row.linked
        found = linked.type if linked is not None else None
        if found is not None and found.kind in (Kind.ROW, Kind.REF) and found.of != ledger.id:
            yield problem("LED016", side.row.where, entry=act.entry, wanted=f"{key}: =self")
        return
    for name, given in side.keys.items():
        field = ledger.keys.get(name)
        if field is None:
            place = subject.places.key(act.where, key, name)
            yield unknown("LED003", name, ledger.keys, place, ledger=ledger.id)
        else:
            yield from check_literal(subject, field, given, "DOC002")
    for name, field in ledger.keys.items():
        if name not in side.keys and field.required is True:
            yield problem("LED004", subject.places.key(act.where, key), name=name, ledger=ledger.id)


def _amounts(subject: Subject, act: Post, kind: EntryKind) -> Iterator[Problem]:
    for name, given in act.amounts.items():
        if name not in kind.parameters:
            place = subject.places.key(act.where, name)
            yield unknown("LED005", name, kind.parameters, place, entry=kind.name)
        else:
            yield from check_literal(subject, Field(name, Title(), "decimal", Type(Kind.NUMBER)), given, "DOC002")
    if act.of and not act.amounts:
        return
    for name in kind.parameters:
        if name not in act.amounts:
            yield problem("LED006", subject.places.key(act.where, "post"), name=name, entry=kind.name)


def _taken(subject: Subject, owner: Owner, act: Post, kind: EntryKind) -> Iterator[Problem]:
    machine = subject.machine(owner.document)
    place = subject.places.value(act.where, "of")
    if machine is None:
        yield problem("MAC021", subject.places.key(act.where, "of"), verb="of")
        return
    event = machine.events.get(act.of)
    if event is None:
        yield unknown("REF004", act.of, machine.events, place, document=owner.document)
        return
    posts = list(_posts(subject, _done_at(machine, event), act.ledger))
    if not posts:
        yield problem("LED014", place, related=(event.where,), event=act.of, ledger=act.ledger)
    for post in posts if not act.amounts else ():
        given = _given(subject, post)
        for name in kind.parameters:
            if name not in given:
                yield problem("LED015", place, related=(post.where,), event=act.of, name=name, entry=kind.name)


def _done_at(machine: Machine, event: Event) -> tuple[Act, ...]:
    """What is done when an event happens: its own actions, and those of the states that are left and entered."""
    entered = machine.states.get(event.to)
    left = [state.leave for name, state in machine.states.items() if name in event.sources or ANY in event.sources]
    return (*event.do, *(entered.enter if entered is not None else ()), *(act for acts in left for act in acts))


def _posts(subject: Subject, acts: tuple[Act, ...], ledger: str) -> Iterator[Post]:
    """What a list of actions posts to a ledger, named actions within it too."""
    todo, seen = [*acts], set[str]()
    while todo:
        for act in every_act([todo.pop()]):
            if isinstance(act, Post) and act.ledger == ledger:
                yield act
            name = getattr(act, "action", "")
            action = subject.definitions.actions.get(name) if isinstance(name, str) else None
            if action is not None and name not in seen:
                seen.add(name)
                todo.extend(action.do)


def _given(subject: Subject, post: Post) -> Mapping[str, Given] | tuple[str, ...]:
    """Names that a posting gives; one that takes another's gives what its own kind of entry is made of."""
    kind = subject.definitions.ledgers[post.ledger].entries.get(post.entry)
    return post.amounts or (kind.parameters if kind is not None else ())
