"""Imports through the use cases: tried, taken, recognised, marked; on every store alike."""

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sheet_office import BOOK, STAFF, book, staffed

from engine.model.criteria import ALWAYS, Selection
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases import imports, sheets
from engine.usecases.imports import ALL, GOOD_ONES
from engine.usecases.jobs import IMPORTS_KEPT
from engine.usecases.sheet_records import PART, ROWS_IN_PART


@pytest.fixture(scope="module")
def definitions():
    return STAFF


@pytest.fixture
def office(store):
    return staffed(store)


def sent(office, *rows, sheet="staff", document="staff", who="clerk", heads=None):
    content = book(*rows, heads=heads)
    return done(office, sheets.begin(office.runtime, office.people[who], document, sheet, content, "名单.xlsx"), who)


def taken(office, view, which=ALL, who="clerk"):
    return done(office, imports.take(office.runtime, office.people[who], view.document, view.id, which), who)


def done(office, view, who="clerk"):
    office.deliver()
    return imports.read(office.runtime, office.people[who], view.document, view.id)


def told(view) -> dict[str, str]:
    return {one.address: one.text["zh"] for one in view.findings if one.is_error}


def counts(view) -> tuple[int, int, int, int]:
    return view.good, view.found, view.known, view.bad


# --- trying and taking -----------------------------------------------------------------------------------------------


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
    assert list(told(view)) == ["5"]
    rows = dict(BOOK.open(marked(office, view))[0].rows)
    assert rows == {1: ["姓名", "证号", "民族", "出生日期", "上级", "级别"], 5: ["甲3", "c3", None, None, None, None]}


def marked(office, view) -> bytes:
    return imports.marked(office.runtime, office.people["clerk"], view.document, view.id)[1]


# --- rows and records ------------------------------------------------------------------------------------------------


def test_records_are_named_by_number_or_name_and_ambiguous_ones_are_told(office):
    taken(office, sent(office, ["甲", "c1"], ["同名", "c2"], ["同名", "c3"]))
    view = sent(
        office, ["子", "d1", None, None, "甲"], ["丑", "d2", None, None, "Z002"], ["寅", "d3", None, None, "同名"]
    )
    assert told(view) == {"E4": "“同名”有2条记录（Z002、Z003…），无法确定是哪一条，请改填编号"}
    taken(office, view, GOOD_ONES)
    ids = {row["number"]: row["id"] for row in office.all("staff")}
    bosses = {row["name"]: row["boss"] for row in office.all("staff") if row["boss"]}
    assert bosses == {"子": ids["Z001"], "丑": ids["Z002"]}


def test_records_found_are_changed_and_empty_cells_leave_what_is_there(office):
    taken(office, sent(office, ["甲", "c1", None, None, None, 3], ["乙", "c2", None, None, None, 3]))
    heads = ["姓名", "证号", "级别", "上级证号"]
    view = sent(office, ["甲", "c1", 5, "c2"], ["乙", "c2", None], ["丙", "c3", 2], sheet="changes", heads=heads)
    assert counts(view) == (1, 1, 1, 0)
    taken(office, view)
    grades = {row["name"]: row["grade"] for row in office.all("staff")}
    assert grades == {"甲": 5, "乙": 3, "丙": 2}
    [first] = office.all("staff", name="甲")
    assert first["boss"] == office.all("staff", name="乙")[0]["id"]
    assert counts(sent(office, ["甲", "c1", 5, "c2"], sheet="changes", heads=heads)) == (0, 0, 1, 0)


def test_what_the_event_asks_comes_from_a_column(office):
    heads = ["姓名", "证号", "离职日期"]
    view = sent(office, ["甲", "c1", "2026-01-02"], ["乙", "c2", None], sheet="retired", heads=heads)
    assert told(view) == {"C3": "请填写离职日期"}
    taken(office, view, GOOD_ONES)
    [found] = office.all("staff")
    assert (found["left_on"], found["state"]) == (date(2026, 1, 2), "gone")


def test_rows_of_one_order_are_one_document(office):
    rows = [
        ["A1", "甲", "笔", 2],
        ["A2", "乙", "纸", 1],
        ["A1", None, "墨", 3],
        ["A3", None, None, None],
        ["A4", "丁", "砚", 0],
    ]
    heads = ["单号", "客户", "品名", "数量"]
    view = sent(office, *rows, sheet="orders", document="order", heads=heads)
    assert (view.rows, counts(view)) == (5, (2, 0, 0, 2))
    assert told(view) == {"5": "明细至少1行", "D6": "不能小于1"}
    taken(office, view, GOOD_ONES)
    found = {row["no"]: row for row in office.all("order")}
    assert found.keys() == {"A1", "A2"}
    assert [(line["item"], line["qty"]) for line in found["A1"]["lines"]] == [("笔", 2), ("墨", 3)]
    assert found["A1"]["total"] == 5


