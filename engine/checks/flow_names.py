"""Checks of what flows name: devices and their commands, happenings, other flows, what is kept, stages, buttons.

In: flows after linking. Out: problems, each with the nearest name that there is. Where steps lead is checked elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.fields import check_fields, check_literal
from engine.checks.flow_ways import Catalogue, Flows
from engine.checks.links.flows import shown_source
from engine.checks.literals import misfit_of_type
from engine.checks.subject import Subject, problem, unknown, warning
from engine.loading.build_fields import RECORD
from engine.model.flow_devices import CALL, READINGS, WAIT, WAITS, commands
from engine.model.flows import Flow, Meeting, Step, inputs
from engine.model.formula import Given
from engine.model.free_pages import Component, Table, inside
from engine.model.touch_parts import Keypad, Picture
from engine.model.types import Kind, Shape, Type
from engine.problems import Problem, Span

PICTURES = (
    "swipe_document",
    "swipe_card",
    "finger",
    "drawer_open",
    "drawer_close",
    "success",
    "failure",
    "wait",
)  # fmt: skip
KEYPADS = ("digits", "number", "text", "letters")
RESULT = "result"
"""What a flow keeps under this name is what it gives back to the one that runs it."""
_ANY_ROW = (Kind.ROW, Kind.JSON)


def check_names(subject: Subject, flow: Flow, flows: Flows, catalogue: Catalogue) -> Iterator[Problem]:
    """Everything that a flow names."""
    for name, place in flow.later:
        yield warning("FLW021", place, name=name)
    yield from _kept(subject, flow)
    for step in flow.steps.values():
        for meeting in step.meets.values():
            yield from _meeting(subject, flow, meeting, catalogue)
            if meeting.button and meeting.button not in step.buttons:
                place = subject.places.value(meeting.where, "button")
                yield unknown("FLW022", meeting.button, step.buttons, place, step=step.name)
        yield from _run(subject, flow, step, flows)
        yield from _screen(subject, flow, step)
        yield from _words(subject, flow, step)


def _kept(subject: Subject, flow: Flow) -> Iterator[Problem]:
    fields = flow.memory.fields
    yield from check_fields(subject, fields, flow.system, asked=True)
    for field in fields.values():
        of = field.type.of
        if field.kind == RECORD and field.type.shape is None and subject.shared.shape(of) is None:
            known = [*READINGS, *subject.known("document", flow.system)]
            yield unknown("FLW020", of, known, subject.word_in(field.where, of))


def _words(subject: Subject, flow: Flow, step: Step) -> Iterator[Problem]:
    stages = [text for stage in flow.stages for text in (stage.zh, stage.en) if text]
    if step.stage and step.stage not in stages:
        yield unknown("FLW019", step.stage, stages, subject.places.value(step.where, "stage"))
    for name in step.confirm:
        if name and name not in step.buttons:
            place = subject.places.key(step.where, "confirm", name)
            yield unknown("FLW022", name, step.buttons, place, step=step.name)
    fields = [one.name for one in inputs(step.screen)]
    for button in step.buttons.values():
        if button.field and button.field not in fields:
            yield unknown("FLW034", button.field, fields, subject.places.value(button.where, "field"), step=step.name)


# --- meetings --------------------------------------------------------------------------------------------------------


def _meeting(subject: Subject, flow: Flow, meeting: Meeting, catalogue: Catalogue) -> Iterator[Problem]:
    """What a meeting asks, gives and keeps."""
    place = subject.places.value(meeting.where, meeting.kind)
    gives: Shape | None = None
    if meeting.kind == CALL:
        if meeting.what not in subject.definitions.services:
            yield unknown("REF012", meeting.what, subject.known("call", flow.system), place)
    elif meeting.kind == WAIT:
        gives = WAITS.get(meeting.what)
        if gives is None:
            yield unknown("FLW004", meeting.what, WAITS, place)
        else:
            yield from _arguments(subject, meeting.where, meeting.given, gives.fields, meeting.what, asked=False)
    else:
        found = catalogue.command(meeting.what)
        if found is None:
            yield unknown("FLW002", meeting.what, _orders(catalogue), place)
            return
        gives = found.gives
        if meeting.kind not in found.kinds:
            key = subject.places.key(meeting.where, meeting.kind)
            yield Problem("FLW003", key, {"name": meeting.what, "kind": meeting.kind}, found.kinds[0])
        yield from _arguments(subject, meeting.where, meeting.given, found.arguments, meeting.what)
    if meeting.into:
        yield from _into(subject, flow, meeting.into, subject.places.value(meeting.where, "into"), gives)


def _orders(catalogue: Catalogue) -> list[str]:
    """All commands, by class and by the names that nodes give."""
    known = list(commands(catalogue.accounts))
    own = [
        f"{name}.{one.partition('.')[2]}"
        for name, kind in catalogue.kinds.items()
        for one in known
        if one.startswith(f"{kind}.")
    ]
    return [*known, *own]


def _arguments(
    subject: Subject,
    where: Span,
    given: Mapping[str, Given],
    takes: Mapping[str, Type],
    owner: str,
    *,
    asked: bool = True,
) -> Iterator[Problem]:
    for name, one in given.items():
        if name not in takes:
            yield unknown("REF021", name, takes, subject.places.key(where, "with", name), owner=owner)
        elif one.formula is None and (wrong := misfit_of_type(subject, takes[name], one.literal)) is not None:
            reasons = {"reason_zh": wrong.zh, "reason_en": wrong.en}
            yield Problem("DOC002", one.where, {"name": name, **reasons}, wrong.suggestion)
    for name, kind in takes.items() if asked else ():
        if not kind.optional and name not in given:
            yield problem("REF022", where, name=name, owner=owner)


def _into(subject: Subject, flow: Flow, name: str, place: Span, gives: Shape | None) -> Iterator[Problem]:
    """Where something is kept: a name that is there, of a type that takes it."""
    field = flow.memory.fields.get(name)
    if field is None:
        yield unknown("FLW018", name, flow.memory.fields, place)
    elif gives is not None and not _takes(field.type, gives):
        wanted = f"record {gives.name}" if gives.name in READINGS else gives.document or "json"
        yield Problem("FLW030", place, {"name": name, "wanted": wanted}, wanted)


def _takes(kind: Type, row: Shape) -> bool:
    """Whether what is kept may be such a row: a reference to its record, the reading, whatever it holds; or its first
    value alone."""
    if kind.kind is Kind.REF and row.document:
        return kind.of in ("", row.document)
    if kind.kind is Kind.ROW and kind.shape is not None and kind.shape.name in READINGS:
        return kind.shape.name == row.name
    first = next(iter(row.fields.values()), None)
    return kind.kind in _ANY_ROW or (first is not None and first.kind is kind.kind and kind.of in ("", first.of))


# --- other flows, screens --------------------------------------------------------------------------------------------


def _run(subject: Subject, flow: Flow, step: Step, flows: Flows) -> Iterator[Problem]:
    if not step.run:
        return
    run = flows.get(step.run)
    if run is None:
        place = subject.places.value(step.where, "run")
        yield unknown("FLW017", step.run, subject.known("flow", flow.system), place)
        return
    for name, given in step.given.items():
        if name not in run.memory.fields:
            place = subject.places.key(step.where, "with", name)
            yield unknown("REF021", name, run.memory.fields, place, owner=run.id)
        else:
            yield from check_literal(subject, run.memory.fields[name], given, "DOC002")
    if step.into:
        place = subject.places.value(step.where, "into")
        if step.into not in flow.memory.fields:
            yield unknown("FLW018", step.into, flow.memory.fields, place)
        elif RESULT not in run.memory.fields:
            yield problem("FLW031", place, flow=run.id)


def _screen(subject: Subject, flow: Flow, step: Step) -> Iterator[Problem]:
    for component in inside(step.screen):
        part, where = component.part, component.where
        if isinstance(part, Picture) and part.name and part.name not in PICTURES:
            yield unknown("FLW032", part.name, PICTURES, subject.places.value(where, "picture"))
        elif isinstance(part, Keypad) and part.kind not in KEYPADS:
            yield unknown("FLW032", part.kind, KEYPADS, subject.places.value(where, "kind"))
        elif isinstance(part, Table) and not part.cells:
            yield problem("PAG009", subject.places.value(where, part.form))
        if component.pick is not None:
            yield from _picked(subject, flow, component)


def _picked(subject: Subject, flow: Flow, component: Component) -> Iterator[Problem]:
    source, pick = shown_source(component), component.pick
    if source is None or pick is None:
        yield problem("FLW033", component.where)
        return
    if pick.into:
        linked = source.of.linked
        row = linked.type.shape if linked is not None else None
        yield from _into(subject, flow, pick.into, subject.places.value(component.where, "pick"), row)
