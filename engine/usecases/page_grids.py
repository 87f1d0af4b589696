"""Grids of free pages: rows of a source in their places, by row and column, with what lies in each.

In: a grid as declared, its rows as the actor sees them, and how a row is worded. Out: its view. What has no place is
left out; what lies beyond the grid's size makes it larger, since what is there is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.expressions.environment import Env
from engine.model.formula import Formula, Title
from engine.model.free_pages import Axis, Cell, Grid, Marks, Source
from engine.usecases.page_views import GridPart, GridView, PlaceView, RowView

MOST = 2_000
"""Rows of a grid, where its page says nothing."""
LONGEST = 200
"""Places along one side; more are no picture any longer."""
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placing:
    """What a grid is placed with: `rows` reads a source from an environment, `row` draws one of them, `text` words what
    a formula gives there, `name` tells what a row's document is called."""

    rows: Callable[[Source, Env], list[Env]]
    row: Callable[[Source, Sequence[Cell], Env], RowView]
    text: Callable[[Formula, Env], str]
    name: Callable[[Source, Env], str]
    heads: Callable[[Source, Sequence[Cell]], tuple[Title, ...]]

    def placed(self, grid: Grid, env: Env) -> GridView:
        """The view of a grid."""
        inners = self.rows(grid.source, env)
        most = grid.source.most or MOST
        places: dict[str, dict[Place, list[PlaceView]]] = {}
        sizes: dict[str, Place] = {}
        for inner in inners[:most]:
            place = (_number(grid.rows.at(inner)), _number(grid.columns.at(inner)))
            if all(1 <= one <= LONGEST for one in place):
                group = self.text(grid.per, inner) if grid.per is not None else ""
                places.setdefault(group, {}).setdefault(place, []).append(self._place(grid, inner))
                sizes[group] = _larger(sizes.get(group, place), place, _size(grid, inner))
        parts = [
            GridPart(name, *sizes[name], {place: tuple(found) for place, found in taken.items()})
            for name, taken in places.items()
        ]
        held = grid.contents
        heads = self.heads(held.source, held.cells) if held is not None else ()
        return GridView(tuple(parts), heads, len(inners) > most, grid.legend.told)

    def _place(self, grid: Grid, inner: Env) -> PlaceView:
        label, held = self.text(grid.label, inner) if grid.label is not None else "", grid.contents
        lines = (
            signed(self.row(held.source, held.cells, one), held.marks, one, self.text(held.label, one))
            for one in (self.rows(held.source, inner) if held is not None else ())
            if held is not None
        )
        shown = signed(self.row(grid.source, (), inner), grid.marks, inner, label)
        return PlaceView(shown, self.name(grid.source, inner), tuple(lines))


def signed(row: RowView, marks: Marks, inner: Env, label: str) -> RowView:
    """A row with its label, and how it stands out."""
    sign = "alert" if _holds(marks.alert, inner) else "mark" if _holds(marks.mark, inner) else ""
    return replace(row, label=label, sign=sign)


def _holds(formula: Formula | None, inner: Env) -> bool:
    return formula is not None and formula.holds(inner)


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else 0


def _size(grid: Grid, inner: Env) -> Place:
    return _along(grid.rows, inner), _along(grid.columns, inner)


def _along(axis: Axis, inner: Env) -> int:
    return 0 if axis.size is None else min(LONGEST, _number(axis.size(inner)))


def _larger(*sizes: Place) -> Place:
    return max(row for row, _ in sizes), max(column for _, column in sizes)
