"""Periods of a ledger: when the one began in which a day lies. Pure."""

from __future__ import annotations

from datetime import date


def began(closing: str, day: date) -> date:
    """The first day of the day, month or year."""
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[closing]
