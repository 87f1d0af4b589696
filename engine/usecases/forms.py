"""Forms: opened empty or on a record, previewed while people type."""

from __future__ import annotations

from collections.abc import Mapping

from engine.access.rights import RecordRights
from engine.documents import compute as computing
from engine.documents.rules import condition
from engine.expressions.environment import Env
from engine.machines.step import Obstacle
from engine.model.documents import Document, Field
from engine.model.formula import Formula
from engine.model.machines import NEW, Event
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import Hidden, note_protected, watched
from engine.usecases.bounds import bounded
from engine.usecases.desk import CHANGE, Inputs, Working
from engine.usecases.duplicates import foreseen
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest, EventView, FieldView, FormView
from engine.usecases.work import Work

Paths = frozenset[tuple[str, ...]]


def open_form(
    runtime: Runtime,
    actor: Actor,
    document: str,
    event: str,
    record_id: str | None = None,
    raw: Mapping[str, object] | None = None,
    asked: Mapping[str, object] | None = None,
) -> FormView:
    """The form of an event: empty with defaults, or filled with the record. Raises Refused where it may not."""
    view, working, rights = _previewed(
        runtime, actor, EventRequest(document, event, record_id, raw=raw or {}, asked=asked or {}), []
    )
    if record_id is not None:
        note_protected(runtime, actor, working.document, record_id, rights)
    return view


def preview(runtime: Runtime, actor: Actor, request: EventRequest) -> FormView:
    """The form as it would be with these inputs: computed, looked up, checked; nothing is stored."""
    return _previewed(runtime, actor, request, None)[0]


