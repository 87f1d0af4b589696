"""Rows become records: found by name or number, changed, gathered to one document, done by the worker."""

from dataclasses import replace
from datetime import date

from engine.model.criteria import ALWAYS
from engine.testing.office import Office
from engine.usecases import imports, sheets
from engine.usecases.imports import GOOD_ONES
from engine.usecases.sheet_records import ROWS_IN_PART
from tests.engine.usecases.sheet_office import BOOK, STAFF, book, counts, done, sent, taken, told


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
