"""Rate limits of one process: how often a key may knock in a window of time. Knows neither requests nor accounts.

Several threads may ask at once; nothing is looked through step by step that another one may change meanwhile.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

_MOST_KEYS = 10_000


class RateLimit:
    """At most `most` knocks in any `window`; counted per key, kept in memory."""

    def __init__(self, most: int, window: timedelta = timedelta(minutes=1)) -> None:
        self.most, self.window = most, window
        self._knocks: dict[str, deque[datetime]] = {}

    def is_full(self, key: str, now: datetime) -> bool:
        """Whether one more knock would be one too many."""
        knocks = tuple(self._knocks.get(key, ()))
        return sum(now - one < self.window for one in knocks) >= self.most

    def count(self, key: str, now: datetime) -> None:
        """Count one knock; no more are remembered than are allowed."""
        if key not in self._knocks:
            self._make_room(now)
        self._knocks.setdefault(key, deque(maxlen=self.most)).append(now)

    def allows(self, key: str, now: datetime) -> bool:
        """Count one knock; False, and nothing counted, when it is one too many."""
        if self.is_full(key, now):
            return False
        self.count(key, now)
        return True

    def _make_room(self, now: datetime) -> None:
        """Forget keys whose window has passed, so that strangers cannot fill the memory."""
        if len(self._knocks) < _MOST_KEYS:
            return
        for key, knocks in list(self._knocks.items()):
            if not any(now - one < self.window for one in tuple(knocks)):
                self._knocks.pop(key, None)
        for key in list(self._knocks)[: max(0, len(self._knocks) - _MOST_KEYS + 1)]:
            self._knocks.pop(key, None)
