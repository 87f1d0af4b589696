"""What a simulated camera sees: the doors of the cabinet, those that stand open lit. In: states. Out: a PNG."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

CELL, ACROSS = 16, 20
_WALL, _SHUT, _OPEN = (38, 44, 52), (96, 108, 122), (240, 168, 48)


def picture(doors: Sequence[bool], moment: int) -> bytes:
    """A door is a cell, True where it is open; `moment` makes two pictures of one state differ."""
    rows = max(1, -(-len(doors) // ACROSS))
    width, lines = ACROSS * CELL, bytearray()
    for y in range(rows * CELL):
        lines.append(0)
        for x in range(width):
            at = y // CELL * ACROSS + x // CELL
            edge = x % CELL in (0, CELL - 1) or y % CELL in (0, CELL - 1) or at >= len(doors)
            lines += bytes(_WALL if edge else _OPEN if doors[at] else _SHUT)
    head = struct.pack(">IIBBBBB", width, rows * CELL, 8, 2, 0, 0, 0)
    when = b"moment\0" + str(moment).encode("ascii")
    parts = [(b"IHDR", head), (b"tEXt", when), (b"IDAT", zlib.compress(bytes(lines))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
