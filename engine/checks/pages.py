"""Checks of generated pages: columns, filters, fields and buttons that are named exist and can be shown; no field that
people must fill is left out of the form.

In: pages. Out: problems. Columns that are paths or expressions are checked by linking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.documents import Document, Field
from engine.model.machines import Machine
from engine.model.system import Pages
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.problems import Problem, Span

VERBS = ("raise", "create", "go", "open", "start", "print", "export", "import")
_UNFILTERED = frozenset({Kind.ROWS, Kind.FILE, Kind.FILES, Kind.JSON})


def check_pages(subject: Subject) -> Iterator[Problem]:
    """All generated pages."""
    for pages in subject.definitions.pages.values():
        document = subject.definitions.documents.get(pages.document)
        if document is not None:
            if pages.of is None:
                yield from _list(subject, pages, document)
            yield from _card(subject, pages, document)
            yield from _form(subject, pages, document)
            yield from _buttons(subject, pages, document)


def _list(subject: Subject, pages: Pages, document: Document) -> Iterator[Problem]:
    known = {**document.fields, **dict.fromkeys(SYSTEM_FIELDS)}
    for name, place in _listed(subject, pages, "columns", pages.columns):
        if name not in pages.cells and name not in known:
            yield unknown("REF002", name, known, place, owner=document.id)
    for name, place in _listed(subject, pages, "filters", pages.filters):
        field = known.get(name)
        if "." in name:
            continue
        if name not in known:
            yield unknown("REF002", name, known, place, owner=document.id)
        elif field is not None and field.type.kind in _UNFILTERED:
            yield problem("PAG003", place, name=name, type=field.kind)
    for name, place in _listed(subject, pages, "sort", pages.sort):
        field = known.get(name.lstrip("-"))
        if name.lstrip("-") not in known:
            yield unknown("REF002", name.lstrip("-"), known, place, owner=document.id)
        elif field is not None and (field.type.kind in _UNFILTERED or field.protect):
            yield problem("PAG005", place, name=field.name)


def _card(subject: Subject, pages: Pages, document: Document) -> Iterator[Problem]:
    known = {**document.fields, **dict.fromkeys(SYSTEM_FIELDS)}
    for name, place in subject.listed(pages.where, "card", "columns", names=pages.card):
        if name not in known:
            yield unknown("REF002", name, known, place, owner=document.id)


def _listed(subject: Subject, pages: Pages, key: str, names: Iterable[str]) -> Iterator[tuple[str, Span]]:
    return subject.listed(pages.where, "list", key, names=names)


def _form(subject: Subject, pages: Pages, document: Document) -> Iterator[Problem]:
    shown: dict[str, Span] = {}
    for part, panels in (("form", pages.form), ("detail", pages.detail)):
        for index, panel in enumerate(panels):
            for name, place in subject.listed(pages.where, part, index, "fields", names=panel.fields):
                if name not in document.fields and name not in SYSTEM_FIELDS:
                    yield unknown("REF002", name, document.fields, place, owner=document.id)
                elif part == "form" and name in shown:
                    yield warning("PAG002", place, related=(shown[name],), name=name)
                if part == "form":
                    shown.setdefault(name, place)
    if pages.form:
        yield from _left_out(subject, pages, document, shown)


def _left_out(subject: Subject, pages: Pages, document: Document, shown: Iterable[str]) -> Iterator[Problem]:
    place = subject.places.key(pages.where, "form")
    missing = [field for field in document.fields.values() if field.name not in shown and field.show is not False]
    for field in missing:
        if field.required is True and not _is_given(field):
            yield problem("PAG004", place, related=(field.where,), name=field.name, document=document.id)
    others = [field.name for field in missing if field.required is not True and not _is_given(field)]
    if others:
        yield warning("PAG001", place, names=", ".join(others), document=document.id)


def _is_given(field: Field) -> bool:
    """Whether the engine gives the value, so that nobody misses the field."""
    given = field.is_derived or field.copied is not None or field.default is not None or field.filled is not None
    return given or field.edit is False


def _buttons(subject: Subject, pages: Pages, document: Document) -> Iterator[Problem]:
    machine = subject.machine(document.id)
    if machine is None:
        return
    for key, names in (("buttons", pages.buttons), ("bulk", pages.bulk)):
        for index, name in enumerate(names):
            place = subject.places.value(pages.where, "list", key, index)
            yield from _button(subject, machine, name, place, pages)


def _button(subject: Subject, machine: Machine, name: str, place: Span, pages: Pages) -> Iterator[Problem]:
    verb, _, what = name.partition(" ")
    if not what:
        event = machine.events.get(name)
        if event is None and name not in VERBS:
            yield unknown("REF004", name, [*machine.events, *VERBS], place, document=machine.document)
        elif event is not None and event.by.special and not event.by.roles and event.by.formula is None:
            yield warning("PAG006", place, related=(event.where,), event=name)
    elif verb == "raise" and what not in machine.events:
        yield unknown("REF004", what, machine.events, place, document=machine.document)
    elif verb == "print" and what not in subject.definitions.prints:
        yield unknown("REF008", what, subject.known("print", pages.system), place)
    elif verb == "create" and what not in subject.definitions.documents:
        yield unknown("REF001", what, subject.known("document", pages.system), place)
