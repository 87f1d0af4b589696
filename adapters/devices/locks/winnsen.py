"""Lock boards of the Winnsen style: `90 LEN FUNC STATION LOCK [STATUS] 03`, without a check value.

In: bytes of a line, either direction. Out: frames, and bytes of frames. Nothing proves a frame here: an answer counts
only for the question that is open, and is read again before anybody acts on it. In the answer to a question status and
lock stand the other way round than in the answer to a pulse.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.framing import NOISE, Cut, Scanner

START, END = 0x90, 0x03
_UNLOCK, _ASK, _UNLOCKED, _TOLD = 0x05, 0x12, 0x85, 0x92
_UNLOCK_WORDS = {0x00: "failed", 0x01: "ok", 0x02: "resting"}
_STATE_WORDS = {0x00: "closed", 0x01: "open"}


@dataclass(frozen=True, slots=True)
class Unlock:
    station: int
    lock: int


@dataclass(frozen=True, slots=True)
class AskState:
    station: int
    lock: int


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The answer to a pulse: ok, failed, or resting (the coil has to cool)."""

    station: int
    lock: int
    status: str


@dataclass(frozen=True, slots=True)
class State:
    """The answer to a question: open or closed."""

    station: int
    lock: int
    status: str


Frame = Unlock | AskState | Unlocked | State


def requests() -> Scanner:
    """Hears what a board is asked."""
    return Scanner(_asked, (START,), 6)


def answers() -> Scanner:
    """Hears what boards answer."""
    return Scanner(_answered, (START,), 7)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    match frame:
        case Unlock(station, lock):
            return bytes([START, 6, _UNLOCK, station, lock, END])
        case AskState(station, lock):
            return bytes([START, 6, _ASK, station, lock, END])
        case Unlocked(station, lock, status):
            return bytes([START, 7, _UNLOCKED, station, lock, _code(_UNLOCK_WORDS, status), END])
        case State(station, lock, status):
            return bytes([START, 7, _TOLD, station, _code(_STATE_WORDS, status), lock, END])


def _code(words: dict[int, str], status: str) -> int:
    return next(code for code, word in words.items() if word == status)


def _asked(window: bytes) -> Cut | None:
    if (cut := _shaped(window, 6, (_UNLOCK, _ASK))) is not None or len(window) < 6:
        return cut
    return Cut(6, (Unlock if window[2] == _UNLOCK else AskState)(window[3], window[4]))


def _answered(window: bytes) -> Cut | None:
    if (cut := _shaped(window, 7, (_UNLOCKED, _TOLD))) is not None or len(window) < 7:
        return cut
    _, _, function, station, first, second, _ = window[:7]
    if function == _UNLOCKED:
        return Cut(7, Unlocked(station, first, _UNLOCK_WORDS[second])) if second in _UNLOCK_WORDS else NOISE
    return Cut(7, State(station, second, _STATE_WORDS[first])) if first in _STATE_WORDS else NOISE


def _shaped(window: bytes, length: int, functions: tuple[int, ...]) -> Cut | None:
    """NOISE where what is here already cannot become a frame."""
    wrong = (
        (len(window) > 1 and window[1] != length)
        or (len(window) > 2 and window[2] not in functions)
        or (len(window) >= length and window[length - 1] != END)
    )
    return NOISE if wrong else None
