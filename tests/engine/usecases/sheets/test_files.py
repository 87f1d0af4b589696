"""What is sent: workbooks, text and pasted rows; what cannot be taken says why; templates."""

import io

import openpyxl
import pytest

from engine.model.workbooks import MarkedPage, MarkedRow
from engine.problems import Refused
from engine.usecases import imports, sheets
from engine.usecases.imports import GOOD_ONES
from tests.engine.usecases.sheet_office import BOOK, counts, done, marked, sent, taken, told


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


def test_heads_and_lines_of_documents_stand_on_sheets_of_their_own(office):
    heads = [["单号", "客户"], ["A1", "甲"], ["A2", "乙"], ["A3", "丙"]]
    lines = [
        ["数量", "单号", "品名"],
        [2, "A1", "笔"],
        [0, "A2", "纸"],
        [3, "A1", "墨"],
        [4, "A3", "尺"],
        [1, "A9", "刀"],
    ]
    pages = [("订单", heads), ("说明", [["请先填订单"]]), ("明细", lines)]
    content = BOOK.marked(
        MarkedPage(title, 1, [MarkedRow(number, row) for number, row in enumerate(rows, 1)]) for title, rows in pages
    )
    begun = sheets.begin(office.runtime, office.people["clerk"], "order", "orders", content, "订单.xlsx")
    view = done(office, begun)
    assert counts(view) == (3, 0, 0, 1)
    assert told(view) == {"明细!A3": "不能小于1"}
    assert [(one.code, one.text["zh"]) for one in view.findings if not one.is_error] == [
        ("several_pages", "2个工作表一起导入：订单、明细"),
        ("other_sheets", "只导入工作表“订单、明细”，未导入：说明"),
    ]
    assert taken(office, view, GOOD_ONES).taken == 3
    made = {row["no"]: (row["customer"], [line["item"] for line in row["lines"]]) for row in office.all("order")}
    assert made == {"A1": ("甲", ["笔", "墨"]), "A3": ("丙", ["尺"]), "A9": (None, ["刀"])}
    back = openpyxl.load_workbook(io.BytesIO(marked(office, view)))
    left = {page.title: [[cell.value for cell in row] for row in page.rows if row[1].value] for page in back}
    assert left == {"订单": [["单号", "客户"], ["A2", "乙"]], "明细": [["数量", "单号", "品名"], [0, "A2", "纸"]]}
    assert back["明细"]["A3"].comment.text == "不能小于1"
