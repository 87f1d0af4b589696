"""Time and identifiers of this machine: the ports `Clock` and `Ids`.

In: the zone of the node. Out: civil time without offset; ids in the layout of RFC 9562 version 7. Knows no document.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from zoneinfo import ZoneInfo

_COUNTER_BITS = 12
_RANDOM_BITS = 62
_VERSION = 7
_VARIANT = 0b10


ZONE = "Asia/Shanghai"
"""Where a node's clock and calendar are read."""


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


class SystemClock:
    """The machine's clock, read in one zone."""

    def __init__(self, zone: str = ZONE) -> None:
        """Raises zoneinfo.ZoneInfoNotFoundError for a zone that the machine does not know."""
        self._zone = ZoneInfo(zone)

    def now(self) -> datetime:
        """The present moment in the zone, without offset."""
        return datetime.now(self._zone).replace(tzinfo=None)


class TimeOrderedIds:
    """UUIDs of version 7 (RFC 9562, 5.7, counter method of 6.2) as 32 hexadecimal digits.

    Each id is greater than all before it in this process, also when the clock is set back; safe across threads.
    """

    def __init__(self, milliseconds: Callable[[], int] = _milliseconds) -> None:
        self._milliseconds = milliseconds
        self._lock = Lock()
        self._last = 0  # milliseconds and counter in one number: adding one carries over by itself

    def new(self) -> str:
        """A fresh id."""
        with self._lock:
            present = self._milliseconds() << _COUNTER_BITS
            # A fresh millisecond starts in the lower half of the counter, so that there is room to count up.
            start = present | secrets.randbits(_COUNTER_BITS - 1)
            self._last = start if present > self._last else self._last + 1
            moment, counter = divmod(self._last, 1 << _COUNTER_BITS)
        tail = _VARIANT << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        return f"{moment:012x}{_VERSION:x}{counter:03x}{tail:016x}"
