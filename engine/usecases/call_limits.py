"""Limits of calls as all processes of a node count them together: a row of the store says when a key is next on time.

In: a key, a limit. Out: whether one more call may come, counted. Of a limit of 64 and more a process takes some calls
at once, a thirty-second part, and gives them out within the limit's own time; at its edge it may let in so many more.
What it already knows to be too early is not looked up: a flood does not reach the store. There are a million rows at
most: two keys share one in a million.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from engine.envelopes.limiting import Known, counted
from engine.model.guards import Limit
from engine.model.records import Record
from engine.ports import Duplicate, Stale, Unit
from engine.usecases.internal import LIMIT
from engine.usecases.landing_records import renewed
from engine.usecases.message_mappings import kept
from engine.usecases.runtime import Runtime

_DIGITS = 5
"""Hexadecimal digits that tell rows apart: whoever has many addresses makes no more of them."""
_RACES = 8
_TOLD = timedelta(minutes=1)
_SHARE = 32
"""Which part of a limit a process takes at once."""
_MOST_AHEAD = 1_000


@dataclass(slots=True)
class _Memory:
    """What this process knows: when keys are on time, whose refusals were kept lately, and calls that were taken ahead:
    each is the moment until which it may be given out."""

    due: Known = field(default_factory=Known)
    told: Known = field(default_factory=Known)
    ahead: dict[str, list[datetime]] = field(default_factory=dict)

    def given(self, key: str, now: datetime) -> bool:
        """Give out a call that was taken ahead, if there is one; several threads may ask."""
        left = self.ahead.get(key)
        try:
            return left is not None and left.pop() > now
        except IndexError:
            return False

    def take(self, key: str, until: datetime, count: int, now: datetime) -> None:
        """Keep calls to be given out, beside those that another thread has just taken."""
        if len(self.ahead) >= _MOST_AHEAD:
            self.ahead.clear()
        left = self.ahead.setdefault(key, [])
        if left and left[0] <= now:
            left.clear()
        left.extend([until] * count)


def may_come(runtime: Runtime, key: str, limit: Limit) -> bool:
    """Count one call; False, and nothing counted, for one too many. Raises Stale where others are always faster, or
    what the store raises."""
    memory, now = _memory(runtime), runtime.clock.now()
    if memory.given(key, now):
        return True
    if not counted(memory.due.due(key), limit, now)[1]:
        return False
    due, come = _counted(runtime, key, limit, now)
    memory.due.note(key, due, now)
    memory.take(key, now + timedelta(seconds=limit.seconds), come - 1, now)
    return come > 0


def _counted(runtime: Runtime, key: str, limit: Limit, now: datetime) -> tuple[datetime, int]:
    for _ in range(_RACES):
        try:
            with runtime.store.begin() as unit:
                return _count(unit, key, limit, now)
        except (Duplicate, Stale):
            continue
    raise Stale


def worth_keeping(runtime: Runtime, key: str) -> bool:
    """Whether the refusal of a call that came too often is kept: the first of each minute, by this process."""
    told, now = _memory(runtime).told, runtime.clock.now()
    last = told.due(key)
    if last is not None and last > now:
        return False
    told.note(key, now + _TOLD, now)
    return True


def _memory(runtime: Runtime) -> _Memory:
    return kept(runtime, "limits", "", _Memory)


def _count(unit: Unit, key: str, limit: Limit, now: datetime) -> tuple[datetime, int]:
    """When the key is on time after what was taken of its limit, and how many calls that is."""
    row = sha256(key.encode()).hexdigest()[:_DIGITS].rjust(32, "0")
    record = unit.fetch(LIMIT, row, lock=True)
    before = datetime.fromisoformat(str(record.values["due"])) if record is not None else None
    due, come = counted(before, limit, now, max(1, limit.count // _SHARE))
    if not come:
        return due, 0
    if record is None:
        times = {"created_at": now, "created_by": "engine", "changed_at": now, "changed_by": "engine"}
        about = {"id": row, "version": 1, "deleted": False, "frozen": False, **times, "due": due.isoformat()}
        unit.insert(Record(LIMIT, about))
    else:
        unit.update(renewed(record, now, due=due.isoformat()), record.version)
    return due, come
