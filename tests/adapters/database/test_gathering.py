"""Small writes of many threads in one go."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.database.gathering import Gathering


def test_what_comes_while_one_writes_goes_together() -> None:
    written: list[Sequence[int]] = []
    begun, go_on = threading.Event(), threading.Event()

    def write(items: Sequence[int]) -> None:
        written.append(items)
        begun.set()
        assert go_on.wait(10)

    gathering = Gathering(write)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(gathering.put, 0)
        assert begun.wait(10)
        others = [threads.submit(gathering.put, number) for number in range(1, 8)]
        while len(gathering._waiting) < 7:
            threading.Event().wait(0.001)
        go_on.set()
        for one in (first, *others):
            one.result(10)
    assert [sorted(items) for items in written] == [[0], [1, 2, 3, 4, 5, 6, 7]]


def test_whoever_waits_is_told_what_went_wrong_and_the_next_one_writes() -> None:
    faults = iter([OSError("full")])
    stored: list[int] = []

    def write(items: Sequence[int]) -> None:
        fault = next(faults, None)
        if fault is not None:
            raise fault
        stored.extend(items)

    gathering = Gathering(write)
    with pytest.raises(OSError, match="full"):
        gathering.put(1)
    gathering.put(2)
    assert stored == [2]
