"""A table of a page taken away: its rows as values for a workbook, all of them and not only those that are drawn.

In: a page, the place of the table in it, what the page remembers. Out: heads and rows. Who may take away all documents
of the type behind the rows that they see may take the table; what is masked once it is taken away keeps its tables
here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.model.formula import Formula, Title
from engine.model.free_pages import Component, Log, Table
from engine.model.types import Kind, Shape
from engine.model.workbooks import CellForm
from engine.problems import Refused
from engine.sources.criteria import checked_of
from engine.usecases.page_views import CellView, RowView, TableView
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

MOST = 100_000
"""Rows of one file."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A table as it leaves: the name of its document type, heads, kinds of columns, rows; the words of cells that the
    door knows are still their names."""

    title: Title
    heads: tuple[Title, ...]
    forms: tuple[CellForm, ...]
    rows: tuple[tuple[CellView, ...], ...]


def base_of(shape: Shape | None) -> str:
    """The document type behind rows: their own, or that of the rows that a query made them of."""
    while shape is not None and not shape.document:
        behind = shape.fields.get("rows")
        shape = behind.shape if behind is not None and behind.kind is Kind.ROWS else None
    return shape.document if shape is not None else ""


def may_take(runtime: Runtime, actor: Actor, shape: Shape | None, shown: Sequence[Formula]) -> bool:
    """Whether rows of such a shape may be taken away, with what is `shown` of them."""
    document = base_of(shape)
    if not document or document not in runtime.definitions.documents:
        return False
    rights = runtime.rights(document, actor)
    if not rights.exports_everywhere or rights.in_general().export_masked:
        return False
    paths = [path[1:] for formula in shown for path in checked_of(formula).reads if path[0] == "row"]
    return not any(_is_masked(runtime, actor, document, path) for path in paths)


def _is_masked(runtime: Runtime, actor: Actor, document: str, path: Sequence[str]) -> bool:
    """Whether a path passes a field that is masked once it is taken away."""
    for name in path:
        declared = runtime.definitions.documents.get(document)
        if declared is None:
            return False
        if name in runtime.rights(document, actor).in_general().export_masked:
            return True
        field = declared.fields.get(name)
        document = field.type.of if field is not None and field.type.kind is Kind.REF else ""
    return False


def whole(component: Component) -> Component:
    """The component with all its rows. Raises Refused(not_found) for one that is no table."""
    part = component.part
    if isinstance(part, Log):
        return replace(component, part=replace(part, most=MOST))
    if not isinstance(part, Table):
        raise Refused((), kind="not_found")
    return replace(component, part=replace(part, source=replace(part.source, most=part.source.most or MOST)))


def taken(title: Title, view: TableView, language: str) -> Taken:
    """A table as values; the state of documents is its last column. Raises Refused(forbidden) without the right."""
    if not view.exports:
        raise Refused((), kind="forbidden")
    stated = any(row.state for row in view.rows)
    heads = (*view.heads, *((Title("状态", "State"),) if stated else ()))
    forms = tuple(CellForm("number") if number else CellForm() for number in view.numbers)
    rows = tuple(_cells(row, stated, language) for row in view.rows)
    totals = (tuple(CellView(text, bool(text)) for text in view.totals),) if view.totals else ()
    return Taken(title, heads, (*forms, *((CellForm(),) if stated else ())), (*rows, *totals))


def _cells(row: RowView, stated: bool, language: str) -> tuple[CellView, ...]:
    return (*row.cells, *((CellView(row.state_title.worded(language)),) if stated else ()))


def values(cells: Sequence[CellView], words: Mapping[str, str]) -> list[object]:
    """Cells as a workbook keeps them: numbers as numbers."""
    return [
        Decimal(cell.text.replace(",", "")) if cell.is_number and cell.text else words.get(cell.word, cell.text)
        for cell in cells
    ]
