"""CU48 lock boards: `02 ADDR LOCK CMD 03 SUM`, six bytes of states in the answer.

In: bytes of a line, either direction. Out: frames, and bytes of frames. Public sources disagree whether a length byte
stands before the states: `counted` says so, and a board is tried by hand before it is trusted.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.checks import sum8
from adapters.devices.framing import CHECKSUM, NOISE, Cut, Damaged, Scanner

STX, ETX = 0x02, 0x03
LOCKS = 48
_ASK, _UNLOCK, _STATED = 0x60, 0x61, 0x75
_BYTES = LOCKS // 8


@dataclass(frozen=True, slots=True)
class AskState:
    board: int


@dataclass(frozen=True, slots=True)
class Unlock:
    board: int
    lock: int


@dataclass(frozen=True, slots=True)
class State:
    """A bit is set where a lock is closed; the lowest is lock 1. `counted`: the states have a length before them."""

    board: int
    closed: int
    counted: bool = False

    @property
    def unlocked(self) -> tuple[int, ...]:
        """Locks that are open."""
        return tuple(n + 1 for n in range(LOCKS) if not self.closed >> n & 1)


Frame = AskState | Unlock | State


def requests() -> Scanner:
    """Hears what a board is asked."""
    return Scanner(_asked, (STX,), 6)


def answers(*, counted: bool = False) -> Scanner:
    """Hears what boards answer."""
    return Scanner(lambda window: _answered(window, counted=counted), (STX,), 13)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    match frame:
        case AskState(board):
            return _framed(bytes([board, 0, _ASK]))
        case Unlock(board, lock):
            return _framed(bytes([board, lock - 1, _UNLOCK]))
        case State(board, closed, counted):
            count = bytes([_BYTES]) if counted else b""
            return _framed(bytes([board, 0, _STATED]) + count + closed.to_bytes(_BYTES, "little"))


def _framed(body: bytes) -> bytes:
    head = bytes([STX]) + body + bytes([ETX])
    return head + bytes([sum8(head)])


def _asked(window: bytes) -> Cut | None:
    if len(window) < 6:
        return None
    if window[3] not in (_ASK, _UNLOCK):
        return NOISE
    if not _whole(window[:6]):
        return Cut(1, Damaged(CHECKSUM, window[:6]))
    return Cut(6, AskState(window[1]) if window[3] == _ASK else Unlock(window[1], window[2] + 1))


def _answered(window: bytes, *, counted: bool) -> Cut | None:
    length = 13 if counted else 12
    if len(window) < 4:
        return None
    if window[3] != _STATED:
        return NOISE
    if len(window) < length:
        return None
    if not _whole(window[:length]):
        return Cut(1, Damaged(CHECKSUM, window[:length]))
    return Cut(length, State(window[1], int.from_bytes(window[length - 8 : length - 2], "little"), counted))


def _whole(raw: bytes) -> bool:
    return raw[-2] == ETX and sum8(raw[:-1]) == raw[-1]
