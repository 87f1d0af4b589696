"""What a unit has before its cabinet comes: holders and certificates out of workbooks, as whoever sets it up sends
them. Definitions as shipped, real workbooks."""

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from adapters.excel.workbook import ExcelWorkbook
from engine.model.criteria import Selection
from engine.sheets.findings import CellFinding
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.usecases import imports, sheets
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.deliver import deliver_due
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.internal import storages
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from tests.definitions.shipped import force

PERSON, CERTIFICATE = "cabinet.person", "cabinet.certificate"


class Cabinet:
    """A cabinet's node with its installer and an administrator."""

    def __init__(self) -> None:
        store = MemoryStore()
        store.apply([*storages(), *(program.storage for program in force().programs.values())])
        given = Office({}, now=datetime(2026, 5, 6, 9, 0)).runtime
        node = force().definitions.nodes["cabinet"]
        self.runtime: Runtime = replace(given, force=force(), node=node, store=store, workbook=ExcelWorkbook())
        unit = self.made("org", {"name": "清屿区教育局", "TYSHXYDM": "11990101750000103R"})
        self.installer, self.administrator = (self.account(role, unit) for role in ("installer", "cabinet_admin"))

    def made(self, document: str, values: dict[str, Any]) -> str:
        return str(
            in_work(
                self.runtime, ENGINE, lambda work: work.apply(work.blank(document), "enter", ENGINE, Inputs(values))
            ).values["id"]
        )

    def account(self, role: str, unit: str) -> Actor:
        given = {"login": role, "password": "Guiju-2026!", "name": role, "roles": [role], "org": unit}
        found = actor_of(self.runtime, self.made("user", given))
        assert found is not None
        return found

    def template(self, who: Actor, document: str, sheet: str) -> openpyxl.Workbook:
        """The workbook that the page gives to be filled in."""
        return openpyxl.load_workbook(io.BytesIO(sheets.template(self.runtime, who, document, sheet)[1]))

    def sends(self, who: Actor, document: str, sheet: str, *rows: dict[str, Any]) -> imports.ImportView:
        """Fill in the template, send it, let it be tried."""
        book = self.template(who, document, sheet)
        page = book.worksheets[0]
        heads = {cell.value: cell.column for cell in page[1]}
        for number, row in enumerate(rows, 2):
            for column in heads.values():
                page.cell(number, column).value = None  # what the template shows as an example
            for head, value in row.items():
                page.cell(number, heads[head]).value = value
        content = io.BytesIO()
        book.save(content)
        begun = sheets.begin(self.runtime, who, document, sheet, content.getvalue(), "list.xlsx")
        self.works()
        return imports.read(self.runtime, who, document, begun.id)

    def works(self) -> None:
        while deliver_due(self.runtime):
            pass

    def every(self, document: str) -> list[dict[str, Any]]:
        with self.runtime.store.begin(write=False) as unit:
            return [one.values for one in unit.select(Selection(document, limit=100))]


@pytest.fixture
def cabinet() -> Cabinet:
    return Cabinet()


def address(found: CellFinding) -> str:
    """A cell as people write it."""
    return f"{get_column_letter(found.column)}{found.row}"


LI = {"姓名": "李明", "公民身份号码": "110101198506120012", "联系电话": "19900000201", "职务": "主任"}
WANG = {"姓名": "王芳", "公民身份号码": "11010119900307002X", "联系电话": "19900000202"}


def test_holders_are_tried_told_by_cell_and_taken(cabinet: Cabinet) -> None:
    installer = cabinet.installer
    wrong = [
        {"姓名": "赵二", "公民身份号码": "990101198105050011", "联系电话": "19900000203"},
        {"公民身份号码": "990101196610160035", "联系电话": "12"},
    ]
    tried = cabinet.sends(installer, PERSON, "cabinet.holders", LI, *wrong, WANG)
    assert (tried.rows, tried.good, tried.bad) == (4, 2, 2)
    assert sorted(address(one) for one in tried.findings) == ["A4", "B3", "C4"]
    assert cabinet.every(PERSON) == []
    _, content = imports.marked(cabinet.runtime, installer, PERSON, tried.id)
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert {cell.coordinate for row in page for cell in row if cell.comment} == {"A4", "B3", "C4"}
    imports.take(cabinet.runtime, installer, PERSON, tried.id, imports.GOOD_ONES)
    cabinet.works()
    made = cabinet.every(PERSON)
    assert {(one["XM"], one["CSRQ"], one["XB"], one["state"]) for one in made} == {
        ("李明", date(1985, 6, 12), "1", "here"),
        ("王芳", date(1990, 3, 7), "2", "here"),
    }
    again = cabinet.sends(installer, PERSON, "cabinet.holders", LI)
    assert (again.good, again.known + again.bad) == (0, 1), "nobody stands there twice"


def test_certificates_find_their_holders_and_wait_to_be_put_in(cabinet: Cabinet) -> None:
    who = cabinet.administrator
    holders = cabinet.sends(who, PERSON, "cabinet.holders", LI, WANG)
    imports.take(cabinet.runtime, who, PERSON, holders.id, imports.GOOD_ONES)
    cabinet.works()
    book = {"持证人身份证号": LI["公民身份号码"], "证件类型": "普通护照", "证件号码": "E90000001", "中文姓名": "李明"}
    good = {**book, "英文姓名": "LI MING", "出生日期": date(1985, 6, 12), "有效期截止日期": "2031-06-11"}
    wrong = [
        {**book, "持证人身份证号": "990101196610160035", "证件号码": "E90000002"},
        {**book, "证件类型": "会员卡", "证件号码": "E90000003"},
        {**book, "证件号码": "e9"},
    ]
    tried = cabinet.sends(who, CERTIFICATE, "cabinet.held", good, *wrong)
    assert (tried.good, tried.bad) == (1, 3)
    assert sorted(address(one) for one in tried.findings) == ["A3", "B4", "C5"]
    imports.take(cabinet.runtime, who, CERTIFICATE, tried.id, imports.GOOD_ONES)
    cabinet.works()
    (made,) = cabinet.every(CERTIFICATE)
    (li,) = (one for one in cabinet.every(PERSON) if one["XM"] == "李明")
    assert (made["holder"], made["XM"], made["state"], made["YXQJZRQ"]) == (
        li["id"],
        "李明",
        "known",
        date(2031, 6, 11),
    )
    assert made["ZJBS"]


def test_who_sets_up_is_offered_them(cabinet: Cabinet) -> None:
    def offered(who: Actor) -> list[str]:
        return [one.id for kind in (PERSON, CERTIFICATE) for one in sheets.sheets_of(cabinet.runtime, who, kind)]

    assert offered(cabinet.administrator) == ["cabinet.holders", "cabinet.held"]
    assert offered(cabinet.installer) == ["cabinet.holders"]
