"""Since when a process of this node has been at work without a break.

In: the moments at which it was. Out: the moment since when none was missed. What stays away is counted from when there
was somebody to hear it: a process that was begun anew, a machine that slept and a store that was away are breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

BREAK = timedelta(minutes=5)
"""Longer than any turn takes; shorter than whatever anybody waits for."""


@dataclass(slots=True)
class Uptime:
    """`since` is None until the first moment is told."""

    since: datetime | None = None
    seen: datetime | None = None

    def begin(self, now: datetime) -> None:
        """It begins to be at work."""
        self.since = self.seen = now

    def at_work(self, now: datetime) -> None:
        """At this moment it was at work. A clock that was set back begins anew too."""
        if self.seen is None or not timedelta() <= now - self.seen <= BREAK:
            self.begin(now)
        self.seen = now
