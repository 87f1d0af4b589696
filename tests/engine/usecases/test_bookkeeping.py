"""Ledgers looked after, over every store: held against their entries, mended from them, closed by period."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from engine.model.records import Record
from engine.ports import Stale
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases.bookkeeping import Difference, close, look_after, rebuild, renew, verify
from engine.usecases.deliver import deliver_due
from engine.usecases.jobs import run_standing_jobs
from tests.engine.ledgers.stocks import ROOM


@pytest.fixture(scope="module")
def definitions():
    return ROOM


@pytest.fixture
def room(store):
    return Office(ROOM, store=store, now=datetime(2026, 4, 29, 9, 0))


@pytest.fixture
def paper(room):
    return room.engine("item", {"name": "纸"})


def deliver(room, item, qty, place="A"):
    lines = [{"item": item, "place": place, "qty": qty}]
    record = room.raise_("clerk", "enter", "delivery", lines=lines).record_id
    room.raise_("clerk", "store", "delivery", record)


def spoil(room, **amounts):
    """Change an account past the engine, as somebody with the database's password might."""
    (account,) = room.all("stock", place="A")
    with room.store.begin() as unit:
        version = account["version"] + 1
        unit.update(Record("stock", {**account, **amounts, "version": version}), account["version"])
    return account["id"]


def test_a_balance_that_is_not_its_entries_is_found_and_mended(room, paper):
    deliver(room, paper, 5)
    deliver(room, paper, 2, "B")
    assert list(verify(room.runtime, "stock")) == []
    account = spoil(room, total=7)
    assert list(verify(room.runtime, "stock")) == [
        Difference("stock", account, "total", Decimal(7), Decimal(5)),
    ]
    assert rebuild(room.runtime, "stock") == 1
    assert list(verify(room.runtime, "stock")) == []
    assert [(row["place"], row["total"], row["free"]) for row in room.all("stock", place="A")] == [("A", 5, 5)]
    assert [(entry.action, entry.document) for entry in room.store.audit(limit=1)] == [("ledger_rebuilt", "stock")]


def test_entries_come_and_stay(room, paper):
    deliver(room, paper, 5)
    (entry,) = room.all("stock.entries")
    with pytest.raises(Exception, match="append-only"), room.store.begin() as unit:
        unit.update(Record("stock.entries", {**entry, "total": 9, "version": 2}), 1)
    assert [row["total"] for row in room.all("stock.entries")] == [5]


def test_balances_are_kept_at_the_end_of_each_period(room, paper):
    deliver(room, paper, 5)
    room.clock.at = datetime(2026, 5, 2, 3, 0)
    deliver(room, paper, 4)
    deliver(room, paper, 1, "B")
    assert close(room.runtime, "stock") == 1  # what was opened in May has no balance at the end of April
    assert close(room.runtime, "stock") == 0
    room.clock.at = datetime(2026, 7, 1, 3, 0)
    assert close(room.runtime, "stock") == 2
    closed = sorted((row["until"], row["place"], row["total"], row["held"]) for row in room.all("stock.closings"))
    assert closed == [(date(2026, 4, 30), "A", 5, 0), (date(2026, 6, 30), "A", 9, 0), (date(2026, 6, 30), "B", 1, 0)]
    assert list(verify(room.runtime, "stock", everything=False)) == []
    deliver(room, paper, 1, "B")
    assert list(verify(room.runtime, "stock", everything=False)) == []
    assert close(room.runtime, "spent") == 0


def test_every_night_they_are_looked_after_and_a_difference_is_alarmed(room, paper):
    deliver(room, paper, 5)
    look_after(room.runtime)
    spoil(room, total=7)
    room.clock.at = datetime(2026, 4, 29, 2, 0)
    run_standing_jobs(room.runtime)
    while deliver_due(room.runtime):
        pass
    (failed,) = room.store.effects(state="failed")
    assert (failed.kind, failed.payload["job"]) == ("upkeep", "_books")
    assert "total: 7 != 5" in failed.error


def test_what_is_derived_is_computed_anew(room, paper):
    deliver(room, paper, 5)
    assert renew(room.runtime, "stock") == 0
    spoil(room, free=-3)
    assert renew(room.runtime, "stock") == 1
    assert [row["free"] for row in room.all("stock")] == [5]


def test_a_posting_meets_an_account_that_was_changed_meanwhile(room, paper):
    deliver(room, paper, 5)
    (account,) = room.all("stock")
    with pytest.raises(Stale), room.store.begin() as unit:
        unit.update_many([Record("stock", {**account, "version": account["version"] + 2})])


def test_an_office_without_ledgers_has_no_such_job():
    office = Office({})
    run_standing_jobs(office.runtime)
    assert "_books" not in {effect.payload["job"] for effect in office.store.effects()}


def test_entries_without_an_account_are_found(room, paper):
    deliver(room, paper, 5)
    (entry,) = room.all("stock.entries")
    with room.store.begin() as unit:
        unit.insert(Record("stock.entries", {**entry, "id": "f" * 32, "account": "e" * 32}))
    assert list(verify(room.runtime, "stock")) == [Difference("stock", "", "total", Decimal(5), Decimal(10))]


def test_who_asks_for_more_than_there_is_is_refused_after_mending(room, paper):
    deliver(room, paper, 5)
    spoil(room, total=50, free=50)
    rebuild(room.runtime, "stock")
    request = room.raise_("clerk", "enter", "wanted", item=paper, qty=6).record_id
    with pytest.raises(Refused):
        room.raise_("clerk", "hold", "wanted", request)
