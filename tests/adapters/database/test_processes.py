"""Several processes on one database, as several serve one office: nothing is lost, nothing is given twice."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from engine.testing.contracts.document_traces import effect
from engine.testing.contracts.samples import MORNING, STORAGES, record, stored
from tests.adapters.database.conftest import Make

ROOT = Path(__file__).parents[3]
PROCESSES, TURNS, EFFECTS = 4, 25, 40
WORK = """
import sys
from contextlib import suppress

from adapters.database.store import DatabaseStore
from engine.testing.contracts.samples import MORNING, STORAGES, id_of
from tests.adapters.database.toy_cipher import ToyCipher

store = DatabaseStore(sys.argv[1], cipher=ToyCipher())
store.apply([*STORAGES])
for turn in range(int(sys.argv[2])):
    with suppress(ZeroDivisionError), store.begin() as unit:
        number = unit.next_number("n")
        one = unit.fetch("owner", id_of(1), lock=True)
        one.values |= {"rank": one.values["rank"] + 1, "version": one.version + 1}
        unit.update(one, one.version - 1)
        if turn % 5 == 4:
            1 // 0  # what is rolled back is given again
        print("number", number)
    for taken in store.claim_effects(MORNING, 1, 60):
        print("effect", taken.key)
        store.finish_effect(taken.id)
"""


def test_processes_share_a_database(make: Make, database_url: str) -> None:
    store = make()
    store.apply(STORAGES)
    stored(store, record("owner", 1, rank=0))
    with store.begin() as unit:
        for number in range(EFFECTS):
            assert unit.put_effect(effect(number))
    command = [sys.executable, "-c", WORK, database_url, str(TURNS)]
    at_work = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own program
        for _ in range(PROCESSES)
    ]
    said = [line.split() for one in at_work for line in one.communicate(timeout=60)[0].splitlines()]
    assert [one.returncode for one in at_work] == [0] * PROCESSES
    kept = PROCESSES * TURNS * 4 // 5
    assert sorted(int(word) for what, word in said if what == "number") == list(range(1, kept + 1))
    done = Counter(word for what, word in said if what == "effect")
    assert len(done) == EFFECTS
    assert set(done.values()) == {1}
    with store.begin(write=False) as unit:
        one = unit.fetch("owner", record("owner", 1).id)
    assert one is not None
    assert one.values["rank"] == kept
    assert not store.claim_effects(MORNING, 100, 60)
