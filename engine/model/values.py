"""Values that documents hold and expressions compute with.

Text, codes and references are `str`; `integer` is `int`, other numbers are `Decimal`; dates and times are those of the
standard library, civil time of the node's zone without offset; several codes or references are tuples of `str`; a child
table is a list of dictionaries; nothing is `None`.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: calendar months, working days and plain seconds do not convert into each other."""

    months: int = 0
    seconds: Decimal = Decimal(0)
    working_days: int = 0

    def added_to(self, moment: date) -> date:
        """The date or datetime this much later; the day is cut to the month's length (31 January + 1 month).

        Working days need a calendar and are added by `engine.documents.calendars`, not here.
        """
        if self.months:
            month0 = moment.month - 1 + self.months
            year, month = moment.year + month0 // 12, month0 % 12 + 1
            moment = moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
        if not self.seconds:
            return moment
        if isinstance(moment, datetime):
            return moment + timedelta(seconds=float(self.seconds))
        return moment + timedelta(days=int(self.seconds // 86400))

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.seconds, -self.working_days)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment: its bytes are kept once, under their SHA-256."""

    hash: str
    name: str
    size: int
    media: str


Scalar = str | bool | int | Decimal | date | datetime | time | Duration | StoredFile | None
