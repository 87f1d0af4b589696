"""Modbus over a serial line (Modbus Application Protocol V1.1b3, Modbus over Serial Line V1.02), as far as needed here.

In: bytes of a line, either direction. Out: frames, and bytes of frames. Addresses are those of the wire, from zero. A
frame has no start and an answer does not name its request: who asks says how long a good answer is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.devices.checks import crc16
from adapters.devices.framing import CHECKSUM, NOISE, Cut, Damaged, Scanner

COILS, INPUTS, HOLDING, REGISTERS = 0x01, 0x02, 0x03, 0x04
WRITE_COIL, WRITE_REGISTER = 0x05, 0x06
_READS, _WRITES = (COILS, INPUTS, HOLDING, REGISTERS), (WRITE_COIL, WRITE_REGISTER)
_EXCEPTION = 0x80
ON, OFF = 0xFF00, 0x0000
LONGEST = 256
EXCEPTIONS = {
    1: "illegal function", 2: "illegal address", 3: "illegal value", 4: "device failure", 5: "acknowledge", 6: "busy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """Ask for so many bits or registers from an address."""

    unit: int
    function: int
    address: int
    count: int


@dataclass(frozen=True, slots=True)
class Write:
    """Set one coil (FF00 on, 0000 off, other values where a device gives them a meaning) or register. The answer to it
    is the same frame."""

    unit: int
    function: int
    address: int
    value: int


@dataclass(frozen=True, slots=True)
class Given:
    """The answer to `Read`: bytes of bits, the lowest first, or of registers."""

    unit: int
    function: int
    data: bytes

    @property
    def bits(self) -> tuple[int, ...]:
        """Numbers of the bits that are set, from 1."""
        return tuple(n + 1 for n in range(len(self.data) * 8) if self.data[n // 8] >> n % 8 & 1)

    @property
    def registers(self) -> tuple[int, ...]:
        """Unsigned values of 16 bits."""
        return tuple(int.from_bytes(self.data[at : at + 2], "big") for at in range(0, len(self.data) - 1, 2))


@dataclass(frozen=True, slots=True)
class Refused:
    """The device said no."""

    unit: int
    function: int
    exception: int


Frame = Read | Write | Given | Refused


def encode(frame: Frame) -> bytes:
    """The bytes of a frame."""
    body = _body(frame)
    return body + crc16(body).to_bytes(2, "little")


def _body(frame: Frame) -> bytes:
    match frame:
        case Read(unit, function, address, value) | Write(unit, function, address, value):
            return bytes([unit, function]) + address.to_bytes(2, "big") + value.to_bytes(2, "big")
        case Given(unit, function, data):
            return bytes([unit, function, len(data)]) + data
        case Refused(unit, function, exception):
            return bytes([unit, function | _EXCEPTION, exception])


def requests() -> Scanner:
    """Hears what devices are asked."""
    return Scanner(lambda window: _cut(window, _request_length, _request), None, LONGEST)


def answers() -> Scanner:
    """Hears what devices answer."""
    return Scanner(lambda window: _cut(window, _answer_length, _answer), None, LONGEST)


def _cut(window: bytes, length_of: Callable[[bytes], int | None], decoded: Callable[[bytes], Frame]) -> Cut | None:
    if len(window) < 3:
        return None if len(window) < 2 or length_of(window + b"\x02") else NOISE
    length = length_of(window)
    if length is None:
        return NOISE
    if len(window) < length:
        return None
    raw = window[:length]
    if crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        return Cut(1, Damaged(CHECKSUM, raw))
    return Cut(length, decoded(raw))


def _request_length(window: bytes) -> int | None:
    return 8 if window[1] in (*_READS, *_WRITES) else None


def _request(raw: bytes) -> Frame:
    unit, function = raw[:2]
    address, value = int.from_bytes(raw[2:4], "big"), int.from_bytes(raw[4:6], "big")
    return (Read if function in _READS else Write)(unit, function, address, value)


def _answer_length(window: bytes) -> int | None:
    function = window[1]
    if function in _READS:
        return window[2] + 5 if 0 < window[2] <= LONGEST - 6 else None
    if function in _WRITES:
        return 8
    return 5 if function & ~_EXCEPTION in (*_READS, *_WRITES) else None


def _answer(raw: bytes) -> Frame:
    unit, function = raw[:2]
    if function & _EXCEPTION:
        return Refused(unit, function & ~_EXCEPTION, raw[2])
    return Given(unit, function, raw[3:-2]) if function in _READS else _request(raw)
