"""Several at once: nothing is lost, nothing is given twice, whoever comes too late is told."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.database.store import DatabaseStore
from engine.model.criteria import ALWAYS, Compare
from engine.model.records import AuditEntry
from engine.ports import Duplicate, Stale
from engine.testing.contracts.document_traces import ENTRY, effect
from engine.testing.contracts.samples import MORNING, STORAGES, found, id_of, record, stored
from tests.adapters.database.conftest import Make

WORKERS = 8


@pytest.fixture
def store(make: Make) -> DatabaseStore:
    store = make()
    store.apply(STORAGES)
    return store


def at_once(work: Callable[[int], object], times: int = WORKERS) -> list[object]:
    """The work's results, started together; Stale and Duplicate are results too."""
    gate = threading.Barrier(WORKERS)

    def one(number: int) -> object:
        if number < WORKERS:
            gate.wait()
        try:
            return work(number)
        except (Stale, Duplicate) as error:
            return type(error).__name__

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(times)))


def test_numbers_have_no_gaps_and_no_twins(store: DatabaseStore) -> None:
    def draw(number: int) -> int | None:
        with suppress(ZeroDivisionError), store.begin() as unit:
            return unit.next_number("n") * (1 if number % 3 else 1 // 0)  # what is rolled back is given again
        return None

    drawn = [one for one in at_once(draw, 60) if one is not None]
    assert sorted(drawn) == list(range(1, 41))  # type: ignore[type-var]


def test_of_two_changes_one_is_stale(store: DatabaseStore) -> None:
    stored(store, record("owner", 1, rank=0))

    def change(number: int) -> str:
        with store.begin() as unit:
            unit.update(record("owner", 1, rank=number, version=2), 1)
        return "done"

    assert Counter(at_once(change)) == {"done": 1, "Stale": WORKERS - 1}


def test_a_locked_record_waits_for_its_turn(store: DatabaseStore) -> None:
    stored(store, record("owner", 1, rank=0))

    def count_up(_: int) -> None:
        with store.begin() as unit:
            one = unit.fetch("owner", id_of(1), lock=True)
            assert one is not None
            one.values |= {"rank": one.values["rank"] + 1, "version": one.version + 1}  # type: ignore[operator]
            unit.update(one, one.version - 1)

    assert at_once(count_up, 40) == [None] * 40
    assert found(store, Compare(("rank",), "==", 40), "owner") == [id_of(1)]


def test_a_block_of_readings_sees_one_moment(store: DatabaseStore) -> None:
    with store.reading():
        assert found(store, ALWAYS, "owner") == []
        elsewhere = threading.Thread(target=stored, args=(store, record("owner", 1)))
        elsewhere.start()
        elsewhere.join()
        assert found(store, ALWAYS, "owner") == []
        stored(store, record("owner", 2))
        assert sorted(found(store, ALWAYS, "owner")) == [id_of(1), id_of(2)]


def test_one_of_equal_records_is_stored(store: DatabaseStore) -> None:
    def enter(number: int) -> str:
        with store.begin() as unit:
            unit.insert(record("item", number, ID="same"))
        return "done"

    assert Counter(at_once(enter)) == {"done": 1, "Duplicate": WORKERS - 1}


def test_effects_are_taken_once(store: DatabaseStore) -> None:
    with store.begin() as unit:
        for number in range(120):
            unit.put_effect(effect(number))
    taken = at_once(lambda _: [one.id for one in store.claim_effects(MORNING, 5, 60)], 24)
    ids = [one for part in taken for one in part]  # type: ignore[attr-defined]
    assert len(ids) == len(set(ids)) == 120


def test_an_effect_is_queued_once(store: DatabaseStore) -> None:
    def put(number: int) -> bool:
        with store.begin() as unit:
            return unit.put_effect(effect(number, key="same"))

    assert Counter(at_once(put)) == {True: 1, False: WORKERS - 1}


def test_a_message_is_new_once(store: DatabaseStore) -> None:
    def note(_: int) -> bool:
        with store.begin() as unit:
            return unit.seen("gate", "m-1")

    assert Counter(at_once(note)) == {False: 1, True: WORKERS - 1}


def test_chains_do_not_fork(store: DatabaseStore) -> None:
    def tell(number: int) -> str:
        with store.begin() as unit:
            unit.append_audit(AuditEntry(MORNING, "tester", f"read {number}"))
            unit.append_history(replace(ENTRY, version=number))
        return "done"

    results = Counter(at_once(tell, 40))
    assert results["done"] + results["Stale"] == 40
    assert len(store.audit()) == results["done"] > 0
    assert list(store.verify_history()) == []


def test_sealing_beside_writers_misses_nothing(store: DatabaseStore) -> None:
    seals: list[str] = []

    def tell(number: int) -> None:
        if number % 10 == 5:
            seals.append(store.seal_history())
            return
        with store.begin() as unit:
            unit.append_history(replace(ENTRY, record_id=id_of(number)))

    assert "Duplicate" not in at_once(tell, 60)
    last = store.seal_history()
    assert list(store.verify_history(anchor=last)) == []
    assert [text for seal in seals for text in store.verify_history(anchor=seal)] == []


def test_a_reader_sees_one_moment(store: DatabaseStore) -> None:
    rows = [{"id": "r", "qty": 1}]
    stored(store, record("item", 1, count=1, lines=rows))
    with store.begin(write=False) as reader:
        assert reader.count("item", Compare(("count",), "==", 1), 9) == 1
        with store.begin() as writer:
            writer.update(record("item", 1, count=2, lines=[], version=2), 1)
        seen = reader.fetch("item", id_of(1))
    assert seen is not None
    assert (seen.values["count"], len(seen.values["lines"])) == (1, 1)  # type: ignore[arg-type]


def test_a_writer_within_a_writer_is_refused_at_once(store: DatabaseStore) -> None:
    with store.begin(), pytest.raises(RuntimeError, match="another writing unit"), store.begin():
        pass
    stored(store, record("owner", 1))


def test_a_deadlock_makes_one_stale(store: DatabaseStore) -> None:
    stored(store, record("owner", 0), record("owner", 1))
    both = threading.Barrier(2)

    def cross(number: int) -> str:
        with store.begin() as unit:
            unit.fetch("owner", id_of(number), lock=True)
            if not store._backend.postgres:
                return "done"  # SQLite has one writer: there is nothing to wait for
            both.wait()
            unit.fetch("owner", id_of(1 - number), lock=True)
        return "done"

    def told(number: int) -> str:
        try:
            return cross(number)
        except Stale:
            return "Stale"

    with ThreadPoolExecutor(2) as pool:
        assert "done" in set(pool.map(told, range(2))) <= {"done", "Stale"}


def test_a_writer_of_another_process_is_waited_for_and_given_up(sqlite_url: str) -> None:
    one, other = DatabaseStore(sqlite_url), DatabaseStore(sqlite_url, patience=0.2)
    one.apply(STORAGES[1:2])
    other.use(STORAGES[1:2])
    with one.begin() as unit:
        unit.insert(record("owner", 1))
        with ThreadPoolExecutor(1) as pool, pytest.raises(Stale):
            pool.submit(stored, other, record("owner", 2)).result()
    stored(other, record("owner", 2))
    assert len(found(one, document="owner")) == 2
    one.close()
    other.close()


def test_leases_pass_between_processes(make: Make) -> None:
    one, other = make(), make()
    one.apply(STORAGES)
    other.use(STORAGES)
    with one.begin() as unit:
        unit.put_effect(effect(1))
    assert [e.id for e in one.claim_effects(MORNING, 9, 60)] == ["e1"]
    assert other.claim_effects(MORNING, 9, 60) == []
    assert [e.attempts for e in other.claim_effects(MORNING + timedelta(minutes=2), 9, 60)] == [2]
