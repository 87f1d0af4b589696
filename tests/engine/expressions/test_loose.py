"""Values whose kind is known at run time only: what has a meaning is computed, all else is null."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.compiling import runtime
from engine.expressions.environment import Env
from engine.model.values import Duration
from tests.engine.expressions.office import CATALOG, FORM_ROW, SCOPE, world
from tests.engine.expressions.worlds import checked

DATA: dict[str, Any] = {
    "n": 3, "f": 1.5, "t": "x", "b": True, "d": date(2026, 5, 6), "m": datetime(2026, 5, 6, 10), "l": [1, "x", 1.5],
    "o": {"id": "f1", "name": "y"}, "s": Duration(seconds=Decimal(86_400)), "w": Duration(months=1), "z": None,
    "rows": [{"qty": 3, "name": "a"}, {"qty": None}, 7],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data.n + 1", 4),
        ("data.f * 2", Decimal("3.0")),
        ("data.n / 2", Decimal("1.5")),
        ("data.n % 2", 1),
        ("data.n / 0", None),
        ("data.t + 'y'", "xy"),
        ("data.t + 1", None),
        ("data.b + 1", None),
        ("data.d + 1 * day", date(2026, 5, 7)),
        ("data.d - data.s", date(2026, 5, 5)),
        ("data.m - data.d", Duration(seconds=Decimal(36_000))),
        ("data.n * day", Duration(seconds=Decimal(259_200))),
        ("data.t - 1", None),
        ("-data.n", -3),
        ("-data.t", None),
        ("-data.s < 0 * day", True),
        ("data.z + 1", None),
        ("data.n > 2", True),
        ("data.t > 2", None),
        ("data.b > 2", None),
        ("data.d < data.m", True),
        ("data.d <= until", True),
        ("data.s > 1 * hour", True),
        ("data.s > data.w", None),
        ("1 < data.n < 5", True),
        ("1 < data.t < 5", None),
        ("data.n == 3 == data.n", True),
        ("data.n != 3 != data.n", False),
        ("data.n == 3", True),
        ("data.f == 1.5", True),
        ("data.b == true", True),
        ("data.b == 1", False),
        ("data.z == null", True),
        ("data.n in (1, 3)", True),
        ("1 in data.l", True),
        ("1.5 in data.l", True),
        ("2 not in data.l", True),
        ("'x' in data.t", False),
        ("'x' in data.z", False),
        ("data.o == this", False),
        ("data.o.id == this", True),
        ("data.o.name", "y"),
        ("data.t.name", None),
        ("count(data.l)", 3),
        ("count(data.o)", 1),
        ("count(data.z)", 0),
        ("sum(data.rows, qty * 2, name != null)", 6),
        ("not data.b", False),
        ("not data.t", None),
        ("data.b and data.t", None),
        ("data.z or data.n", 3),
        ("1 if data.t else 2", 2),
        ("1 if data.b else 2", 1),
        ("any(lines, up.data.b)", True),
        ("data.b == data.b and data.n > 1", True),
        ("upper(data.t)", "X"),
        ("round(data.n)", Decimal(3)),
        ("round(data.f)", Decimal(2)),
        ("upper(data.n)", None),
        ("round(data.t)", None),
        ("year_of(data.n)", None),
        ("least(data.n, 2)", 2),
        ("least(data.n, data.t)", None),
        ("sum(data.rows, name)", 0),
        ("max(data.rows, qty)", 3),
        ("count(data.rows, qty > 1)", 1),
        ("about.kind == 'late'", True),
        ("about.nothing", None),
    ],
)  # fmt: skip
def test_loose(text: str, expected: Any) -> None:
    row = {**FORM_ROW, "data": DATA}
    found = checked(text, SCOPE, CATALOG)
    assert found.evaluate(Env(row, world(), this=row)) == expected


def test_whole_numbers_stay_within_their_digits() -> None:
    assert runtime.times(3, 4) == 12
    assert runtime.times(10**20, 10**20) == Decimal("1E+40")
    assert runtime.whole(Decimal("3.00")) == 3
    assert isinstance(runtime.whole(Decimal("3.00")), int)
    assert runtime.whole(Decimal("3.5")) == Decimal("3.5")
    assert runtime.whole(7) == 7
    assert runtime.modulo(-7, 3) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("limit * 2", Duration(months=2)),
        ("limit * 1.5", None),
        ("limit / 2", None),
        ("limit / 0", None),
        ("(limit + limit) / 2 == limit", True),
        ("limit - 1 * day > limit", None),
        ("until + limit", date(2026, 6, 20)),
        ("until - limit", date(2026, 4, 20)),
        ("limit >= 0 * day", True),
        ("-limit < limit", True),
        ("2 * working_day", Duration(working_days=2)),
        ("until - 1 * working_day", date(2026, 5, 19)),
    ],
)
def test_durations(text: str, expected: Any) -> None:
    row = {**FORM_ROW, "limit": Duration(months=1)}
    assert checked(text, SCOPE, CATALOG).evaluate(Env(row, world(), this=row)) == expected
