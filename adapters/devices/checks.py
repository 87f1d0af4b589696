"""Check values of serial frames: sums, exclusive-or, the CRC of Modbus. In: bytes. Out: a number."""

from __future__ import annotations

from functools import reduce
from operator import xor

_POLYNOMIAL = 0xA001
"""x16 + x15 + x2 + 1, reflected: Modbus over Serial Line V1.02, 6.2.2."""


def sum8(data: bytes) -> int:
    """The low byte of the sum."""
    return sum(data) & 0xFF


def sum16(data: bytes) -> int:
    """The low 16 bits of the sum."""
    return sum(data) & 0xFFFF


def xor8(data: bytes) -> int:
    """All bytes, exclusive-or."""
    return reduce(xor, data, 0)


def _step(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ _POLYNOMIAL if value & 1 else value >> 1
    return value


_STEPS = tuple(_step(value) for value in range(256))


def crc16(data: bytes) -> int:
    """CRC-16/MODBUS; it is sent low byte first."""
    return reduce(lambda crc, byte: crc >> 8 ^ _STEPS[(crc ^ byte) & 0xFF], data, 0xFFFF)
