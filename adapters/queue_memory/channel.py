"""A queue in memory: the ports `Channel` and `Source` for tests, demonstrations and single processes.

In: messages. Out: the same to whoever takes them, oldest first. Nothing outlives the process.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from threading import Condition

from engine.model.traffic import Arrived, Outgoing, sending_of


class MemoryQueue:
    """Holds messages until they are taken; remembers every key, so that a second sending changes nothing."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.waiting: deque[tuple[int, Outgoing, bool]] = deque()
        """Number, message, and whether it was given out before."""
        self.aside: list[Outgoing] = []
        self._keys: set[str] = set()
        self._numbers = 0

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Put the message at the end of the queue, once per key and deliberate repetition."""
        with self.changed:
            if (sending := sending_of(key, headers)) not in self._keys:
                self._keys.add(sending)
                self._numbers += 1
                self.waiting.append((self._numbers, Outgoing(body, key, kind, dict(headers)), False))
                self.changed.notify()

    def take(self, limit: int = 100) -> list[Outgoing]:
        """Remove and return up to `limit` messages, oldest first."""
        with self.changed:
            return [self.waiting.popleft()[1] for _ in range(min(limit, len(self.waiting)))]

    def __len__(self) -> int:
        return len(self.waiting)


class MemorySource:
    """Takes from a queue; what it has not accepted goes back to the front when it closes."""

    def __init__(self, queue: MemoryQueue) -> None:
        self._queue = queue
        self._open: dict[str, tuple[int, Outgoing]] = {}

    def receive(self, limit: int, wait: float) -> Sequence[Arrived]:
        """See `engine.ports.Source`."""
        queue, until = self._queue, time.monotonic() + wait
        with queue.changed:
            while not queue.waiting and (left := until - time.monotonic()) > 0:
                queue.changed.wait(left)
            found = [queue.waiting.popleft() for _ in range(min(limit, len(queue.waiting)))]
        self._open.update({str(number): (number, message) for number, message, _ in found})
        return [
            Arrived(message.body, message.key, message.kind, message.headers, str(number), again)
            for number, message, again in found
        ]

    def accept(self, tags: Sequence[str]) -> None:
        """Have done with these."""
        for tag in tags:
            self._open.pop(tag, None)

    def refuse(self, tag: str, *, again: bool) -> None:
        """Give one back, or put it aside."""
        number, message = self._open.pop(tag)
        with self._queue.changed:
            if again:
                self._queue.waiting.appendleft((number, message, True))
                self._queue.changed.notify()
            else:
                self._queue.aside.append(message)

    def close(self) -> None:
        """Give back what was not accepted."""
        for tag in sorted(self._open, key=int, reverse=True):
            self.refuse(tag, again=True)
