"""When jobs are due: every period, windows, calendars, and what was missed."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.periods import fits, last_moment, may_begin, next_moment, period_of
from engine.model.formula import Title
from engine.model.system import Job


def job(every, at="", until="", on=""):
    return Job("j", Title("j"), every, at, until, on=on)


def always(_day):
    return True


def weekdays(day):
    return day.weekday() < 5


def moment(text):
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("work", "now", "last", "after"),
    [
        (job("minute"), "2026-05-06 09:30:10", "2026-05-06 09:30", "2026-05-06 09:31"),
        (job("10 s"), "2026-05-06 09:30:19", "2026-05-06 09:30:10", "2026-05-06 09:30:20"),
        (job("10 minutes"), "2026-05-06 09:39:59", "2026-05-06 09:30", "2026-05-06 09:40"),
        (job("10 minutes", "09:05"), "2026-05-06 09:39:59", "2026-05-06 09:35", "2026-05-06 09:45"),
        (job("10 minutes", "09:00", "17:00"), "2026-05-06 08:59", "2026-05-05 17:00", "2026-05-06 09:00"),
        (job("10 minutes", "09:00", "17:00"), "2026-05-06 17:05", "2026-05-06 17:00", "2026-05-07 09:00"),
        (job("hour", "20:00", "06:00"), "2026-05-06 03:30", "2026-05-06 03:00", "2026-05-06 04:00"),
        (job("hour", "20:00", "06:00"), "2026-05-06 12:00", "2026-05-06 06:00", "2026-05-06 20:00"),
        (job("hour", "20:00", "06:00"), "2026-05-06 20:10", "2026-05-06 20:00", "2026-05-06 21:00"),
        (job("day", "20:00", "06:00"), "2026-05-06 03:30", "2026-05-05 20:00", "2026-05-06 20:00"),
        (job("7 hours"), "2026-05-06 23:59", "2026-05-06 21:00", "2026-05-07 00:00"),
        (job("hour"), "2026-05-06 09:30:10", "2026-05-06 09:00", "2026-05-06 10:00"),
        (job("day", "10:00"), "2026-05-06 09:30:10", "2026-05-05 10:00", "2026-05-06 10:00"),
        (job("day"), "2026-05-06 00:00", "2026-05-06 00:00", "2026-05-07 00:00"),
        (job("24 hours", "08:00"), "2026-05-06 09:00", "2026-05-06 08:00", "2026-05-07 08:00"),
        (job("2 days"), "2026-05-06 09:00", "2026-05-06 00:00", "2026-05-08 00:00"),
        (job("2 days"), "2026-05-07 09:00", "2026-05-06 00:00", "2026-05-08 00:00"),
        (job("week", "08:00"), "2026-05-04 07:00", "2026-04-27 08:00", "2026-05-04 08:00"),
        (job("week", "08:00"), "2026-05-06 07:00", "2026-05-04 08:00", "2026-05-11 08:00"),
        (job("week", "08:00", on="friday"), "2026-05-06 07:00", "2026-05-01 08:00", "2026-05-08 08:00"),
        (job("month", "01:00", on="1"), "2026-05-06 07:00", "2026-05-01 01:00", "2026-06-01 01:00"),
        (job("month", on="31"), "2026-03-01 07:00", "2026-02-28 00:00", "2026-03-31 00:00"),
        (job("3 months"), "2026-05-06 07:00", "2026-04-01 00:00", "2026-07-01 00:00"),
        (job("year"), "2026-05-06 07:00", "2026-01-01 00:00", "2027-01-01 00:00"),
        (job("year", on="12-31"), "2026-05-06 07:00", "2025-12-31 00:00", "2026-12-31 00:00"),
        (job("year", on="02-29"), "2026-05-06 07:00", "2026-02-28 00:00", "2027-02-28 00:00"),
        (job("25 hours"), "2026-05-06 07:00", None, None),
    ],
)
def test_the_moments_around_now(work, now, last, after):
    assert last_moment(work, moment(now), always) == moment(last)
    assert next_moment(work, moment(now), always) == moment(after)


@pytest.mark.parametrize(
    ("work", "now", "last", "after"),
    [
        (job("day", "08:30"), "2026-05-10 12:00", "2026-05-08 08:30", "2026-05-11 08:30"),  # a Sunday
        (job("10 minutes", "08:30", "17:30"), "2026-05-10 12:00", "2026-05-08 17:30", "2026-05-11 08:30"),
        (job("month", "08:30", on="10"), "2026-05-10 12:00", "2026-04-10 08:30", "2026-05-11 08:30"),
        (job("month", "08:30", on="10"), "2026-05-12 12:00", "2026-05-11 08:30", "2026-06-10 08:30"),
        (job("week", on="saturday"), "2026-05-10 12:00", "2026-05-04 00:00", "2026-05-11 00:00"),
    ],
)
def test_free_days_are_left_out_or_passed_over(work, now, last, after):
    assert last_moment(work, moment(now), weekdays) == moment(last)
    assert next_moment(work, moment(now), weekdays) == moment(after)


def test_without_a_working_day_nothing_is_ever_due():
    assert last_moment(job("day"), moment("2026-05-06"), lambda _: False) is None
    assert last_moment(job("month"), moment("2026-05-06"), lambda _: False) is None
    assert next_moment(job("minute"), moment("2026-05-06"), lambda _: False) is None


@pytest.mark.parametrize(
    ("work", "now", "may"),
    [
        (job("day", "10:00"), "2026-05-06 03:00", True),  # what was missed waits for no hour
        (job("day", "10:00", "17:00"), "2026-05-06 09:59", False),
        (job("day", "10:00", "17:00"), "2026-05-06 17:00", True),
        (job("day", "10:00", "17:00"), "2026-05-06 17:01", False),
        (job("week", "10:00", "17:00"), "2026-05-07 11:00", True),
        (job("day"), "2026-05-10 11:00", False),
        (job("day", "20:00", "06:00"), "2026-05-06 05:59", True),
        (job("day", "20:00", "06:00"), "2026-05-06 06:01", False),
        (job("day", "20:00", "06:00"), "2026-05-09 03:00", True),  # a Friday's night
        (job("day", "20:00", "06:00"), "2026-05-11 03:00", False),  # a Sunday's
    ],
)
def test_a_run_begins_in_its_hours_on_working_days(work, now, may):
    assert may_begin(work, moment(now), weekdays) is may


@pytest.mark.parametrize(
    ("every", "on", "fit"),
    [
        ("week", "monday", True), ("week", "1", False), ("2 weeks", "sunday", True), ("month", "31", True),
        ("month", "32", False), ("month", "0", False), ("3 months", "monday", False), ("year", "12-31", True),
        ("year", "02-30", False), ("year", "13-01", False), ("day", "1", False), ("hour", "1", False),
    ],
)  # fmt: skip
def test_which_days_fit_which_period(every, on, fit):
    assert fits(every, on) is fit


EVERY = ["s", "7 s", "minute", "10 minutes", "45 minutes", "hour", "5 hours", "day", "3 days", "week", "2 weeks"]
EVERY += ["month", "2 months", "year"]


@given(
    every=st.sampled_from(EVERY),
    at=st.sampled_from(["", "08:30", "23:59"]),
    works=st.sampled_from([always, weekdays]),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
)
def test_the_next_moment_is_the_last_one_when_it_has_come(every, at, works, now):
    work = job(every, at)
    after, last = next_moment(work, now, works), last_moment(work, now, works)
    assert last <= now < after
    assert last_moment(work, after, works) == after
    assert last_moment(work, after - timedelta(microseconds=1), works) == last
    assert works(after.date())


@given(every=st.sampled_from(EVERY), now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_hours_may_last_until_the_next_day(every, now):
    work = job(every, "20:00", "06:00")
    after, last = next_moment(work, now, always), last_moment(work, now, always)
    assert last <= now < after
    assert last_moment(work, after, always) == after
    assert last_moment(work, after - timedelta(microseconds=1), always) == last
    assert may_begin(work, after, always)
    assert not 6 < after.hour < 20


def test_lengths():
    assert [period_of(every) is None for every in ("36 hours", "48 hours", "90000 s", "25 minutes")] == [
        True, False, True, False
    ]  # fmt: skip
    assert period_of("day") == period_of("24 hours") == period_of("1440 minutes")
    assert date(2001, 1, 1).weekday() == 0
