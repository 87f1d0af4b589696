"""What is sent to the database: few statements, the same texts again, indexes in use, no count without an end."""

import re
from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from adapters.database.engine import Statement, Transaction
from adapters.database.errors import OutcomeUnknownError
from adapters.database.store import DatabaseStore
from engine.model.criteria import ALWAYS, Among, Compare, Every, Matches, Order, Selection
from engine.ports import Stale
from engine.testing.contracts.document_traces import ENTRY, effect
from engine.testing.contracts.samples import EVERY_KIND, STORAGES, found, id_of, record, stored
from tests.adapters.database.conftest import PLAIN, Make, emptied

Log = list[tuple[str, object]]


@pytest.fixture
def store(make: Make) -> DatabaseStore:
    store = make()
    store.apply(STORAGES)
    return store


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Every statement of units, with its values."""
    log: list[tuple[str, object]] = []
    rows, changed = Transaction.rows, Transaction._changed

    def logged_rows(self: Transaction, statement: Statement, values: Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
        log.append((" ".join(statement.sql.split()), statement.bound(values)))
        return rows(self, statement, values)

    def logged_changed(self: Transaction, run: Any, sql: str, values: Sequence[Any]) -> int:
        log.append((" ".join(sql.split()), values))
        return changed(self, run, sql, values)

    monkeypatch.setattr(Transaction, "rows", logged_rows)
    monkeypatch.setattr(Transaction, "_changed", logged_changed)
    return log


def test_a_new_record_takes_one_statement_a_table(store: DatabaseStore, log: Log) -> None:
    log.clear()
    with store.begin() as unit:
        unit.insert(record("item", 1, **EVERY_KIND))
        unit.append_history(ENTRY)
        unit.put_effect(effect(1))
    tables = [re.search(r"INTO \"?(\w+)", text) for text, _ in log]
    assert [found[1] for found in tables if found] == [
        "d_item",
        "d_item__lines",
        "s_item",
        "guiju_history",
        "guiju_effects",
    ]
    assert len(log) == 5


def test_a_change_that_touches_nothing_unique_or_searched_takes_one(store: DatabaseStore, log: Log) -> None:
    stored(store, record("item", 1, title="海关", ID="x"))
    log.clear()
    with store.begin() as unit:
        one = unit.fetch("item", id_of(1), lock=True)
        assert one is not None
        one.values |= {"free": None, "version": 2}
        del one.values["lines"], one.values["notes"]
        log.clear()
        unit.update(one, 1)
    assert len(log) == 1


def test_a_change_of_few_rows_writes_few_rows(store: DatabaseStore, log: Log) -> None:
    rows: list[dict[str, object]] = [{"id": f"r{number:05}", "what": str(number)} for number in range(5_000)]
    stored(store, record("item", 1, lines=rows))
    rows[4_000] = {**rows[4_000], "what": "changed"}
    log.clear()
    with store.begin() as unit:
        unit.update(record("item", 1, lines=rows, version=2), 1)
    written = [values for text, values in log if text.startswith(("UPDATE d_item__lines", "INSERT", "DELETE"))]
    assert len(written) == 1
    assert "changed" in str(written)


def test_the_same_question_is_the_same_text(store: DatabaseStore, log: Log) -> None:
    def ask(count: int, codes: tuple[str, ...]) -> None:
        where = Every((Compare(("count",), ">", count), Among(("code",), codes)))
        with store.begin(write=False) as unit:
            unit.select(Selection("item", where, (Order("amount"),)))

    log.clear()
    ask(1, ("a", "b", "c"))
    ask(2, ("x", "y", "z", "w"))
    texts = [text for text, _ in log]
    assert texts[: len(texts) // 2] == texts[len(texts) // 2 :]


def test_no_value_is_part_of_a_text(store: DatabaseStore, log: Log) -> None:
    log.clear()
    found(store, Every((Compare(("title",), "==", "xyzzy"), Compare(("count",), "<", 123454321))))
    found(store, Matches("xyzzy"))
    assert log
    assert not [text for text, _ in log if "xyzzy" in text or "123454321" in text]


def test_every_count_has_an_end(store: DatabaseStore, log: Log) -> None:
    stored(store, *(record("item", number, title="海关") for number in range(30)))
    log.clear()
    with store.begin(write=False) as unit:
        for where in (ALWAYS, Compare(("title",), "==", "海关"), Matches("海关")):
            assert unit.count("item", where, 11) == 11
        unit.select(Selection("item", Matches("海关")))
    store.plan(STORAGES)
    counts = [text for text, _ in log if "count(" in text.lower()]
    assert counts
    assert all("LIMIT" in text for text in counts)


def test_lists_are_served_by_their_index(store: DatabaseStore, log: Log) -> None:
    """Equality first, then the sort key, then the id: no sorting, for both directions and from any page."""
    stored(store, *(record("item", number, code="a", amount=number) for number in range(200)))
    with store._backend.begin(write=True) as transaction:
        transaction.connection.exec_driver_sql("ANALYZE")
    where = Compare(("code",), "==", "a")
    for descending in (False, True):
        for after in (None, (100, id_of(100))):
            log.clear()
            with store.begin(write=False) as unit:
                page = unit.select(Selection("item", where, (Order("amount", descending),), after, 20))
            assert len(page) == 20
            plan = _plan(store, *log[0])
            assert "gx_" in plan, plan
            assert "SORT" not in plan.upper(), plan
            assert "TEMP B-TREE" not in plan.upper(), plan


def _plan(store: DatabaseStore, text: str, values: object) -> str:
    with store._backend.begin(write=False) as transaction:
        connection = transaction.connection
        if store._backend.postgres:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        explain = "EXPLAIN " if store._backend.postgres else "EXPLAIN QUERY PLAN "
        return "\n".join(str(row) for row in connection.exec_driver_sql(explain + text, values))  # type: ignore[arg-type]


def test_sqlite_looks_at_its_tables_as_they_grow(sqlite_url: str) -> None:
    store = DatabaseStore(sqlite_url)
    store.apply(STORAGES[1:2])
    for start in range(0, 6_000, 1_000):
        with store.begin() as unit:
            unit.insert_many([record("owner", number) for number in range(start, start + 1_000)])
    with store._backend.begin(write=False) as transaction:
        looked = transaction.rows(Statement("SELECT stat FROM sqlite_stat1 WHERE tbl = 'd_owner'"))
    store.close()
    assert [row[0].split()[0] for row in looked] == ["5000"]


def test_a_lost_connection_makes_the_unit_stale_and_the_next_one_works(postgres_url: str) -> None:
    store = DatabaseStore(emptied(postgres_url))
    store.apply(STORAGES[1:2])

    def cut() -> None:
        with psycopg.connect(postgres_url.replace(PLAIN, "postgresql"), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    def insert(*numbers: int) -> None:
        with store.begin() as unit:
            for number in numbers:
                unit.insert(record("owner", number))
                if number in cut_after:
                    cut()

    cut_after = {1, 4}
    with pytest.raises(Stale):
        insert(1, 2)
    insert(3)
    with pytest.raises(OutcomeUnknownError):
        insert(4)
    assert id_of(3) in found(store, document="owner")
    store.close()


def test_the_database_tells_how_large_it_is(store: DatabaseStore) -> None:
    size = store.size()
    assert size is not None
    assert size > 4096
