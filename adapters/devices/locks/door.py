"""Locks as the engine uses them: the door `engine.ports.devices.Locks` over the talks of a board.

In: orders. Out: outcomes and states. One pulse at a time over all boards, a rest for each coil, a watch over contacts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TypeVar

from adapters.devices.locks.boards import Board
from adapters.devices.locks.opening import USUAL, Pace, look, opening
from adapters.devices.locks.watching import LockWatch
from adapters.devices.runner import Runner
from engine.model.devices import DeviceFault, LockChange, LockEvent, LockState, Opening, PulseOutcome

Item = TypeVar("Item")
REST, LEFT_AFTER = 1.0, 30.0
"""Seconds that a coil rests between two pulses; after which a lock counts as left open."""
FRESH = 1.5
"""Seconds for which what the watch saw need not be looked at again before a pulse: longer than one round over all
boards of a line."""
LATELY = 3.0
"""Seconds after an order in which the watch has to look often."""


@dataclass
class BoardLocks:
    """See `engine.ports.devices.Locks`. One pulse at a time over all boards; a coil rests between two."""

    runner: Runner
    board: Board
    coils: Lock
    left_after: float = LEFT_AFTER
    rest: float = REST
    pace: Pace = USUAL
    now: Callable[[], float] = time.monotonic
    _pulsed: dict[int, float] = field(default_factory=dict)
    _ordered_since: list[LockEvent] = field(default_factory=list)
    """Pulses that the watch has not told yet."""
    _pushed: list[Mapping[int, LockState]] = field(default_factory=list)
    _seen: tuple[float, Mapping[int, LockState]] = (float("-inf"), {})
    """The states that two looks of the watch agreed on, and when."""
    _last: Mapping[int, LockState] = field(default_factory=dict)
    _looking: Lock = field(default_factory=Lock)
    _watch: LockWatch = field(init=False)

    def __post_init__(self) -> None:
        self._watch = LockWatch(left_after=self.left_after)

    def open(self, lock: int) -> Opening:
        """One order, at most one pulse. Raises ValueError for a lock that is not there."""
        with self.coils:
            if self.now() - self._pulsed.get(lock, float("-inf")) < self.rest:
                return Opening(lock, PulseOutcome.RESTING, pulsed=False)
            self._watch.order(lock, self.now())
            done = self._ordered(lock)
            if done.pulsed:
                self._pulsed[lock] = self.now()
                self._ordered_since.append(LockEvent(lock, LockChange.ORDERED))
            for other in done.others:  # this pulse opened it: the outcome says so, and nobody forced it
                self._watch.order(other, self.now())
        return done

    def _ordered(self, lock: int) -> Opening:
        """A port that cannot be opened is found before anything is sent; what happens later the talk tells."""
        try:
            at, seen = self._seen
            before = seen if self.now() - at <= FRESH else None
            self._seen = (float("-inf"), {})
            return self.runner.run(
                opening(self.board, lock, self.pace, before), self._aside, first=True, silent=_is_silent
            )
        except DeviceFault:
            return Opening(lock, PulseOutcome.SILENT, pulsed=False)

    def look(self) -> Mapping[int, LockState]:
        """The states of all locks. Raises DeviceFault."""
        return self.runner.run(look(self.board, self.pace), self._aside)

    def watch(self) -> Sequence[LockEvent]:
        """What has changed since the last look; what the board said unasked comes first. Raises DeviceFault."""
        with self._looking:
            pace = replace(self.pace, retries=())  # the next look is soon, and an order may wait behind this one
            return self._changes(self.runner.run(look(self.board, pace), self._aside))

    @property
    def is_restless(self) -> bool:
        """Whether something is open, in motion, or ordered a moment ago: changes are to be expected."""
        ordered = max(self._pulsed.values(), default=float("-inf"))
        is_open = any(state.open for state in self._last.values())
        return is_open or self._seen[0] == float("-inf") or self.now() - ordered < LATELY

    def _changes(self, seen: Mapping[int, LockState]) -> Sequence[LockEvent]:
        self._seen = (self.now(), seen) if seen == self._last else (float("-inf"), {})
        self._last = seen
        pushed, now, ordered = _taken(self._pushed), self.now(), _taken(self._ordered_since)
        told = [event for states in pushed for _ in range(2) for event in self._watch.see(states, now)]
        return [*ordered, *told, *self._watch.see(seen, now)]

    def _aside(self, event: object) -> None:
        if states := self.board.pushed(event):
            self._pushed.append(states)


def _is_silent(done: Opening) -> bool:
    """Whether the board did not say what became of a pulse, or nothing at all."""
    return done.outcome in (PulseOutcome.SILENT, PulseOutcome.UNKNOWN)


def _taken(listed: list[Item]) -> list[Item]:
    """What a list holds, taken out of it: another thread may put more at its end meanwhile."""
    found = listed[:]
    del listed[: len(found)]
    return found
