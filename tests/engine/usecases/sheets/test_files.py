"""What is sent: workbooks, text and pasted rows; what cannot be taken says why; templates."""

import pytest

from engine.problems import Refused
from engine.usecases import imports, sheets
from engine.usecases.imports import GOOD_ONES
from tests.engine.usecases.sheet_office import BOOK, counts, marked, sent, taken, told


def test_heads_of_all_kinds_and_columns_in_any_order(office):
    view = sent(office, [3, "c1", "甲", "多余"], heads=["级 别", "证号（必填）", "名字", "其他"])
    assert counts(view) == (1, 0, 0, 0)
    assert [(one.address, one.code) for one in view.findings] == [("D1", "unknown_head")]


@pytest.mark.parametrize(
    ("heads", "rows", "said"),
    [
        (["姓名", "级别"], [["甲", 1]], "第1行：缺少必填列“证号”"),
        (["名", "证号"], [["甲", "c1"]], "A1：缺少必填列“姓名”；A1的“名”是不是它？"),
        (["甲", "乙"], [["丙", "丁"]], "没有找到表头"),
        (["姓名", "证号"], [], "表头下面没有数据"),
    ],
)
def test_files_that_cannot_be_taken_say_why(office, heads, rows, said):
    with pytest.raises(Refused) as refused:
        sent(office, *rows, heads=heads)
    assert said in refused.value.findings[0].text["zh"]
    assert imports.recent(office.runtime, office.people["clerk"], "staff") == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "空"), (b"not a workbook", "不是 .xlsx"), (b"\xd0\xcf\x11\xe0" + bytes(600), "不是 .xlsx 或 .xls")],
)
def test_files_that_are_no_workbooks_say_why(office, content, said):
    with pytest.raises(Refused) as refused:
        sheets.begin(office.runtime, office.people["clerk"], "staff", "staff", content, "x.xlsx")
    assert said in refused.value.findings[0].text["zh"]


def test_text_files_and_pasted_rows_go_the_same_way(office):
    clerk = office.people["clerk"]
    text = "姓名,证号\n甲,c1\n".encode("gb18030")
    view = sheets.begin(office.runtime, clerk, "staff", "staff", text, "名单.CSV")
    assert taken(office, view).taken == 1
    view = sheets.paste(office.runtime, clerk, "staff", "staff", "姓名\t证号\n乙\tc2\n丙\t\n")
    assert (counts(view), told(view)) == ((1, 0, 0, 1), {"B3": "请填写证号"})
    assert taken(office, view, GOOD_ONES).taken == 1
    assert {row["name"] for row in office.all("staff")} == {"甲", "乙"}


def test_the_marked_workbook_is_the_sheet_with_its_places(office):
    view = sent(office, ["甲", "c1"], [None, None], ["乙", None], ["丙", "c3", "汉祖"])
    rows = dict(BOOK.open(marked(office, view))[0].rows)
    assert rows[1] == ["姓名", "证号", "民族", "出生日期", "上级", "级别"]
    assert (rows[2][:2], rows[4][0], rows[5][:3]) == (["甲", "c1"], "乙", ["丙", "c3", "汉祖"])


def test_templates_have_heads_lists_and_needed_columns(office):
    view, content = sheets.template(office.runtime, office.people["clerk"], "staff", "staff")
    assert [(one.head, one.is_needed, one.form) for one in view.columns] == [
        ("姓名", True, "text"),
        ("证号", True, "text"),
        ("民族", False, "text"),
        ("出生日期", False, "date"),
        ("上级", False, "text"),
        ("级别", False, "number"),
    ]
    assert view.columns[2].choices == ("汉族", "蒙古族", "98", "99")
    assert dict(BOOK.open(content)[0].rows) == {1: ["姓名", "证号", "民族", "出生日期", "上级", "级别"]}
