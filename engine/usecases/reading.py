"""One document, read: as a page and as JSON; and the menu. Everything passes the projection of the actor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.documents.field_kinds import json_of
from engine.machines.step import Obstacle
from engine.model.criteria import Compare, Every, Holds, Order, Selection
from engine.model.documents import Document
from engine.model.formula import Title
from engine.model.free_pages import shown_sources
from engine.model.system import PARAMETERS, ROLES, MenuEntry
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.ports import Unit
from engine.problems import Refused
from engine.usecases.acting import Performer
from engine.usecases.administration import is_administrator
from engine.usecases.auditing import Hidden, note_protected, watched
from engine.usecases.bounds import bounded
from engine.usecases.cursors import plain_json
from engine.usecases.desk import Working
from engine.usecases.forms import edits, event_view
from engine.usecases.free_pages import may_open
from engine.usecases.listing import document_rights
from engine.usecases.presenting import Presenter
from engine.usecases.recounting import history_views, task_views
from engine.usecases.running import deadlines_of
from engine.usecases.runtime import Runtime
from engine.usecases.summaries import summary_of
from engine.usecases.views import (
    Actor,
    DetailView,
    MenuView,
    PrintView,
)
from engine.usecases.work import Work

_OWN = {PARAMETERS: Title("参数配置", "Parameters"), ROLES: Title("角色权限", "Rights of roles")}


def menu(runtime: Runtime, actor: Actor) -> tuple[MenuView, ...]:
    """Menu groups that are for the actor, with the pages whose documents he may read or create."""
    systems = [runtime.definitions.systems[one] for one in runtime.node.systems]
    return tuple(group for one in systems for group in _groups(runtime, actor, one.id, one.menu))


def _groups(runtime: Runtime, actor: Actor, system: str, entries: Sequence[MenuEntry]) -> Iterator[MenuView]:
    """Those of some groups in which there is something for the actor."""
    for entry in entries:
        if not entry.roles or actor.roles & set(entry.roles):
            inner = tuple(_groups(runtime, actor, system, entry.groups))
            found = tuple(one for page in entry.pages for one in _places(runtime, actor, page))
            if found or inner:
                yield MenuView(system, entry.title, found, inner)


def _places(runtime: Runtime, actor: Actor, page: str) -> Iterator[tuple[Title, str, str]]:
    """What a page named in the menu comes to for the actor; nothing where it may not be seen."""
    definitions = runtime.definitions
    if (page == PARAMETERS and any(actor.roles & set(one.set_by) for one in definitions.parameters.values())) or (
        page == ROLES and is_administrator(runtime, actor)
    ):
        yield _OWN[page], "", page
    free = definitions.free_pages.get(page)
    if free is not None and may_open(runtime, actor, free):
        yield free.title, "", page
    document, _, name = (page, "", "") if page in definitions.documents else page.partition(".")
    declared = definitions.documents.get(document)
    if declared is not None and document_rights(runtime, actor, declared).in_general().any:
        yield declared.title, document, name


def read_document(runtime: Runtime, actor: Actor, document: str, record_id: str) -> DetailView:
    """One document with everything the actor may know of it. Raises Refused(not_found) where it may not be seen."""
    with looked_at(runtime, actor, document, record_id) as (work, working, rights):
        presenter = Presenter(work.world.as_of(work.day_of(working)))
        view = detail_of(work, presenter, working, rights)
    note_protected(runtime, actor, working.document, record_id, rights)
    return view


@contextmanager
def looked_at(
    runtime: Runtime, actor: Actor, document: str, record_id: str
) -> Iterator[tuple[Work, Working, RecordRights]]:
    """A record the actor may see, in a reading unit of its own. Raises Refused(not_found)."""
    with (
        watched(runtime, actor, "read", document, record_id),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        yield opened(runtime, unit, actor, document, record_id)


def opened(
    runtime: Runtime, unit: Unit, actor: Actor, document: str, record_id: str
) -> tuple[Work, Working, RecordRights]:
    """A record the actor may see, for reading. Raises Refused(not_found)."""
    declared = runtime.definitions.documents.get(document)
    record = unit.fetch(document, record_id) if declared is not None else None
    if declared is None or record is None or record.values.get("deleted"):
        raise Refused((), kind="not_found")
    work = Work(runtime, unit, actor, Performer())
    work.world.put(document, record.values)
    rights = work.rights(document, record.values, actor)
    if not rights.any:
        raise Hidden
    return work, Working(declared, record.values, record.values), rights


def detail_of(work: Work, presenter: Presenter, working: Working, rights: RecordRights) -> DetailView:
    """A record as these rights show it, within a transaction."""
    document, values, machine = working.document, working.values, work.machine(working.document.id)
    state = machine.states.get(str(values["state"] or ""))
    events = [
        event_view(work, presenter, working, event, work.actor)
        for event in machine.events.values()
        if "new" not in event.sources and _visible(work, working, event.name)
    ]
    return DetailView(
        document.id,
        str(values["id"]),
        document.title,
        presenter.label(document.id, values, rights),
        presenter.number(values, rights),
        int(str(values["version"])),
        str(values["state"] or ""),
        state.title if state is not None else Title(),
        state.final if state is not None else False,
        presenter.sections(document, values, rights, read_only=True),
        tuple(events),
        tuple(_prints(work, document, rights)),
        history_views(work, presenter, document, machine, str(values["id"]), rights),
        task_views(work, working),
        tuple(_related(work, presenter, document, values)),
        deadlines_of(work, working) if rights.reads("state") else (),
        summary_of(presenter, document, values, rights),
    )


def _visible(work: Work, working: Working, event_name: str) -> bool:
    """Whether an event is worth showing: it starts from this state and the actor is one who raises it."""
    event = work.machine(working.document.id).events[event_name]
    found = work.obstacle_to(working, event, work.actor)
    return found in (None, Obstacle.GUARD) and not (edits(event) and not _has_edits(work, working))


def _has_edits(work: Work, working: Working) -> bool:
    rights = work.rights(working.document.id, working.values, work.actor)
    return rights.everything or bool(rights.edit)


def _prints(work: Work, document: Document, rights: RecordRights) -> Iterator[PrintView]:
    for form in work.runtime.definitions.prints.values():
        if form.document == document.id and rights.prints_form(form.id):
            yield PrintView(form.id, form.title)


def _related(
    work: Work, presenter: Presenter, document: Document, values: Mapping[str, object]
) -> Iterator[tuple[Title, str, Sequence[tuple[str, str]]]]:
    """Documents that refer back to this one, as far as the actor may see them; but for those beside its fields."""
    beside = shown_sources(work.runtime.definitions.beside.get(document.id))
    for (target, back), (referring, name) in work.runtime.force.backs.items():
        if target != document.id or back in beside:
            continue
        declared = work.runtime.definitions.documents[referring]
        held, own = document_rights(work.runtime, work.actor, declared), str(values["id"])
        several = declared.fields[name].type.kind is Kind.REFS
        refers = Holds((name,), own) if several else Compare((name,), "==", own)
        limit = Every((held.rows(work.world), held.rows_showing(work.world, name, clear=True), refers))
        found = work.unit.select(Selection(referring, limit, (Order("created_at", descending=True),), limit=20))
        shown = [(r.id, presenter.label(referring, r.values)) for r in found if held.on(r.values, work.world).any]
        if shown:
            yield declared.title, referring, shown


def record_json(runtime: Runtime, actor: Actor, document: str, record_id: str) -> Mapping[str, object]:
    """One document as JSON: typed values of the fields the actor may read, masked ones as masked text."""
    with watched(runtime, actor, "read", document, record_id), runtime.store.begin(write=False) as unit:
        _, working, rights = opened(runtime, unit, actor, document, record_id)
    note_protected(runtime, actor, working.document, record_id, rights)
    return projected_json(working, rights)


def projected_json(working: Working, rights: RecordRights) -> Mapping[str, object]:
    """Values of a record as JSON, after the projection."""
    values, document = working.values, working.document
    made: dict[str, object] = {
        name: plain_json(values[name]) for name in SYSTEM_FIELDS if rights.reads(name) and name in values
    }
    for name, field in document.fields.items():
        if not rights.reads(name) or field.kind == "password":
            continue
        if field.is_table:
            rows = () if name in rights.masked else values.get(name) or []
            assert isinstance(rows, list | tuple)
            made[name] = [
                {"id": row["id"], **{n: json_of(row.get(n), f.kind) for n, f in field.fields.items()}} for row in rows
            ]
        elif name in rights.masked:
            text = json_of(values.get(name), field.kind)
            made[name] = None if text is None else masked(str(text), field.mask)
        else:
            made[name] = json_of(values.get(name), field.kind)
    return made
