"""Frames of card readers with a SAM_V module: `AA AA AA 96 69 LEN2 body CHK`, the last the exclusive-or from LEN on.

In: bytes of a line, either direction. Out: frames, and bytes of frames. LEN counts everything behind it, CHK included.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.devices.checks import xor8
from adapters.devices.framing import CHECKSUM, NOISE, Cut, Damaged, Scanner

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"
LONGEST = 4096
DONE, FOUND = 0x90, 0x9F
NO_CARD, NOT_SELECTED, NOT_READ = 0x80, 0x81, 0x41
WORDS = {
    0x10: "our check byte", 0x11: "our length", 0x21: "our command", 0x24: "unknown", 0x31: "authentication",
    0x32: "authentication", 0x33: "check of data", 0x40: "another kind of card", 0x41: "reading", 0x47: "random number",
    0x60: "self-test", 0x66: "SAM is not authorised", 0x80: "no card", 0x81: "selecting", 0x91: "no such item",
}  # fmt: skip
_HEAD = len(PREAMBLE) + 2


@dataclass(frozen=True, slots=True)
class Command:
    """Two bytes of command and its data."""

    code: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """The third of three status bytes, the other two being zero, and data."""

    status: int
    data: bytes = b""
    before: bytes = b"\x00\x00"

    @property
    def sw3(self) -> str:
        """The status as it is written in tables."""
        return f"{self.status:02X}"

    @property
    def ok(self) -> bool:
        """Done, or found."""
        return self.status in (DONE, FOUND)


FIND, SELECT = Command(0x2001), Command(0x2002)
READ, READ_FINGERS = Command(0x3001), Command(0x3010)
RESET, SELF_TEST, SERIAL = Command(0x10FF), Command(0x11FF), Command(0x12FF)
Frame = Command | Answer


def requests() -> Scanner:
    """Hears what a reader is asked."""
    return Scanner(lambda window: _cut(window, 3, _command), PREAMBLE[:1], LONGEST)


def answers() -> Scanner:
    """Hears what a reader answers."""
    return Scanner(lambda window: _cut(window, 4, _answer), PREAMBLE[:1], LONGEST)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    if isinstance(frame, Command):
        body = frame.code.to_bytes(2, "big") + frame.data
    else:
        body = frame.before + bytes([frame.status]) + frame.data
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes([xor8(counted)])


def _cut(window: bytes, least: int, decoded: Callable[[bytes], Frame]) -> Cut | None:
    if window[:5] != PREAMBLE[: len(window)]:
        return NOISE
    if len(window) < _HEAD:
        return None
    length = int.from_bytes(window[5:7], "big")
    if not least <= length <= LONGEST - _HEAD:
        return NOISE
    raw = window[: _HEAD + length]
    if len(raw) < _HEAD + length:
        return None
    if xor8(raw[5:-1]) != raw[-1]:
        return Cut(1, Damaged(CHECKSUM, raw))
    return Cut(len(raw), decoded(raw[7:-1]))


def _command(body: bytes) -> Frame:
    return Command(int.from_bytes(body[:2], "big"), body[2:])


def _answer(body: bytes) -> Frame:
    return Answer(body[2], body[3:], body[:2])
