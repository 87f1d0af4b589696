"""Limits of calls on real databases: whoever counts, together they let in no more than the limit says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from engine.model.guards import Limit
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.call_limits import may_come
from engine.usecases.internal import storages
from tests.adapters.database.conftest import Make


def test_processes_that_count_at_once_let_in_as_many_as_the_limit_says(make: Make) -> None:
    office = Office(ORDER, store=MemoryStore())
    make().apply(storages())
    processes = []
    for _ in range(3):
        store = make()
        store.use(storages())
        processes.append(replace(office.runtime, store=store, force=replace(office.runtime.force, _kept={})))
    for limit, least, most in ((Limit(10, 60.0), 10, 10), (Limit(96, 60.0), 90, 102)):
        with ThreadPoolExecutor(6) as pool:
            tries = [pool.submit(may_come, processes[n % 3], f"caller {limit.count}", limit) for n in range(150)]
        assert least <= sum(one.result() for one in tries) <= most
    office.clock.move(seconds=6.1)
    assert [may_come(processes[0], "caller 10", Limit(10, 60.0)) for _ in range(2)] == [True, False]
