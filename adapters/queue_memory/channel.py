"""A channel that keeps its messages in memory: the port `Channel` for tests, demonstrations and single processes.

In: messages. Out: the same to whoever takes them, oldest first. Nothing outlives the process.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it was sent."""

    body: bytes
    key: str
    kind: str
    headers: Mapping[str, str]


class MemoryQueue:
    """Holds messages until they are taken; remembers every key, so that a second sending changes nothing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: set[str] = set()
        self._waiting: deque[Message] = deque()

    def send(self, body: bytes, *, key: str, kind: str, headers: Mapping[str, str]) -> None:
        """Put the message at the end of the queue, once per key."""
        with self._lock:
            if key not in self._keys:
                self._keys.add(key)
                self._waiting.append(Message(body, key, kind, dict(headers)))

    def take(self, limit: int = 100) -> list[Message]:
        """Remove and return up to `limit` messages, oldest first."""
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]

    def __len__(self) -> int:
        return len(self._waiting)
