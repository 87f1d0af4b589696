"""Eight people at once, on SQLite and PostgreSQL: nothing lost, no gap in numbers, no error but refusals."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.tasks import decide, my_tasks
from tests.adapters.database.conftest import emptied
from tests.adapters.database.toy_cipher import ToyCipher

THREADS = 8
EACH = 9
LINE = {"item": "笔", "qty": "3", "price": "200"}


@pytest.fixture(params=["sqlite", "postgres"])
def office(request, tmp_path):
    file = f"sqlite:///{tmp_path}/office.db"
    url = file if request.param == "sqlite" else emptied(request.getfixturevalue("postgres_url"))
    store = DatabaseStore(url, cipher=ToyCipher(), connections=THREADS)
    yield Office(ORDER, store=store, ids=TimeOrderedIds())
    store.close()


def at_once(act):
    """What `act(number)` gives in each of the threads; a refusal counts as its kind, anything else is raised."""

    def tried(number):
        try:
            return act(number)
        except Refused as refused:
            return refused.kind

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(tried, range(THREADS)))


def history(office, record_id):
    with office.store.begin(write=False) as unit:
        return unit.history("order", record_id)


def test_numbers_have_no_gap_although_some_are_refused(office):
    def enter(thread):
        made = []
        for number in range(EACH):
            name = f"{thread}-{number}"
            lines = [LINE] if number % 3 else [{**LINE, "qty": "100", "price": "1"}]  # a third breaks a rule
            try:
                made.append(office.raise_("clerk", "enter", "order", name=name, lines=lines).number)
            except Refused as refused:
                made.append(refused.findings[0].code)
        return made

    told = sorted(number for made in at_once(enter) for number in made)
    numbers = [one for one in told if one != "small"]
    assert numbers == [f"DD2026{n:04}" for n in range(1, THREADS * EACH * 2 // 3 + 1)]
    assert len(told) == THREADS * EACH
    stored = office.all("order")
    assert sorted(str(values["number"]) for values in stored) == numbers
    assert all(len(history(office, str(values["id"]))) == 1 for values in stored)
    assert list(office.store.verify_history()) == []


def test_one_of_many_with_the_same_name_is_stored(office):
    def enter(thread):
        return office.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).number

    assert Counter(at_once(enter)) == {"DD20260001": 1, "duplicate": THREADS - 1}
    assert office.raise_("clerk", "enter", "order", name="乙").number == "DD20260002"


def test_a_request_that_comes_many_times_is_answered_once(office):
    def enter(thread):
        return office.raise_("clerk", "enter", "order", name="甲", lines=[LINE], key="k").record_id

    assert len(set(at_once(enter))) == 1
    assert len(office.all("order")) == 1


def test_changes_of_one_document_are_all_in_its_history(office):
    record_id = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).record_id

    def change(thread):
        for number in range(EACH // 3):
            office.raise_("clerk", "change", "order", record_id, name=f"{thread}-{number}")

    assert at_once(change) == [None] * THREADS
    entries = history(office, record_id)
    assert [entry.version for entry in entries] == list(range(1, THREADS * (EACH // 3) + 2))
    names = [entry.changes["name"] for entry in entries]
    assert all(before[1] == after[0] for before, after in pairwise(names))
    assert list(office.store.verify_history()) == []


def test_who_has_not_seen_the_last_version_changes_nothing(office):
    record_id = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).record_id

    def change(thread):
        return office.raise_("clerk", "change", "order", record_id, name=f"{thread}", version=1).version

    assert Counter(at_once(change)) == {2: 1, "stale": THREADS - 1}


def test_two_signatures_at_once_end_a_step_once(office):
    for round_ in range(2):
        made = office.raise_("clerk", "enter", "order", name=f"{round_}", lines=[{**LINE, "qty": "1"}])
        office.raise_("clerk", "submit", "order", made.record_id)
        signers = [
            (who, task.id) for who in ("leader", "second") for task in my_tasks(office.runtime, office.people[who])
        ]
        assert len(signers) == 2

        def sign(number, signers=signers):
            who, task = signers[number % 2]
            return decide(office.runtime, office.people[who], task, "agree", "好")

        told = Counter("stale" if answer == "stale" else "signed" for answer in at_once(sign))
        assert told == {"signed": 2, "stale": THREADS - 2}
        steps = [entry.event for entry in history(office, made.record_id)]
        assert steps == ["enter", "submit", "approve"]
    assert len(office.all("letter")) == 2
    assert sorted(str(letter["number"]) for letter in office.all("letter")) == [f"H{n:03}" for n in range(1, 3)]
