"""An import is tried, taken once, told again, forgotten."""

from datetime import date
from decimal import Decimal

import pytest

from engine.model.criteria import Selection
from engine.problems import Refused
from engine.usecases import imports, sheets
from engine.usecases.imports import ALL, GOOD_ONES
from engine.usecases.jobs import IMPORTS_KEPT
from engine.usecases.sheet_records import PART, ROWS_IN_PART
from tests.engine.usecases.sheet_office import BOOK, book, counts, done, marked, sent, taken, told


def test_a_dry_run_stores_nothing_and_a_take_everything(office):
    view = sent(office, ["甲", "c1", "汉族", date(1990, 1, 2), None, 3], ["乙", "c2", 2, "1991年3月4日", None, None])
    assert (view.status, counts(view), view.findings) == ("checked", (2, 0, 0, 0), ())
    assert office.all("staff") == []
    view = taken(office, view)
    assert (view.status, view.taken, view.refused) == ("done", 2, 0)
    first, second = office.all("staff")
    assert (first["name"], first["people"], first["born"], first["grade"]) == ("甲", "01", date(1990, 1, 2), 3)
    assert (second["people"], second["born"], second["grade"]) == ("02", date(1991, 3, 4), 1)
    assert {row["state"] for row in (first, second)} == {"here"}
    assert {row["number"] for row in (first, second)} == {"Z001", "Z002"}
    assert first["created_by"] == office.people["clerk"].id


def test_every_fault_is_told_at_its_cell(office):
    view = sent(
        office,
        [None, "c1", "汉祖", date(2015, 1, 1), "无此人", 3],
        ["名字太长的一位职员同志", "c2", "其他", "昨天", None, "很高"],
        ["丙", Decimal("1.10105194912310E+17"), None, None, None, 99],
        ["丁", "c4", "蒙古族", None, None, 1],
    )
    assert counts(view) == (1, 0, 0, 3)
    assert told(view) == {
        "A2": "请填写姓名",
        "C2": "没有选项“汉祖”，是否应为“汉族”",
        "D2": "未成年",
        "E2": "没有找到职员“无此人”",
        "A3": "最多10个字，现有11个",
        "C3": "“其他”对应多个代码：98、99，请填代码",
        "D3": "应为日期，如 2026-05-06",
        "F3": "应为数字",
        "B4": "号码被存成了数字 1.10105E+17，末几位已经丢失：请把这一列设为文本格式，重新填写",
        "F4": "不能大于9",
    }
    with pytest.raises(Refused):
        taken(office, view, ALL)
    view = taken(office, view, GOOD_ONES)
    assert (view.taken, view.bad, [row["name"] for row in office.all("staff")]) == (1, 3, ["丁"])


def test_asking_twice_takes_once(office):
    view = sent(office, ["甲", "c1"])
    for _ in range(3):
        taken(office, view)
    assert len(office.all("staff")) == 1


def test_the_same_file_again_doubles_nothing_and_says_so(office):
    rows = [["甲", "c1"], ["乙", "c2"]]
    taken(office, sent(office, *rows))
    again = sent(office, *rows, ["丙", "c3"])
    assert counts(again) == (1, 0, 2, 0)
    assert [one.text["zh"] for one in again.findings] == ["已有此记录（甲），不再导入", "已有此记录（乙），不再导入"]
    taken(office, again)
    assert len(office.all("staff")) == 3
    assert counts(sent(office, *rows)) == (0, 0, 2, 0)


def test_the_very_same_file_is_told_with_its_moment(office):
    clerk, content = office.people["clerk"], book(["甲", "c1"])
    first = taken(office, sheets.begin(office.runtime, clerk, "staff", "staff", content, "a.xlsx"))
    same = sheets.begin(office.runtime, clerk, "staff", "staff", content, "b.xlsx")
    before = imports.sent_before(office.runtime, clerk, same)
    assert before is not None
    assert before.id == first.id
    with pytest.raises(Refused):
        taken(office, same)


def test_rows_that_say_the_same_are_told(office):
    view = sent(office, ["甲", "c1"], ["乙", "c2"], ["甲二", "C1"])
    assert counts(view) == (2, 0, 0, 1)
    assert told(view) == {"4": "与第2行是同一条记录"}


def test_a_record_of_others_is_only_told_to_be_taken(office):
    taken(office, sent(office, ["甲", "c1"], who="stranger"), who="stranger")
    view = sent(office, ["甲", "c1"])
    assert (counts(view), told(view)) == ((0, 0, 0, 1), {"2": "已经有了，不能重复"})


def test_what_must_be_confirmed_is_told_and_then_taken(office):
    view = sent(office, ["甲", "c1", None, None, None, 8])
    assert counts(view) == (1, 0, 0, 0)
    assert [(one.address, one.level, one.text["zh"]) for one in view.findings] == [("F2", "confirm", "级别8，确认吗")]
    assert taken(office, view).taken == 1


def test_a_row_that_became_wrong_meanwhile_is_left_and_the_others_are_taken(office):
    view = sent(office, *[[f"甲{n}", f"c{n}"] for n in range(5)])
    office.raise_("clerk", "enter", "staff", name="快", card="c3")
    view = taken(office, view)
    assert (view.status, view.taken, view.refused) == ("done", 4, 1)
    assert len(office.all("staff")) == 5
    assert list(told(view)) == ["B5"]
    rows = dict(BOOK.open(marked(office, view))[0].rows)
    assert rows == {1: ["姓名", "证号", "民族", "出生日期", "上级", "级别"], 5: ["甲3", "c3", None, None, None, None]}


def test_rows_are_forgotten_after_a_month(office):
    view = sent(office, ["甲", "c1"])
    office.clock.move(days=20)
    assert imports.forget_before(office.runtime, office.clock.now() - IMPORTS_KEPT) == 0
    office.clock.move(days=20)
    assert imports.forget_before(office.runtime, office.clock.now() - IMPORTS_KEPT) == 1
    with pytest.raises(Refused, match="not_found"):
        imports.read(office.runtime, office.people["clerk"], "staff", view.id)
    with office.store.begin(write=False) as unit:
        parts = unit.select(Selection(PART, deleted=True))
    assert [part.values["groups"] for part in parts] == [[]]


def test_an_account_that_is_gone_stops_its_import(office):
    rows = [[f"甲{n}", f"c{n}"] for n in range(ROWS_IN_PART + 10)]
    begun = sheets.begin(office.runtime, office.people["clerk"], "staff", "staff", book(*rows), "x.xlsx")
    view = done(office, begun)
    imports.take(office.runtime, office.people["clerk"], "staff", view.id, ALL)
    with office.store.begin() as unit:
        record = unit.fetch("user", office.people["clerk"].id, lock=True)
        version = record.version
        record.values.update(enabled=False, version=version + 1)
        unit.update(record, version)
    view = done(office, view)
    assert (view.status, view.taken, office.all("staff")) == ("stopped", 0, [])


def test_what_was_sent_can_be_forgotten(office):
    view = sent(office, ["甲", "c1"])
    taken(office, view)
    imports.drop(office.runtime, office.people["clerk"], "staff", view.id)
    with pytest.raises(Refused, match="not_found"):
        imports.read(office.runtime, office.people["clerk"], "staff", view.id)
    assert imports.recent(office.runtime, office.people["clerk"], "staff") == ()
    assert len(office.all("staff")) == 1
