"""What free pages give to their doors: components as plain data, worded and projected. Nothing here decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from engine.model.formula import Title
from engine.problems import Finding
from engine.usecases.touch_views import DetailsView, EntryView, KeypadView, PictureView, SearchView
from engine.usecases.views import FieldView

Link = tuple[str, str]
"""Where something leads: (`document`, `document:id`), (`rows`, path), (`drill`, name or page), (`list`, document)."""


class CellView(NamedTuple):
    """One cell: its text, and whether it stands right as numbers do; `word` where the door has a word of its own."""

    text: str
    is_number: bool = False
    word: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a table, card or field of a board; `state` is the document's, for its tag."""

    cells: tuple[CellView, ...]
    link: Link | None = None
    document: str = ""
    state: str = ""
    state_title: Title = Title()
    tone: str = ""  # the colour of a state that is no document's
    label: str = ""
    sign: str = ""  # mark | alert: how it stands out in a grid
    key: str = ""  # names the row to whoever may tap it


@dataclass(frozen=True, slots=True)
class FigureView:
    """A number that matters."""

    text: str
    unit: str = ""
    alert: bool = False
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One line, or one colour of bars: a value (or None) for each category, as text of an exact number."""

    name: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart: `keys` name the categories in addresses, `splits` the series where a split made them."""

    form: str
    categories: tuple[str, ...]
    keys: tuple[str, ...]
    series: tuple[Series, ...]
    splits: tuple[str, ...] = ()
    unit: str = ""
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class TableView:
    """Rows with heads; `totals` stand under their columns, `more` says that rows were cut off. `start` is the number of
    the first row, `count` how many there are where people page through all of them; `exports`: who looks at it may take
    it away."""

    form: str
    heads: tuple[Title, ...]
    numbers: tuple[bool, ...]
    rows: tuple[RowView, ...]
    totals: tuple[str, ...] = ()
    more: bool = False
    start: int = 0
    count: int = 0
    exports: bool = False


def numbered(view: TableView) -> TableView:
    """The table with the number of each row as its first column."""
    rows = tuple(
        replace(row, cells=(CellView(str(at), is_number=True), *row.cells))
        for at, row in enumerate(view.rows, view.start + 1)
    )
    heads, numbers = (Title("序号", "No."), *view.heads), (True, *view.numbers)
    return replace(view, heads=heads, numbers=numbers, rows=rows, totals=("", *view.totals) if view.totals else ())


@dataclass(frozen=True, slots=True)
class BoardView:
    """Groups of small fields; `legend` tells what their signs mean."""

    groups: tuple[tuple[str, tuple[RowView, ...]], ...]
    legend: tuple[tuple[str, Title], ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One field of a grid: what takes it, what lies in it. `name` is what the record itself is called."""

    row: RowView
    name: str
    lines: tuple[RowView, ...] = ()


@dataclass(frozen=True, slots=True)
class GridPart:
    """One grid of so many rows and columns; `places` are those taken, by row and column, counted from one."""

    name: str
    rows: int
    columns: int
    places: Mapping[tuple[int, int], tuple[PlaceView, ...]]

    @property
    def used(self) -> int:
        """Places in which something lies or which are marked; where none is, those that are taken."""
        told = [one for one in self.places.values() if any(place.lines or place.row.sign for place in one)]
        return len(told or self.places)

    @property
    def taken(self) -> frozenset[int]:
        """Rows in which something is."""
        return frozenset(row for row, _ in self.places)


@dataclass(frozen=True, slots=True)
class GridView:
    """Grids of one component. `heads` title the cells of what lies in a field; `more` says that rows were cut off."""

    parts: tuple[GridPart, ...]
    heads: tuple[Title, ...] = ()
    more: bool = False
    signs: tuple[tuple[str, Title], ...] = ()

    @property
    def legend(self) -> tuple[tuple[str, Title], ...]:
        """What the signs mean, as the page says it; else those that occur: of what lies in fields, else of the fields
        themselves."""
        if self.signs:
            return self.signs
        places = [one for part in self.parts for found in part.places.values() for one in found]
        held = [row for one in places for row in one.lines if row.state]
        rows = held or [one.row for one in places if one.row.state]
        return tuple(dict.fromkeys((row.sign, row.state_title) for row in rows))


@dataclass(frozen=True, slots=True)
class TextView:
    """A worded sentence."""

    text: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class ButtonView:
    """What a button does: `new` (document.event), `page` or `list`, with its subject."""

    verb: str
    subject: str
    title: Title


@dataclass(frozen=True, slots=True)
class Layout:
    """Bodies beside each other, in tabs or under one title; `titles` are those of tabs, `widths` those of columns."""

    form: str  # columns | tabs | group
    bodies: tuple[tuple[ComponentView, ...], ...]
    titles: tuple[Title, ...] = ()
    widths: tuple[int, ...] = ()


PartView = (
    FigureView
    | ChartView
    | TableView
    | BoardView
    | GridView
    | TextView
    | tuple[ButtonView, ...]
    | tuple[FieldView, ...]
    | Layout
    | EntryView
    | KeypadView
    | SearchView
    | PictureView
    | DetailsView
)


@dataclass(frozen=True, slots=True)
class ComponentView:
    """One component. `kind` names its drawing; `failed` stands where it could not be computed. Its rows may be tapped
    where it `picks`."""

    path: str
    kind: str
    part: PartView | None
    title: Title = Title()
    empty: Title = Title()
    failed: Finding | None = None
    picks: bool = False
    chosen: str = ""  # the key of the row that was tapped here


@dataclass(frozen=True, slots=True)
class PageView:
    """A page as one person sees it now. `given` is its memory as text, for addresses."""

    id: str
    title: Title
    body: tuple[ComponentView, ...]
    given: Mapping[str, str] = field(default_factory=dict)
    refresh: int = 0  # seconds, 0: never
    findings: tuple[Finding, ...] = ()
