"""Lengths of time as people write them: `45 days`, `2 working days`, `6 months`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from engine.documents.malformed import Malformed
from engine.model.values import Duration

_DURATION_UNITS: Mapping[str, tuple[str, int]] = {
    "second": ("seconds", 1),
    "minute": ("seconds", 60),
    "hour": ("seconds", 3600),
    "day": ("seconds", 86400),
    "week": ("seconds", 604800),
    "month": ("months", 1),
    "year": ("months", 12),
    "working day": ("working_days", 1),
}


def parse_duration(text: str) -> Duration:
    """`45 days`, `2 working days`, `5 minutes` as a Duration; raises Malformed."""
    match = re.fullmatch(r"([0-9]{1,6})\s+((?:working )?[a-z]+?)s?", text.strip())
    if match is None or match[2] not in _DURATION_UNITS:
        raise Malformed("duration", "应为时长，如 45 days", "must be a length of time such as 45 days")
    part, factor = _DURATION_UNITS[match[2]]
    amount = int(match[1]) * factor
    return Duration(**{part: Decimal(amount) if part == "seconds" else amount})  # type: ignore[arg-type]


def duration_text(value: Duration) -> str:
    """The shortest phrase in the same words."""
    if value.months:
        return f"{value.months} months"
    if value.working_days:
        return f"{value.working_days} working days"
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if value.seconds % size == 0:
            return f"{value.seconds // size} {unit}"
    return f"{value.seconds} seconds"