def test_many_rows_are_the_workers(office):
    count = 2 * ROWS_IN_PART + 50
    rows = [[f"甲{n}", f"c{n if n != 420 else 7}"] for n in range(count)]
    begun = sheets.begin(office.runtime, office.people["clerk"], "staff", "staff", book(*rows), "x.xlsx")
    assert (begun.status, begun.is_running) == ("checking", True)
    view = done(office, begun)
    assert (view.status, counts(view)) == ("checked", (count - 1, 0, 0, 1))
    assert told(view) == {"422": "与第9行是同一条记录"}
    view = imports.take(office.runtime, office.people["clerk"], "staff", view.id, GOOD_ONES)
    assert view.status == "taking"
    assert done(office, view).taken == count - 1
    with office.store.begin(write=False) as unit:
        assert unit.count("staff", ALWAYS, 1000) == count - 1


# --- files -----------------------------------------------------------------------------------------------------------


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
    [(b"", "空"), (b"not a workbook", "不是 .xlsx"), (b"\xd0\xcf\x11\xe0" + bytes(600), "旧版 .xls")],
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


# --- who may ---------------------------------------------------------------------------------------------------------


def test_only_with_the_right(office):
    leader = office.people["leader"]
    assert sheets.sheets_of(office.runtime, leader, "staff") == ()
    assert not sheets.may_bring_in(office.runtime, leader, "staff")
    for act in (
        lambda: sheets.template(office.runtime, leader, "staff", "staff"),
        lambda: sheets.begin(office.runtime, leader, "staff", "staff", book(["甲", "c1"]), "x.xlsx"),
        lambda: sheets.paste(office.runtime, leader, "staff", "staff", "姓名\t证号\n甲\tc1"),
    ):
        with pytest.raises(Refused, match="not_found"):
            act()


def test_an_import_is_its_owners(office):
    view = sent(office, ["甲", "c1"])
    office.account("mate", "clerk", office.org)
    for who in ("leader", "mate"):
        actor = office.people[who]
        for act in (
            lambda: imports.read(office.runtime, actor, "staff", view.id),  # noqa: B023 - called at once
            lambda: imports.marked(office.runtime, actor, "staff", view.id),  # noqa: B023
            lambda: imports.take(office.runtime, actor, "staff", view.id, ALL),  # noqa: B023
            lambda: imports.drop(office.runtime, actor, "staff", view.id),  # noqa: B023
        ):
            with pytest.raises(Refused, match="not_found"):
                act()
    assert office.all("staff") == []
    with pytest.raises(Refused):
        imports.read(office.runtime, office.people["clerk"], "order", view.id)


def test_hidden_fields_are_not_even_told_as_heads(office):
    boss = office.people["boss"]
    view, _ = sheets.template(office.runtime, boss, "staff", "staff")
    assert [one.head for one in view.columns] == ["姓名", "民族", "出生日期", "上级", "级别"]
    with pytest.raises(Refused) as refused:
        sheets.paste(office.runtime, boss, "staff", "staff", "甲\t乙")
    assert "证号" not in refused.value.findings[0].text["zh"]
    view = sheets.paste(office.runtime, boss, "staff", "staff", "姓名\t证号\n甲\tc1")
    assert counts(view) == (0, 0, 0, 1)
    assert view.findings[0].code == "unknown_head"


def test_a_misspelt_name_is_told_with_the_nearest(office):
    taken(office, sent(office, ["欧阳明远", "c1"]))
    view = sent(office, ["丙", "c3", None, None, "欧阳明运"])
    assert told(view)["E2"] == "没有找到职员“欧阳明运”，是否应为“欧阳明远”"
    boss = office.people["boss"]  # by a field that he may not see he is told no name either
    heads = "姓名\t证号\t级别\t上级证号\n"
    view = sheets.paste(office.runtime, boss, "staff", "changes", f"{heads}子\td1\t1\tc2")
    assert told(view)["D2"] == "没有找到职员“c2”"


def test_rows_are_gathered_by_what_the_event_asks(store):
    order = {
        "desk/order/machine.yaml": """machine: order
states: {open: {title: 登记, final: true}}
events:
  enter: {title: 登记, from: new, to: open, by: clerk, ask: {sheet: {title: 台账号, type: text}}}
""",
        "desk/order/sheets/orders.yaml": """sheet: orders
document: order
columns:
  event.sheet: {head: 台账号}
  no: {head: 单号}
  lines.item: {head: 品名}
  lines.qty: {head: 数量}
group: event.sheet
""",
    }
    office = Office({**STAFF, **order}, store=store)
    office.runtime = replace(office.runtime, workbook=BOOK)
    rows = "台账号\t单号\t品名\t数量\n1\tA\t笔\t1\n2\tB\t墨\t2\n1\t\t纸\t3"
    taken(office, sheets.paste(office.runtime, office.people["clerk"], "order", "orders", rows))
    assert {row["no"]: [line["item"] for line in row["lines"]] for row in office.all("order")} == {
        "A": ["笔", "纸"],
        "B": ["墨"],
    }


def test_nobody_is_found_by_what_is_hidden(office):
    taken(office, sent(office, ["甲", "c1"]))
    heads = "姓名\t证号\t级别\t上级证号\n"
    view = sheets.paste(office.runtime, office.people["clerk"], "staff", "changes", f"{heads}子\td1\t1\tc1")
    assert told(view) == {}
    boss = office.people["boss"]
    view = sheets.paste(office.runtime, boss, "staff", "changes", f"{heads}子\td1\t1\tc1")
    assert told(view)["D2"] == "没有找到职员“c1”"


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
