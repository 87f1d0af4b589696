"""One look at one device, and what it says: locks, inputs, supply, meters, the radio, the network.

In: doors of `engine.ports`. Out: happenings of `engine.model.happenings`, and columns of the measured row. A state
counts when two looks agree on it. Who looks when, and tells whom, is `kiosk.attending`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.model.devices import LockChange
from engine.ports.devices import ClimateMeter, Contacts, CurrentMeter, Devices, Locks, MobileRadio, PowerSupply
from engine.ports.watching import Network

SOON, AGAIN = 0.05, 0.02
"""Seconds until the next look where something is to be expected, and where the last look was not settled."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict)


class Round(Protocol):
    """What is looked at again and again."""

    @property
    def pause(self) -> float:
        """Seconds until the next look."""
        ...

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """What happened since the last look, and what was measured. Raises DeviceFault, OSError."""
        ...


_CHANGES: Mapping[LockChange, tuple[str, ...]] = {
    LockChange.ORDERED: ("lock.open_sent",),
    LockChange.OPENED: ("lock.opened",),
    LockChange.CLOSED: ("lock.closed",),
    LockChange.FORCED: ("lock.opened", "lock.forced"),
    LockChange.LEFT_OPEN: ("lock.left_open",),
}


@dataclass
class LockRound:
    """The contacts of one board."""

    board: str
    locks: Locks
    every: float

    @property
    def pause(self) -> float:
        """Short while something is open, in motion or ordered."""
        return min(SOON, self.every) if self.locks.is_restless else self.every

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """Raises DeviceFault."""
        told = []
        for event in self.locks.watch():
            about = {"board": self.board, "lock": event.lock}
            for name in _CHANGES[event.change]:
                ordered = {"ordered": event.change is LockChange.OPENED} if name == "lock.opened" else {}
                told.append(Heard(name, {**about, **ordered}))
        return told, {}


@dataclass
class InputRound:
    """The inputs of one board; those that are active at the first settled look are told too."""

    board: str
    contacts: Contacts
    every: float
    _settled: frozenset[int] = frozenset()
    _last: frozenset[int] | None = None

    @property
    def pause(self) -> float:
        """Short where the last look was another one than before."""
        return self.every if self._last == self._settled else min(AGAIN, self.every)

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """Raises DeviceFault."""
        seen, last = self.contacts.active(), self._last
        self._last = seen
        if seen != last or seen == self._settled:
            return (), {}
        former, self._settled = self._settled, seen
        begun = [Heard("input.active", {"board": self.board, "input": one}) for one in sorted(seen - former)]
        ended = [Heard("input.idle", {"board": self.board, "input": one}) for one in sorted(former - seen)]
        return [*begun, *ended], {}


@dataclass
class SupplyRound:
    """Mains and battery: blips and self-tests do not count, a battery is low when two looks say so."""

    supply: PowerSupply
    every: float
    _mains: bool = True
    _low: bool = False
    _was_low: bool = False

    @property
    def pause(self) -> float:
        """Always the same."""
        return self.every

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """Raises DeviceFault."""
        seen = self.supply.read()
        mains, former = self.supply.has_mains, self._mains
        told = [Heard("power.back" if mains else "power.lost")] if mains != former else []
        low = seen.battery_low and self._was_low and not seen.testing
        if low and not self._low:
            told.append(Heard("power.low"))
        self._mains, self._low, self._was_low = mains, low, seen.battery_low
        return told, {"mains": mains, "battery_volt": seen.battery_volt}


@dataclass
class FingerRound:
    """A fingerprint module: which of its pages are in use is told when it is first seen, and whenever it is back: it
    may be another one."""

    name: str
    devices: Devices
    every: float
    _told: bool = False

    @property
    def pause(self) -> float:
        """Always the same."""
        return self.every

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """Raises DeviceFault."""
        told, self._told = self._told, False
        if told:
            self.devices.ask_after(self.name)
            found: list[Heard] = []
        else:
            pages = [{"page": page} for page in sorted(self.devices.fingers(self.name).pages())]
            found = [Heard("finger.listed", {"name": self.name, "pages": pages})]
        self._told = True
        return found, {}


@dataclass(frozen=True, slots=True)
class MeterRound:
    """What is measured and makes no happening of its own."""

    read: Callable[[], Mapping[str, object]]
    every: float

    @property
    def pause(self) -> float:
        """Always the same."""
        return self.every

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """Raises DeviceFault, OSError."""
        return (), self.read()


@dataclass
class NetworkRound:
    """Whether the network is there: gone or back when two looks say so."""

    network: Network
    every: float
    _online: bool = True
    _last: bool = True

    @property
    def pause(self) -> float:
        """Short where the last look was another one than before."""
        return self.every if self._last == self._online else min(0.5, self.every)

    def look(self) -> tuple[Sequence[Heard], Mapping[str, object]]:
        """Raises OSError."""
        state = self.network.state()
        agreed, self._last = state.online == self._last, state.online
        told: list[Heard] = []
        if agreed and state.online != self._online:
            self._online = state.online
            told.append(Heard("network.back" if state.online else "network.lost"))
        return told, {"online": self._online, "address": state.address}


def answers(devices: Devices, name: str) -> Mapping[str, object]:
    """Nothing is measured of what is only asked whether it is there. Raises DeviceFault."""
    devices.ask_after(name)
    return {}


def climate(meter: ClimateMeter) -> Mapping[str, object]:
    """Raises DeviceFault."""
    seen = meter.read()
    return {"temperature": seen.temperature, "humidity": seen.humidity}


def current(meter: CurrentMeter) -> Mapping[str, object]:
    """Raises DeviceFault."""
    seen = meter.read()
    return {"volt": seen.volt, "ampere": seen.ampere}


def radio(module: MobileRadio) -> Mapping[str, object]:
    """Raises DeviceFault."""
    seen = module.read()
    return {"signal": seen.signal, "sim": seen.sim}
