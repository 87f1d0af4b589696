"""Packets of fingerprint modules: `EF 01 ADDR4 PID LEN2 data SUM2`, the sum over PID, LEN and data.

In: bytes of a line, either direction. Out: packets, and bytes of packets. LEN counts data and sum. The start may occur
within data: packets are cut by their length, never by looking for the next start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.devices.checks import sum16
from adapters.devices.framing import CHECKSUM, NOISE, Cut, Damaged, Scanner

START = b"\xef\x01"
EVERYBODY = 0xFFFFFFFF
COMMAND, DATA, ACKNOWLEDGE, LAST = 0x01, 0x02, 0x07, 0x08
_HEAD, LONGEST = 9, 9 + 256 + 2
OK, NO_FINGER, DIFFERENT, NOT_FOUND, BAD_PAGE, FULL = 0x00, 0x02, 0x0A, 0x09, 0x0B, 0x1F
MESSY, FEW_POINTS, NO_IMAGE, CAPTURE_FAILED = 0x06, 0x07, 0x15, 0x03
WORDS = {
    0x01: "our packet", 0x02: "no finger", 0x03: "capture", 0x06: "messy", 0x07: "too few points", 0x08: "no match",
    0x09: "not found", 0x0A: "captures differ", 0x0B: "page", 0x0C: "reading a template", 0x0D: "upload",
    0x0F: "upload of the image", 0x10: "deleting", 0x11: "emptying", 0x13: "password", 0x15: "no image", 0x18: "flash",
    0x1A: "register", 0x1D: "port", 0x1F: "full",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; of an acknowledgement the first byte of data is its code."""

    kind: int
    data: bytes
    address: int = EVERYBODY

    @property
    def code(self) -> int:
        """The confirmation code, or the command."""
        return self.data[0] if self.data else -1


def capture() -> Packet:
    """Take an image of the finger."""
    return Packet(COMMAND, b"\x01")


def extract(buffer: int) -> Packet:
    """Make features of the image."""
    return Packet(COMMAND, bytes([0x02, buffer]))


def compare() -> Packet:
    """Hold the two buffers against each other."""
    return Packet(COMMAND, b"\x03")


def search(buffer: int, start: int, count: int) -> Packet:
    """Look for the features of a buffer among the pages."""
    return Packet(COMMAND, bytes([0x04, buffer]) + start.to_bytes(2, "big") + count.to_bytes(2, "big"))


def merge() -> Packet:
    """Make one template of the two buffers."""
    return Packet(COMMAND, b"\x05")


def store(buffer: int, page: int) -> Packet:
    """Keep a template."""
    return Packet(COMMAND, bytes([0x06, buffer]) + page.to_bytes(2, "big"))


def delete(page: int, count: int = 1) -> Packet:
    """Forget templates."""
    return Packet(COMMAND, b"\x0c" + page.to_bytes(2, "big") + count.to_bytes(2, "big"))


def parameters() -> Packet:
    """Ask how the module is set."""
    return Packet(COMMAND, b"\x0f")


def password(value: int = 0) -> Packet:
    """Show the password."""
    return Packet(COMMAND, b"\x13" + value.to_bytes(4, "big"))


def count() -> Packet:
    """Ask how many templates there are."""
    return Packet(COMMAND, b"\x1d")


def table(number: int) -> Packet:
    """Ask which of 256 pages are used: the number of the table."""
    return Packet(COMMAND, bytes([0x1F, number]))


def acknowledged(code: int, *words: int) -> Packet:
    """An acknowledgement with numbers of 16 bits behind its code."""
    return Packet(ACKNOWLEDGE, bytes([code]) + b"".join(one.to_bytes(2, "big") for one in words))


@dataclass(frozen=True, slots=True)
class Parameters:
    """How a module is set: how many pages it has, how strictly it compares, bytes in a data packet, line speed."""

    capacity: int
    security: int
    packet: int
    baud: int


def parameters_of(data: bytes) -> Parameters:
    """The parameters in an acknowledgement, its code before them."""
    words = numbers(data)
    return Parameters(words[2], words[3], 32 << words[6], words[7] * 9600)


def numbers(data: bytes) -> Sequence[int]:
    """Numbers of 16 bits behind the code of an acknowledgement."""
    return [int.from_bytes(data[at : at + 2], "big") for at in range(1, len(data) - 1, 2)]


def requests() -> Scanner:
    """Hears what a module is asked."""
    return Scanner(lambda window: _cut(window, (COMMAND, DATA, LAST)), START[:1], LONGEST)


def answers() -> Scanner:
    """Hears what a module answers."""
    return Scanner(lambda window: _cut(window, (ACKNOWLEDGE, DATA, LAST)), START[:1], LONGEST)


def encode(packet: Packet) -> bytes:
    """The bytes of a packet."""
    counted = bytes([packet.kind]) + (len(packet.data) + 2).to_bytes(2, "big") + packet.data
    return START + packet.address.to_bytes(4, "big") + counted + sum16(counted).to_bytes(2, "big")


def _cut(window: bytes, kinds: Sequence[int]) -> Cut | None:
    if window[:2] != START[: len(window)] or (len(window) > 6 and window[6] not in kinds):
        return NOISE
    if len(window) < _HEAD:
        return None
    length = int.from_bytes(window[7:9], "big")
    if not 3 <= length <= LONGEST - _HEAD:
        return NOISE
    raw = window[: _HEAD + length]
    if len(raw) < _HEAD + length:
        return None
    if sum16(raw[6:-2]) != int.from_bytes(raw[-2:], "big"):
        return Cut(1, Damaged(CHECKSUM, raw))
    return Cut(len(raw), Packet(raw[6], raw[9:-2], int.from_bytes(raw[2:6], "big")))
