"""A line in memory with a clock of its own: drivers against simulators in no time, without threads."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.devices.line import Line
from adapters.devices.simulators.faults import Faults
from adapters.devices.simulators.terminal import Model


@dataclass
class MemoryWire:
    """What is written comes to the model; its answers come back when their time has come."""

    model: Model
    faults: Faults = field(default_factory=Faults)
    has_power: bool = True
    is_gone: bool = False
    time: float = 0.0
    written: bytearray = field(default_factory=bytearray)
    _coming: list[tuple[float, bytes]] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def write(self, data: bytes) -> None:
        self._there()
        self.written += data
        if self.has_power:
            due = self.time
            for delay, piece in self.faults.applied(data, self.model.hear(data)):
                due += delay
                self._coming.append((due, piece))

    def say(self, data: bytes, after: float = 0.0) -> None:
        self._coming.append((self.time + after, data))

    def read(self, seconds: float) -> bytes:
        self._there()
        if not self.has_power:
            self._coming.clear()
        if self._coming and self._coming[0][0] <= self.time + seconds:
            due, data = self._coming.pop(0)
            self.time = max(self.time, due)
            return data
        self.time += seconds
        return b""

    def close(self) -> None:
        """Nothing is open."""

    def _there(self) -> None:
        if self.is_gone:
            raise OSError(5, "Input/output error")


def line_to(wire: MemoryWire, *, echo: bool = False) -> Line:
    return Line(wire, echo=echo, now=wire.now, sleep=wire.sleep)
