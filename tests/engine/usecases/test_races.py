"""The same message by several workers at the same moment, on PostgreSQL: one has its effect, the others are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from adapters.clock.system import TimeOrderedIds
from adapters.xml.documents import LxmlMessages
from engine.model.traffic import Arrived
from engine.testing.office import Office
from engine.usecases.landing_records import MESSAGE
from engine.usecases.taking_in import take_in
from tests.adapters.database.conftest import cleared
from tests.engine.usecases.bad_messages import SENDER, SLIPS, carried, new

WORKERS, ROUNDS = 6, 4


@pytest.fixture(scope="module")
def definitions():
    return SLIPS


@pytest.fixture
def place(postgres_store) -> Office:
    store, url = postgres_store
    cleared(url)
    made = Office(SLIPS, store=store, xml=LxmlMessages, ids=TimeOrderedIds())
    take_in(made.runtime, "in", Arrived(new(SENDER).encode(), "sender"))
    return made


@pytest.mark.parametrize(
    ("arrived", "expected"),
    [
        (lambda n, worker: Arrived(new(f"R{n}").encode(), f"k{n}"), {("processed", ""): 1}),
        (
            lambda n, worker: Arrived(new(f"R{n}-{worker}").encode(), f"k{n}"),
            {("processed", ""): 1, ("quarantined", "MSG201"): WORKERS - 1},
        ),
        (
            lambda n, worker: Arrived(carried(new(f"R{n}").encode(), f"M{n}"), f"k{n}-{worker}"),
            {("processed", ""): 1, ("quarantined", "MSG210"): WORKERS - 1},
        ),
    ],
    ids=["the same", "the same number with another content", "the same number within its carrier"],
)
def test_one_of_those_that_come_together_has_its_effect(
    place: Office, arrived: Callable[[int, int], Arrived], expected: dict[tuple[str, str], int]
) -> None:
    together, found = Barrier(WORKERS), Counter[tuple[str, str]]()

    def one(number: int, worker: int) -> str:
        together.wait()
        return take_in(place.runtime, "in", arrived(number, worker))

    with ThreadPoolExecutor(WORKERS) as pool:
        for number in range(ROUNDS):
            ids = set(pool.map(one, [number] * WORKERS, range(WORKERS)))
            kept = [place.values(MESSAGE, landed) for landed in ids]
            found.update((str(values["state"]), str(values["code"])) for values in kept)
    assert found == {what: count * ROUNDS for what, count in expected.items()}
    assert len(place.all("slip")) == 1 + ROUNDS
