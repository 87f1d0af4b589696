"""What a figure is made of: the documents behind a point of a chart, a number or a row of a table.

In: a component, and the point that was chosen. Out: a table of documents, as far as the actor sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.documents.field_kinds import text_of
from engine.expressions.environment import Env
from engine.model.formula import Title
from engine.model.free_pages import Board, Chart, Component, Figure, Grid, Source, Table
from engine.model.types import Kind, Shape
from engine.usecases.components import Reading
from engine.usecases.page_views import CellView, ComponentView, RowView, TableView
from engine.usecases.wording_cells import key_of, rows_shape

Row = Mapping[str, object]
MOST = 500
_HEADS = (Title("名称", "Name"), Title("类型", "Kind"), Title("修改时间", "Changed"))
_NUMBERS = (False, False, False)


def documents_behind(reading: Reading, component: Component, at: Mapping[str, str]) -> ComponentView:
    """The documents of a point: `x` and `split` of a chart, `row` of a table, as their views gave them."""
    found: dict[tuple[str, str], RowView] = {}
    for source in _sources(component):
        shape = rows_shape(source.of)
        for number, inner in enumerate(reading.rows(source)):
            if _is_meant(component, inner, number, at):
                for document, row in _documents(shape, inner.row):
                    found.setdefault((document, str(row["id"])), _shown(reading, document, row))
    rows = tuple(found.values())
    view = TableView("table", _HEADS, _NUMBERS, rows[:MOST], more=len(rows) > MOST)
    return ComponentView(component.path, "table", view, component.title)


def _sources(component: Component) -> tuple[Source, ...]:
    part = component.part
    if isinstance(part, Figure):
        return tuple(part.sources.values())
    return (part.source,) if isinstance(part, Chart | Table | Board | Grid) else ()


def _is_meant(component: Component, inner: Env, number: int, at: Mapping[str, str]) -> bool:
    part = component.part
    if isinstance(part, Table):
        return str(number) == at.get("row", str(number))
    if not isinstance(part, Chart):
        return True
    asked = [(part.x, at.get("x")), (part.split, at.get("split"))]
    return all(text is None or key_of(formula(inner)) == text for formula, text in asked if formula is not None)


def _documents(shape: Shape | None, row: Row) -> Iterator[tuple[str, Row]]:
    """The row itself where it is a document, else the rows behind it."""
    if shape is None:
        return
    if shape.document and "id" in row:
        yield shape.document, row
        return
    behind, rows = shape.fields.get("rows"), row.get("rows")
    if behind is not None and behind.kind is Kind.ROWS and isinstance(rows, list | tuple):
        for inner in rows:
            yield from _documents(behind.shape, inner)


def _shown(reading: Reading, document: str, row: Row) -> RowView:
    presenter = reading.presenter
    whole = presenter.world.follow(document, str(row["id"])) or row
    machine, state = presenter.definitions.machines.get(document), str(row.get("state") or "")
    declared = machine.states.get(state) if machine is not None else None
    title = presenter.definitions.documents[document].title.worded(presenter.language)
    cells = (
        CellView(presenter.label(document, whole)),
        CellView(title),
        CellView(text_of(row.get("changed_at"), "datetime") if row.get("changed_at") else ""),
    )
    link = ("document", f"{document}:{row['id']}")
    return RowView(cells, link, document, state, declared.title if declared is not None else Title())
