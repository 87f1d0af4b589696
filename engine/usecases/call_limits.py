"""Limits of calls as all processes of a node count them together: a row of the store says when a key is next on time.

In: a key, a limit. Out: whether one more call may come, counted. What this process already knows to be too early is not
looked up, so that a flood does not reach the store. There are a million rows at most: two keys share one in a million.
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


@dataclass(slots=True)
class _Memory:
    """What this process knows: when keys are on time, and whose refusals were kept lately."""

    due: Known = field(default_factory=Known)
    told: Known = field(default_factory=Known)


def may_come(runtime: Runtime, key: str, limit: Limit) -> bool:
    """Count one call; False, and nothing counted, for one too many. Raises Stale where others are always faster, or
    what the store raises."""
    memory, now = _memory(runtime), runtime.clock.now()
    if counted(memory.due.due(key), limit, now) is None:
        return False
    for race in range(_RACES):
        try:
            with runtime.store.begin() as unit:
                before, after = _count(unit, key, limit, now)
            break
        except (Duplicate, Stale):
            if race == _RACES - 1:
                raise
    else:
        raise AssertionError("unreachable")
    memory.due.note(key, after or before or now, now)
    return after is not None


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


def _count(unit: Unit, key: str, limit: Limit, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When the key was on time before and is now, None for one too many."""
    row = sha256(key.encode()).hexdigest()[:_DIGITS].rjust(32, "0")
    record = unit.fetch(LIMIT, row, lock=True)
    before = datetime.fromisoformat(str(record.values["due"])) if record is not None else None
    after = counted(before, limit, now)
    if after is None:
        return before, None
    due = after.isoformat()
    if record is None:
        times = {"created_at": now, "created_by": "engine", "changed_at": now, "changed_by": "engine"}
        unit.insert(Record(LIMIT, {"id": row, "version": 1, "deleted": False, "frozen": False, **times, "due": due}))
    else:
        unit.update(renewed(record, now, due=due), record.version)
    return before, after
