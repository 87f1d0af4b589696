"""Doors to devices: locks, contacts, sensors, supplies, readers, fingers, radios, cameras, and the rack of them.

In: orders. Out: values of `engine.model.devices`. Every method that reaches a device raises DeviceFault, and nothing
else than that and what it names. Nothing waits longer than it says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from engine.model.devices import (
    CardText,
    Climate,
    DirectCurrent,
    Enrolled,
    Health,
    LockEvent,
    LockState,
    Match,
    Opening,
    Picture,
    Radio,
    ReadText,
    Supply,
)


class Locks(Protocol):
    """The locks of one board, by their numbers from 1."""

    def open(self, lock: int) -> Opening:
        """One order, at most one pulse; never a second one, whatever comes back. Raises ValueError for a lock that is
        not there. A board that cannot be reached is an outcome, too."""
        ...

    def look(self) -> Mapping[int, LockState]:
        """The states of all locks. Raises DeviceFault."""
        ...

    def watch(self) -> Sequence[LockEvent]:
        """What was ordered and what has changed since the last look. Raises DeviceFault."""
        ...

    @property
    def is_restless(self) -> bool:
        """Whether something is open, in motion, or ordered a moment ago: changes are to be expected."""
        ...


class Contacts(Protocol):
    """Digital inputs and relays of a board, by their numbers from 1."""

    def active(self) -> frozenset[int]:
        """The inputs that are active, by their polarity. Raises DeviceFault."""
        ...

    def switch(self, relay: int, *, on: bool) -> None:
        """Switch a relay, and look whether it did. Raises DeviceFault."""
        ...

    def pulse(self, relay: int, ms: int) -> None:
        """On for so long, timed by the board. Raises DeviceFault, ValueError for a time that no coil stands."""
        ...


class ClimateMeter(Protocol):
    """Temperature and humidity."""

    def read(self) -> Climate:
        """Now. Raises DeviceFault: implausible for what cannot be."""
        ...


class CurrentMeter(Protocol):
    """A direct current."""

    def read(self) -> DirectCurrent:
        """Now. Raises DeviceFault."""
        ...


class PowerSupply(Protocol):
    """An uninterruptible supply."""

    def read(self) -> Supply:
        """How it stands. Raises DeviceFault."""
        ...

    def mains(self) -> bool:
        """Whether there are mains, as it is told to people: blips and self-tests do not count. Raises DeviceFault."""
        ...

    @property
    def has_mains(self) -> bool:
        """The same by what was read so far; nothing is asked."""
        ...

    def close_down(self, off_min: Decimal, on_min: int) -> None:
        """Cut the output in so many minutes, give it back after so many more. Raises DeviceFault, ValueError."""
        ...


class CardReader(Protocol):
    """A reader of identity cards."""

    def read(self) -> CardText | None:
        """The card that lies there; None without one, or with one that was read and not lifted since. Raises
        DeviceFault: removed where it was taken away meanwhile."""
        ...

    def is_there(self) -> bool:
        """Whether a card is found. Raises DeviceFault."""
        ...


class ZoneReader(Protocol):
    """A reader of machine-readable zones."""

    def read(self, within: float, today: date) -> ReadText | None:
        """What is laid on it within this time. Raises DeviceFault."""
        ...


class Fingers(Protocol):
    """A fingerprint module. A page is no identity."""

    def enrol(self, page: int) -> Enrolled:
        """Keep a finger at a page. Raises DeviceFault."""
        ...

    def identify(self) -> Match | None:
        """Whose finger lies there now: None without one, a match without a page where nobody's. Raises DeviceFault."""
        ...

    def delete(self, page: int) -> None:
        """Forget a page. Raises DeviceFault."""
        ...

    def pages(self) -> frozenset[int]:
        """Pages in use, to be compared with whoever keeps the list. Raises DeviceFault."""
        ...


class MobileRadio(Protocol):
    """A mobile module."""

    def read(self) -> Radio:
        """How it stands. Raises DeviceFault."""
        ...

    def send(self, number: str, text: str) -> int:
        """Send a short message; its parts. Raises DeviceFault, ValueError."""
        ...


class Camera(Protocol):
    """Gives pictures."""

    def snapshot(self) -> Picture:
        """One, soon. Raises DeviceFault."""
        ...


class Devices(Protocol):
    """The devices of a node, by the names that its settings give them. Raises DeviceFault (unknown_device) for others,
    and for a name that is of another kind."""

    def locks(self, name: str) -> Locks:
        """A lock board."""
        ...

    def contacts(self, name: str) -> Contacts:
        """A board of relays and inputs."""
        ...

    def climate(self, name: str) -> ClimateMeter:
        """A sensor of temperature and humidity."""
        ...

    def current(self, name: str) -> CurrentMeter:
        """A meter of direct current."""
        ...

    def supply(self, name: str) -> PowerSupply:
        """An uninterruptible supply."""
        ...

    def cards(self, name: str) -> CardReader:
        """A reader of identity cards."""
        ...

    def zones(self, name: str) -> ZoneReader:
        """A reader of machine-readable zones."""
        ...

    def fingers(self, name: str) -> Fingers:
        """A fingerprint module."""
        ...

    def radio(self, name: str) -> MobileRadio:
        """A mobile module."""
        ...

    def camera(self, name: str) -> Camera:
        """A camera."""
        ...

    def health(self) -> Sequence[Health]:
        """How each device is doing, by what was last heard of it."""
        ...

    def ask_after(self, name: str) -> None:
        """Ask one device whether it is there. Raises DeviceFault."""
        ...

    def look_round(self) -> Sequence[Health]:
        """Ask each device in turn whether it is there; one that is offline is asked less often."""
        ...

    def close(self) -> None:
        """Let go of all ports."""
        ...
