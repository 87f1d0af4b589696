"""Lock boards whose frames begin with `57 4B 4C 59`: `START LEN BOARD CMD data XOR`, the length of all of it.

In: bytes of a line, either direction. Out: frames, and bytes of frames. These boards also speak unasked, when a door
changes, even between a question and its answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.devices.checks import xor8
from adapters.devices.framing import CHECKSUM, NOISE, SHAPE, Cut, Damaged, Scanner

START = b"WKLY"
_OPEN, _ASK, _ASK_ALL, _PUSH, _OPEN_ALL = 0x82, 0x83, 0x84, 0x85, 0x86
DONE, FAILED = 0x00, 0xFF
_SHORTEST, _LONGEST = 8, 64
_DOORS = {0x00: "open", 0x01: "closed", 0xFF: "failed"}
_CODES = {word: code for code, word in _DOORS.items()}


@dataclass(frozen=True, slots=True)
class Open:
    board: int
    channel: int


@dataclass(frozen=True, slots=True)
class OpenAll:
    board: int


@dataclass(frozen=True, slots=True)
class Ask:
    board: int
    channel: int


@dataclass(frozen=True, slots=True)
class AskAll:
    board: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The answer to a pulse."""

    board: int
    status: int
    channel: int
    door: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer for one channel."""

    board: int
    status: int
    channel: int
    door: str


@dataclass(frozen=True, slots=True)
class ToldAll:
    """The answer for all channels, from the first."""

    board: int
    status: int
    doors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A door changed; nobody had asked."""

    board: int
    channel: int
    door: str


Frame = Open | OpenAll | Ask | AskAll | Opened | Told | ToldAll | Pushed


def requests() -> Scanner:
    """Hears what a board is asked."""
    return Scanner(lambda window: _cut(window, asked=True), START[:1], _LONGEST)


def answers() -> Scanner:
    """Hears what boards say."""
    return Scanner(lambda window: _cut(window, asked=False), START[:1], _LONGEST)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    match frame:
        case Open(board, channel):
            return _framed(board, _OPEN, channel)
        case OpenAll(board):
            return _framed(board, _OPEN_ALL)
        case Ask(board, channel):
            return _framed(board, _ASK, channel)
        case AskAll(board):
            return _framed(board, _ASK_ALL)
        case Opened(board, status, channel, door):
            return _framed(board, _OPEN, status, channel, _CODES[door])
        case Told(board, status, channel, door):
            return _framed(board, _ASK, status, channel, _CODES[door])
        case ToldAll(board, status, doors):
            return _framed(board, _ASK_ALL, status, len(doors), *(_CODES[door] for door in doors))
        case Pushed(board, channel, door):
            return _framed(board, _PUSH, channel, _CODES[door])


def _framed(board: int, command: int, *data: int) -> bytes:
    head = START + bytes([_SHORTEST + len(data), board, command, *data])
    return head + bytes([xor8(head)])


def _cut(window: bytes, *, asked: bool) -> Cut | None:
    if window[:4] != START[: len(window)]:
        return NOISE
    if len(window) < 5:
        return None
    if not _SHORTEST <= window[4] <= _LONGEST:
        return NOISE
    raw = window[: window[4]]
    if len(raw) < window[4]:
        return None
    if xor8(raw[:-1]) != raw[-1]:
        return Cut(1, Damaged(CHECKSUM, raw))
    frame = (_asked if asked else _answered)(raw[5], raw[6], raw[7:-1])
    return Cut(len(raw), frame or Damaged(SHAPE, raw))


def _asked(board: int, command: int, data: bytes) -> Frame | None:
    if len(data) == 1 and command in (_OPEN, _ASK):
        return Open(board, data[0]) if command == _OPEN else Ask(board, data[0])
    if not data and command in (_ASK_ALL, _OPEN_ALL):
        return AskAll(board) if command == _ASK_ALL else OpenAll(board)
    return None


def _answered(board: int, command: int, data: bytes) -> Frame | None:
    if command in (_OPEN, _ASK) and len(data) == 3 and data[2] in _DOORS:
        return (Opened if command == _OPEN else Told)(board, data[0], data[1], _DOORS[data[2]])
    if command == _PUSH and len(data) == 2 and data[1] in _DOORS:
        return Pushed(board, data[0], _DOORS[data[1]])
    if command == _ASK_ALL and len(data) >= 2 and len(data) == data[1] + 2 and all(one in _DOORS for one in data[2:]):
        return ToldAll(board, data[0], tuple(_DOORS[one] for one in data[2:]))
    return None
