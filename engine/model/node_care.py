"""What belongs to the care of a node: copies of what it keeps, versions of what it runs, and why one is refused.

Plain data. Times are civil times of the node's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from engine.problems import NOWHERE, Span

KEPT = 8
"""Copies that are kept where nobody says how many."""


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """Where copies go, how many are kept and when they are made by themselves (`every`, `on`, `at` as jobs say it);
    `also` are further ones, to other folders at other times."""

    folders: tuple[str, ...]
    keep: int = KEPT
    every: str = "week"
    on: str = "sunday"
    at: str = "03:30"
    where: Span = NOWHERE
    also: tuple[BackupPlan, ...] = ()

    @property
    def all(self) -> tuple[BackupPlan, ...]:
        """This one and those beside it; each is known by its period."""
        return (self, *self.also)


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """Whose versions are taken: owners of these certificates (PEM) sign them. `signer_from` names the variable that
    holds them."""

    signer: str = ""
    signer_from: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a node. `keys`: a passphrase opens it where the keys of the node are lost."""

    name: str
    moment: datetime
    size: int
    folders: int
    keys: bool
    version: str
    node: str = ""

    def row(self) -> Mapping[str, object]:
        """As flows and happenings tell it."""
        return {
            "name": self.name,
            "moment": self.moment,
            "bytes": self.size,
            "folders": self.folders,
            "keys": self.keys,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Version:
    """One version that lies on this node. `built_in`: what was installed with the machine; `suits`: kinds of machines
    that it is for, all where there are none."""

    name: str
    version: str = ""
    size: int = 0
    about: str = ""
    current: bool = False
    former: bool = False
    wanted: bool = False
    program: bool = False
    definitions: bool = False
    suits: tuple[str, ...] = ()

    def row(self) -> Mapping[str, object]:
        """As flows tell it."""
        state = "current" if self.current else "wanted" if self.wanted else "former" if self.former else "ready"
        told = {"name": self.name, "version": self.version or None, "bytes": self.size or None}
        return {**told, "about": self.about or None, "state": state}


class CareFault(StrEnum):
    """Why something was refused."""

    BROKEN = "broken"  # altered, cut off, or no copy or package at all
    FOREIGN = "foreign"  # another node's, or signed by somebody who is not trusted
    MISSING = "missing"  # nothing of this name
    ROOM = "room"  # no room on the disk
    PASSPHRASE = "passphrase"  # noqa: S105 -- the word, not one
    FOLDERS = "folders"  # none of the folders can be written
    UNFIT = "unfit"  # its definitions have errors, its program wants other libraries, its tables would lose values
    UNPLANNED = "unplanned"  # the node file says nothing of it
    DATABASE = "database"  # cannot be copied or put back
    AWAY = "away"  # cannot be fetched
    MORE = "more"  # fetched in part
    BUSY = "busy"  # another one is under way


class CareRefused(Exception):
    """Something is not done; nothing has changed."""

    def __init__(self, fault: CareFault, about: str = "") -> None:
        self.fault, self.about = fault, about
        super().__init__(f"{fault}: {about}" if about else str(fault))


@dataclass(frozen=True, slots=True)
class Sealed:
    """A data key, sealed under the node's own key and, where there is a passphrase, under that."""

    node: str
    passphrase: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True)
class ClockState:
    """How a node's clock stands: seconds added to the machine's, whether it is trusted, how often it has jumped."""

    offset: float = 0.0
    trusted: bool = True
    jumps: int = 0
    about: Mapping[str, object] = field(default_factory=dict)
