"""Texts with expressions in braces, their formats, and keys that give."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from engine.expressions.showing import shown
from engine.expressions.templates import given_value, text_template
from engine.model.types import INTEGER, NUMBER, TEXT, Kind, Type
from engine.model.values import Duration, StoredFile
from tests.engine.expressions.office import CATALOG, SCOPE, env
from tests.engine.expressions.worlds import PLACE


def rendered(text: str) -> str:
    found, problems = text_template(text, PLACE, SCOPE.with_locals(seq=INTEGER), CATALOG)
    assert found is not None, problems
    here = env()
    here.locals = {"seq": 42}
    return found.render(here)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("{reason} 还剩 {until - from}", "visit 还剩 19天"),
        ("{today:%Y%m%d}{seq:06}", "20260506000042"),
        ("{{{reason}}}", "{visit}"),
        ("a {{b}} c", "a {b} c"),
        ("{fee} {fee:.2} {days:04}", "12.5 12.50 0020"),
        ("{place.title}（{owner.name}）", "香港（Ann）"),
        ("{owner.boss.boss.name}.", "."),
        ("{join(list(lines, goods, not ok == false), ', ')}", "x, y"),
        ("{'a:b' if days > 3 else '}'}", "a:b"),
        ("{count(lines, goods in ('x', 'y'))}行", "2行"),
        ("{text('{:03}', days)}", "020"),
        ("{sent:%H:%M}", "12:00"),
        ("{paid}", ""),
    ],
)
def test_text(text: str, expected: str) -> None:
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("ab {reason", "EXP040", 3),
        ("ab } c", "EXP040", 3),
        ("ab {}", "EXP006", 4),
        ("ab {nothing}", "EXP010", 4),
        ("ab {fee:%Q}", "EXP041", 7),
        ("ab {fee:x}", "EXP041", 7),
        ("ab {fee:999}", "EXP001", 0),
        ("{fee:.2} {reason + 1}", "EXP020", 10),
    ],
)
def test_problems_have_their_place(text: str, code: str, offset: int) -> None:
    found, problems = text_template(text, PLACE, SCOPE, CATALOG)
    if code == "EXP001":
        code, offset = "EXP041", 7
    assert found is None
    assert [(problem.code, problem.where.column - PLACE.column) for problem in problems] == [(code, offset)]


@pytest.mark.parametrize(
    ("value", "spec", "zh", "en"),
    [
        (None, "06", "", ""),
        (True, "", "是", "yes"),
        (False, "", "否", "no"),
        (Decimal("1.500"), "", "1.5", "1.5"),
        (Decimal(100), "", "100", "100"),
        (Decimal("1E+3"), "", "1000", "1000"),
        (Decimal("-0"), "", "0", "0"),
        (Decimal("1234567.005"), ",.2", "1,234,567.01", "1,234,567.01"),
        (Decimal("-1234.5"), ",", "-1,234.5", "-1,234.5"),
        (7, "03", "007", "007"),
        ("7", "03", "007", "007"),
        (date(2026, 5, 6), "", "2026-05-06", "2026-05-06"),
        (date(2026, 5, 6), "%j%%", "126%", "126%"),
        (datetime(2026, 5, 6, 7, 8, 9, 10), "", "2026-05-06 07:08:09", "2026-05-06 07:08:09"),
        (datetime(2026, 5, 6, 7, 8, 9, 10), "%H%M%S%f", "070809000010", "070809000010"),
        (time(7, 8), "", "07:08:00", "07:08:00"),
        (time(7, 8), "%H时%M分", "07时08分", "07时08分"),
        (Duration(seconds=Decimal(93_784)), "", "1天2小时3分4秒", "1 d 2 h 3 min 4 s"),
        (Duration(months=2, working_days=3), "", "2个月3个工作日", "2 months 3 working days"),
        (Duration(seconds=Decimal(-3600)), "", "-1小时", "-1 h"),
        (Duration(), "", "0分", "0 min"),
        (("a", None, "b"), "", "a、b", "a、b"),
        (StoredFile("h", "scan.pdf", 1, "x"), "", "scan.pdf", "scan.pdf"),
        ({"id": "1", "number": "N1"}, "", "N1", "N1"),
    ],
)
def test_shown(value: Any, spec: str, zh: str, en: str) -> None:
    assert shown(value, spec) == zh
    assert shown(value, spec, "en") == en


def test_keys_that_give() -> None:
    literal, problems = given_value("left_unit", PLACE, SCOPE, CATALOG)
    assert literal is not None
    assert (literal.value(env()), problems) == ("left_unit", ())
    assert given_value(12, PLACE, SCOPE, CATALOG)[0] is not None
    computed, problems = given_value("=days + 1", PLACE, SCOPE, CATALOG, expected=NUMBER)
    assert computed is not None
    assert (computed.value(env()), problems) == (Decimal(21), ())
    reference, _ = given_value("=this", PLACE, SCOPE, CATALOG, expected=Type(Kind.REF, of="form"))
    assert reference is not None
    assert reference.value(env()) == "f1"
    nothing, problems = given_value("=day + 1", PLACE, SCOPE, CATALOG, expected=TEXT)
    assert nothing is None
    assert problems[0].where.column == PLACE.column + 1
