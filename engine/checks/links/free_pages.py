"""Scopes on free pages: what stands beside a source speaks of its rows; all of it knows what the page remembers, or
the document on whose page it stands.

In: a page and the linker of its system. Out: linked formulas.
"""

from __future__ import annotations

from engine.checks.linking import UNKNOWN, Linker
from engine.checks.links.documents import document_scope
from engine.checks.shapes import row_type, rows_type
from engine.expressions.names import Scope
from engine.model.formula import Formula
from engine.model.free_pages import (
    PAGE,
    Board,
    Buttons,
    Chart,
    Component,
    Figure,
    FreePage,
    Grid,
    Log,
    Marks,
    Source,
    Table,
    Tabs,
    Text,
    inside,
    memory,
)
from engine.model.types import BOOLEAN, DATE, INTEGER, NUMBER, TEXT, Type


def link_free_page(linker: Linker, page: FreePage) -> None:
    """Link all expressions of a page."""
    linker.formula(page.refresh, linker.surroundings)
    for kept in page.keep.values():
        linker.given(kept.default, linker.surroundings, linker.wanted(kept))
    scope = linker.surroundings.with_locals(**{PAGE: row_type(memory(page))})
    for component in (*page.body, *page.drills.values()):
        _with_inner(linker, component, scope)


def link_beside(linker: Linker, page: FreePage) -> None:
    """Link what stands on the page of a document: it speaks of that document."""
    for component in page.body:
        _with_inner(linker, component, document_scope(linker, page.about))


def _with_inner(linker: Linker, component: Component, scope: Scope) -> None:
    for one in inside((component,)):
        link_component(linker, one, scope)


def link_component(linker: Linker, component: Component, scope: Scope) -> None:
    """Link one component, those that stand in it left out."""
    linker.condition(component.show, scope)
    part = component.part
    if isinstance(part, Figure):
        _figure(linker, part, scope)
    elif isinstance(part, Chart | Table | Board):
        _rows(linker, part, scope)
    elif isinstance(part, Grid):
        _grid(linker, part, scope)
    elif isinstance(part, Log | Text):
        _plain(linker, part, scope)
    elif isinstance(part, Buttons):
        for button in part.buttons:
            linker.formula(button.when, scope, BOOLEAN)
    elif isinstance(part, Tabs):
        for tab in part.tabs:
            linker.condition(tab.show, scope)


def _plain(linker: Linker, part: Log | Text, scope: Scope) -> None:
    if isinstance(part, Text):
        linker.template(part.text, scope)
        return
    for formula, kind in ((part.since, DATE), (part.until, DATE), (part.who, TEXT)):
        linker.formula(formula, scope, kind)


def _rows(linker: Linker, part: Chart | Table | Board, scope: Scope) -> None:
    row = link_source(linker, part.source, scope)
    shown: tuple[Formula | None, ...] = ()
    if isinstance(part, Chart):
        shown = (part.x, part.split, *(cell.value for cell in part.y))
    else:
        per = (part.per, part.label) if isinstance(part, Board) else ()
        shown = (*per, *(cell.value for cell in part.cells))
    for formula in shown:
        linker.formula(formula, row)
    if isinstance(part, Board):
        _marks(linker, part.marks, row)


def _grid(linker: Linker, grid: Grid, scope: Scope) -> None:
    row = link_source(linker, grid.source, scope)
    for axis in (grid.rows, grid.columns):
        linker.formula(axis.at, row, INTEGER)
        linker.formula(axis.size, row, INTEGER)
    linker.formula(grid.per, row)
    linker.formula(grid.label, row)
    _marks(linker, grid.marks, row)
    if grid.contents is not None:
        inner = link_source(linker, grid.contents.source, row)
        for formula in (grid.contents.label, *(cell.value for cell in grid.contents.cells)):
            linker.formula(formula, inner)
        _marks(linker, grid.contents.marks, inner)


def _marks(linker: Linker, marks: Marks, row: Scope) -> None:
    linker.formula(marks.mark, row, BOOLEAN)
    linker.formula(marks.alert, row, BOOLEAN)


def _figure(linker: Linker, figure: Figure, scope: Scope) -> None:
    rows = {name: link_source(linker, source, scope) for name, source in figure.sources.items()}
    names = {name: rows_type(found.row) for name, found in rows.items() if found.row is not UNKNOWN}
    if len(names) < len(rows):
        return
    kind = linker.formula(figure.value, scope.with_locals(**{**scope.locals, **names}))
    value: Type = kind or NUMBER
    linker.formula(figure.alert, scope.with_locals(**{**scope.locals, "value": value}), BOOLEAN)


def link_source(linker: Linker, source: Source, scope: Scope) -> Scope:
    """Link a source and what narrows and orders it; the scope of its rows."""
    found = linker.source(source.of, scope, scope.locals)
    linker.formula(source.where, found, BOOLEAN)
    linker.order(source.sort, found)
    return found
