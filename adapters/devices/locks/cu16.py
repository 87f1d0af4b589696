"""KR-CU16 lock boards: `02 ADDR CMD [data] 03 SUM`, the sum over everything before it.

In: bytes of a line, either direction. Out: frames, and bytes of frames. For a pulse the address byte is board and lock,
for everything else the board alone. A hook that is closed says nothing of a drawer, and nothing of what lies in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.devices.checks import sum8
from adapters.devices.framing import CHECKSUM, NOISE, Cut, Damaged, Scanner

STX, ETX = 0x02, 0x03
LOCKS = 16
_STATE, _UNLOCK, _STATE_ALL, _UNLOCK_ALL, _PULSE, _DELAY, _BAUD = 0x30, 0x31, 0x32, 0x33, 0x37, 0x39, 0x40
_STATED, _STATED_ALL, _PULSED = 0x35, 0x36, 0x38
_MS = 10
BAUDS = (9600, 19200, 57600, 115200)


@dataclass(frozen=True, slots=True)
class Unlock:
    """One pulse; as an answer: the board heard it."""

    board: int
    lock: int


@dataclass(frozen=True, slots=True)
class UnlockAll:
    board: int


@dataclass(frozen=True, slots=True)
class AskState:
    """`every` asks all boards of the line; each answers for itself."""

    board: int
    every: bool = False


@dataclass(frozen=True, slots=True)
class AskPulse:
    board: int


@dataclass(frozen=True, slots=True)
class SetPulse:
    board: int
    ms: int


@dataclass(frozen=True, slots=True)
class SetDelay:
    board: int
    seconds: int


@dataclass(frozen=True, slots=True)
class SetBaud:
    board: int
    baud: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """The answer to a question about pulses."""

    board: int
    ms: int


@dataclass(frozen=True, slots=True)
class State:
    """Hooks (a bit is set where one is closed) and item sensors; the lowest bit is lock 1."""

    board: int
    hooks: int
    items: int
    every: bool = False

    @property
    def locked(self) -> tuple[int, ...]:
        """Locks whose hook is closed."""
        return tuple(n + 1 for n in range(LOCKS) if self.hooks >> n & 1)

    @property
    def unlocked(self) -> tuple[int, ...]:
        """Locks whose hook is open."""
        return tuple(n + 1 for n in range(LOCKS) if not self.hooks >> n & 1)

    @property
    def item_present(self) -> tuple[int, ...]:
        """Locks whose item sensor sees something."""
        return tuple(n + 1 for n in range(LOCKS) if self.items >> n & 1)


Frame = Unlock | UnlockAll | AskState | AskPulse | SetPulse | SetDelay | SetBaud | Pulse | State


def requests() -> Scanner:
    """Hears what a board is asked."""
    return Scanner(lambda window: _cut(window, _ASKED), (STX,), 7)


def answers() -> Scanner:
    """Hears what boards answer."""
    return Scanner(lambda window: _cut(window, _ANSWERED), (STX,), 9)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    match frame:
        case Unlock(board, lock):
            return _framed(board << 4 | lock - 1, _UNLOCK)
        case UnlockAll(board):
            return _framed(board << 4, _UNLOCK_ALL)
        case AskState(board, every):
            return _framed(0xF0 if every else board << 4, _STATE_ALL if every else _STATE)
        case State(board, hooks, items, every):
            data = hooks.to_bytes(2, "little") + items.to_bytes(2, "little")
            return _framed(board << 4, _STATED_ALL if every else _STATED, data)
    return _setting(frame)


def _setting(frame: AskPulse | SetPulse | SetDelay | SetBaud | Pulse) -> bytes:
    match frame:
        case AskPulse(board):
            return _framed(board << 4, _PULSE)
        case SetPulse(board, ms):
            return _framed(board << 4, _PULSE, (ms // _MS).to_bytes(2, "big"))
        case SetDelay(board, seconds):
            return _framed(board << 4, _DELAY, bytes([seconds]))
        case SetBaud(board, baud):
            return _framed(board << 4, _BAUD, bytes([BAUDS.index(baud)]))
        case Pulse(board, ms):
            return _framed(board << 4, _PULSED, (ms // _MS).to_bytes(2, "big"))


def _framed(address: int, command: int, data: bytes = b"") -> bytes:
    head = bytes([STX, address, command, *data, ETX])
    return head + bytes([sum8(head)])


_ASKED: Mapping[int, tuple[int, ...]] = {
    _STATE: (5,), _UNLOCK: (5,), _STATE_ALL: (5,), _UNLOCK_ALL: (5,), _PULSE: (5, 7), _DELAY: (6,), _BAUD: (6,),
}  # fmt: skip
_ANSWERED: Mapping[int, tuple[int, ...]] = {_STATED: (9,), _STATED_ALL: (9,), _PULSED: (7,), _UNLOCK: (5,)}
"""Lengths by command, the shorter ones first."""


def _cut(window: bytes, lengths: Mapping[int, tuple[int, ...]]) -> Cut | None:
    if len(window) < 3:
        return None
    if window[2] not in lengths:
        return NOISE
    for length in lengths[window[2]]:
        if len(window) < length:
            return None
        raw = window[:length]
        if raw[-2] == ETX and sum8(raw[:-1]) == raw[-1]:
            return Cut(length, _decoded(raw[1], raw[2], raw[3:-2]))
    return Cut(1, Damaged(CHECKSUM, window[: lengths[window[2]][-1]]))


def _decoded(address: int, command: int, data: bytes) -> Frame | Damaged:
    board = address >> 4
    if command in (_STATED, _STATED_ALL):
        hooks, items = int.from_bytes(data[:2], "little"), int.from_bytes(data[2:], "little")
        return State(board, hooks, items, every=command == _STATED_ALL)
    if command == _UNLOCK:
        return Unlock(board, (address & 0x0F) + 1)
    if command in (_STATE, _STATE_ALL):
        return AskState(0 if command == _STATE_ALL else board, every=command == _STATE_ALL)
    return UnlockAll(board) if command == _UNLOCK_ALL else _set(board, command, data)


def _set(board: int, command: int, data: bytes) -> Frame | Damaged:
    value = int.from_bytes(data, "big")
    if command == _PULSE:
        return SetPulse(board, value * _MS) if data else AskPulse(board)
    if command == _PULSED:
        return Pulse(board, value * _MS)
    if command == _DELAY:
        return SetDelay(board, value)
    return SetBaud(board, BAUDS[value]) if value < len(BAUDS) else Damaged("shape", data)
