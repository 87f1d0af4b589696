"""Limits of calls, counted in the memory of one process: the generic cell rate algorithm (ITU-T I.371).

In: a key, a limit, the moment. Out: whether one more may come. A key may come `count` times at once and then as quickly
as its limit says; `wait` is how far beyond that it may run ahead. Nobody is made to wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.model.guards import Limit

_MOST_KEYS = 10_000


class Limits:
    """When each key would next be on time."""

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}

    def allows(self, key: str, limit: Limit, now: datetime) -> bool:
        """Count one call; False, and nothing counted, for one too many."""
        if limit.count <= 0:
            return False
        step = timedelta(seconds=limit.seconds / limit.count)
        due = max(self._due.get(key, now), now)
        if due - now > timedelta(seconds=limit.seconds + limit.wait) - step:
            return False
        self._make_room(key, now)
        self._due[key] = due + step
        return True

    def _make_room(self, key: str, now: datetime) -> None:
        """Forget keys that are on time again, so that strangers cannot fill the memory."""
        if key in self._due or len(self._due) < _MOST_KEYS:
            return
        self._due = {name: due for name, due in self._due.items() if due > now}
        while len(self._due) >= _MOST_KEYS:
            self._due.pop(next(iter(self._due)))
