"""Lines of a zone out of what a reader sends: `STX line CR … ETX`, or plain lines with CR and LF.

In: bytes. Out: blocks of lines, and how they were framed. A plain block ends when it has the shape of a whole zone, or
when the line falls silent; a block between STX and ETX is whole by its frame. What is no sign of a zone stands as `?`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from adapters.devices.framing import SHAPE, Damaged

STX, ETX = 0x02, 0x03
_ENDS = (0x0D, 0x0A)
_SHAPES = {(44, 44), (36, 36), (30, 30, 30)}
_SHORTEST, _LONGEST = 7, 44
_MOST = 4
_STRANGE = re.compile(rb"[^A-Z0-9<]")
"""A reader may send lower case, or a sign of its own for what it doubts."""


class Framing(Enum):
    """How a reader is set."""

    BLOCK = "stx"
    LINES = "crlf"


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one reading, from the top."""

    lines: tuple[str, ...]
    framing: Framing = Framing.BLOCK


def encode(block: Block) -> bytes:
    """What a reader sends."""
    lines = [line.encode("ascii") for line in block.lines]
    if block.framing is Framing.LINES:
        return b"".join(line + b"\r\n" for line in lines)
    return bytes([STX]) + b"".join(line + b"\r" for line in lines) + bytes([ETX])


class BlockEar:
    """Hears blocks."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = bytearray()
        self._inside = False

    def feed(self, data: bytes) -> list[object]:
        """The blocks that end with these bytes."""
        return [event for byte in data for event in self._byte(byte)]

    def rest(self) -> list[object]:
        """A plain block that has no more lines; one that never ended is damaged."""
        cut_short, line = self._inside, bytes(self._line)
        self._end_line()
        lines = self._taken()
        if cut_short:
            return [Damaged("timeout", "\r".join(lines).encode("ascii"))]
        return [Block(lines, Framing.LINES)] if lines else [Damaged("timeout", line)] if line else []

    def _byte(self, byte: int) -> Sequence[object]:
        if byte == STX:
            self._taken()
            self._line.clear()
            self._inside = True
        elif byte == ETX and self._inside:
            self._end_line()
            lines = self._taken()
            return [Block(lines)] if lines else [Damaged(SHAPE, b"")]
        elif byte in _ENDS:
            return self._end_line()
        elif len(self._line) <= _LONGEST:
            self._line.append(byte)
        return ()

    def _end_line(self) -> Sequence[object]:
        line = bytes(self._line).upper()
        self._line.clear()
        if _SHORTEST <= len(line) <= _LONGEST and len(_STRANGE.findall(line)) * 2 < len(line):
            self._lines = [*self._lines, _STRANGE.sub(b"?", line).decode("ascii")][-_MOST:]
        elif line and not self._inside:
            self._lines.clear()
        if self._inside:
            return ()
        found = next((shape for shape in _SHAPES if tuple(map(len, self._lines))[-len(shape) :] == shape), None)
        return [Block(self._taken()[-len(found) :], Framing.LINES)] if found else ()

    def _taken(self) -> tuple[str, ...]:
        lines, self._lines, self._inside = tuple(self._lines), [], False
        return lines
