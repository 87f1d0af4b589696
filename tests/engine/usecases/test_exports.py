"""What a workbook gets of a list: values that can be summed and sorted, and never more than the list shows."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from engine.model.workbooks import CellForm
from engine.testing.office import Office
from engine.usecases.exports import export_cells, export_rows
from engine.usecases.views import ListRequest

COLUMNS = ("number", "name", "due", "fee", "tax", "pieces", "rate", "code", "created_at")
FILES = {
    "desk/codes/ranks.csv": "code,title\n1,一级\n2,二级\n",
    "desk/bill/document.yaml": """document: bill
title: 账单
number: "ZD{seq:03}"
fields:
  name: {title: 名称, type: text}
  due: {title: 到期日, type: date}
  fee: {title: 金额, type: money}
  tax: {title: 税额, type: money}
  pieces: {title: 件数, type: integer}
  rate: {title: 比率, type: "decimal(9,3)"}
  code: {title: 等级, type: code, in: ranks}
""",
    "desk/bill/machine.yaml": """machine: bill
states: {draft: {title: 草稿, final: true}}
events: {enter: {title: 保存, from: new, to: draft, by: [clerk, leader, boss]}}
""",
    "desk/bill/access.yaml": """access:
  clerk:  {read: "*", create: true, edit: "*", export: true}
  leader: {read: "*", mask: [tax], export: true}
  boss:   {read: "*", export: {mask: [tax]}}
""",
}


@pytest.fixture
def office():
    made = Office(FILES)
    values = {"due": "2026-11-23", "fee": "2500", "tax": "12.5", "pieces": "3", "rate": "0.125", "code": "1"}
    made.raise_("clerk", "enter", "bill", name="=1+1", **values)
    made.raise_("clerk", "enter", "bill", name="空")
    return made


def taken(office, who, export=export_cells):
    return export(office.runtime, office.people[who], ListRequest("bill", columns=COLUMNS, sort="number"))


def test_numbers_and_days_are_values_and_the_rest_is_text(office):
    _, forms, rows = taken(office, "clerk")
    at = datetime(2026, 5, 6, 9)
    first, second = list(rows)
    assert first == [
        *["ZD001", "=1+1", date(2026, 11, 23), Decimal(2500), Decimal("12.5"), 3, Decimal("0.125"), "一级", at, "草稿"]
    ]
    assert second == ["ZD002", "空", None, None, None, None, None, "", at, "草稿"]
    money = CellForm("number", 2, grouped=True)
    assert list(forms) == [
        *[CellForm(), CellForm(), CellForm("date"), money, money, CellForm("number", 0), CellForm("number", 3)],
        *[CellForm(), CellForm("datetime"), CellForm()],
    ]


@pytest.mark.parametrize("who", ["leader", "boss"])
def test_what_is_masked_is_text(office, who):
    assert next(taken(office, who)[2])[4] == "****"


def test_as_text_they_are_worded(office):
    _, rows = taken(office, "clerk", export_rows)
    assert next(rows)[2:7] == ["2026-11-23", "2,500.00", "12.50", "3", "0.125"]
