"""Free pages opened: what the page remembers is read, its components are computed as the actor may see them.

In: a page, the texts that an address gives. Out: a `PageView`. A page decides nothing and grants nothing: who may open
it still sees only what the projection lets through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.documents.field_kinds import json_of, parse
from engine.documents.malformed import Malformed
from engine.expressions.environment import Env
from engine.model.formula import Title
from engine.model.free_pages import PAGE, Component, FreePage, inside
from engine.model.pages import Button
from engine.model.values import Duration
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import Hidden, note_reading, watched
from engine.usecases.behind import documents_behind
from engine.usecases.bounds import bounded
from engine.usecases.components import ROWS, Reading
from engine.usecases.desk import may_raise
from engine.usecases.page_tables import Taken, taken, whole
from engine.usecases.page_views import ButtonView, ComponentView, PageView, TableView
from engine.usecases.presenting import Presenter
from engine.usecases.projected import ProjectedWorld
from engine.usecases.runtime import Runtime
from engine.usecases.shown_fields import clear_of
from engine.usecases.views import Actor, FieldView
from engine.usecases.work import Work

_NOWHERE: Mapping[str, object] = {}


def may_open(runtime: Runtime, actor: Actor, page: FreePage) -> bool:
    """Whether the actor has a role of the page; without any named, a role of its system."""
    system = runtime.definitions.systems.get(page.system)
    roles = page.roles or (tuple(system.roles) if system is not None else ())
    return page.system in {"", *runtime.node.systems} and bool(actor.roles & set(roles))


def open_page(runtime: Runtime, actor: Actor, page_id: str, given: Mapping[str, str]) -> PageView:
    """The page as the actor sees it now; `given` are texts of what it remembers. Raises Refused(not_found)."""
    page = _page(runtime, actor, page_id)
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        reading, findings = _reading(work, page, given)
        body = reading.bodies(page.body)
        refresh = page.refresh(reading.env) if page.refresh is not None else None
        view = PageView(page.id, page.title, body, _texts(reading), _seconds(refresh), findings)
    note_protected_cells(runtime, actor, page.body)
    return view


def open_drill(
    runtime: Runtime, actor: Actor, page_id: str, path: str, given: Mapping[str, str], at: Mapping[str, str]
) -> PageView:
    """What stands behind a component: a drill of the page by its name, or with `rows:PATH` the documents themselves.

    `at` names the point: `x` and `split` of a chart as its view gave them, `row` the number of a table's row.
    """
    page = _page(runtime, actor, page_id)
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        reading, findings = _reading(work, page, given)
        if path.startswith(f"{ROWS}:"):
            component = _component(page, path.partition(":")[2])
            shown: tuple[ComponentView, ...] = (documents_behind(reading, component, at),)
        else:
            component = _drill(page, path)
            shown = reading.bodies((component,))
        view = PageView(page.id, page.title, shown, _texts(reading), findings=findings)
    note_protected_cells(runtime, actor, (component,))
    return view


def take_table(runtime: Runtime, actor: Actor, page_id: str, path: str, given: Mapping[str, str]) -> Taken:
    """A table of a page with all its rows, for a workbook. Raises Refused(not_found), Refused(forbidden)."""
    page = _page(runtime, actor, page_id)
    with bounded(), runtime.store.begin(write=False) as unit:
        reading, _ = _reading(Work(runtime, unit, actor, Performer()), page, given)
        component = next((one for one in inside((*page.body, *page.drills.values())) if one.path == path), None)
        view = reading.component(whole(component)) if component is not None else None
        if component is None or view is None or not isinstance(view.part, TableView):
            raise Refused((), kind="not_found")
        found = taken(view.title if view.title.zh or view.title.en else page.title, view.part, actor.language)
    note_protected_cells(runtime, actor, (component,))
    note_reading(runtime, actor, "export", "", "", [page.id, path])
    return found


def _page(runtime: Runtime, actor: Actor, page_id: str) -> FreePage:
    with watched(runtime, actor, "page", page_id):
        page = runtime.definitions.free_pages.get(page_id)
        if page is None:
            raise Refused((), kind="not_found")
        if not may_open(runtime, actor, page):
            raise Hidden
        return page


def _drill(page: FreePage, name: str) -> Component:
    if name not in page.drills:
        raise Refused((), kind="not_found")
    return page.drills[name]


def _component(page: FreePage, path: str) -> Component:
    found = next((one for one in inside((*page.body, *page.drills.values())) if one.path == path), None)
    if found is None or getattr(found.part, "drill", "") != ROWS:
        raise Refused((), kind="not_found")
    return found


# --- memory ----------------------------------------------------------------------------------------------------


def _reading(work: Work, page: FreePage, given: Mapping[str, str]) -> tuple[Reading, tuple[Finding, ...]]:
    world = ProjectedWorld(work.world)
    presenter = Presenter(work.world)
    bare = Env(_NOWHERE, world)
    values: dict[str, object] = {}
    findings = []
    for name, field in page.keep.items():
        values[name] = field.default.value(bare) if field.default is not None else None
        raw = given.get(name, "").strip()
        if raw:
            try:
                values[name] = parse(raw, field)
            except Malformed as fault:
                findings.append(Finding(fault.code, fault.text, (name,)))
        elif name in given and not field.required:
            values[name] = None
    remembered = {
        name: FieldView(name, field, values[name], presenter.text(field, values[name]), editable=True)
        for name, field in page.keep.items()
    }
    env = Env(_NOWHERE, world, names={PAGE: values})
    return Reading(world, presenter, env, remembered, lambda button: button_views(work, button)), tuple(findings)


def _texts(reading: Reading) -> Mapping[str, str]:
    """What the page remembers, as an address gives it again."""
    found = {}
    for name, view in reading.remembered.items():
        value = json_of(view.value, view.field.kind) if view.value is not None else ""
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _seconds(length: object) -> int:
    return max(5, int(length.seconds)) if isinstance(length, Duration) else 0


# --- acts ----------------------------------------------------------------------------------------------------


def button_views(work: Work, button: Button) -> Iterator[ButtonView]:
    """What a button comes to: a new document of a type the actor may create, a page or list the actor may open."""
    definitions, actor, runtime = work.runtime.definitions, work.actor, work.runtime
    subject = button.subject
    if button.verb == "create":
        rights = runtime.rights(subject, actor).in_general()
        creating = [event for event in work.machine(subject).creating() if may_raise(rights, event, new=True)]
        chosen = [event for event in creating if event.name == button.event] or creating
        for event in chosen[:1]:
            yield ButtonView("new", f"{subject}.{event.name}", _titled(button, event.title))
    elif subject in definitions.free_pages:
        page = definitions.free_pages[subject]
        if may_open(runtime, actor, page):
            yield ButtonView("page", subject, _titled(button, page.title))
    elif subject in definitions.documents and runtime.rights(subject, actor).in_general().any:
        yield ButtonView("list", subject, _titled(button, definitions.documents[subject].title))


def _titled(button: Button, otherwise: Title) -> Title:
    return button.title if button.title.zh or button.title.en else otherwise


def note_protected_cells(runtime: Runtime, actor: Actor, shown: tuple[Component, ...]) -> None:
    """Keep which protected fields the components of a page have shown in the clear."""
    for document, names in clear_of(runtime, actor, [one.part for one in inside(shown)]).items():
        note_reading(runtime, actor, "page", document, "", sorted(names))
