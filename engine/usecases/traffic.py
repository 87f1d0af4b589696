"""Messages counted as they come and go: this minute, this hour, today, since the month began.

In: landed messages. Out: numbers and bytes. What is past does not change, so each past minute, hour and day is counted
once by a process and kept; only the present is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.criteria import Compare, Every
from engine.ports import Unit
from engine.usecases.landing_records import IN, MESSAGE, OUT
from engine.usecases.runtime import Runtime

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SETTLED = timedelta(minutes=5)
"""A span that ended so long ago is past: what began to land in it has been committed."""
MINUTES = 60
_MOMENTS = {IN: "created_at", OUT: "sent_at"}


@dataclass(frozen=True, slots=True)
class Volume:
    """How many messages, and their bytes."""

    messages: int = 0
    size: int = 0

    def __add__(self, other: Volume) -> Volume:
        return Volume(self.messages + other.messages, self.size + other.size)


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in and what left within a span."""

    received: Volume = Volume()
    sent: Volume = Volume()

    def __add__(self, other: Flow) -> Flow:
        return Flow(self.received + other.received, self.sent + other.sent)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Sums, and the minutes of the last hour, oldest first; the last one is the present one."""

    hour: Flow
    today: Flow
    month: Flow
    minutes: tuple[tuple[datetime, Flow], ...]


class Meter:
    """Counts for one process. What it keeps may be counted by two threads at once, with the same result."""

    def __init__(self) -> None:
        self._past: dict[tuple[datetime, datetime], Flow] = {}

    def read(self, runtime: Runtime) -> Traffic:
        """The traffic now."""
        now = runtime.clock.now()
        minute = now.replace(second=0, microsecond=0)
        midnight = minute.replace(hour=0, minute=0)
        past, used = self._past, dict[tuple[datetime, datetime], Flow]()
        with runtime.store.begin(write=False) as unit:

            def counted(start: datetime, end: datetime) -> Flow:
                span = start, end
                found = past.get(span) or _counted(unit, start, end)
                if end + _SETTLED <= now:
                    used[span] = found
                return found

            def whole(start: datetime, end: datetime, step: timedelta) -> Flow:
                return sum((counted(*span) for span in _spans(start, end, step)), Flow())

            minutes = tuple(
                (start, counted(start, end))
                for start, end in _spans(minute - (MINUTES - 1) * _MINUTE, minute + _MINUTE, _MINUTE)
            )
            hour = minute.replace(minute=0)
            today = whole(midnight, hour, _HOUR) + whole(hour, minute + _MINUTE, _MINUTE)
            month = whole(midnight.replace(day=1), midnight, _DAY) + today
        self._past = used
        return Traffic(sum((flow for _, flow in minutes), Flow()), today, month, minutes)


def _spans(start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        yield start, start + step
        start += step


def _counted(unit: Unit, start: datetime, end: datetime) -> Flow:
    return Flow(_volume(unit, IN, start, end), _volume(unit, OUT, start, end))


def _volume(unit: Unit, direction: str, start: datetime, end: datetime) -> Volume:
    moment = (_MOMENTS[direction],)
    where = Every((
        Compare(moment, ">=", start), Compare(moment, "<", end), Compare(("direction",), "==", direction),
    ))  # fmt: skip
    (tally,) = unit.tally(MESSAGE, where, (), ("size",))
    return Volume(tally.count, int(str(tally.sums[0] or 0)))
