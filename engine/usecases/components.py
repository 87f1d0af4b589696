"""Components of free pages, computed: sources read, figures and charts added up, cells worded.

In: a component as declared, and what one reading stands in. Out: its view. Everything is read through the world as the
actor may see it; a component that cannot be computed says so and hides no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from engine.documents.rules import condition
from engine.documents.wording import filled
from engine.expressions.environment import Env
from engine.model.criteria import ALWAYS, Tally
from engine.model.formula import Title
from engine.model.free_pages import (
    Board,
    Buttons,
    Cell,
    Chart,
    Columns,
    Component,
    Figure,
    Filters,
    Grid,
    Group,
    Log,
    Source,
    Table,
    Tabs,
    Text,
)
from engine.model.node_rows import state_of
from engine.model.pages import Button
from engine.model.touch_parts import TouchPart
from engine.model.types import Shape
from engine.problems import Refused
from engine.sources.criteria import criterion_of
from engine.sources.ordering import in_order
from engine.sources.selection import selected
from engine.sources.tallies import Counting, grouped_counts, reads, single_figure
from engine.usecases.bounds import bounded
from engine.usecases.charts import Point, Wording, charted, points_of_groups, points_of_rows
from engine.usecases.logs import log_view
from engine.usecases.page_grids import Placing, signed
from engine.usecases.page_tables import may_take
from engine.usecases.page_views import (
    BoardView,
    ButtonView,
    ChartView,
    ComponentView,
    FigureView,
    Layout,
    Link,
    PartView,
    RowView,
    TableView,
    TextView,
    numbered,
)
from engine.usecases.presenting import Presenter
from engine.usecases.projected import ProjectedWorld
from engine.usecases.views import FieldView
from engine.usecases.wording_cells import head, is_number, node_cell, ranks, rows_shape, spoken, word

MOST = 200
"""Rows of a table, where its page says nothing."""
ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the components of one page are read in.

    `world` is what the actor sees, `env` holds the page's memory, `remembered` words it for the filters; `buttons`
    tells what a button comes to for this actor, nothing where it leads nowhere.
    """

    world: ProjectedWorld
    presenter: Presenter
    env: Env
    remembered: Mapping[str, FieldView]
    buttons: Callable[[Button], Iterator[ButtonView]]

    def component(self, component: Component) -> ComponentView | None:
        """The view; None where it is not shown."""
        kind = "table" if isinstance(component.part, Log) else type(component.part).__name__.lower()
        try:
            with bounded():
                if not condition(component.show, self.env, default=True):
                    return None
                part = self._part(component)
        except Refused as refused:
            failed = next(iter(refused.findings), None)
            return ComponentView(component.path, "failed", None, component.title, failed=failed)
        return ComponentView(component.path, kind, part, component.title, component.empty)

    def bodies(self, body: Sequence[Component]) -> tuple[ComponentView, ...]:
        """Those of some components that are shown."""
        return tuple(view for one in body if (view := self.component(one)) is not None)

    def _part(self, component: Component) -> PartView:
        part, path = component.part, component.path
        if isinstance(part, Figure):
            return self._figure(part, path)
        if isinstance(part, Chart):
            return self._chart(part, path)
        if isinstance(part, Table):
            return self._table(part, path)
        if isinstance(part, Board):
            return self._board(part)
        if isinstance(part, Log):
            return log_view(self.world, self.presenter, part, self.env)
        if isinstance(part, Grid):
            return self._placing().placed(part, self.env)
        if isinstance(part, Columns | Group | Tabs):
            return self._layout(part)
        return self._touched(part) if isinstance(part, TouchPart) else self._plain(part)

    def _touched(self, part: TouchPart) -> PartView:
        """What people touch stands on screens of flows alone. Raises Refused."""
        raise Refused((), kind="not_found")

    def _plain(self, part: Text | Buttons | Filters) -> PartView:
        if isinstance(part, Text):
            return TextView(filled(part.text, self.env)[self.presenter.language], part.form)
        if isinstance(part, Filters):
            return tuple(self.remembered[name] for name in part.names)
        wanted = (one for one in part.buttons if one.when is None or one.when.holds(self.env))
        return tuple(view for one in wanted for view in self.buttons(one))

    def _layout(self, part: Columns | Group | Tabs) -> Layout:
        if isinstance(part, Columns):
            return Layout("columns", tuple(self.bodies(body) for body in part.parts), widths=part.widths)
        if isinstance(part, Group):
            return Layout("group", (self.bodies(part.body),))
        shown = [tab for tab in part.tabs if condition(tab.show, self.env, default=True)]
        return Layout("tabs", tuple(self.bodies(tab.body) for tab in shown), tuple(tab.title for tab in shown))

    # --- sources -------------------------------------------------------------------------------------------------

    def rows(self, source: Source, env: Env | None = None) -> list[Env]:
        """The rows of a source, asked from the page or from a row, in order, no more than the source says."""
        asked = env or self.env
        found = selected(source.of, source.where, asked)
        inners = in_order([asked.inner(row, names=asked.locals) for row in found], source.sort)
        return inners[: source.most]

    def _figure(self, figure: Figure, path: str) -> FigureView:
        value, names = self._value(figure)
        alert = figure.alert is not None and figure.alert.holds(self._beside({**names, "value": value}))
        text = word(self.presenter, figure.value, value).text
        return FigureView(text or "—", figure.unit.worded(self.presenter.language), alert, link_of(figure.drill, path))

    def _value(self, figure: Figure) -> tuple[object, dict[str, object]]:
        """What a figure comes to, and the rows that its alert may look at; none where the store has counted them."""
        found = self._counted(figure) if len(figure.sources) == 1 else None
        if found is not None:
            return found, dict.fromkeys(figure.sources, ())
        names: dict[str, object] = {
            name: [inner.row for inner in self.rows(source)] for name, source in figure.sources.items()
        }
        return figure.value(self._beside(names)), names

    def _counted(self, figure: Figure) -> object:
        """A count or sum that the store gives; None where it cannot, or where there is nothing to add up."""
        ((name, source),) = figure.sources.items()
        if source.most is not None or (figure.alert is not None and reads(figure.alert, name)):
            return None
        plan = single_figure(source.of, source.where, name, figure.value)
        groups = self._tallied(source, plan)
        if plan is None or groups is None:
            return None
        return groups[0].sums[0] if plan.sums else groups[0].count

    def _beside(self, names: Mapping[str, object]) -> Env:
        return Env(self.env.row, self.world, names={**self.env.locals, **names})

    def _chart(self, chart: Chart, path: str) -> ChartView:
        shape = rows_shape(chart.source.of)
        return charted(
            chart,
            self._points(chart),
            Wording(
                lambda formula, value: word(self.presenter, formula, value).text,
                lambda cell: self._head(cell, shape).worded(self.presenter.language),
                lambda formula: ranks(self.presenter.definitions, formula),
                chart.unit.worded(self.presenter.language),
            ),
            link_of(chart.drill, path),
        )

    def _points(self, chart: Chart) -> Iterator[Point]:
        """Points that the store adds up, where nothing but counts and sums is asked of it; else those of the rows."""
        source, keys = chart.source, [chart.x, *([chart.split] if chart.split is not None else [])]
        plan = None
        if source.sort is None and source.most is None:
            plan = grouped_counts(source.of, source.where, keys, [cell.value for cell in chart.y])
        groups = self._tallied(source, plan)
        return points_of_rows(chart, self.rows(source)) if groups is None else points_of_groups(chart, groups)

    def _tallied(self, source: Source, plan: Counting | None) -> Sequence[Tally] | None:
        if plan is None:
            return None
        where = ALWAYS if source.where is None else criterion_of(source.where, self.env)
        return self.world.tally(plan.document, where, plan.by, plan.sums)

    def _table(self, table: Table, path: str) -> TableView:
        inners, shape = self.rows(table.source), rows_shape(table.source.of)
        most, cells = table.source.most or MOST, self._cells(table, shape)
        rows = [self._row(inner, cells, shape) for inner in inners[:most]]
        if table.drill == ROWS:
            rows = [replace(row, link=row.link or (ROWS, f"{path}:{at}")) for at, row in enumerate(rows)]
        view = TableView(
            table.form,
            tuple(self._head(cell, shape) for cell in cells),
            tuple(is_number(cell.value) for cell in cells),
            tuple(rows),
            tuple(self._total(table, cell, inners) for cell in cells) if table.totals else (),
            len(inners) > most,
            exports=may_take(self.world.runtime, self.world.actor, shape, [cell.value for cell in cells]),
        )
        return numbered(view) if table.numbered else view

    def _cells(self, table: Table, shape: Shape | None) -> tuple[Cell, ...]:
        """The columns, that of the state left out where each row shows it anyway."""
        if shape is None or not shape.document:
            return table.cells
        return tuple(cell for cell in table.cells if cell.value.text.strip() != "state")

    def _head(self, cell: Cell, shape: Shape | None) -> Title:
        own = cell.title
        return own if own.zh or own.en else head(self.presenter.definitions, cell.name, cell.value, shape)

    def _row(self, inner: Env, cells: Sequence[Cell], shape: Shape | None) -> RowView:
        texts = tuple(node_cell(self.presenter, cell.value, shape, inner) for cell in cells)
        if shape is None or not shape.document:
            state, title, tone = state_of(shape, inner.row)
            return RowView(texts, state=state, state_title=title, tone=tone)
        document, state = shape.document, str(inner.row.get("state") or "")
        machine = self.presenter.definitions.machines.get(document)
        declared = machine.states.get(state) if machine is not None else None
        title = declared.title if declared is not None else Title()
        return RowView(texts, ("document", f"{document}:{inner.row['id']}"), document, state, title)

    def _total(self, table: Table, cell: Cell, inners: Sequence[Env]) -> str:
        if cell.name not in table.totals:
            return ""
        values = [value for inner in inners if isinstance(value := cell.value(inner), int | Decimal)]
        return word(self.presenter, cell.value, sum(values, Decimal(0))).text if values else ""

    def _board(self, board: Board) -> BoardView:
        shape = rows_shape(board.source.of)
        groups: dict[str, list[RowView]] = {}
        known = ranks(self.presenter.definitions, board.per) if board.source.sort is None else {}
        places: dict[str, int] = {}
        for inner in self.rows(board.source):
            value = board.per(inner)
            group = word(self.presenter, board.per, value).text
            places.setdefault(group, known.get(value, len(known)))
            label = word(self.presenter, board.label, spoken(self.presenter, board.label, inner)).text
            row = signed(self._row(inner, board.cells, shape), board.marks, inner, label)
            groups.setdefault(group, []).append(row)
        order = sorted(groups, key=places.__getitem__)
        return BoardView(tuple((name, tuple(groups[name])) for name in order), board.legend.told)

    def _placing(self) -> Placing:
        return Placing(
            rows=self.rows,
            row=lambda source, cells, inner: self._row(inner, cells, rows_shape(source.of)),
            text=lambda formula, inner: word(self.presenter, formula, spoken(self.presenter, formula, inner)).text,
            name=self._name,
            heads=lambda source, cells: tuple(self._head(cell, rows_shape(source.of)) for cell in cells),
        )

    def _name(self, source: Source, inner: Env) -> str:
        """What the document of a row is called; nothing where it is none."""
        shape = rows_shape(source.of)
        document = shape.document if shape is not None else ""
        return self.presenter.label(document, inner.row) if document else ""


def link_of(drill: str, path: str) -> Link | None:
    """Where a figure or chart leads, before the page's own names are looked up."""
    if not drill:
        return None
    if drill == ROWS:
        return (ROWS, path)
    document, _, name = drill.rpartition(".")
    return ("list", document) if name == "list" else ("drill", drill)
