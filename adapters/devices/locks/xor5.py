"""Lock boards with frames of five bytes: `HEAD BOARD LOCK CODE BCC`, the last the exclusive-or of the others.

In: bytes of a line, either direction. Out: frames, and bytes of frames. The answer to a pulse may be the same bytes as
the pulse itself, and the answer for all locks may begin with what reads as the answer for one: who asks says what he
waits for. What 00 and 11 mean depends on how a contact is wired, which is a setting of the driver.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.checks import xor8
from adapters.devices.framing import CHECKSUM, NOISE, Cut, Damaged, Scanner

_UNLOCK, _STATE, _PROBE = 0x8A, 0x80, 0x81
_PULL, _ASK, _THERE = 0x11, 0x33, 0x99
FEEDBACK = (0x00, 0x11)
ALL = "all"
WIDEST = 32


@dataclass(frozen=True, slots=True)
class Unlock:
    """One pulse, or one for each lock in turn."""

    board: int
    lock: int | str


@dataclass(frozen=True, slots=True)
class AskState:
    board: int
    lock: int | str


@dataclass(frozen=True, slots=True)
class Probe:
    """Is this board there? It answers with the same bytes."""

    board: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a pulse."""

    board: int
    lock: int
    feedback: int


@dataclass(frozen=True, slots=True)
class State:
    """One lock."""

    board: int
    lock: int
    feedback: int


@dataclass(frozen=True, slots=True)
class States:
    """All locks of a board: a bit for each, the lowest is lock 1, on the wire the highest byte first."""

    board: int
    bits: int
    channels: int

    @property
    def set(self) -> tuple[int, ...]:
        """Locks whose bit is set."""
        return tuple(n + 1 for n in range(self.channels) if self.bits >> n & 1)


Frame = Unlock | AskState | Probe | Answered | State | States


def requests() -> Scanner:
    """Hears what a board is asked."""
    return Scanner(_asked, (_UNLOCK, _STATE, _PROBE), 5)


def answers(channels: int | None = None) -> Scanner:
    """Hears what boards answer: for one lock (0 channels), for all of so many, or for whichever reads well first."""
    return Scanner(lambda window: _answered(window, channels), (_UNLOCK, _STATE, _PROBE), 4 + WIDEST // 8)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    match frame:
        case Unlock(board, lock):
            return _framed(_UNLOCK, board, _number(lock), _PULL)
        case AskState(board, lock):
            return _framed(_STATE, board, _number(lock), _ASK)
        case Probe(board):
            return _framed(_PROBE, board, 1, _THERE)
        case Answered(board, lock, feedback):
            return _framed(_UNLOCK, board, lock, feedback)
        case State(board, lock, feedback):
            return _framed(_STATE, board, lock, feedback)
        case States(board, bits, channels):
            return _framed(_STATE, board, *bits.to_bytes(channels // 8, "big"), _ASK)


def _framed(*head: int) -> bytes:
    return bytes([*head, xor8(bytes(head))])


def _number(lock: int | str) -> int:
    return lock if isinstance(lock, int) else 0


def _asked(window: bytes) -> Cut | None:
    if len(window) < 5:
        return None
    head, board, lock, code, _ = raw = window[:5]
    if code != {_UNLOCK: _PULL, _STATE: _ASK, _PROBE: _THERE}[head]:
        return NOISE
    if xor8(raw[:4]) != raw[4]:
        return Cut(1, Damaged(CHECKSUM, raw))
    number = lock or ALL
    asked = {_UNLOCK: Unlock(board, number), _STATE: AskState(board, number), _PROBE: Probe(board)}
    return Cut(5, asked[head])


def _answered(window: bytes, channels: int | None) -> Cut | None:
    all_of = window[0] == _STATE and channels != 0
    if all_of and channels is not None:
        return _all(window, channels // 8)
    if len(window) < 5:
        return None
    if (cut := _one(window[:5])) is not None:
        return cut
    return _all(window, 3) if all_of else Cut(1, Damaged(CHECKSUM, window[:5]))


def _one(raw: bytes) -> Cut | None:
    head, board, lock, code, check = raw
    if xor8(raw[:4]) != check:
        return None
    if head == _PROBE:
        return Cut(5, Probe(board)) if code == _THERE else NOISE
    if code not in FEEDBACK:
        return NOISE
    return Cut(5, Answered(board, lock, code) if head == _UNLOCK else State(board, lock, code))


def _all(window: bytes, count: int) -> Cut | None:
    length = count + 4
    if len(window) < length:
        return None
    raw = window[:length]
    if raw[-2] != _ASK or xor8(raw[:-1]) != raw[-1]:
        return Cut(1, Damaged(CHECKSUM, raw))
    return Cut(length, States(raw[1], int.from_bytes(raw[2:-2], "big"), count * 8))
