"""Lists walk along an index in their order, on both databases: no page of a large table is sorted."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.clock.system import TimeOrderedIds
from adapters.database.engine import Statement, Transaction
from adapters.database.store import DatabaseStore
from engine.model.records import Record
from engine.testing.office import Office
from engine.usecases.listing import list_documents
from engine.usecases.views import ListRequest
from tests.adapters.database.toy_cipher import ToyCipher

ROWS = 6_000
FIELDS = """  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  name: {title: 名称, type: text, required: true}
  kind: {title: 类, type: code, in: kinds}
  due: {title: 期限, type: date}
"""
EVENTS = "states: {open: {title: 在用}, gone: {title: 报废, final: true}}\nevents:\n"
EVENTS += (
    "  enter: {title: 登记, from: new, to: open, by: clerk}\n  drop: {title: 报废, from: open, to: gone, by: clerk}\n"
)
LISTS = {
    "newest": "{columns: [name], filters: [kind, state]}",
    "sorted": "{columns: [name], filters: [kind, state], sort: [-due, -name]}",
}
FILES = {"desk/codes/kinds.csv": "code,title\n" + "".join(f"k{n},类{n}\n" for n in range(6))} | {
    f"desk/{name}/{file}.yaml": text
    for name, shown in LISTS.items()
    for file, text in {
        "document": f"document: {name}\ntitle: 物品\nlabel: name\nfields:\n{FIELDS}",
        "machine": f"machine: {name}\n{EVENTS}",
        "access": 'access:\n  clerk: {read: "*", create: true, events: "*"}\n'
        '  boss: {rows: org == user.org, read: "*"}\n',
        "pages": f"pages:\n  list: {shown}\n",
    }.items()
}


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """Thousands of records of each type in the office's unit, a few in another."""
    store = DatabaseStore(database_url, cipher=ToyCipher(), connections=4)
    office = Office(FILES, store=store, ids=TimeOrderedIds())
    org = office.people["boss"].org
    start = datetime(2026, 1, 1)
    for document in LISTS:
        made = office.values(document, office.raise_("clerk", "enter", document, name="甲").record_id)
        records = [
            Record(
                document,
                {
                    **made,
                    "id": f"{number:032x}",
                    "changed_at": start + timedelta(minutes=number),
                    "org": org,
                    "name": f"物品{number * 7919 % ROWS}",
                    "kind": f"k{number % 6}",
                    "state": "open" if number % 3 else "gone",
                    "due": (start + timedelta(days=number % 500)).date() if number % 9 else None,
                },
            )
            for number in range(ROWS)
        ]
        with store.begin() as unit:
            unit.insert_many(records)
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    yield office
    store.close()


@pytest.fixture
def plans(office: Office, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How the database carries out each page that is asked for."""
    found: list[str] = []
    rows, postgres = Transaction.rows, office.store._backend.postgres  # type: ignore[attr-defined]
    ask = "EXPLAIN " if postgres else "EXPLAIN QUERY PLAN "

    def explained(self: Transaction, statement: Statement, values: Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
        if "ORDER BY" in statement.sql and any(f"d_{name}" in statement.sql for name in LISTS):
            plan = rows(self, Statement(ask + statement.sql, statement.order), values)
            found.append("\n".join(str(row[-1]) for row in plan))
        return rows(self, statement, values)

    monkeypatch.setattr(Transaction, "rows", explained)
    return found


@pytest.mark.parametrize("document", LISTS)
@pytest.mark.parametrize("who", ["clerk", "boss"])
@pytest.mark.parametrize("asked", [{}, {"kind": "k1"}, {"state": "open"}])
def test_a_page_and_the_next_are_walks(
    office: Office, plans: list[str], document: str, who: str, asked: dict[str, str]
) -> None:
    plans.clear()
    actor = office.people[who]
    page = list_documents(office.runtime, actor, ListRequest(document, filters=asked))
    after = list_documents(office.runtime, actor, ListRequest(document, filters=asked, after=page.next))
    assert len(page.rows) == len(after.rows) == 50
    assert len(plans) == 2
    for plan in plans:
        assert not re.search(r"(?<!Incremental )Sort (?!Key)", plan), plan  # among equals of the first key alone
        assert "TEMP B-TREE FOR ORDER BY" not in plan, plan
        assert "INDEX" in plan.upper(), plan
