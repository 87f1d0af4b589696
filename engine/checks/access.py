"""Checks of access: roles, fields, events and prints that are named exist; nobody is left without a door, and what is
protected is not open to all.

In: grants by document type and role. Out: problems. Conditions are checked by linking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.checks.owners import every_act, owners
from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.access import ALL, Grant
from engine.model.actions import Create
from engine.model.documents import Document
from engine.model.machines import NEW, Event, Machine
from engine.model.types import SYSTEM_FIELDS
from engine.problems import Problem, Span

CHANGE = "change"
_FIELD_KEYS = ("read", "hide", "mask")


def check_access(subject: Subject) -> Iterator[Problem]:
    """All grants."""
    created = _created_by_actions(subject)
    whole = _documents_of(subject)
    for key, grants in subject.definitions.access.items():
        document = subject.definitions.documents.get(key)
        if document is None:
            continue
        for role, grant in grants.items():
            if role not in subject.roles(document.system):
                yield unknown("REF006", role, subject.roles(document.system), subject.name_of(grant.where, role))
            yield from _names(subject, grant, whole[grant.where])
            yield from _contradictions(subject, document, grant)
        if document.ledger:  # kept for the engine alone unless somebody says more
            continue
        own = {role: grant for role, grant in grants.items() if len(whole[grant.where]) == 1}
        yield from _doors(subject, document, grants, own, reached=key in created)
        yield from _open_secrets(subject, document, grants)


def _documents_of(subject: Subject) -> dict[Span, list[Document]]:
    """The document types that one written grant holds for: one, or all of a system."""
    found: dict[Span, list[Document]] = {}
    for key, grants in subject.definitions.access.items():
        for grant in grants.values():
            if key in subject.definitions.documents:
                found.setdefault(grant.where, []).append(subject.definitions.documents[key])
    return found


def _created_by_actions(subject: Subject) -> set[str]:
    acts = (act for owner in owners(subject) for act in every_act(owner.acts))
    return {act.document for act in acts if isinstance(act, Create)}


def _names(subject: Subject, grant: Grant, documents: list[Document]) -> Iterator[Problem]:
    """Names that none of the document types has."""
    fields = _merged([document.fields for document in documents])
    events = _merged([machine.events for one in documents if (machine := subject.machine(one.id)) is not None])
    prints = [key for key, form in subject.definitions.prints.items() if form.document in {one.id for one in documents}]
    owner = documents[0].id
    for key in _FIELD_KEYS:
        yield from _each(subject, grant, (key,), getattr(grant, key), fields, "REF002", owner=owner)
    edited = ("edit", "fields") if subject.places.value(grant.where, "edit", "fields") != grant.where else ("edit",)
    yield from _each(subject, grant, edited, grant.edit.fields, fields, "REF002", owner=owner)
    yield from _each(subject, grant, ("export", "mask"), grant.export_mask, fields, "REF002", owner=owner)
    yield from _each(subject, grant, ("events",), grant.events, events, "REF004", document=owner)
    yield from _each(subject, grant, ("print",), grant.print, prints, "REF008")
    deniable = [*fields, *events, *prints]
    yield from _each(subject, grant, ("deny",), grant.deny, deniable, "ACC009", document=owner)


def _merged(names: Iterable[Iterable[str]]) -> dict[str, None]:
    return {name: None for one in names for name in one}


def _each(
    subject: Subject,
    grant: Grant,
    keys: tuple[str, ...],
    names: tuple[str, ...],
    known: Iterable[str],
    code: str,
    **values: str,
) -> Iterator[Problem]:
    every = {*known, *ALL, *SYSTEM_FIELDS}
    for name, place in subject.listed(grant.where, *keys, names=names):
        if name not in every:
            yield unknown(code, name, known, place, **values)


def _contradictions(subject: Subject, document: Document, grant: Grant) -> Iterator[Problem]:
    seen = set(document.fields if ALL[0] in grant.read else grant.read) - set(grant.hide)
    for name, place in subject.listed(grant.where, "hide", names=grant.hide):
        if name in grant.read:
            yield warning("ACC007", place, name=name, role=grant.role)
    keys = ("edit", "fields") if subject.places.value(grant.where, "edit", "fields") != grant.where else ("edit",)
    for name, place in subject.listed(grant.where, *keys, names=grant.edit.fields):
        field = document.fields.get(name)
        if field is None:
            continue
        if name not in seen:
            yield problem("ACC004", place, name=name, role=grant.role)
        elif field.edit is False or (field.is_derived and field.edit is None):
            yield warning("ACC008", place, related=(field.where,), name=name, document=document.id)


def _doors(
    subject: Subject, document: Document, grants: Mapping[str, Grant], own: Mapping[str, Grant], *, reached: bool
) -> Iterator[Problem]:
    """Who may begin, and who may go on. `own` are the grants written for this document type alone."""
    where = document.where
    machine = subject.machine(document.id)
    if not any(grant.read for grant in grants.values()):
        yield warning("ACC006", where, document=document.id)
        return
    if machine is None:
        return
    open_events = [event for event in machine.creating() if _for_people(event)]
    if open_events and not reached and not any(grant.create for grant in grants.values()):
        yield warning("ACC001", where, document=document.id)
    for role, grant in own.items():
        yield from _creates(subject, grant, open_events)
        yield from _raises(subject, machine, role, grant)
    yield from _unreachable(subject, machine, grants)


def _for_people(event: Event) -> bool:
    return not event.by.special or bool(event.by.roles) or event.by.formula is not None


def _named(event: Event, role: str) -> bool:
    """Whether the machine lets holders of a role raise the event."""
    nobody = not (event.by.roles or event.by.special or event.by.formula)
    return nobody or role in event.by.roles or event.by.formula is not None


def _creates(subject: Subject, grant: Grant, events: list[Event]) -> Iterator[Problem]:
    if grant.create and not any(_named(event, grant.role) for event in events):
        place = subject.places.key(grant.where, "create")
        yield warning("ACC005", place, role=grant.role, events=", ".join(event.name for event in events))


def _raises(subject: Subject, machine: Machine, role: str, grant: Grant) -> Iterator[Problem]:
    for name, place in subject.listed(grant.where, "events", names=grant.events):
        event = machine.events.get(name)
        if event is not None and not _named(event, role):
            yield warning("ACC003", place, related=(event.where,), event=name, role=role)


def _unreachable(subject: Subject, machine: Machine, grants: Mapping[str, Grant]) -> Iterator[Problem]:
    """Events that the machine gives to a role and access to nobody of it."""
    document = subject.definitions.documents[machine.document]
    known = subject.roles(document.system)
    for event in machine.events.values():
        for role in event.by.roles:
            grant = grants.get(role)
            if role not in known or (grant is not None and _granted(grant, event)):
                continue
            place = subject.word(event.where, "by", name=role)
            yield warning("ACC010", place, event=event.name, role=role, document=machine.document)


def _granted(grant: Grant, event: Event) -> bool:
    if NEW in event.sources and grant.create:
        return True
    changes = event.name == CHANGE and bool(grant.edit.fields)
    return changes or ALL[0] in grant.events or event.name in grant.events


def _open_secrets(subject: Subject, document: Document, grants: Mapping[str, Grant]) -> Iterator[Problem]:
    """Protected fields that every role of several sees in the clear."""
    readers = [grant for grant in grants.values() if grant.read]
    if len(readers) < 2:
        return
    for name, field in document.fields.items():
        if (field.protect or field.mask) and all(_clear(grant, name) for grant in readers):
            yield warning("ACC002", subject.name_of(field.where, name), name=name, document=document.id)


def _clear(grant: Grant, name: str) -> bool:
    seen = (ALL[0] in grant.read or name in grant.read) and name not in grant.hide
    return seen and name not in grant.mask
