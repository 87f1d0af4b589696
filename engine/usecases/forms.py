"""Forms: opened empty or on a record, previewed while people type, and the choices of their pickers."""

from __future__ import annotations

from collections.abc import Mapping

from engine.access.rights import RecordRights
from engine.documents import compute as computing
from engine.documents.bind import bind
from engine.documents.rules import condition
from engine.expressions.environment import Env
from engine.machines.step import Obstacle
from engine.model.criteria import Criterion, Every, Order, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Formula
from engine.model.machines import NEW, Event
from engine.model.records import Record
from engine.problems import Finding, Refused
from engine.sources.criteria import criterion_of
from engine.usecases.acting import Performer
from engine.usecases.auditing import Hidden, note_protected, watched
from engine.usecases.bounds import bounded
from engine.usecases.desk import CHANGE, Inputs, Working
from engine.usecases.needles import found_by_text
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest, EventView, FieldView, FormView, Option
from engine.usecases.work import Work

Paths = frozenset[tuple[str, ...]]
_MOST_OPTIONS = 50


def open_form(
    runtime: Runtime,
    actor: Actor,
    document: str,
    event: str,
    record_id: str | None = None,
    raw: Mapping[str, object] | None = None,
) -> FormView:
    """The form of an event: empty with defaults, or filled with the record. Raises Refused where it may not."""
    view, working, rights = _previewed(runtime, actor, EventRequest(document, event, record_id, raw=raw or {}), [])
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
        working = _opened(work, actor, request)
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
        _, own = work.prepare(working, event, actor, inputs, checked=findings is None)
        rights = work.rights(declared.id, working.before, actor)
        return _form(work, working, event, own if findings is None else findings), working, rights


def _opened(work: Work, actor: Actor, request: EventRequest) -> Working:
    if request.record_id is None:
        return work.blank(request.document)
    record = work.unit.fetch(request.document, request.record_id)
    if record is None or record.values.get("deleted"):
        raise Refused((), kind="not_found")
    if not work.rights(request.document, record.values, actor).any:
        raise Hidden
    declared = work.runtime.definitions.documents[request.document]
    working = Working(declared, record.values, computing.snapshot(declared, record.values))
    work.world.put(request.document, record.values)
    return working


def _form(work: Work, working: Working, event: Event, findings: list[Finding]) -> FormView:
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
        event_view(work, presenter, working, event, actor),
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


def event_view(work: Work, presenter: Presenter, working: Working, event: Event, actor: Actor) -> EventView:
    """An event as a button: whether it is allowed now, and what it asks."""
    found = work.obstacle_to(working, event, actor)
    env = Env(working.values, work.world, this=working.values, event=dict.fromkeys(event.ask))
    ask = tuple(_asked(presenter, field, env) for field in event.ask.values())
    refusal = event.refusal.worded(actor.language) if found is Obstacle.GUARD else ""
    judged_later = found is Obstacle.GUARD and (edits(event) or bool(event.ask))
    return EventView(event.name, event.title, found is None or judged_later, refusal, ask, edits(event), event.style)


def _asked(presenter: Presenter, field: Field, env: Env) -> FieldView:
    value = field.default.value(env) if field.default is not None else None
    required = condition(field.required, env)
    return FieldView(field.name, field, value, presenter.text(field, value), True, required, editable=True)


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


# --- pickers -------------------------------------------------------------------------------------------------------


def options(
    runtime: Runtime,
    actor: Actor,
    document: str,
    path: tuple[str, ...],
    text: str,
    raw: Mapping[str, object],
    event: str = "",
) -> tuple[Option, ...]:
    """Choices of a code or reference field that match what was typed. Raises Refused for a hidden field.

    With `event`, the path names a field that the event asks for.
    """
    declared = runtime.definitions.documents.get(document)
    with watched(runtime, actor, "options", document), bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        field = None if declared is None else _choosing(work, declared, path, event)
        if declared is None or field is None:
            raise Refused((), kind="not_found")
        if field.kind in ("code", "codes"):
            return code_options(work, field, text)
        if field.kind in ("ref", "refs") and field.type.of:
            return _reference_options(work, declared, field, text, raw)
        return ()


def _choosing(work: Work, document: Document, path: tuple[str, ...], event: str) -> Field | None:
    """The field whose choices are wanted, where the actor may know of it."""
    rights = work.rights(document.id, None, work.actor)
    if not event:
        found = document.field_at(path)
        if found is not None and not rights.reads(path[0]):
            raise Hidden
        return found
    asking = work.machine(document.id).events.get(event)
    return asking.ask.get(path[0]) if asking is not None and rights.any else None


def code_options(work: Work, field: Field, text: str, most: int = _MOST_OPTIONS) -> tuple[Option, ...]:
    """Codes whose code, title or pinyin initials match, as of today; what begins so stands before what contains it."""
    iso, needle = work.now.date().isoformat(), text.strip().lower()
    pinyin = work.runtime.pinyin
    found: tuple[list[Option], list[Option]] = ([], [])
    for entry in work.runtime.definitions.codes[field.type.of].entries:
        if not entry.dated.holds_on(iso):
            continue
        title = str(entry.columns.get("title") or entry.code)
        initials = pinyin.initials(title)
        if initials.startswith(needle) or title.lower().startswith(needle) or entry.code.lower() == needle:
            found[0].append(Option(entry.code, title, entry.code, initials))
        elif needle in entry.code.lower() or needle in title.lower():
            found[1].append(Option(entry.code, title, entry.code, initials))
        if len(found[0]) >= most:
            break
    return (*found[0], *found[1])[:most]


def _reference_options(
    work: Work, document: Document, field: Field, text: str, raw: Mapping[str, object]
) -> tuple[Option, ...]:
    target = work.runtime.definitions.documents[field.type.of]
    presenter = Presenter(work.world)
    parts: list[Criterion] = [work.runtime.rights(target.id, work.actor).rows(work.world)]
    if field.filter is not None:
        values = _readable(work, document, raw)
        this = Env(values, work.world, this=values)
        parts.append(criterion_of(field.filter, this))
    if text.strip():
        parts.append(found_by_text(work, target, text, by_name=True))
    order = (Order("changed_at", descending=True),)
    found = work.unit.select(Selection(target.id, Every(tuple(parts)), order, limit=_MOST_OPTIONS))
    seen = ((record, presenter.rights(target.id, record.values)) for record in found)
    return tuple(_option(presenter, record, rights) for record, rights in seen if rights.any)


def _readable(work: Work, document: Document, raw: Mapping[str, object]) -> Mapping[str, object]:
    """The plain fields as typed so far; what cannot be read, or may not be chosen, counts as empty."""
    fields = {name: field for name, field in document.fields.items() if not field.is_table}
    known = {name: value for name, value in raw.items() if name in fields}
    bound = bind(fields, known, may_set=lambda path: True, exists=work.exists, new_id=work.runtime.ids.new)
    return {**computing.blank(document.fields), **bound.values}


def _option(presenter: Presenter, record: Record, rights: RecordRights) -> Option:
    label = presenter.label(record.document, record.values, rights)
    return Option(record.id, label, presenter.number(record.values, rights))


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
