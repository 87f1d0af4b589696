"""Rate limits of one process: how often a key may knock in a window of time. Knows neither requests nor accounts."""

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
        knocks = self._knocks.get(key)
        if knocks is None:
            return False
        while knocks and now - knocks[0] >= self.window:
            knocks.popleft()
        return len(knocks) >= self.most

    def count(self, key: str, now: datetime) -> None:
        """Count one knock."""
        if key not in self._knocks:
            self._make_room(now)
        self._knocks.setdefault(key, deque()).append(now)

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
        for key in [key for key, knocks in self._knocks.items() if not knocks or now - knocks[-1] >= self.window]:
            self._knocks.pop(key, None)
        while len(self._knocks) >= _MOST_KEYS:
            self._knocks.pop(next(iter(self._knocks)), None)
