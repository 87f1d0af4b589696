"""A document of many rows: one cell changed by a person is one change in history and one row written."""

import pytest

from adapters.database.engine import Transaction
from adapters.database.store import DatabaseStore
from engine.testing.office import Office
from tests.adapters.database.conftest import emptied
from tests.adapters.database.toy_cipher import ToyCipher

ROWS = 2_000
SHEET = {
    "desk/sheet/document.yaml": """document: sheet
title: 表
fields:
  name: {title: 名称, type: text}
  lines:
    title: 明细
    type: table
    fields:
      item: {title: 品名, type: text, required: true}
      qty: {title: 数量, type: integer, required: true}
      price: {title: 单价, type: money}
      amount: {title: 金额, type: money, value: qty * price}
  total: {title: 合计, type: money, value: "sum(lines, amount)"}
""",
    "desk/sheet/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}


@pytest.fixture(params=["sqlite", "postgres"])
def office(request, tmp_path):
    file = f"sqlite:///{tmp_path}/office.db"
    url = file if request.param == "sqlite" else emptied(request.getfixturevalue("postgres_url"))
    store = DatabaseStore(url, cipher=ToyCipher())
    yield Office(SHEET, store=store)
    store.close()


@pytest.fixture
def written(monkeypatch):
    """What was written row by row: the statement's first word and how many rows."""
    found = []
    change_many = Transaction.change_many

    def noted(self, statement, many):
        if many:
            found.append((statement.sql.split()[0], len(many)))
        return change_many(self, statement, many)

    monkeypatch.setattr(Transaction, "change_many", noted)
    return found


def lines():
    return [{"item": f"品{number}", "qty": str(number % 90 + 1), "price": "2.50"} for number in range(ROWS)]


def as_sent(rows):
    return [{"id": row["id"], "item": row["item"], "qty": row["qty"], "price": str(row["price"])} for row in rows]


def changes(office, record_id):
    with office.store.begin(write=False) as unit:
        return unit.history("sheet", record_id)[-1].changes


def test_one_cell_is_one_row(office, written):
    record_id = office.raise_("clerk", "enter", "sheet", name="多", lines=lines()).record_id
    assert written == [("INSERT", ROWS)]
    written.clear()
    sent = as_sent(office.values("sheet", record_id)["lines"])
    sent[700]["item"] = "别的"
    office.raise_("clerk", "change", "sheet", record_id, lines=sent)
    assert written == [("UPDATE", 1)]
    assert changes(office, record_id) == {f"lines.{sent[700]['id']}.item": ("品700", "别的")}
    assert office.values("sheet", record_id)["lines"][700]["item"] == "别的"


def test_what_is_computed_from_a_cell_follows_it(office, written):
    record_id = office.raise_("clerk", "enter", "sheet", name="多", lines=lines()).record_id
    written.clear()
    sent = as_sent(office.values("sheet", record_id)["lines"])
    sent[0]["qty"] = 5
    office.raise_("clerk", "change", "sheet", record_id, lines=sent)
    assert written == [("UPDATE", 1)]
    row = f"lines.{sent[0]['id']}"
    assert changes(office, record_id).keys() == {f"{row}.qty", f"{row}.amount", "total"}


def test_rows_taken_out_and_put_in_are_told_as_such(office, written):
    record_id = office.raise_("clerk", "enter", "sheet", name="多", lines=lines()).record_id
    written.clear()
    sent = as_sent(office.values("sheet", record_id)["lines"])
    gone = sent.pop()["id"]
    office.raise_("clerk", "change", "sheet", record_id, lines=[*sent, {"item": "新", "qty": 1, "price": "1"}])
    assert sorted(written) == [("DELETE", 1), ("INSERT", 1)]
    (before, nothing) = changes(office, record_id)[f"lines.{gone}"]
    assert before["item"] == f"品{ROWS - 1}"
    assert nothing is None
