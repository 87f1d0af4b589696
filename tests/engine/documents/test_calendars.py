"""Working time."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents.calendars import ALWAYS, WORK, add_time, is_working, time_between
from engine.model.system import Calendar
from engine.model.values import Duration

FRIDAY = datetime(2026, 5, 8, 15, 0)
HOLIDAYS = Calendar("work", holidays=frozenset({"2026-05-11"}), working=frozenset({"2026-05-09"}))


def test_working_days_pass_over_the_weekend():
    assert add_time(FRIDAY, Duration(working_days=2), WORK) == datetime(2026, 5, 12, 15, 0)


def test_holidays_are_off_and_make_up_days_are_on():
    assert is_working(HOLIDAYS, FRIDAY.date() + timedelta(days=1))
    assert add_time(FRIDAY, Duration(working_days=2), HOLIDAYS) == datetime(2026, 5, 12, 15, 0)


def test_seconds_stand_still_on_days_off():
    hours = Duration(seconds=Decimal(12 * 3600))
    assert add_time(FRIDAY, hours, WORK) == datetime(2026, 5, 11, 3, 0)
    assert add_time(FRIDAY, hours, ALWAYS) == datetime(2026, 5, 9, 3, 0)


def test_months_are_cut_to_the_length_of_the_month():
    assert add_time(datetime(2026, 1, 31), Duration(months=1)) == datetime(2026, 2, 28)


def test_a_calendar_without_working_days_is_refused():
    with pytest.raises(ValueError, match="no working day"):
        add_time(FRIDAY, Duration(working_days=1), Calendar("never", weekdays=frozenset()))


@given(st.integers(0, 3_000_000), st.integers(0, 10_000))
def test_time_added_is_time_between(seconds, start):
    begin = datetime(2026, 1, 1) + timedelta(minutes=start)
    end = add_time(begin, Duration(seconds=Decimal(seconds)), HOLIDAYS)
    assert time_between(begin, end, HOLIDAYS) == timedelta(seconds=seconds)
