"""The devices as the engine uses them: each door of `engine.ports.devices` over its talks.

In: orders. Out: values. Whoever runs talks is given: with it come the port, the turn on it and the health of the
device.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from threading import Lock
from typing import Protocol, TypeVar

from adapters.devices.cards.reading import CardReader
from adapters.devices.fingers.module import FingerModule
from adapters.devices.modbus.relays import RelayBoard
from adapters.devices.modbus.sensors import ClimateSensor, CurrentSensor
from adapters.devices.modem.module import Modem
from adapters.devices.runner import Runner
from adapters.devices.talk import Pause, Talk
from adapters.devices.ups import MainsWatch, Ups
from adapters.devices.zones.reader import ZoneReader
from engine.model.devices import (
    CardText,
    Climate,
    DirectCurrent,
    Enrolled,
    Match,
    Picture,
    Radio,
    ReadText,
    Supply,
)

Result = TypeVar("Result")
UNREAD = 1.0
"""Seconds after which nobody reads any more."""


class Snapshots(Protocol):
    """A camera."""

    def snapshot(self) -> Picture:
        """One picture. Raises DeviceFault."""
        ...


@dataclass
class BoardContacts:
    """See `engine.ports.devices.Contacts`. Relays are let go of before the board is first used."""

    runner: Runner
    board: RelayBoard
    coils: Lock
    _is_safe: bool = False

    def active(self) -> frozenset[int]:
        """The inputs that are active. Raises DeviceFault."""
        self._begin()
        return self.runner.run(self.board.active())

    def switch(self, relay: int, *, on: bool) -> None:
        """Switch a relay, and look whether it did. Raises DeviceFault."""
        self._begin()
        with self.coils:
            self.runner.run(self.board.switch(relay, on=on))

    def pulse(self, relay: int, ms: int) -> None:
        """On for so long, timed by the board. Raises DeviceFault, ValueError."""
        self._begin()
        with self.coils:
            self.runner.run(self.board.pulse(relay, ms))

    def _begin(self) -> None:
        """A process that died may have left a coil under current. Raises DeviceFault."""
        if not self._is_safe and self.board.relays:
            self.runner.run(self.board.all_off())
        self._is_safe = True


@dataclass(frozen=True, slots=True)
class Climates:
    """See `engine.ports.devices.ClimateMeter`."""

    runner: Runner
    sensor: ClimateSensor

    def read(self) -> Climate:
        """Now. Raises DeviceFault."""
        return self.runner.run(self.sensor.read())


@dataclass(frozen=True, slots=True)
class Currents:
    """See `engine.ports.devices.CurrentMeter`."""

    runner: Runner
    sensor: CurrentSensor

    def read(self) -> DirectCurrent:
        """Now. Raises DeviceFault."""
        return self.runner.run(self.sensor.read())


@dataclass
class Supplies:
    """See `engine.ports.devices.PowerSupply`."""

    runner: Runner
    unit: Ups
    now: Callable[[], float] = time.monotonic
    _mains: MainsWatch = field(default_factory=MainsWatch)

    def read(self) -> Supply:
        """How it stands. Raises DeviceFault."""
        supply = self.runner.run(self.unit.read())
        self._mains.see(supply, self.now())
        return supply

    def mains(self) -> bool:
        """Whether there are mains, as it is told to people. Raises DeviceFault."""
        self.read()
        return self.has_mains

    @property
    def has_mains(self) -> bool:
        """The same by what was read so far."""
        return self._mains.present

    def close_down(self, off_min: Decimal, on_min: int) -> None:
        """Cut the output, and give it back. Raises DeviceFault, ValueError."""
        self.runner.run(self.unit.close_down(off_min, on_min))


@dataclass(frozen=True, slots=True)
class Cards:
    """See `engine.ports.devices.CardReader`."""

    runner: Runner
    reader: CardReader

    def read(self) -> CardText | None:
        """The card that lies there. Raises DeviceFault."""
        found = self.runner.run(self.reader.read())
        return None if found is None else found.card

    def is_there(self) -> bool:
        """Whether a card is found. Raises DeviceFault."""
        return self.runner.run(self.reader.is_there())

    def test(self) -> None:
        """The reader's own test. Raises DeviceFault."""
        self.runner.run(self.reader.test())


@dataclass
class Zones:
    """See `engine.ports.devices.ZoneReader`. The reader speaks by itself: what was laid on it while nobody read is
    forgotten, so that a reading is never that of whoever stood there before."""

    runner: Runner
    reader: ZoneReader
    now: Callable[[], float] = time.monotonic
    _read: float = float("-inf")

    def read(self, within: float, today: date) -> ReadText | None:
        """What is laid on it within this time. Raises DeviceFault."""
        self._read = self.now()
        try:
            return self.runner.run(self.reader.read(within, today))
        finally:
            self._read = self.now()

    def is_open(self) -> None:
        """A reader that only speaks can only be asked whether its port is there. Raises DeviceFault."""
        self.runner.run(self._forgotten())

    def _forgotten(self) -> Talk[None]:
        if self.now() - self._read > UNREAD:
            yield from self.reader.forget()
        else:
            yield Pause(0)


@dataclass
class FingerPages:
    """See `engine.ports.devices.Fingers`. The module is opened by its password before the first order, and again
    after it was silent: it may have been without current."""

    runner: Runner
    module: FingerModule
    _is_open: bool = False

    def enrol(self, page: int) -> Enrolled:
        """Keep a finger at a page. Raises DeviceFault."""
        return self._run(self.module.enrol(page))

    def identify(self) -> Match | None:
        """Whose finger lies there now. Raises DeviceFault."""
        return self._run(self.module.identify())

    def delete(self, page: int) -> None:
        """Forget a page. Raises DeviceFault."""
        self._run(self.module.delete(page))

    def pages(self) -> frozenset[int]:
        """Pages in use. Raises DeviceFault."""
        return self._run(self.module.pages())

    def test(self) -> None:
        """Show the password. Raises DeviceFault."""
        self.runner.run(self.module.open())

    def _run(self, talk: Talk[Result]) -> Result:
        if not self._is_open:
            self.test()
        self._is_open = False
        result = self.runner.run(talk)
        self._is_open = True
        return result


@dataclass
class Radios:
    """See `engine.ports.devices.MobileRadio`."""

    runner: Runner
    modem: Modem
    _is_awake: bool = False
    _sent: int = 0

    def read(self) -> Radio:
        """How it stands. Raises DeviceFault."""
        self._begin()
        return self.runner.run(self.modem.read())

    def send(self, number: str, text: str) -> int:
        """Send a short message; its parts. Raises DeviceFault, ValueError."""
        self._begin()
        self._sent += 1
        return self.runner.run(self.modem.send(number, text, self._sent))

    def _begin(self) -> None:
        if not self._is_awake:
            self.runner.run(self.modem.begin())
        self._is_awake = True


@dataclass(frozen=True, slots=True)
class Pictures:
    """See `engine.ports.devices.Camera`."""

    runner: Runner
    camera: Snapshots

    def snapshot(self) -> Picture:
        """One picture, soon. Raises DeviceFault."""
        return self.runner.call(self.camera.snapshot)
