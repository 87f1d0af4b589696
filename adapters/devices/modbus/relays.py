"""Relays and digital inputs on Modbus RTU boards of the Waveshare kind.

In: relay numbers from 1, milliseconds. Out: talks. A pulse is timed by the board, never by this process, which may die
between on and off. Its value is no legal coil value, so it is a frame of its own. A cut wire has to alarm, so which
level of an input is the active one is a setting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.devices.modbus import rtu
from adapters.devices.modbus.asking import given, written
from adapters.devices.talk import Talk
from engine.model.devices import DeviceFault, Trouble

ALL, PULSE = 0x00FF, 0x0200
UNIT_MS = 100
LONGEST_MS = 10_000
"""A coil is rated for a pulse: more than this is a slip."""


@dataclass(frozen=True, slots=True)
class Relay:
    """One relay on or off, told by its coil number from 0."""

    unit: int
    coil: int
    on: bool


@dataclass(frozen=True, slots=True)
class Flash:
    """One relay on for a while, timed by the board."""

    unit: int
    relay: int
    ms: int


@dataclass(frozen=True, slots=True)
class Every:
    """All relays on or off."""

    unit: int
    on: bool


Order = Relay | Flash | Every


def frame_of(order: Order) -> rtu.Write:
    """The frame of an order. Raises ValueError for a pulse that no coil stands."""
    match order:
        case Relay(unit, coil, on):
            return rtu.Write(unit, rtu.WRITE_COIL, coil, rtu.ON if on else rtu.OFF)
        case Every(unit, on):
            return rtu.Write(unit, rtu.WRITE_COIL, ALL, rtu.ON if on else rtu.OFF)
        case Flash(unit, relay, ms):
            if not UNIT_MS <= ms <= LONGEST_MS or ms % UNIT_MS:
                raise ValueError(ms)
            return rtu.Write(unit, rtu.WRITE_COIL, PULSE + relay - 1, ms // UNIT_MS)


def order_of(frame: rtu.Write) -> Order | None:
    """The order that a frame carries; None for another one."""
    if frame.function != rtu.WRITE_COIL:
        return None
    if PULSE <= frame.address < PULSE + 0x100:
        return Flash(frame.unit, frame.address - PULSE + 1, frame.value * UNIT_MS)
    on = frame.value == rtu.ON
    return Every(frame.unit, on) if frame.address == ALL else Relay(frame.unit, frame.address, on)


@dataclass(frozen=True, slots=True)
class RelayBoard:
    """A board at a unit address with so many relays and inputs."""

    unit: int
    relays: int = 8
    inputs: int = 8
    active_when: dict[int, bool] = field(default_factory=dict)
    """The level at which an input is active; high where none is said."""

    def switch(self, relay: int, *, on: bool) -> Talk[None]:
        """Switch, and look whether it did: what the board answers does not count. Raises DeviceFault."""
        try:
            yield from written(frame_of(Relay(self.unit, relay - 1, on)))
        except DeviceFault as fault:
            if fault.trouble in (Trouble.REFUSED, Trouble.GONE):
                raise
        if (relay in (yield from self.switched())) != on:
            raise DeviceFault(Trouble.REFUSED, f"relay {relay}")

    def pulse(self, relay: int, ms: int) -> Talk[None]:
        """On for a while, timed by the board; sent once, whatever comes back. Raises DeviceFault, ValueError."""
        yield from written(frame_of(Flash(self.unit, relay, ms)))

    def all_off(self) -> Talk[None]:
        """What is sent first of all: a coil may have been left under current. Raises DeviceFault."""
        yield from written(frame_of(Every(self.unit, on=False)))

    def switched(self) -> Talk[frozenset[int]]:
        """The relays that are on. Raises DeviceFault."""
        answer = yield from given(rtu.Read(self.unit, rtu.COILS, 0, self.relays))
        return frozenset(answer.bits) & frozenset(range(1, self.relays + 1))

    def active(self) -> Talk[frozenset[int]]:
        """The inputs that are active, by their polarity. Raises DeviceFault."""
        answer = yield from given(rtu.Read(self.unit, rtu.INPUTS, 0, self.inputs))
        high = frozenset(answer.bits)
        return frozenset(n for n in range(1, self.inputs + 1) if (n in high) == self.active_when.get(n, True))
