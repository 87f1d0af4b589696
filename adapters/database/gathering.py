"""Small writes of many threads kept together: whoever comes first writes for all who wait, in one transaction.

In: items, and what writes a list of them. Out: nothing; `put` comes back once its item is stored, or raises what kept
it from being so. A commit costs SQLite one writing to the disk whatever is in it, and writers stand in a queue.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Gathering(Generic[Item]):
    """Items that wait to be written, and whose turn it is."""

    def __init__(self, write: Callable[[Sequence[Item]], None]) -> None:
        self._write = write
        self._waiting: list[tuple[Item, Future[None]]] = []
        self._list, self._turn = threading.Lock(), threading.Lock()

    def put(self, item: Item) -> None:
        """Write the item, together with what others bring meanwhile. Raises what writing raises, for all of them."""
        mine: Future[None] = Future()
        with self._list:
            self._waiting.append((item, mine))
        with self._turn:
            if not mine.done():
                self._write_all()
        mine.result()

    def _write_all(self) -> None:
        with self._list:
            taken, self._waiting = self._waiting, []
        try:
            self._write([item for item, _ in taken])
        except BaseException as error:  # noqa: BLE001 -- whoever waits must hear of it
            for _, one in taken:
                one.set_exception(error)
        else:
            for _, one in taken:
                one.set_result(None)
