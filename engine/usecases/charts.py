"""Charts computed: what stands along, what is measured, what it is split by; rows of one place are added up.

In: a chart as declared and the environments of its rows. Out: `ChartView` with exact numbers. Knows no source and no
drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from engine.expressions.environment import Env
from engine.model.criteria import Tally
from engine.model.formula import Formula
from engine.model.free_pages import Cell, Chart
from engine.usecases.page_views import ChartView, Link, Series
from engine.usecases.wording_cells import key_of


@dataclass(frozen=True, slots=True)
class Wording:
    """How a chart's values are told: as text, the measures by their titles, codes and states by their rank."""

    text: Callable[[Formula, object], str]
    name: Callable[[Cell], str]
    ranks: Callable[[Formula], Mapping[object, int]]
    unit: str = ""


MOST = 400
"""Categories of one chart; more are no picture any more. Of longer lines every second, third … is drawn."""
_COUNT = ""
"""The measure of a chart without one: how many rows there are."""


@dataclass(slots=True)
class _Axis:
    """Places by value, in the order in which they were met."""

    values: list[object] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    places: dict[object, int] = field(default_factory=dict)

    def place(self, value: object, text: Callable[[], str]) -> int:
        if value not in self.places:
            self.places[value] = len(self.values)
            self.values.append(value)
            self.texts.append(text())
        return self.places[value]

    def order(self, ranks: Mapping[object, int]) -> list[int]:
        """Days and numbers in their order, codes and states in that of their list; others as they came."""
        places = list(range(len(self.values)))
        if all(isinstance(value, date | int | Decimal | None) for value in self.values):
            return sorted(places, key=lambda at: (self.values[at] is None, self.values[at] or 0))
        return sorted(places, key=lambda at: ranks.get(self.values[at], len(ranks)))


Point = tuple[object, object, tuple[tuple[str, Decimal], ...]]
"""What stands along, the part, and the measures of one row or of a group of rows."""


def points_of_rows(chart: Chart, inners: Iterable[Env]) -> Iterator[Point]:
    """A point for each row."""
    for inner in inners:
        yield chart.x(inner), None if chart.split is None else chart.split(inner), tuple(_measured(chart, inner))


def points_of_groups(chart: Chart, groups: Iterable[Tally]) -> Iterator[Point]:
    """A point for each group that the store has added up."""
    for group in groups:
        sums = zip((cell.name for cell in chart.y), group.sums, strict=True)
        told = tuple((name, Decimal(value)) for name, value in sums if isinstance(value, int | Decimal))
        counted = ((_COUNT, Decimal(group.count)),)
        yield group.keys[0], group.keys[1] if chart.split is not None else None, told if chart.y else counted


def charted(chart: Chart, points: Iterable[Point], wording: Wording, link: Link | None) -> ChartView:
    """The view of a chart over its points."""
    along, parts, sums = _Axis(), _Axis(), dict[tuple[int, int, str], Decimal]()
    for x_value, part_value, measures in points:
        x = _placed(along, chart.x, x_value, wording)
        part = 0 if chart.split is None else _placed(parts, chart.split, part_value, wording)
        for measure, value in measures:
            sums[x, part, measure] = sums.get((x, part, measure), Decimal(0)) + value
    ranked = chart.source.sort is None
    if ranked and chart.form != "pie":
        for day in _missing_days(along.values):
            _placed(along, chart.x, day, wording)
    places = _drawn(chart, along.order(wording.ranks(chart.x)) if ranked else list(range(len(along.values))))
    none = None if chart.y else Decimal(0)
    split = parts.order(wording.ranks(chart.split)) if chart.split is not None else [0]
    series = []
    for part in split:
        for measure, title in _measures(chart, wording.name):
            label = " ".join(filter(None, (parts.texts[part] if parts.texts else "", title)))
            series.append(Series(label, tuple(_written(sums.get((x, part, measure), none)) for x in places)))
    return ChartView(
        chart.form,
        tuple(along.texts[x] or "—" for x in places),
        tuple(key_of(along.values[x]) for x in places),
        tuple(series),
        tuple(key_of(parts.values[part]) for part in split) if chart.split is not None else (),
        wording.unit,
        link,
    )


def _missing_days(values: Sequence[object]) -> Iterator[date]:
    """Days between the first and the last on which nothing was: without them an axis of days would lie."""
    days = {value for value in values if type(value) is date}
    if not days or len(days) < len(values) or (max(days) - min(days)).days >= MOST:
        return
    for after in range((max(days) - min(days)).days):
        if (day := min(days) + timedelta(days=after)) not in days:
            yield day


def _drawn(chart: Chart, places: list[int]) -> list[int]:
    """What is drawn of many places: of a line every so many of them, so that all of it is seen; else the first."""
    if chart.form in ("line", "area"):
        return places[:: -(-len(places) // MOST) or 1]
    return places[:MOST]


def _placed(axis: _Axis, formula: Formula, value: object, wording: Wording) -> int:
    return axis.place(value, lambda: wording.text(formula, value))


def _measured(chart: Chart, inner: Env) -> Iterator[tuple[str, Decimal]]:
    if not chart.y:
        yield _COUNT, Decimal(1)
    for cell in chart.y:
        value = cell.value(inner)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield cell.name, Decimal(value)


def _measures(chart: Chart, name: Callable[[Cell], str]) -> list[tuple[str, str]]:
    """Measures with their titles; beside a split a single one needs none."""
    if len(chart.y) < 2 and chart.split is not None:
        return [(chart.y[0].name if chart.y else _COUNT, "")]
    return [(cell.name, name(cell)) for cell in chart.y] or [(_COUNT, "")]


def _written(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
