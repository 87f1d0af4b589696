"""Checks of what follows from messages that come in: what a mapping sets, which documents it begins, in whose name.

In: linked mappings. Out: problems. A mapping that looks for a document before it begins one needs a unique key, or two
workers would begin the same twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.subject import Subject, problem, unknown
from engine.model.documents import Document
from engine.model.machines import NEW
from engine.model.messages import MessageMapping
from engine.model.system import Accounts
from engine.problems import Problem

_OWN = ("id", "number", "state")
"""What every record has beside its fields."""


def check_taking(subject: Subject) -> Iterator[Problem]:
    """Every mapping."""
    for mapping in subject.definitions.mappings.values():
        yield from _set(subject, mapping)
        yield from _creates(subject, mapping)
        yield from _org(subject, mapping)


def _documents(subject: Subject, mapping: MessageMapping) -> list[Document]:
    """The document types that something is set in."""
    named = [match.document for match in mapping.match]
    named += [mapping.document] if mapping.creates or not named else []
    found = subject.definitions.documents
    return [found[name] for name in dict.fromkeys(named) if name in found]


def _set(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    for document in _documents(subject, mapping):
        for name in mapping.set:
            place = subject.places.key(mapping.where, "set", name)
            field = document.fields.get(name)
            if field is None:
                yield unknown("REF002", name, document.fields, place, owner=document.id)
            elif field.is_engines_own:
                yield problem("MAC014", place, related=(field.where,), name=name, document=document.id)


def _creates(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    if not mapping.creates:
        return
    place = subject.places.value(mapping.where, "unmatched", "create")
    document, machine = subject.definitions.documents.get(mapping.document), subject.machine(mapping.document)
    if document is None or machine is None:
        if not mapping.document:
            yield problem("MSG028", place)
        return
    events = {name: event for name, event in machine.events.items() if NEW in event.sources}
    if mapping.creates not in events:
        yield unknown("REF004", mapping.creates, events, place, document=document.id)
    looked_for = [set(match.by) for match in mapping.match if match.document == document.id]
    keys = [set(key.fields) for key in document.uniques if key.when is None]
    keys += [{name} for name, field in document.fields.items() if field.unique]
    if not any(by == key for by in looked_for for key in keys):
        related = tuple(match.where for match in mapping.match if match.document == document.id)
        yield problem("MSG029", place, related=related, document=document.id)


def _org(subject: Subject, mapping: MessageMapping) -> Iterator[Problem]:
    """That units have the fields by which one is looked for, and that something is begun in its name."""
    if not mapping.org:
        return
    if not mapping.creates and (mapping.match or mapping.event is None):
        yield problem("MSG030", subject.places.key(mapping.where, "org"))
    for unit in {
        found: None for node in subject.definitions.nodes.values() if (found := _unit(subject, node.accounts))
    }:
        fields = subject.fields(unit)
        for name in mapping.org:
            if name not in fields and name not in _OWN:
                yield unknown("REF002", name, fields, subject.places.key(mapping.where, "org", name), owner=unit)


def _unit(subject: Subject, accounts: Accounts | None) -> str:
    """The document type of the units that accounts of a node belong to."""
    field = subject.fields(accounts.document).get(accounts.org) if accounts is not None else None
    return field.type.of if field is not None else ""
