"""Conversations with a device, without line, clock or thread.

A talk is a generator: it yields what to do next (ask, listen, pause) and is given the event that came, or None when
none did in time; what it returns is the result. A shell runs it on a line; a test answers it by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from adapters.devices.framing import CHECKSUM, UNSUPPORTED, Damaged, Ear
from engine.model.devices import DeviceFault, Trouble


def anything(event: object) -> bool:
    """Every whole frame fits."""
    return not isinstance(event, Damaged)


@dataclass(frozen=True, slots=True)
class Ask:
    """Send bytes, then wait for the first event that fits. Without an answer the last damaged frame is the event."""

    request: bytes
    ear: Callable[[], Ear]
    fits: Callable[[object], bool] = anything
    within: float = 0.5


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for an event that nobody asked for. Where it has no end of its own, so much silence is one; what has begun
    in time is heard to its end. `afresh`: what lies there already does not count."""

    ear: Callable[[], Ear]
    fits: Callable[[object], bool] = anything
    within: float = 0.5
    idle: float | None = None
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Let time pass."""

    seconds: float


Step = Ask | Listen | Pause
Result = TypeVar("Result")
Talk = Generator[Step, object, Result]
RETRIES = (0.1, 0.15, 0.2)
"""Pauses between tries of a question that changes nothing."""


def asked(ask: Ask, retries: Sequence[float] = RETRIES) -> Talk[object]:
    """The answer to a question that may be put again, as often as there are pauses. Raises DeviceFault."""
    event: object = None
    for number, pause in enumerate(retries or (0.0,)):
        if number:
            yield Pause(pause)
        event = yield ask
        if event is not None and not isinstance(event, Damaged):
            return event
    raise fault_of(event)


def told(ask: Ask) -> Talk[object]:
    """The answer to a command that is sent once. Raises DeviceFault."""
    event = yield ask
    if event is None or isinstance(event, Damaged):
        raise fault_of(event)
    return event


def observed(talk: Talk[Result], now: Callable[[], float], note: Callable[[bool, float], None]) -> Talk[Result]:
    """The same talk; `note` hears of each question whether the answer was a good one, and how long it took."""
    try:
        step = next(talk)
        while True:
            begun = now()
            try:
                event = yield step
            except DeviceFault as fault:
                step = talk.throw(fault)
                continue
            if isinstance(step, Ask):
                note(event is not None and not isinstance(event, Damaged), now() - begun)
            step = talk.send(event)
    except StopIteration as end:
        result: Result = end.value
        return result


def fault_of(event: object) -> DeviceFault:
    """What no answer, or a damaged one, means."""
    if not isinstance(event, Damaged):
        return DeviceFault(Trouble.SILENT)
    if event.error == UNSUPPORTED:
        return DeviceFault(Trouble.UNSUPPORTED, event.raw.hex(" "))
    return DeviceFault(Trouble.GARBLED if event.error == CHECKSUM else Trouble.CUT_SHORT, event.raw[:32].hex(" "))
