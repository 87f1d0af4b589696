"""Rows that a ledger refuses: the dry run says that it judges later, the result says which were refused and why."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from tests.engine.ledgers.stocks import ROOM
from tests.engine.usecases.sheet_office import BOOK
from tests.web.conftest import PASSWORD

CLAIMS = {
    **ROOM,
    "desk/claim/document.yaml": "document: claim\ntitle: 报销单\nfields:\n"
    "  person: {title: 人, type: text, required: true}\n  amount: {title: 金额, type: money, required: true}\n",
    "desk/claim/machine.yaml": """machine: claim
states: {draft: {title: 草稿}, held: {title: 已占用, final: true}}
events:
  enter: {title: 登记, from: new, to: draft, by: clerk, do: [{raise: hold}]}
  hold:
    from: draft
    to: held
    do: [{post: spent, entry: hold, account: {person: =person, year: =year_of(today)}, amount: =amount}]
""",
    "desk/claim/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*", import: true}}\n',
    "desk/claim/sheets/claims.yaml": "sheet: claims\ndocument: claim\nevent: enter\n"
    "columns: {person: {head: 人}, amount: {head: 金额}}\n",
}


@pytest.fixture
def office():
    made = Office(CLAIMS)
    made.runtime = replace(made.runtime, workbook=BOOK)
    set_password(made.runtime, made.people["clerk"].id, PASSWORD)
    return made


def test_what_a_ledger_refuses_is_foretold_and_told(office, clerk):
    """The limit is 100."""
    for lines, taken in (("甲\t99\n甲\t2\n乙\t3", 2), ("甲\t100\n乙\t100", 0)):
        page = clerk.post("/d/claim/import/claims", {"text": f"人\t金额\n{lines}"}, follow_redirects=True)
        assert "检查通过" in page.text
        assert "年度额度的限额和余额在导入时才逐条核对" in page.text
        address = re.search(r'action="([^"]*/take)"', page.text)[1]
        result = clerk.post(address, {"which": "all"}, follow_redirects=True).text
        assert len(office.all("claim")) == 2
        assert "超出年度限额" in result
        assert (f"已导入 {taken} 条" in result) == bool(taken)
        assert ("没有导入：2 条都被退回" in result) == (not taken)
    assert "逐条核对" not in result
