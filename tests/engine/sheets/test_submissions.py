"""Rows to the inputs of an event, and findings back to cells."""

from engine.documents.malformed import Malformed
from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.sheets import SheetColumn
from engine.model.types import TEXT
from engine.problems import Finding
from engine.sheets.columns import Page, Place
from engine.sheets.findings import on_page
from engine.sheets.submissions import Submissions


def place(head: str, name: str, table: str = "", *, asked: bool = False) -> Place:
    return Place(SheetColumn((name,), head), Field(name, Title(head), "text", TEXT), table, None, asked)


PLACES = [
    (1, place("单号", "no")),
    (2, place("客户", "who")),
    (3, place("品名", "item", "lines")),
    (4, place("数量", "qty", "lines")),
    (5, place("日期", "on", asked=True)),
]


def read(place: Place, cell: object) -> object:
    if cell == "坏":
        raise Malformed("bad", "读不懂", "unreadable")
    return cell


def made(*rows):
    return Submissions([Page("", PLACES)], read).of([(number, list(row)) for number, row in enumerate(rows, 2)])


def test_rows_of_a_group_are_one_document_with_child_rows():
    found = made(["A1", "甲", "笔", 2, "今天"], ["A1", None, "纸", 3], ["A1", " 甲", None, ""])
    assert found.raw == {"no": "A1", "who": "甲", "lines": [{"item": "笔", "qty": 2}, {"item": "纸", "qty": 3}]}
    assert found.asked == {"on": "今天"}
    assert found.faults == []
    assert found.rows == (2, 3, 4)


def test_empty_cells_are_not_given_so_that_defaults_count():
    assert made([None, "甲"]).raw == {"who": "甲"}


def test_rows_of_a_document_that_differ_are_told():
    found = made(["A1", "甲", "笔"], ["A1", "乙", "纸"])
    assert [(one.address, one.code) for one in found.faults] == [("B3", "differs")]
    assert "第2行的“甲”" in found.faults[0].text["zh"]


def test_cells_that_cannot_be_read_are_told_with_what_stands_there():
    found = made(["A1", "坏", "坏", 1])
    assert [(one.address, one.head, one.value) for one in found.faults] == [("B2", "客户", "坏"), ("C2", "品名", "坏")]
    assert found.raw == {"no": "A1", "lines": [{"qty": 1}]}


def test_findings_lead_back_to_the_cell_that_the_value_came_from():
    found = made(["A1", "甲", None, None, "今天"], ["A1", None, "笔", 2], ["A1", None, "纸", 3])
    told = {"zh": "不对", "en": "wrong"}

    def address(*at: str) -> str:
        return found.cell_finding(Finding("x", told, at), "合计").address

    assert address("who") == "B2"
    assert address("lines", "1", "qty") == "D4"
    assert address("event", "on") == "E2"
    assert address("lines", "9", "qty") == "D2"
    assert (address("total"), address()) == ("2", "2")
    assert found.cell_finding(Finding("x", told, ("total",)), "合计").text["zh"] == "合计：不对"
    assert found.cell_finding(Finding("x", told, ("lines", "1", "qty"))).value == "3"


def test_rows_of_a_document_stand_on_several_pages():
    heads, lines = (
        Page("订单", PLACES[:2]),
        Page("明细", [(1, place("单号", "no")), (3, place("品名", "item", "lines"))]),
    )
    group = [(4, ["A1", "甲"]), (on_page(1, 2), ["A1", None, "笔"]), (on_page(1, 3), ["A2", None, "坏"])]
    found = Submissions([heads, lines], read).of(group)
    assert found.raw == {"no": "A1", "who": "甲", "lines": [{"item": "笔"}, {}]}
    assert [(one.address, one.code) for one in found.faults] == [("明细!A3", "differs"), ("明细!C3", "bad")]
    assert "第4行" in found.faults[0].text["zh"]
    about = found.cell_finding(Finding("required", {"zh": "必填", "en": "required"}, ("lines", "0", "item")))
    assert (about.address, about.value) == ("明细!C2", "笔")
    assert found.cell_finding(Finding("x", {"zh": "错", "en": "wrong"}, ("who",))).address == "订单!B4"
    assert found.on_row("x", "错", "wrong").address == "订单!4"
