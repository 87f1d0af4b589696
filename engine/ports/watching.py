"""Doors through which an operator looks at the machine and at the far ends of channels.

In: nothing that changes anything. Out: how much of the machine is in use; what a far end answers to being asked whether
it is there. Adapters implement these protocols; a channel that cannot be asked cheaply implements none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from engine.model.traffic import ChannelBinding
from engine.model.values import StoredFile


@dataclass(frozen=True, slots=True)
class Disk:
    """A file system: bytes in use and in all, and the same of its inodes (0 in all where it has no such count)."""

    place: str
    used: int
    total: int
    inodes_used: int = 0
    inodes_total: int = 0


@dataclass(frozen=True, slots=True)
class HostLoad:
    """How busy the machine is: processors as a share of 1 (None when not yet known), memory, disks and the database in
    bytes, for how many seconds it has been up (None where it does not say)."""

    processor: float | None
    memory_used: int
    memory_total: int
    disks: Sequence[Disk] = ()
    database: int | None = None
    up_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class NetworkState:
    """Whether there is a way to other machines, and the address that this one has on it."""

    online: bool
    address: str = ""


class Network(Protocol):
    """The network of the machine."""

    def state(self) -> NetworkState:
        """How it stands. Raises OSError where the machine does not say."""
        ...


class PictureShelf(Protocol):
    """Keeps pictures that nothing but happenings refer to."""

    def keep(self, content: bytes, name: str, media: str) -> StoredFile:
        """Keep one; where room is short, the oldest go first. Raises OSError where there is none even so."""
        ...


class Host(Protocol):
    """The machine that this node runs on."""

    def load(self) -> HostLoad:
        """How busy it is. Raises OSError where the machine does not say."""
        ...


@dataclass(frozen=True, slots=True)
class Probed:
    """What a far end answered: in its own words, how many messages wait there where it counts them, and whether a probe
    went there and back."""

    detail: str = ""
    waiting: int | None = None
    probed: bool = False


@runtime_checkable
class Certified(Protocol):
    """A channel whose certificates end some day."""

    @property
    def valid_until(self) -> datetime:
        """When the first of them does (UTC, without offset)."""
        ...


@runtime_checkable
class Probe(Protocol):
    """A channel that can be asked whether its far end is there."""

    def probe(self) -> Probed:
        """Connect; put a probe of one's own there and take it back, where that touches nobody's messages. Raises
        DeliveryError."""
        ...


Prober = Callable[[str, ChannelBinding], Probed | None]
"""Tries a channel as it is bound, or would be, over a connection of its own; None where it cannot be tried. Raises
DeliveryError."""
