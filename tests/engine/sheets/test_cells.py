"""Cells to raw values: what spreadsheets do to numbers, dates and codes."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.model.documents import Field
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import DatedSpan, Title
from engine.model.system import CodeEntry, CodeList
from engine.model.types import TEXT, Type
from engine.sheets.cells import CodeBook, codes_value, plain, raw_value


def field(kind: str) -> Field:
    return Field("it", Title("值"), kind, Type(FIELD_TYPES[kind]))


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "  甲 ", "甲"),
        ("text", 12, "12"),
        ("text", Decimal("1.50"), "1.50"),
        ("text", date(2026, 5, 6), "2026-05-06"),
        ("mobile", 19900000001, "19900000001"),
        ("date", date(2026, 5, 6), date(2026, 5, 6)),
        ("date", datetime(2026, 5, 6), date(2026, 5, 6)),
        ("date", 46148, date(2026, 5, 6)),
        ("date", "46148", date(2026, 5, 6)),
        ("date", "２０２６年５月６日", date(2026, 5, 6)),
        ("date", "2026.5.6", date(2026, 5, 6)),
        ("date", "2026/5/6", date(2026, 5, 6)),
        ("date", 20260506, date(2026, 5, 6)),
        ("datetime", Decimal("46148.5"), datetime(2026, 5, 6, 12)),
        ("time", Decimal("0.75"), time(18)),
        ("integer", "１，２００", 1200),
        ("money", "¥ 1,200.50", Decimal("1200.50")),
        ("money", 3, Decimal("3.00")),
        ("boolean", "是", True),
        ("boolean", True, True),
        ("boolean", 0, False),
        ("long_text", "一\n二", "一\n二"),
        ("date", "2026-05-06 00:00:00", date(2026, 5, 6)),
        ("date", "2026-05-06T0:00:00.0", date(2026, 5, 6)),
    ],
)
def test_cells_become_what_was_meant(kind, cell, value):
    assert parse(raw_value(cell, field(kind)), field(kind)) == value


@pytest.mark.parametrize("cell", [Decimal("1.10105194912310E+17"), "1.10105E+17"])
@pytest.mark.parametrize("kind", ["citizen_id", "text", "mobile"])
def test_a_number_that_lost_its_digits_is_said_plainly(kind, cell):
    with pytest.raises(Malformed) as told:
        raw_value(cell, field(kind))
    assert told.value.code == "digits_lost"
    assert "文本格式" in told.value.text["zh"]
    assert "E+17" in told.value.text["zh"]


@pytest.mark.parametrize(
    ("kind", "cell"), [("integer", date(2026, 5, 6)), ("date", "下周"), ("date", 7), ("date", True)]
)
def test_what_cannot_be_meant_is_refused(kind, cell):
    with pytest.raises(Malformed):
        parse(raw_value(cell, field(kind)), field(kind))


def test_blank_cells_are_nothing():
    assert [raw_value(cell, field("text")) for cell in (None, "", "  ", "\u3000")] == [None] * 4
    assert plain(None) == ""


BOOK = CodeBook.of(
    CodeList(
        "peoples",
        {"title": TEXT},
        [
            CodeEntry("01", {"title": "汉族", "en": "Han", "also": "汉人 汉"}),
            CodeEntry("02", {"title": "蒙古族"}),
            CodeEntry("10", {"title": "朝鲜族"}),
            CodeEntry("98", {"title": "其他"}),
            CodeEntry("99", {"title": "其他"}),
            CodeEntry("03", {"title": "旧称"}, DatedSpan("", "2020-12-31")),
        ],
    ),
    date(2026, 5, 6),
)


@pytest.mark.parametrize("cell", ["01", "汉族", " 汉 族 ", "０１", 1, "han", "汉人"])
def test_codes_go_by_code_title_or_further_name(cell):
    assert BOOK.find(cell) == "01"


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("汉祖", "unknown_choice", "是否应为“汉族”"),
        ("火星", "unknown_choice", "没有选项“火星”"),
        ("其他", "ambiguous", "98、99"),
        ("旧称", "unknown_choice", "没有选项"),
        (4, "unknown_choice", "没有选项“4”"),
    ],
)
def test_codes_that_are_not_one(cell, code, said):
    with pytest.raises(Malformed) as told:
        BOOK.find(cell)
    assert told.value.code == code
    assert said in told.value.text["zh"]


def test_several_codes_stand_in_one_cell():
    assert codes_value("汉族、10；02", field("codes"), BOOK) == ["01", "10", "02"]
    assert codes_value(1, field("codes"), BOOK) == ["01"]
