"""Sensors on Modbus RTU: XY-MD02 (SHT20) for temperature and humidity, PZEM-017 for direct current.

In: registers. Out: values, or a fault where nature does not allow them. Clones scale by 100 instead of 10, which is a
setting; a dead sensor says 0 or FFFF, so a pair of those is no reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from adapters.devices.modbus import rtu
from adapters.devices.modbus.asking import given
from adapters.devices.talk import Talk
from engine.model.devices import Climate, DeviceFault, DirectCurrent, Trouble

COLDEST, HOTTEST = Decimal(-40), Decimal(80)
WETTEST = Decimal(100)
_DEAD = (0x0000, 0xFFFF)
_ALARM = 0xFFFF
TEMPERATURE = 0x0001
"""Register of the temperature; the humidity is the next one."""
ADDRESS = 0x0101
"""Holding register of a climate sensor's own address."""
METERED = 8


def signed(register: int) -> int:
    """A register of two's complement."""
    return register - 0x10000 if register & 0x8000 else register


def climate_of(registers: Sequence[int], scale: int = 10) -> Climate:
    """Temperature and humidity. Raises DeviceFault where they cannot be."""
    if len(registers) != 2 or all(one in _DEAD for one in registers):
        raise DeviceFault(Trouble.IMPLAUSIBLE, str(tuple(registers)))
    temperature, humidity = (Decimal(signed(one)) / scale for one in registers)
    if not (COLDEST <= temperature <= HOTTEST and 0 <= humidity <= WETTEST):
        raise DeviceFault(Trouble.IMPLAUSIBLE, f"{temperature} {humidity}")
    return Climate(temperature, humidity)


def current_of(registers: Sequence[int]) -> DirectCurrent:
    """What a PZEM-017 measures; values of 32 bits have their low word first. Raises DeviceFault."""
    if len(registers) != METERED:
        raise DeviceFault(Trouble.IMPLAUSIBLE, str(tuple(registers)))
    volt, ampere, watt, watt_high, hours, hours_high, over, under = registers
    return DirectCurrent(
        Decimal(volt) / 100,
        Decimal(ampere) / 100,
        Decimal(watt_high << 16 | watt) / 10,
        hours_high << 16 | hours,
        over_voltage=over == _ALARM,
        under_voltage=under == _ALARM,
    )


def registers_of(current: DirectCurrent) -> tuple[int, ...]:
    """The registers that tell this."""
    watt = int(current.watt * 10)
    alarms = (_ALARM if one else 0 for one in (current.over_voltage, current.under_voltage))
    low, high = watt & 0xFFFF, watt >> 16
    hours = current.watt_hours
    return (int(current.volt * 100), int(current.ampere * 100), low, high, hours & 0xFFFF, hours >> 16, *alarms)


def packed(registers: Sequence[int]) -> bytes:
    """Registers as they stand in an answer."""
    return b"".join((one & 0xFFFF).to_bytes(2, "big") for one in registers)


@dataclass(frozen=True, slots=True)
class ClimateSensor:
    """At a unit address; `scale` 100 for clones."""

    unit: int
    scale: int = 10

    def read(self) -> Talk[Climate]:
        """The climate now. Raises DeviceFault."""
        answer = yield from given(rtu.Read(self.unit, rtu.REGISTERS, TEMPERATURE, 2))
        return climate_of(answer.registers, self.scale)


@dataclass(frozen=True, slots=True)
class CurrentSensor:
    """At a unit address."""

    unit: int

    def read(self) -> Talk[DirectCurrent]:
        """What the supply gives now. Raises DeviceFault."""
        answer = yield from given(rtu.Read(self.unit, rtu.REGISTERS, 0, METERED))
        return current_of(answer.registers)
