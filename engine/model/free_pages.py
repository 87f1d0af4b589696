"""Free pages: any sources shown beside each other. A page shows, remembers, goes and raises; it decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.documents import Field
from engine.model.formula import Formula, Sort, Template, Title
from engine.model.pages import Button
from engine.model.touch_parts import Pick, TouchPart
from engine.model.types import Shape
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Source:
    """Rows that a component shows: a source, narrowed, ordered and cut to a number."""

    of: Formula
    where: Formula | None = None
    sort: Sort | None = None
    most: int | None = None
    position: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a table, or a measure of a chart: an expression on the row."""

    name: str
    value: Formula
    title: Title = Title()


@dataclass(frozen=True, slots=True)
class Columns:
    """Parts beside each other on a raster of twelve; one below the other where it is narrow."""

    widths: tuple[int, ...]
    parts: tuple[tuple[Component, ...], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Components under one title."""

    body: tuple[Component, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """One of several groups of which one is seen at a time."""

    title: Title
    body: tuple[Component, ...]
    show: bool | Formula | None = True


@dataclass(frozen=True, slots=True)
class Tabs:
    """Groups of which one is seen at a time."""

    tabs: tuple[Tab, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that matters. `sources` are rows by the name that `value` knows them by."""

    value: Formula
    sources: Mapping[str, Source] = field(default_factory=dict)
    unit: Title = Title()
    alert: Formula | None = None
    drill: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of rows: what stands along it, what is measured, what it is split by.

    Rows of one place and one part are added up. Without a measure they are counted.
    """

    form: str  # line | bar | area | pie
    source: Source
    x: Formula
    y: tuple[Cell, ...] = ()
    split: Formula | None = None
    unit: Title = Title()
    drill: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with columns. `form` is table, list or cards; a row of a document type leads to its document.

    `numbered`: the first column counts the rows.
    """

    form: str
    source: Source
    cells: tuple[Cell, ...] = ()
    totals: tuple[str, ...] = ()
    drill: str = ""
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """Entries of a log that the engine keeps, newest first: of the days from `since` until `until`, of people in whose
    name or account `who` occurs."""

    name: str  # sign_ins | acts | system
    since: Formula | None = None
    until: Formula | None = None
    who: Formula | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """What makes a field of a grid or board stand out: `mark` something to look at, `alert` something wrong."""

    mark: Formula | None = None
    alert: Formula | None = None


@dataclass(frozen=True, slots=True)
class Legend:
    """What the signs of small fields mean: those without one, the marked, those with something wrong."""

    plain: Title = Title()
    mark: Title = Title()
    alert: Title = Title()

    @property
    def told(self) -> tuple[tuple[str, Title], ...]:
        """Signs that have a meaning."""
        signs = (("", self.plain), ("mark", self.mark), ("alert", self.alert))
        return tuple((sign, title) for sign, title in signs if title.zh or title.en)


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of a source as small fields in columns by `per`: what is where, at one look."""

    source: Source
    per: Formula
    label: Formula
    cells: tuple[Cell, ...] = ()
    marks: Marks = Marks()
    legend: Legend = Legend()


@dataclass(frozen=True, slots=True)
class Axis:
    """A side of a grid: which place along it a row takes, and how many places there are; those taken without a size."""

    at: Formula
    size: Formula | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in a field of a grid: rows of a source that is asked from the field's own row."""

    source: Source
    label: Formula
    cells: tuple[Cell, ...] = ()
    marks: Marks = Marks()


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a source in their places, by row and column: drawers of a cupboard, seats of a hall. One grid for each
    value of `per`."""

    source: Source
    rows: Axis
    columns: Axis
    per: Formula | None = None
    label: Formula | None = None
    marks: Marks = Marks()
    contents: Contents | None = None
    legend: Legend = Legend()


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence with expressions in braces."""

    text: Template
    form: str = ""  # h1 | h2 | note


@dataclass(frozen=True, slots=True)
class Buttons:
    """What can be done from here."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Fields of the page's memory that people set; everything that reads them follows."""

    names: tuple[str, ...]


Part = Columns | Group | Tabs | Figure | Chart | Table | Log | Board | Grid | Text | Buttons | Filters | TouchPart


@dataclass(frozen=True, slots=True)
class Component:
    """One component in its place. `path` names it within its page and stays while the page does; `pick` where rows
    may be tapped, on screens of flows."""

    path: str
    part: Part
    title: Title = Title()
    show: bool | Formula | None = True
    empty: Title = Title()
    where: Span = NOWHERE
    pick: Pick | None = None


@dataclass(frozen=True, slots=True)
class FreePage:
    """A page of its own, or what stands on the page of each document `about` which it is. `drills` are components that
    a figure or a chart leads to.

    `later` are keys and components that this version does not show yet, with their places.
    """

    id: str
    title: Title
    system: str
    roles: tuple[str, ...] = ()
    keep: Mapping[str, Field] = field(default_factory=dict)
    body: tuple[Component, ...] = ()
    drills: Mapping[str, Component] = field(default_factory=dict)
    refresh: Formula | None = None
    where: Span = NOWHERE
    later: tuple[tuple[str, Span], ...] = ()
    about: str = ""


def inside(components: tuple[Component, ...]) -> tuple[Component, ...]:
    """The components and all that stand in them, in the order in which people meet them."""
    found: list[Component] = []
    for one in components:
        found.append(one)
        for body in bodies(one.part):
            found.extend(inside(body))
    return tuple(found)


def bodies(part: Part) -> tuple[tuple[Component, ...], ...]:
    """What stands in a component of layout; nothing in others."""
    if isinstance(part, Columns):
        return part.parts
    if isinstance(part, Group):
        return (part.body,)
    if isinstance(part, Tabs):
        return tuple(tab.body for tab in part.tabs)
    return ()


def shown_sources(page: FreePage | None) -> frozenset[str]:
    """The sources whose rows a page shows, as they are written."""
    parts = [one.part for one in inside(page.body)] if page is not None else []
    return frozenset(part.source.of.text.strip() for part in parts if isinstance(part, Table | Board | Grid))


PAGE = "page"
"""The name under which expressions of a page find what it remembers: `page.since`."""


def memory(page: FreePage) -> Shape:
    """What the page remembers, as a row."""
    return Shape(PAGE, {name: one.type for name, one in page.keep.items()})