def _previewed(
    runtime: Runtime, actor: Actor, request: EventRequest, findings: list[Finding] | None
) -> tuple[FormView, Working, RecordRights]:
    """The form with the findings given, or with its own."""
    declared = runtime.definitions.documents.get(request.document)
    if declared is None:
        raise Refused((), kind="not_found")
    with (
        watched(runtime, actor, "form", request.document, request.record_id or ""),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        work = Work(runtime, unit, actor, Performer())
        working = opened_form(work, actor, request.document, request.record_id)
        event = work.machine(declared.id).events.get(request.event)
        if event is None:
            raise Refused((), kind="not_found")
        obstacle = work.obstacle_to(working, event, actor)
        if obstacle not in (None, Obstacle.GUARD):
            kind = "forbidden" if obstacle is Obstacle.WHO else "not_allowed"
            text = f"不能{event.title.zh}", f"{event.title.worded('en')} is not possible"
            if obstacle is Obstacle.WHO:
                text = "您不能进行此操作", "you may not do this"
            raise Refused((_finding(kind, *text),), kind=kind)
        inputs = Inputs(request.raw, request.asked, renewed=frozenset(request.changed))
        answers, own = work.prepare(working, event, actor, inputs, checked=findings is None)
        if findings is None and edits(event):
            own = [*own, *foreseen(work, working)]
        rights = work.rights(declared.id, working.before, actor)
        return _form(work, working, event, own if findings is None else findings, answers), working, rights


def opened_form(work: Work, actor: Actor, document: str, record_id: str | None) -> Working:
    """The record that a form stands on, or an empty one. Raises Refused where there is none, or none for the actor."""
    if record_id is None:
        return work.blank(document)
    record = work.unit.fetch(document, record_id)
    if record is None or record.values.get("deleted"):
        raise Refused((), kind="not_found")
    if not work.rights(document, record.values, actor).any:
        raise Hidden
    declared = work.runtime.definitions.documents[document]
    working = Working(declared, record.values, computing.snapshot(declared, record.values))
    work.world.put(document, record.values)
    return working


def _form(
    work: Work, working: Working, event: Event, findings: list[Finding], answers: Mapping[str, object]
) -> FormView:
    document, actor = working.document, work.actor
    presenter = Presenter(work.world.as_of(work.day_of(working)))
    rights = work.rights(document.id, working.before, actor)
    editable = editable_paths(work, working, event)
    values = working.values
    if working.before is None:  # what is shown depends on the state that the document will have
        values = {**values, "state": event.to or None}
    sections = presenter.sections(document, values, rights, editable=editable, findings=findings)
    placed = {view.name for section in sections for view in section.fields} if findings else set()
    unplaced = [finding for finding in findings if not finding.at or finding.at[0] not in placed]
    return FormView(
        document.id,
        document.title,
        event_view(work, presenter, working, event, actor, answers),
        sections,
        None if working.before is None else str(working.values["id"]),
        None if working.before is None else int(str(working.values["version"])),
        str(working.values["state"] or ""),
        tuple(unplaced),
        work.runtime.force.once("local formulas", document.id, lambda: local_formulas(document)),
        "" if working.before is None else presenter.label(document.id, working.values),
    )


def editable_paths(work: Work, working: Working, event: Event) -> Paths:
    """What the form of an event lets the actor change: creating and changing events open the fields, others do not."""
    if not edits(event):
        return frozenset()
    document = working.document
    rights = work.rights(document.id, working.before, work.actor)
    found: set[tuple[str, ...]] = set()
    for name, field in document.fields.items():
        granted = (rights.create and rights.reads(name)) if working.before is None else rights.edits(name)
        if not granted or not work.is_editable(document, field, working.values, (name,)):
            continue
        found.add((name,))
        for inner_name, inner in field.fields.items():
            if work.is_editable(document, inner, working.values, (name, inner_name)):
                found.add((name, inner_name))
    return frozenset(found)


def edits(event: Event) -> bool:
    """Whether an event opens the form."""
    return NEW in event.sources or event.name == CHANGE


def event_view(
    work: Work,
    presenter: Presenter,
    working: Working,
    event: Event,
    actor: Actor,
    answers: Mapping[str, object] | None = None,
) -> EventView:
    """An event as a button: whether it is allowed now, and what it asks, with the `answers` given so far."""
    found = work.obstacle_to(working, event, actor)
    if answers is None:
        before = Env(working.values, work.world, this=working.values, event=dict.fromkeys(event.ask))
        answers = {name: _proposed(field, before) for name, field in event.ask.items()}
    env = Env(working.values, work.world, this=working.values, event=answers)
    ask = tuple(_asked(presenter, field, env, answers.get(name)) for name, field in event.ask.items())
    refusal = event.refusal.worded(actor.language) if found is Obstacle.GUARD else ""
    judged_later = found is Obstacle.GUARD and (edits(event) or bool(event.ask))
    return EventView(event.name, event.title, found is None or judged_later, refusal, ask, edits(event), event.style)


def _proposed(field: Field, env: Env) -> object:
    return field.default.value(env) if field.default is not None else None


def _asked(presenter: Presenter, field: Field, env: Env, value: object) -> FieldView:
    shown, required = condition(field.show, env, True), condition(field.required, env)
    return FieldView(field.name, field, value, presenter.text(field, value), shown, required, editable=True)


def local_formulas(document: Document) -> Mapping[str, object]:
    """Expressions that the browser may evaluate by itself, and the code columns they read."""
    made: dict[str, object] = _trees(document.fields)
    tables = {name: _trees(field.fields) for name, field in document.fields.items() if field.is_table}
    return {**made, "tables": {name: trees for name, trees in tables.items() if any(trees.values())}}


def _trees(fields: Mapping[str, Field]) -> dict[str, object]:
    return {
        key: {name: tree for name, field in fields.items() if (tree := _tree(getattr(field, key))) is not None}
        for key in ("value", "show", "required", "check")
    }


def _tree(formula: object) -> object:
    if not isinstance(formula, Formula) or formula.linked is None or not formula.linked.local:
        return None
    return formula.linked.to_json()


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
