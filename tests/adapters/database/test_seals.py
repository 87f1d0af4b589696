"""History and audit cannot be changed unnoticed: triggers refuse it, and whoever gets past them leaves a trace."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from adapters.database.store import DatabaseStore
from engine.model.records import AuditEntry
from engine.testing.contracts.document_traces import ENTRY
from engine.testing.contracts.samples import MORNING, STORAGES, id_of
from tests.adapters.database.conftest import Make

TABLES = ["guiju_history", "guiju_audit", "guiju_seals"]


@pytest.fixture
def store(make: Make) -> DatabaseStore:
    """Three records with three entries each, some audit, sealed."""
    store = make()
    store.apply(STORAGES)
    for version in range(1, 4):
        with store.begin() as unit:
            for number in range(1, 4):
                unit.append_history(replace(ENTRY, record_id=id_of(number), version=version))
            unit.append_audit(AuditEntry(MORNING, "tester", "read", "item", id_of(1)))
            unit.append_audit(AuditEntry(MORNING, "tester", f"login {version}"))
    return store


@contextmanager
def intruder(store: DatabaseStore, url: str) -> Iterator[sa.Connection]:
    """Somebody with the database's password who puts the triggers out of work."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for table in TABLES:
            if store._backend.postgres:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            else:
                for act in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{act}")
        yield connection
    engine.dispose()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("act", ["UPDATE {} SET seal = ''", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses(store: DatabaseStore, database_url: str, table: str, act: str) -> None:
    store.seal_history()
    if act.startswith("TRUNCATE") and not store._backend.postgres:
        act = "DELETE FROM {}"  # SQLite has no other word for it
    engine = sa.create_engine(database_url)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as connection:
        connection.exec_driver_sql(act.format(table))
    engine.dispose()
    assert list(store.verify_history()) == []


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        ("UPDATE guiju_history SET comment = 'x' WHERE chain = '{one}' AND step = 2", "{one}: step 2 was altered"),
        ("UPDATE guiju_history SET changes = '{{}}' WHERE chain = '{one}' AND step = 3", "{one}: step 3 was altered"),
        ("DELETE FROM guiju_history WHERE chain = '{one}' AND step = 1", "{one}: step 1 is missing"),
        ("DELETE FROM guiju_history WHERE chain = '{one}' AND step = 2", "{one}: step 2 is missing"),
        (
            "DELETE FROM guiju_history WHERE chain = '{one}' AND step = 3",
            "block 1 of the seals has 14 entries, 15 were",
        ),
        ("DELETE FROM guiju_history WHERE chain = '{one}'", "block 1 of the seals has 12 entries, 15 were sealed"),
        ("DELETE FROM guiju_history", "block 1 of the seals has 6 entries, 15 were sealed"),
        ("DELETE FROM guiju_audit WHERE chain = '@tester'", "block 1 of the seals has 12 entries, 15 were sealed"),
        ("UPDATE guiju_audit SET actor = 'x' WHERE chain = '@tester' AND step = 1", "guiju_audit @tester: step 1 was"),
        ("UPDATE guiju_seals SET entries = 14", "block 1 of the seals has 15 entries, 14 were sealed"),
        ("UPDATE guiju_seals SET seal = 'k:x' WHERE block = 1", "block 1 of the seals does not fit its entries"),
        ("DELETE FROM guiju_seals WHERE block = 1", "block 1 of the seals is missing"),
        ("DELETE FROM guiju_seals", "the anchor is not among the seals"),
        ("DELETE FROM guiju_seals WHERE block = 2", "the anchor is not among the seals"),
    ],
)
def test_what_was_done_is_noticed(store: DatabaseStore, database_url: str, act: str, sentence: str) -> None:
    store.seal_history()
    with store.begin() as unit:
        unit.append_history(replace(ENTRY, record_id=id_of(9)))
    anchor = store.seal_history()
    assert list(store.verify_history(anchor=anchor)) == []
    one = f"item/{id_of(1)}"
    with intruder(store, database_url) as connection:
        connection.exec_driver_sql(act.format(one=one))
    assert any(sentence.format(one=one) in told for told in store.verify_history(anchor=anchor))


def test_a_whole_chain_made_anew_is_noticed_by_the_blocks(store: DatabaseStore, database_url: str) -> None:
    store.seal_history()
    with intruder(store, database_url) as connection:
        connection.exec_driver_sql(f"DELETE FROM guiju_history WHERE chain = 'item/{id_of(1)}'")  # noqa: S608
    for version in range(1, 4):
        with store.begin() as unit:
            unit.append_history(replace(ENTRY, record_id=id_of(1), version=version, comment="another story"))
    assert list(store.verify_history()) == ["block 1 of the seals has 12 entries, 15 were sealed"]


def test_without_the_key_no_block_can_be_made(store: DatabaseStore, database_url: str) -> None:
    store.seal_history()
    with store.begin() as unit:
        unit.append_history(replace(ENTRY, record_id=id_of(9)))
    store.seal_history()
    with intruder(store, database_url) as connection:
        connection.exec_driver_sql("DELETE FROM guiju_seals WHERE block = 2")
    keyless = DatabaseStore(database_url)
    keyless.seal_history()
    keyless.close()
    assert list(store.verify_history()) == ["block 2 of the seals is not keyed as those before it"]


def test_later_blocks_go_on_from_earlier_ones(store: DatabaseStore) -> None:
    seals = [store.seal_history()]
    for number in range(20, 23):
        with store.begin() as unit:
            unit.append_history(replace(ENTRY, record_id=id_of(number)))
        seals.append(store.seal_history())
    assert len(set(seals)) == 4
    assert all(list(store.verify_history(anchor=seal)) == [] for seal in seals)


def test_drivers_are_the_real_ones(store: DatabaseStore) -> None:
    module = psycopg if store._backend.postgres else sqlite3
    assert store._backend.writer.dialect.loaded_dbapi.__name__.startswith(module.__name__)
