"""A watch over the contacts of locks: what opened, closed, was forced, was left open.

In: states as they are seen, with the time; orders to open. Out: events. Pure. A state counts when two looks in a row
agree on it: a contact that bounces, or a bolt in motion, makes no event. The first settled look makes none either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.devices import LockChange, LockEvent, LockState


@dataclass
class LockWatch:
    """`ordered_for`: seconds that an order explains an opening; `left_after`: seconds until open is too long."""

    ordered_for: float = 10.0
    left_after: float = 30.0
    _settled: dict[int, bool] = field(default_factory=dict)
    _last: dict[int, bool] = field(default_factory=dict)
    _ordered: dict[int, float] = field(default_factory=dict)
    _open_since: dict[int, float] = field(default_factory=dict)

    def order(self, lock: int, now: float) -> None:
        """Somebody ordered this lock to open."""
        self._ordered[lock] = now

    def see(self, states: Mapping[int, LockState], now: float) -> list[LockEvent]:
        """What has changed; a lock that is not told keeps its state."""
        found = [event for lock, state in states.items() for event in self._one(lock, state.open, now)]
        return found + self._left(now)

    def _one(self, lock: int, is_open: bool, now: float) -> list[LockEvent]:
        agreed, former = self._last.get(lock) == is_open, self._settled.get(lock)
        self._last[lock] = is_open
        if not agreed or former == is_open:
            return []
        self._settled[lock] = is_open
        if is_open:
            self._open_since[lock] = now
        else:
            self._open_since.pop(lock, None)
        return [] if former is None else [LockEvent(lock, self._change(lock, is_open, now))]

    def _change(self, lock: int, is_open: bool, now: float) -> LockChange:
        if not is_open:
            return LockChange.CLOSED
        ordered = self._ordered.pop(lock, None)
        explained = ordered is not None and now - ordered <= self.ordered_for
        return LockChange.OPENED if explained else LockChange.FORCED

    def _left(self, now: float) -> list[LockEvent]:
        late = [lock for lock, since in self._open_since.items() if self._last[lock] and now - since >= self.left_after]
        for lock in late:
            del self._open_since[lock]
        return [LockEvent(lock, LockChange.LEFT_OPEN) for lock in sorted(late)]
