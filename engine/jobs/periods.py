"""When a job is due: moments on a grid that is the same wherever and whenever it is asked for. Pure.

In: a job, the moment at hand, which days are worked. Out: the last moment that has come, the next one to come. Periods
shorter than a day begin anew each day at `at`; days and weeks are counted from a Monday long ago, months from
January, so that `3 months` are quarters. With a calendar, moments of a day or less fall out on free days; longer
periods move to the next working day. Hours that end before they begin end on the next day and belong to the first.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from engine.model.system import Job

Works = Callable[[date], bool]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SECONDS = {"s": 1, "second": 1, "minute": 60, "hour": 3600}
_A_DAY = 86_400
_EPOCH = date(2001, 1, 1)  # a Monday
_TRIES = 400  # days looked back or ahead: more than a year without a working day is none at all
_FORM = re.compile(r"(?:([0-9]+) )?([a-z]+?)s?$")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")
_LEAP = 2000


@dataclass(frozen=True, slots=True)
class Period:
    """So many of a unit: second, day, week, month or year."""

    count: int
    unit: str


@cache
def period_of(every: str) -> Period | None:
    """`10 minutes`, `day`, `3 months`; None for a length that fits no grid: hours that are a day and a bit."""
    found = _FORM.match(every)
    if found is None:
        return None
    count, unit = int(found[1] or 1), found[2] or "s"
    if unit not in _SECONDS:
        return Period(count, unit)
    seconds = count * _SECONDS[unit]
    if seconds < _A_DAY:
        return Period(seconds, "second") if seconds else None
    return None if seconds % _A_DAY else Period(seconds // _A_DAY, "day")


def fits(every: str, on: str) -> bool:
    """Whether `on` names a day of the period: `monday`, `15`, `12-31`."""
    period = period_of(every)
    unit = period.unit if period is not None else ""
    if unit == "week":
        return on in WEEKDAYS
    if unit == "month":
        return on.isdigit() and 1 <= int(on) <= 31
    found = _YEARLY.fullmatch(on)
    if unit != "year" or found is None or not 1 <= int(found[1]) <= 12:
        return False
    return 1 <= int(found[2]) <= monthrange(_LEAP, int(found[1]))[1]


def last_moment(job: Job, now: datetime, works: Works) -> datetime | None:
    """The last moment at or before now at which the job was due."""
    period = period_of(job.every)
    if period is None:
        return None
    if period.unit == "second":
        return _last_of_day(job, timedelta(seconds=period.count), now, works)
    for day in _days(job, period, now.date()):
        moment = _at(job, day if period.unit == "day" else _worked(day, works))
        if moment <= now and works(moment.date()):
            return moment
    return None


def next_moment(job: Job, now: datetime, works: Works) -> datetime | None:
    """The first moment after now at which the job is due."""
    period = period_of(job.every)
    if period is None:
        return None
    for days in range(-1, _TRIES):  # hours that began yesterday may last until today
        day = now.date() + timedelta(days=days)
        moment = _at(job, day)
        if period.unit == "second" and works(day) and now >= moment:
            step = timedelta(seconds=period.count)
            moment += ((now - moment) // step + 1) * step
        if moment > now and moment <= _end(job, day) and last_moment(job, moment, works) == moment:
            return moment
    return None


def may_begin(job: Job, now: datetime, works: Works) -> bool:
    """Whether a run that is due may begin now: on a working day, within the hours where they have an end."""
    if not job.until:
        return works(now.date())
    days = (now.date(), now.date() - timedelta(days=1))
    return any(works(day) and _at(job, day) <= now <= _end(job, day) for day in days)


def _last_of_day(job: Job, step: timedelta, now: datetime, works: Works) -> datetime | None:
    """The last step of the last worked day that has begun."""
    for days in range(_TRIES):
        day = now.date() - timedelta(days=days)
        begin, end = _at(job, day), min(now, _end(job, day))
        if works(day) and begin <= end:
            return begin + (end - begin) // step * step
    return None


def _days(job: Job, period: Period, today: date) -> Iterator[date]:
    """Days of the grid, from the last one backwards."""
    if period.unit in ("day", "week"):
        length = period.count * (7 if period.unit == "week" else 1)
        start = _EPOCH + timedelta(days=WEEKDAYS.index(job.on) if job.on in WEEKDAYS else 0)
        last = (today - start).days // length
        yield from (start + timedelta(days=(last - back) * length) for back in range(_TRIES))
        return
    length = 12 if period.unit == "year" else period.count
    last = (today.year * 12 + today.month - 1) // length
    for back in range(_TRIES):
        index = (last - back) * length
        yield _day_of(job, index // 12, index % 12 + 1, yearly=period.unit == "year")


def _day_of(job: Job, year: int, month: int, *, yearly: bool) -> date:
    """The day in the month; the last one where it is shorter."""
    found = _YEARLY.fullmatch(job.on) if yearly else None
    if found is not None:
        month = int(found[1])
    day = int(found[2]) if found is not None else int(job.on or 1)
    return date(year, month, min(day, monthrange(year, month)[1]))


def _worked(day: date, works: Works) -> date:
    """The day, or the next one that is worked."""
    later = (day + timedelta(days=days) for days in range(_TRIES))
    return next((one for one in later if works(one)), day)


def _at(job: Job, day: date) -> datetime:
    return datetime.combine(day, time.fromisoformat(job.at or "00:00"))


def _end(job: Job, day: date) -> datetime:
    if not job.until:
        return datetime.combine(day, time.max)
    end = datetime.combine(day, time.fromisoformat(job.until))
    return end if end >= _at(job, day) else end + timedelta(days=1)
