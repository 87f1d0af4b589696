"""Runs talks on a wire: echo, stale bytes, gaps between commands, deadlines.

In: talks, one at a time. Out: their results. What comes unasked before a question is handed aside, never lost and never
taken for the answer; after a question that nobody answered in time the wire has to fall quiet before the next one, so
that a late answer is not taken for the answer to something else. Knows no serial library: a wire reads and writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Protocol, TypeVar

from adapters.devices.framing import Damaged, Ear
from adapters.devices.talk import Ask, Listen, Pause, Step, Talk
from engine.model.devices import DeviceFault, Trouble

Result = TypeVar("Result")
FLOOD, DRAINED_WITHIN = 65_536, 1.0
"""Bytes, and seconds before a question, after which whoever only talks noise is not listened to any longer."""
LONGEST = 1.0
"""Seconds beyond its time for which what has begun is heard to its end."""


class Wire(Protocol):
    """A line as bytes."""

    def read(self, seconds: float) -> bytes:
        """What comes within this time, as soon as something comes; empty when nothing does. Raises OSError."""
        ...

    def write(self, data: bytes) -> None:
        """Send. Raises OSError."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def ignored(_: object) -> None:
    """Nobody wants to know."""


@dataclass
class Line:
    """One wire and whoever talks on it; may be used by several threads, which take turns."""

    wire: Wire
    gap: float = 0.05
    echo: bool = False
    quiet: float = 0.05
    patience: float = 1.0
    """By how much longer than usual answers are waited for."""
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _turn: RLock = field(default_factory=RLock)
    _used: float = float("-inf")
    _unsettled: bool = False
    is_lost: bool = False
    """The wire failed: whoever opened it has to open it anew."""

    def run(self, talk: Talk[Result], aside: Callable[[object], None] = ignored) -> Result:
        """Run a talk to its end; `aside` is told what came unasked. A wire that fails is told to the talk as a
        DeviceFault, which it may turn into a result. Raises what the talk raises."""
        with self._turn:
            return self._conducted(talk, aside)

    def close(self) -> None:
        """Let go of the wire."""
        with self._turn:
            self.wire.close()

    def _conducted(self, talk: Talk[Result], aside: Callable[[object], None]) -> Result:
        try:
            step = next(talk)
            while True:
                try:
                    event = self._done(step, aside)
                except OSError as error:
                    self.is_lost = True
                    step = talk.throw(DeviceFault(Trouble.GONE, str(error)))
                else:
                    step = talk.send(event)
        except StopIteration as end:
            result: Result = end.value
            return result

    def _done(self, step: Step, aside: Callable[[object], None]) -> object:
        if isinstance(step, Pause):
            self.sleep(step.seconds)
            return None
        if isinstance(step, Listen):
            if step.afresh:
                self._drain(step.ear(), aside)
            return self._heard(step.ear(), step, b"", aside)
        self._drain(step.ear(), aside)
        self.sleep(max(0.0, self._used + self.gap - self.now()))
        self.wire.write(step.request)
        event = self._heard(step.ear(), step, step.request if self.echo else b"", aside)
        self._used, self._unsettled = self.now(), event is None or isinstance(event, Damaged)
        return event

    def _drain(self, ear: Ear, aside: Callable[[object], None]) -> None:
        """Hand aside what already lies there; after a question without an answer, wait until the wire is quiet."""
        wait, until = self.quiet if self._unsettled else 0.0, self.now() + DRAINED_WITHIN
        while self.now() < until and (data := self.wire.read(wait)):
            for event in ear.feed(data):
                aside(event)

    def _heard(self, ear: Ear, step: Ask | Listen, echo: bytes, aside: Callable[[object], None]) -> object:
        until, damaged, budget = self.now() + step.within * self.patience, None, FLOOD
        idle, begun, latest = step.idle if isinstance(step, Listen) else None, False, until + LONGEST
        while budget > 0 and (left := until - self.now()) > 0:
            data = self.wire.read(min(left, idle) if begun and idle is not None else left)
            if begun and not data and idle is not None:
                break
            if idle is not None and data:  # nobody stops listening in the middle of what is said
                until = max(until, min(latest, self.now() + idle))
            begun, budget = True, budget - len(data)
            echo, data = _without(echo, data)
            for event in ear.feed(data):
                if step.fits(event):
                    return event
                damaged = event if isinstance(event, Damaged) else damaged
                aside(event)
        return self._last(ear, step, damaged)

    def _last(self, ear: Ear, step: Ask | Listen, damaged: Damaged | None) -> object:
        for event in ear.rest():
            if step.fits(event):
                return event
            damaged = event if damaged is None and isinstance(event, Damaged) else damaged
        return damaged


def _without(echo: bytes, data: bytes) -> tuple[bytes, bytes]:
    """What of the echo is still to come, and the bytes behind it; bytes that differ are no echo."""
    length = min(len(echo), len(data))
    if echo[:length] != data[:length]:
        return b"", data
    return echo[length:], data[length:]
