"""Working time: adding working days to a moment and measuring the working time between two. Pure.

A working day counts whole, midnight to midnight; on days off the clock stands still.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.model.system import Calendar
from engine.model.values import Duration

ALWAYS = Calendar("always", weekdays=frozenset(range(7)))
WORK = Calendar("work")
_HORIZON = 3660


def is_working(calendar: Calendar, day: date) -> bool:
    """Whether a day is worked: listed working days win over holidays, holidays over weekdays."""
    iso = day.isoformat()
    if iso in calendar.working:
        return True
    return iso not in calendar.holidays and day.weekday() in calendar.weekdays


def add_time(moment: datetime, length: Duration, calendar: Calendar = ALWAYS) -> datetime:
    """The moment so much later. Months are calendar months; seconds and working days run on the calendar's days only.

    A moment on a day off starts with the next working day. Raises ValueError when no working day comes in ten years.
    """
    later = Duration(months=length.months).added_to(moment)
    assert isinstance(later, datetime)
    if length.working_days:
        later = _skip_days(later, length.working_days, calendar if calendar is not ALWAYS else WORK)
    return _run_seconds(later, length.seconds, calendar) if length.seconds else later


def _skip_days(moment: datetime, days: int, calendar: Calendar) -> datetime:
    for _ in range(_HORIZON):
        if days == 0:
            return moment
        moment += timedelta(days=1)
        days -= is_working(calendar, moment.date())
    raise ValueError("no working day within ten years")


def _run_seconds(moment: datetime, seconds: Decimal, calendar: Calendar) -> datetime:
    if calendar.weekdays == ALWAYS.weekdays and not calendar.holidays:
        return moment + timedelta(seconds=float(seconds))
    left = timedelta(seconds=float(seconds))
    for _ in range(_HORIZON):
        midnight = datetime.combine(moment.date() + timedelta(days=1), time())
        if is_working(calendar, moment.date()):
            if left < midnight - moment:
                return moment + left
            left -= midnight - moment
        moment = midnight
    raise ValueError("no working day within ten years")


def time_between(start: datetime, end: datetime, calendar: Calendar = ALWAYS) -> timedelta:
    """How much of the time from `start` to `end` the calendar counts."""
    if calendar.weekdays == ALWAYS.weekdays and not calendar.holidays:
        return max(end - start, timedelta())
    total = timedelta()
    while start < end:
        midnight = min(datetime.combine(start.date() + timedelta(days=1), time()), end)
        if is_working(calendar, start.date()):
            total += midnight - start
        start = midnight
    return total
