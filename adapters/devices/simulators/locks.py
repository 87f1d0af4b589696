"""Lock boards of the five families, over a bank of drawers.

In: bytes. Out: answers. A board answers only to its own address, and to nothing that it cannot read.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.devices.framing import Scanner
from adapters.devices.locks import cu16, cu48, winnsen, wkly, xor5
from adapters.devices.simulators.bank import Bank

_INVERTED16, _INVERTED48 = (1 << 16) - 1, (1 << 48) - 1


@dataclass
class Cu16:
    """`answers_pulses`: some boards say a pulse back; `closed_when_set` as the hooks are wired."""

    bank: Bank
    board: int = 0
    answers_pulses: bool = False
    closed_when_set: bool = True
    pulse_ms: int = 550
    _ear: Scanner = field(default_factory=cu16.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [cu16.encode(answer) for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[cu16.Frame]:
        match event:
            case cu16.Unlock(board, lock) if board == self.board:
                self.bank.pulse(lock)
                return [cu16.Unlock(board, lock)] if self.answers_pulses else []
            case cu16.UnlockAll(board) if board == self.board:
                for lock in range(1, cu16.LOCKS + 1):
                    self.bank.pulse(lock)
            case cu16.AskState(board, every) if every or board == self.board:
                hooks = self.bank.closed_bits(16) ^ (0 if self.closed_when_set else _INVERTED16)
                return [cu16.State(self.board, hooks, self.bank.item_bits(16), every)]
            case cu16.AskPulse(board) if board == self.board:
                return [cu16.Pulse(board, self.pulse_ms)]
            case cu16.SetPulse(board, ms) if board == self.board:
                self.pulse_ms = ms
        return []


@dataclass
class Cu48:
    """`counted`: its answers have a length before the states."""

    bank: Bank
    board: int = 0
    counted: bool = False
    closed_when_set: bool = True
    _ear: Scanner = field(default_factory=cu48.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [answer for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[bytes]:
        match event:
            case cu48.Unlock(board, lock) if board == self.board:
                self.bank.pulse(lock)
            case cu48.AskState(board) if board == self.board:
                closed = self.bank.closed_bits(48) ^ (0 if self.closed_when_set else _INVERTED48)
                return [cu48.encode(cu48.State(board, closed, self.counted))]
        return []


@dataclass
class Xor5:
    """`closed_value` as the contacts are wired: 17 or 0."""

    bank: Bank
    board: int = 1
    closed_value: int = 0x11
    _ear: Scanner = field(default_factory=xor5.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [xor5.encode(answer) for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[xor5.Frame]:
        match event:
            case xor5.Unlock(board, int(lock)) if board == self.board:
                self.bank.pulse(lock)
                return [xor5.Answered(board, lock, self._feedback(lock))]
            case xor5.AskState(board, int(lock)) if board == self.board:
                return [xor5.State(board, lock, self._feedback(lock))]
            case xor5.AskState(board, _) if board == self.board:
                closed = self.bank.closed_bits(self.bank.count)
                bits = closed if self.closed_value else closed ^ ((1 << self.bank.count) - 1)
                return [xor5.States(board, bits, self.bank.count)]
            case xor5.Probe(board) if board == self.board:
                return [xor5.Probe(board)]
        return []

    def _feedback(self, lock: int) -> int:
        return self.closed_value if lock not in self.bank.open else 0x11 - self.closed_value


@dataclass
class Wkly:
    """Says unasked when a door changes: `changed` gives the bytes."""

    bank: Bank
    board: int = 0
    _ear: Scanner = field(default_factory=wkly.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [answer for event in self._ear.feed(data) for answer in self._answers(event)]

    def changed(self, lock: int) -> bytes:
        """What the board says when this door has changed."""
        return wkly.encode(wkly.Pushed(self.board, lock, self._door(lock)))

    def _door(self, lock: int) -> str:
        return "open" if lock in self.bank.open else "closed"

    def _answers(self, event: object) -> list[bytes]:
        match event:
            case wkly.Open(board, lock) if board == self.board:
                status = wkly.DONE if self.bank.pulse(lock) else wkly.FAILED
                return [wkly.encode(wkly.Opened(board, status, lock, self._door(lock)))]
            case wkly.Ask(board, lock) if board == self.board:
                return [wkly.encode(wkly.Told(board, wkly.DONE, lock, self._door(lock)))]
            case wkly.AskAll(board) if board == self.board:
                doors = tuple(self._door(lock) for lock in range(1, self.bank.count + 1))
                return [wkly.encode(wkly.ToldAll(board, wkly.DONE, doors))]
        return []


@dataclass
class Winnsen:
    """Refuses a coil that is cooling."""

    bank: Bank
    board: int = 1
    _ear: Scanner = field(default_factory=winnsen.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [answer for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[bytes]:
        match event:
            case winnsen.Unlock(station, lock) if station == self.board:
                given = self.bank.pulse(lock)
                status = ("ok" if lock in self.bank.open else "failed") if given else "resting"
                return [winnsen.encode(winnsen.Unlocked(station, lock, status))]
            case winnsen.AskState(station, lock) if station == self.board:
                return [winnsen.encode(winnsen.State(station, lock, "open" if lock in self.bank.open else "closed"))]
        return []
