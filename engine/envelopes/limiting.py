"""Limits of calls: the generic cell rate algorithm (ITU-T I.371), and what one process remembers of it.

In: when a key is next on time, a limit, the moment. Out: when it is so after one more call, or that this would be one
too many. A key may come `count` times at once and then as quickly as its limit says; `wait` is how far beyond that it
may run ahead. Nobody is made to wait.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.model.guards import Limit

_MOST_KEYS = 10_000


def counted(due: datetime | None, limit: Limit, now: datetime) -> datetime | None:
    """When a key is next on time after one more call; None for one too many."""
    if limit.count <= 0:
        return None
    step = timedelta(seconds=limit.seconds / limit.count)
    late = max(due or now, now)
    return None if late - now > timedelta(seconds=limit.seconds + limit.wait) - step else late + step


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
