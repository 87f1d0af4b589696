"""Which events can be raised on several records of a list at once, and what they ask of all of them together."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model.documents import Document, Field
from engine.usecases.desk import may_raise
from engine.usecases.forms import edits
from engine.usecases.views import EventView, FieldView
from engine.usecases.work import Work

_UNSHARED = {"file", "image", "password"}
"""Kinds whose answer belongs to one record."""


def bulk_events(work: Work, document: Document) -> Iterator[EventView]:
    """Events that the actor may raise on several records at once: those that open no form and ask for no table.

    `bulk` of the list, where it is given, says which of them, and in which order.
    """
    rights, machine = work.runtime.rights(document.id, work.actor).in_general(), work.machine(document.id)
    pages = work.runtime.definitions.pages.get(document.id)
    named = pages.bulk if pages is not None else ()
    events = [machine.events[name] for name in named if name in machine.events]
    for event in events if named else machine.events.values():
        if edits(event) or not may_raise(rights, event, new=False):
            continue
        by = event.by
        meant = not (by.roles or by.special) or bool(work.actor.roles & set(by.roles)) or by.formula is not None
        if meant and not any(field.is_table or field.kind in _UNSHARED for field in event.ask.values()):
            ask = tuple(_asked_of_all(field) for field in event.ask.values())
            yield EventView(event.name, event.title, ask=ask, style=event.style)


def _asked_of_all(field: Field) -> FieldView:
    """A question for all records: left empty where each record proposes its own answer."""
    needed = field.required is True and field.default is None
    return FieldView(field.name, field, required=needed, editable=True)
