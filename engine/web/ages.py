"""How long ago, and how long still, in words of one unit."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.web.surroundings import runtime, say

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def age(since: datetime) -> str:
    """The time since a moment: 3 days, 5 hours, 12 minutes, just now."""
    return _words(runtime().clock.now() - since) or say("age.now")


def waited(since: datetime) -> str:
    """How long something has waited; never "just now", which is no length."""
    return _words(runtime().clock.now() - since) or say("age.moment")


def left(due: datetime) -> str:
    """The time to a moment, or since it when it has passed."""
    span = due - runtime().clock.now()
    late = span < timedelta(0)
    return say("age.late" if late else "age.left", span=_words(abs(span)) or say("age.moment"))


def urgency(due: datetime | None) -> str:
    """late, soon (within a day) or calm."""
    if due is None:
        return "calm"
    span = due - runtime().clock.now()
    return "late" if span < timedelta(0) else "soon" if span < timedelta(days=1) else "calm"


def _words(span: timedelta) -> str:
    for unit, size in _UNITS:
        if span >= size:
            return say(f"age.{unit}", count=span // size)
    return ""
