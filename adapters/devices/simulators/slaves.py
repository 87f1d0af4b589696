"""Modbus devices: relays and inputs, a climate sensor, a meter of direct current.

In: bytes. Out: answers. A coil that is switched on and never off is found by its count in `burning`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from adapters.devices.framing import Scanner
from adapters.devices.modbus import relays, rtu, sensors
from engine.model.devices import Climate, DirectCurrent

_ILLEGAL_FUNCTION, _ILLEGAL_ADDRESS = 1, 2


def bits(numbers: set[int], count: int) -> bytes:
    """Numbers from 1 as bits, the lowest first."""
    value = sum(1 << n - 1 for n in numbers if n <= count)
    return value.to_bytes((count + 7) // 8, "little")


@dataclass
class Relays:
    """`on` are relays under current; `flashed` those that the board timed itself, with their milliseconds."""

    unit: int = 1
    count: int = 8
    on: set[int] = field(default_factory=set)
    active: set[int] = field(default_factory=set)
    welded: set[int] = field(default_factory=set)
    """Relays that do not switch any more."""
    flashed: list[tuple[int, int]] = field(default_factory=list)
    offs: int = 0
    """How often all were let go of."""
    _ear: Scanner = field(default_factory=rtu.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [rtu.encode(answer) for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[rtu.Frame]:
        match event:
            case rtu.Read(unit, rtu.COILS, _, count) if unit == self.unit:
                return [rtu.Given(unit, rtu.COILS, bits(self.on, count))]
            case rtu.Read(unit, rtu.INPUTS, _, count) if unit == self.unit:
                return [rtu.Given(unit, rtu.INPUTS, bits(self.active, count))]
            case rtu.Read(unit, function, _, _) if unit == self.unit:
                return [rtu.Refused(unit, function, _ILLEGAL_FUNCTION)]
            case rtu.Write(unit, function, _, _) if unit == self.unit:
                done = self._done(relays.order_of(event))
                return [event if done else rtu.Refused(unit, function, _ILLEGAL_ADDRESS)]
        return []

    def _done(self, order: relays.Order | None) -> bool:
        match order:
            case relays.Every(_, on):
                self.on = set(range(1, self.count + 1)) if on else set()
                self.offs += not on
            case relays.Flash(_, relay, ms) if relay <= self.count:
                self.flashed.append((relay, ms))
            case relays.Relay(_, coil, on) if coil < self.count:
                if coil + 1 not in self.welded:
                    self.on = self.on | {coil + 1} if on else self.on - {coil + 1}
            case _:
                return False
        return True


@dataclass
class ClimateSlave:
    """`scale` 100 for clones; `dead`: the sensor behind it says nothing any more."""

    climate: Climate = field(default_factory=lambda: Climate(Decimal("21.5"), Decimal("48.2")))
    unit: int = 1
    scale: int = 10
    dead: bool = False
    _ear: Scanner = field(default_factory=rtu.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [rtu.encode(answer) for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[rtu.Frame]:
        if not isinstance(event, rtu.Read) or event.unit != self.unit:
            return []
        if (event.function, event.address, event.count) == (rtu.HOLDING, sensors.ADDRESS, 1):
            return [rtu.Given(event.unit, event.function, sensors.packed([self.unit]))]
        held = {1: self.climate.temperature, 2: self.climate.humidity}
        wanted = range(event.address, event.address + event.count)
        if event.function != rtu.REGISTERS or not set(wanted) <= held.keys():
            return [rtu.Refused(event.unit, event.function, _ILLEGAL_ADDRESS)]
        values = [0 if self.dead else int(held[one] * self.scale) for one in wanted]
        return [rtu.Given(event.unit, event.function, sensors.packed(values))]


@dataclass
class CurrentSlave:
    """A meter at a supply of 12 V."""

    current: DirectCurrent = field(
        default_factory=lambda: DirectCurrent(
            Decimal("12.10"), Decimal("2.50"), Decimal("30.2"), 120, over_voltage=False, under_voltage=False
        )
    )
    unit: int = 1
    _ear: Scanner = field(default_factory=rtu.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [rtu.encode(answer) for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[rtu.Frame]:
        if not isinstance(event, rtu.Read) or event.unit != self.unit:
            return []
        held = sensors.registers_of(self.current)
        wanted = held[event.address : event.address + event.count]
        if event.function != rtu.REGISTERS or len(wanted) != event.count:
            return [rtu.Refused(event.unit, event.function, _ILLEGAL_ADDRESS)]
        return [rtu.Given(event.unit, event.function, sensors.packed(wanted))]
