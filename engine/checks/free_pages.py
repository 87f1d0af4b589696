"""Checks of free pages: what they name exists, what they draw has something to draw.

In: pages. Out: problems. What this version does not show yet is a warning with its place; it is left out of the page.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.fields import check_fields
from engine.checks.subject import Subject, problem, unknown, warning
from engine.model.free_pages import (
    Buttons,
    Chart,
    Columns,
    Component,
    Figure,
    Filters,
    FreePage,
    Table,
    inside,
)
from engine.model.pages import Button
from engine.problems import Problem, Span

CHARTS = ("line", "bar", "area", "pie")
_RASTER = 12


def check_free_pages(subject: Subject) -> Iterator[Problem]:
    """All free pages, and what stands on the pages of documents."""
    for page in subject.definitions.free_pages.values():
        yield from _page(subject, page)
    for page in subject.definitions.beside.values():
        yield from _parts(subject, page)


def _page(subject: Subject, page: FreePage) -> Iterator[Problem]:
    known = subject.roles(page.system)
    for role, place in subject.listed(page.where, "roles", names=page.roles):
        if role not in known:
            yield unknown("REF006", role, known, place)
    yield from check_fields(subject, page.keep, page.system, asked=True)
    yield from _parts(subject, page)


def _parts(subject: Subject, page: FreePage) -> Iterator[Problem]:
    for name, place in page.later:
        yield warning("PAG007", place, name=name)
    for component in inside((*page.body, *page.drills.values())):
        yield from _component(subject, page, component)


def _component(subject: Subject, page: FreePage, component: Component) -> Iterator[Problem]:
    part, where = component.part, component.where
    if isinstance(part, Chart) and part.form not in CHARTS:
        yield unknown("PAG008", part.form, CHARTS, subject.places.value(where, "chart"))
    if isinstance(part, Table) and not part.cells:
        yield problem("PAG009", subject.places.value(where, part.form))
    if isinstance(part, Columns) and (sum(part.widths) > _RASTER or len(part.widths) != len(part.parts)):
        yield problem("PAG010", subject.places.value(where, "columns"), count=str(len(part.parts)))
    if isinstance(part, Filters):
        for name, place in subject.listed(where, "filters", names=part.names):
            if name not in page.keep:
                yield unknown("PAG011", name, page.keep, place)
    if isinstance(part, Figure | Chart | Table) and part.drill:
        yield from _drill(subject, page, part.drill, subject.places.value(where, "drill"))
    if isinstance(part, Buttons):
        for index, button in enumerate(part.buttons):
            yield from _button(subject, page, button, subject.places.value(where, "buttons", index))


def _drill(subject: Subject, page: FreePage, drill: str, where: Span) -> Iterator[Problem]:
    documents = subject.known("document", page.system)
    behind = [] if page.about else ["rows"]
    known = [*behind, *page.drills, *subject.known("page", page.system), *(f"{name}.list" for name in documents)]
    if drill not in known:
        yield unknown("PAG012", drill, known, where)


def _button(subject: Subject, page: FreePage, button: Button, where: Span) -> Iterator[Problem]:
    if button.verb not in ("create", "go"):
        yield warning("PAG007", where, name=button.verb)
        return
    documents = list(subject.known("document", page.system))
    pages = list(subject.known("page", page.system)) if button.verb == "go" else []
    if button.subject not in (*documents, *pages):
        yield unknown("REF015" if button.verb == "go" else "REF001", button.subject, [*documents, *pages], where)
    if button.values or button.on is not None:
        yield warning("PAG007", where, name="with" if button.values else "on")
