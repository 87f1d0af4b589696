"""Limits of calls: the generic cell rate algorithm (ITU-T I.371), and what one process remembers of it.

In: when a key is next on time, a limit, the moment. Out: when it is so after one more call, or that this would be one
too many. A key may come `count` times at once and then as quickly as its limit says; `wait` is how far beyond that it
may run ahead. Nobody is made to wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.model.guards import Limit

_MOST_KEYS = 10_000
_ROUNDING = 1e-6


def counted(due: datetime | None, limit: Limit, now: datetime, most: int = 1) -> tuple[datetime, int]:
    """When a key is next on time after so many more calls, and how many of them may come."""
    late = max(due or now, now)
    if limit.count <= 0:
        return late, 0
    step = timedelta(seconds=limit.seconds / limit.count)
    room = int((timedelta(seconds=limit.seconds + limit.wait) - (late - now)) / step + _ROUNDING)
    come = max(0, min(most, room))
    return late + step * come, come


class Known:
    """Moments by key, those that are over forgotten when there are many, so that strangers cannot fill the memory."""

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}

    def due(self, key: str) -> datetime | None:
        """The moment that was noted last."""
        return self._due.get(key)

    def note(self, key: str, due: datetime, now: datetime) -> None:
        """Remember a moment."""
        if key not in self._due and len(self._due) >= _MOST_KEYS:
            self._due = {name: one for name, one in self._due.items() if one > now}
            while len(self._due) >= _MOST_KEYS:
                self._due.pop(next(iter(self._due)))
        self._due[key] = due
