"""What can go wrong on a line, to order: silence, noise, echo, cut, glued, stale, damaged and late answers.

In: what a device was asked and would answer. Out: what reaches the other end, and when. Deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass

NOISE = bytes.fromhex("00 FF 02 8A 57 90 AA EF 28 01 7E")
"""Among it the bytes that frames begin with."""
PIECES = 64
"""What is cut comes byte by byte, or in about so many pieces."""


@dataclass
class Faults:
    """Set while the device runs; `times` is how many answers they concern, None for all."""

    silent: bool = False
    echo: bool = False
    noise: bytes = b""
    after: bytes = b""
    split: bool = False
    glued: bool = False
    """The answer twice in one piece."""
    stale: bool = False
    """The answer before this one comes first."""
    instead: bool = False
    """The answer before this one comes in its place."""
    flip: bool = False
    """One bit of the last byte."""
    cut: int = 0
    """So many bytes are missing at the end."""
    delay: float = 0.0
    times: int | None = None
    _former: bytes = b""

    def clear(self) -> None:
        """All is well again."""
        former = self._former
        self.__init__()  # type: ignore[misc]
        self._former = former

    def applied(self, request: bytes, answers: list[bytes]) -> list[tuple[float, bytes]]:
        """Pieces with the seconds to wait before each."""
        if not answers:
            return [(0.0, request)] if self.echo else []
        if self.times == 0:
            self.clear()
        if self.times is not None:
            self.times -= 1
        data = b"".join(answers)
        former, self._former = self._former, data
        sent = b"" if self.silent else self._spoilt(former, data)
        sent = (request if self.echo else b"") + sent
        if self.split:
            size = max(1, len(sent) // PIECES)
            return [(self.delay if at == 0 else 0.001, sent[at : at + size]) for at in range(0, len(sent), size)]
        return [(self.delay, sent)] if sent else []

    def _spoilt(self, former: bytes, data: bytes) -> bytes:
        if self.instead:
            return former
        if self.flip:
            data = data[:-1] + bytes([data[-1] ^ 0x40])
        if self.cut:
            data = data[: -self.cut]
        return self.noise + (former if self.stale else b"") + data * (2 if self.glued else 1) + self.after
