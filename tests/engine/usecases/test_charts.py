"""Charts as they are drawn: days on which nothing was, lines of more points than can be drawn."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.model.formula import Formula
from engine.model.free_pages import Chart, Source
from engine.usecases.charts import MOST, Wording, charted

X = Formula("x")
WORDING = Wording(lambda formula, value: str(value), lambda cell: cell.name, lambda formula: {})


def drawn(form, points):
    return charted(Chart(form, Source(Formula("rows")), X), points, WORDING, None)


def counted(*values):
    return [(value, None, (("", Decimal(1)),)) for value in values]


def test_days_on_which_nothing_was_stand_on_the_axis_with_nothing():
    chart = drawn("bar", counted(date(2026, 5, 4), date(2026, 5, 1), date(2026, 5, 4)))
    assert chart.categories == ("2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04")
    assert chart.series[0].values == ("1", "0", "0", "2")


def test_moments_and_days_far_apart_stand_as_they_are():
    assert len(drawn("line", counted(datetime(2026, 5, 1, 8), datetime(2026, 5, 4, 8))).categories) == 2
    assert len(drawn("bar", counted(date(2020, 5, 1), date(2026, 5, 4), None)).categories) == 3
    assert len(drawn("bar", counted(date(2020, 5, 1), date(2026, 5, 4))).categories) == 2


def test_of_a_long_line_every_so_many_points_are_drawn_to_its_end():
    begin = datetime(2026, 5, 1)
    moments = [begin + timedelta(minutes=10 * at) for at in range(3 * MOST)]
    line = drawn("line", counted(*moments))
    assert len(line.categories) == MOST
    assert (line.categories[0], line.categories[-1]) == (str(moments[0]), str(moments[-3]))
    assert len(drawn("bar", counted(*moments)).categories) == MOST
