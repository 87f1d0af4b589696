"""One order to open one lock, from the first look to an outcome with a name.

In: a board, a lock, how long things may take. Out: a talk that returns `Opening`. One order is one pulse at most:
whatever the board says or does not say to it, what follows are looks. Where no look comes back after the pulse the
outcome is unknown, and what to do next is for whoever ordered it. Board and bolt are two: what a board says of a pulse
is not believed, two looks that agree are.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.framing import Damaged
from adapters.devices.locks.boards import Board, Command, Heard, States
from adapters.devices.talk import RETRIES, Pause, Talk, asked
from engine.model.devices import DeviceFault, LockState, Opening, PulseOutcome


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: from the pulse to the first look, between looks, how often is looked before a lock counts as stuck; how
    long a question that fails is tried."""

    settle: float = 0.1
    again: float = 0.1
    looks: int = 12
    retries: tuple[float, ...] = RETRIES


USUAL = Pace()


def look(board: Board, pace: Pace = USUAL) -> Talk[States]:
    """The states of all locks of a board. Raises DeviceFault."""
    seen: dict[int, LockState] = {}
    for question in board.questions():
        seen.update(question.reads((yield from asked(question.ask, pace.retries))))
    return seen


def settled(board: Board, pace: Pace = USUAL) -> Talk[States]:
    """The states of all locks, as two looks in a row tell them: one alone may be the answer of an earlier question.
    Raises DeviceFault."""
    last = yield from look(board, pace)
    for _ in range(pace.looks):
        seen = yield from look(board, pace)
        if seen == last:
            return seen
        last = seen
        yield Pause(pace.again)
    return last


def opening(board: Board, lock: int, pace: Pace = USUAL, before: States | None = None) -> Talk[Opening]:
    """Open one lock; `before` are states that were settled a moment ago. Raises ValueError for a lock that the board
    does not have."""
    if lock not in board.locks:
        raise ValueError(lock)
    try:
        before = before or (yield from settled(board, pace))
    except DeviceFault:
        return Opening(lock, PulseOutcome.SILENT, pulsed=False)
    if (yield from _pulse(board.pulse(lock))) is Heard.RESTING:
        return Opening(lock, PulseOutcome.RESTING, pulsed=False)
    yield Pause(pace.settle)
    try:
        after = yield from _watched(board, lock, before, pace)
    except DeviceFault:
        return Opening(lock, PulseOutcome.UNKNOWN)
    return _judged(lock, before, after)


def _pulse(command: Command) -> Talk[Heard | None]:
    """Send it, once. What the board answers, or nothing."""
    try:
        event = yield command.ask
    except DeviceFault:
        return None  # it may have been given: only a look can tell
    return None if event is None or isinstance(event, Damaged) else command.reads(event)


def _watched(board: Board, lock: int, before: States, pace: Pace) -> Talk[States]:
    """Look until two looks agree that something opened, or for as long as it may take. Raises DeviceFault."""
    last: States | None = None
    for _ in range(pace.looks):
        seen = yield from look(board, pace)
        if seen == last and (_opened(before, seen) or _is_open(seen, lock)):
            return seen
        last = seen
        yield Pause(pace.again)
    return last or {}


def _is_open(states: States, lock: int) -> bool:
    return lock in states and states[lock].open


def _opened(before: States, after: States) -> set[int]:
    return {lock for lock, state in after.items() if state.open and not _is_open(before, lock)}


def _judged(lock: int, before: States, after: States) -> Opening:
    others = tuple(sorted(_opened(before, after) - {lock}))
    if others:
        return Opening(lock, PulseOutcome.WRONG, others)
    if lock not in after:
        return Opening(lock, PulseOutcome.UNKNOWN)
    if not after[lock].open:
        return Opening(lock, PulseOutcome.STUCK)
    return Opening(lock, PulseOutcome.OPEN_BEFORE if _is_open(before, lock) else PulseOutcome.OPENED)
