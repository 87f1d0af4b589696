"""Frames out of a stream of bytes that may be noisy, cut or glued.

In: bytes as they come, in any pieces. Out: events, the same however the stream was cut. Never raises. Knows no
protocol: a cutter judges what stands at the front of a window. After a false start the search goes on one byte behind
it, never behind the whole false frame, which may hide the beginning of a good one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

CHECKSUM, TIMEOUT, UNSUPPORTED, SHAPE = "checksum", "timeout", "unsupported", "shape"
"""What can be wrong with bytes: check value, an end that never came, a command that the device does not know, form."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """Bytes that looked like a frame and are none."""

    error: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """What stands at the front: its length, and the event it makes, if any."""

    length: int
    event: object = None


NOISE = Cut(1)
Cutter = Callable[[bytes], Cut | None]
"""Judges the front of a window; None: more bytes may make a frame of it. More bytes must not change a judgement."""


class Ear(Protocol):
    """Turns bytes into events."""

    def feed(self, data: bytes) -> list[object]:
        """The events that end with these bytes."""
        ...

    def rest(self) -> list[object]:
        """The line fell silent: what can still be made of bytes that wait for more."""
        ...


class Scanner:
    """Cuts frames; `starts` are the bytes that a frame can begin with, `longest` how long one can be."""

    def __init__(self, cut: Cutter, starts: Collection[int] | None = None, longest: int = 300) -> None:
        self._cut, self._starts, self._longest = cut, starts, longest
        self._held = b""

    def feed(self, data: bytes) -> list[object]:
        """The events that end with these bytes."""
        self._held += data
        cuts = list(self._cuts())
        self._held = self._held[cuts[-1][0] :] if cuts else self._held
        return [event for _, event in cuts if event is not None]

    def _cuts(self) -> Iterator[tuple[int, object]]:
        """How far the stream is used up after each judgement, and its event."""
        at, held = 0, self._held
        while at < len(held):
            if self._starts is not None and held[at] not in self._starts:
                cut: Cut | None = NOISE
            else:
                cut = self._cut(held[at : at + self._longest])
            if cut is None:
                return
            at += cut.length
            yield at, cut.event

    def rest(self) -> list[object]:
        """Frames behind a start that never ended; where there are none, that something was cut short."""
        left, events = self._held, []
        while self._held:
            self._held = self._held[1:]
            events += self.feed(b"")
        return events if events or not left else [Damaged(TIMEOUT, left)]


def words(scanner: Ear, data: bytes) -> list[object]:
    """All events of a whole stream."""
    return [*scanner.feed(data), *scanner.rest()]
