"""Checks of sheets: columns lead to fields that people may fill, heads are told apart, nothing that is needed is left
out, events create or go with what was found.

In: sheets. Out: problems.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.documents import Document, Field
from engine.model.machines import NEW, Event, Machine
from engine.model.sheets import ASKED, Sheet
from engine.model.types import SYSTEM_FIELDS
from engine.problems import Problem, Span
from engine.sheets.columns import Astray, Place, event_of, is_for_people, place_of, stands_in_a_cell
from engine.sheets.heads import normal


def check_sheets(subject: Subject) -> Iterator[Problem]:
    """All sheets."""
    for sheet in subject.definitions.sheets.values():
        document = subject.definitions.documents.get(sheet.document)
        if document is None:
            place = subject.places.value(sheet.where, "document")
            yield unknown("REF001", sheet.document, subject.known("document", sheet.system), place)
            continue
        yield from _heads(subject, sheet)
        machine = subject.machine(document.id)
        if machine is not None:
            yield from _events(subject, sheet, machine)
            yield from _columns(subject, sheet, document, machine)
        yield from _keys(subject, sheet, document)
        yield from _examples(subject, sheet)
        yield from _doors(subject, sheet, document)


def _heads(subject: Subject, sheet: Sheet) -> Iterator[Problem]:
    seen: dict[str, tuple[str, Span]] = {}
    for name, column in sheet.columns.items():
        heads = [(column.head, subject.places.value(column.where, "head"))]
        heads += subject.listed(column.where, "also", names=column.also)
        for head, place in heads:
            other = seen.setdefault(normal(head), (name, place))
            if other[1] != place:
                yield problem("SHT003", place, related=(other[1],), head=head, other=other[0])


def _events(subject: Subject, sheet: Sheet, machine: Machine) -> Iterator[Problem]:
    for key, name in (("event", sheet.event), ("found", sheet.found)):
        event = machine.events.get(name)
        place = subject.places.value(sheet.where, key)
        if name and event is None:
            yield unknown("REF004", name, machine.events, place, document=machine.document)
        elif event is not None and (NEW in event.sources) != (key == "event"):
            code = "SHT001" if key == "event" else "SHT008"
            yield problem(code, place, event=name, document=machine.document)
    if not sheet.event and event_of(sheet, machine) is None:
        names = ", ".join(event.name for event in machine.creating())
        yield problem("SHT002", subject.places.key(sheet.where, "sheet"), document=machine.document, events=names)
    if sheet.found and not sheet.match:
        yield problem("SHT008", subject.places.key(sheet.where, "found"), event=sheet.found, document=machine.document)


def _columns(subject: Subject, sheet: Sheet, document: Document, machine: Machine) -> Iterator[Problem]:
    event = event_of(sheet, machine)
    places: list[Place] = []
    for name, column in sheet.columns.items():
        where = subject.places.key(sheet.where, "columns", name)
        if column.path[0] == ASKED and event is None:
            continue  # which event is meant was asked already
        found = place_of(column, document, event, subject.definitions.documents)
        if isinstance(found, Astray):
            yield _astray(found, where, name, event)
            continue
        places.append(found)
        if not stands_in_a_cell(found.by or found.field):
            yield problem("SHT004", where, name=name, type=(found.by or found.field).kind)
        elif not found.is_asked and not is_for_people(found.field):
            yield problem("SHT005", where, related=(found.field.where,), name=name)
    yield from _left_out(subject, sheet, document, event, {place.path for place in places})


def _astray(found: Astray, where: Span, name: str, event: Event | None) -> Problem:
    if event is not None and name.startswith(f"{ASKED}.{found.step}") and found.step not in event.ask:
        return unknown("SHT012", found.step, event.ask, where, event=event.name)
    if found.names:
        return unknown("REF002", found.step, found.names, where, owner=found.owner)
    return problem("SHT009", where, name=name, step=found.step)


def _left_out(
    subject: Subject, sheet: Sheet, document: Document, event: Event | None, led: set[tuple[str, ...]]
) -> Iterator[Problem]:
    """What every row would lack."""
    tables = {path[0] for path in led if len(path) == 2}
    wanted: list[tuple[tuple[str, ...], Field]] = [((name,), field) for name, field in document.fields.items()]
    for table in tables & document.fields.keys():
        wanted += [((table, name), field) for name, field in document.fields[table].fields.items()]
    wanted += [((ASKED, name), field) for name, field in (event.ask if event else {}).items()]
    where = subject.places.key(sheet.where, "columns")
    for path, field in wanted:
        if path not in led and not (field.is_table and field.name in tables) and _is_needed(field):
            yield problem("SHT006", where, related=(field.where,), name=".".join(path))


def _is_needed(field: Field) -> bool:
    """Whether a person must give the value, or a row of it, whatever else is given."""
    wanted = field.required is True or (field.is_table and field.rows_min > 0)
    return wanted and field.show is True and field.default is None and is_for_people(field)


def _keys(subject: Subject, sheet: Sheet, document: Document) -> Iterator[Problem]:
    table = document.fields.get(sheet.group.partition(".")[0])
    if sheet.group and (sheet.group not in sheet.columns or (table is not None and table.is_table)):
        place = subject.places.value(sheet.where, "group")
        yield problem("SHT007", place, name=sheet.group)
    known = [*(name for name, one in document.fields.items() if not one.is_table), *SYSTEM_FIELDS]
    for name, place in subject.listed(sheet.where, "match", names=sheet.match):
        if name not in known:
            yield unknown("REF002", name, known, place, owner=document.id)


def _examples(subject: Subject, sheet: Sheet) -> Iterator[Problem]:
    for index, row in enumerate(sheet.examples):
        for name in row:
            if name not in sheet.columns:
                place = subject.places.key(sheet.where, "examples", index, name)
                yield unknown("SHT013", name, sheet.columns, place, sheet=sheet.id)


def _doors(subject: Subject, sheet: Sheet, document: Document) -> Iterator[Problem]:
    grants = subject.definitions.access.get(document.id, {}).values()
    if not any(grant.bring_in and grant.create for grant in grants):
        yield warning("SHT010", subject.places.value(sheet.where, "document"), document=document.id)
