"""Functions on dates and times: civil time without offset; a date counts as its first moment where times are asked."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.expressions.functions.registry import function
from engine.expressions.limits import CONTEXT

_MICROSECOND = timedelta(microseconds=1)


def day_of(moment: date) -> date:
    """The date of a date or datetime."""
    return date(moment.year, moment.month, moment.day)


def moment_of(day: date) -> datetime:
    """The datetime; a date's first moment."""
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)


def seconds_between(start: date, end: date) -> Decimal:
    """Exact seconds from start to end."""
    return Decimal((moment_of(end) - moment_of(start)) // _MICROSECOND) / 1_000_000


@function(
    "days(start: moment, end: moment) -> integer",
    "从前一日期到后一日期的天数；早于则为负",
    "Calendar days from the first date to the second; negative when it lies before",
)
def days(start: date, end: date) -> int:
    return (day_of(end) - day_of(start)).days


@function(
    "months(start: moment, end: moment) -> integer",
    "从前一日期到后一日期的整月数",
    "Whole months from the first date to the second; negative when it lies before",
)
def months(start: date, end: date) -> int:
    first, last = day_of(start), day_of(end)
    if last < first:
        return -months(last, first)
    count = (last.year - first.year) * 12 + last.month - first.month
    reached = min(first.day, calendar.monthrange(last.year, last.month)[1])
    return count if last.day >= reached else count - 1


@function(
    "years(start: moment, end: moment) -> integer",
    "从前一日期到后一日期的整年数，如周岁",
    "Whole years from the first date to the second, such as an age",
)
def years(start: date, end: date) -> int:
    count = months(start, end)
    return count // 12 if count >= 0 else -(-count // 12)


@function("hours(start: moment, end: moment) -> number", "相差的小时数", "Hours from the first moment to the second")
def hours(start: date, end: date) -> Decimal:
    return CONTEXT.divide(seconds_between(start, end), Decimal(3600))


@function(
    "minutes(start: moment, end: moment) -> number", "相差的分钟数", "Minutes from the first moment to the second"
)
def minutes(start: date, end: date) -> Decimal:
    return CONTEXT.divide(seconds_between(start, end), Decimal(60))


@function("seconds(start: moment, end: moment) -> number", "相差的秒数", "Seconds from the first moment to the second")
def seconds(start: date, end: date) -> Decimal:
    return seconds_between(start, end)


@function(
    "date(value: any, month: integer = null, day: integer = null) -> date",
    "日期：由年、月、日，或由文本 2026-05-06，或由时间得出；不成立则为空",
    "A date from year, month and day, from a text such as 2026-05-06, or from a datetime; null when there is none",
)
def make_date(value: object, month: int | None, day: int | None) -> date | None:
    if isinstance(value, date):
        return day_of(value)
    try:
        if isinstance(value, str) and month is None:
            return date.fromisoformat(value) if len(value) == 10 else None
        if isinstance(value, int | Decimal) and month is not None and day is not None:
            return date(int(value), int(month), int(day))
    except (ValueError, OverflowError):
        return None
    return None


@function(
    "datetime(value: any) -> datetime",
    "时间：由文本 2026-05-06 10:00:00 或由日期（零点）得出；不成立则为空",
    "A datetime from a text such as 2026-05-06 10:00:00, or a date's first moment; null when there is none",
)
def make_datetime(value: object) -> datetime | None:
    if isinstance(value, date):
        return moment_of(value)
    if not isinstance(value, str) or len(value) not in {16, 19}:
        return None
    try:
        return datetime.fromisoformat(value.replace(" ", "T"))
    except ValueError:
        return None


@function("date_of(value: moment) -> date", "时间所在的日期", "The date of a datetime")
def date_of(value: date) -> date:
    return day_of(value)


@function("year_of(value: moment) -> integer", "所在的年份", "The year of a date")
def year_of(value: date) -> int:
    return value.year


@function("month_of(value: moment) -> text", "所在的年月，如 2026-05", "The month that a date lies in, as 2026-05")
def month_of(value: date) -> str:
    return f"{value.year:04}-{value.month:02}"


@function("month_number(value: moment) -> integer", "几月，1 到 12", "The month's number, 1 to 12")
def month_number(value: date) -> int:
    return value.month


@function("day_number(value: moment) -> integer", "几日，1 到 31", "The day of the month, 1 to 31")
def day_number(value: date) -> int:
    return value.day


@function("hour_of(value: moment) -> integer", "几点，0 到 23", "The hour of a datetime, 0 to 23")
def hour_of(value: date) -> int:
    return value.hour if isinstance(value, datetime) else 0


@function("weekday(value: moment) -> integer", "星期几，1（一）到 7（日）", "Day of the week, 1 (Monday) to 7 (Sunday)")
def weekday(value: date) -> int:
    return value.isoweekday()


@function("month_start(value: moment) -> date", "当月第一天", "The first day of its month")
def month_start(value: date) -> date:
    return day_of(value).replace(day=1)


@function("month_end(value: moment) -> date", "当月最后一天", "The last day of its month")
def month_end(value: date) -> date:
    return day_of(value).replace(day=calendar.monthrange(value.year, value.month)[1])
