"""What the verbs may ask of the composition root."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from engine.model.devices import FoundDevice, ReplayedFrame
from engine.ports import Clock, DocumentStore, Typesetter, Workbook
from engine.ports.care import BackupDesk, VersionDesk
from engine.ports.crypto import CryptoRoom
from engine.ports.partners import PartnerDesk, Play
from engine.ports.xml import Xml
from engine.problems import Problem
from engine.usecases.runtime import InForce, Runtime


class Composition(Protocol):
    """The parts, put together when they are asked for."""

    @property
    def definitions(self) -> Path:
        """The folder of definitions."""
        ...

    def checked(self, folder: Path | None = None) -> tuple[InForce | None, Sequence[Problem], Mapping[str, str]]:
        """Load and check a folder: definitions in force (None when there are errors), problems, sources by file."""
        ...

    def runtime(self) -> Runtime:
        """The runtime of this node on its database. Raises DefinitionError."""
        ...

    def store(self) -> DocumentStore:
        """The node's database."""
        ...

    def workbook(self) -> Workbook:
        """Reads and writes spreadsheets."""
        ...

    def xml(self, schemas: Mapping[str, str]) -> Xml:
        """Reads XML messages and judges them by the schemas among these texts by path."""
        ...

    def trial(self, force: InForce, clock: Clock, folder: Path) -> Runtime:
        """A runtime on an empty database in memory in a folder, with a clock of the caller."""
        ...

    def typesetter(self, folder: Path) -> Typesetter:
        """Lays out the prints of a folder of definitions."""
        ...

    def changes(self, folder: Path) -> Iterator[None]:
        """One item each time a file of a folder has changed; never ends by itself."""
        ...

    def play_demo(self) -> Sequence[tuple[str, str, str]]:
        """Fill an empty database with the demo data of the definitions; login, password and roles of its accounts that
        still open, whether it was filled now or before."""
        ...

    def bench(self, name: str) -> int | None:
        """Run one of the benches that come with the source; its exit code, None where there is no such bench."""
        ...

    def refused_to_listen(self, host: str, port: int) -> str:
        """Why nobody could listen there; empty where one can."""
        ...

    def serve(self, host: str, port: int, *, works: bool = True) -> int:
        """Run the node until it is stopped; `works` unless workers are elsewhere."""
        ...

    def work(self) -> int:
        """Run workers alone until they are stopped."""
        ...

    def crypto(self) -> CryptoRoom:
        """Providers, keys and certificates of this node."""
        ...

    def backups(self) -> BackupDesk:
        """Copies of this node."""
        ...

    def versions(self) -> VersionDesk:
        """Versions of this node."""
        ...

    def partner_keys(self) -> PartnerDesk:
        """Keys and certificates of partners by AS2 and AS3."""
        ...

    def play_partner(self, play: Play, told: Callable[[str], None]) -> int:
        """Be a partner to try against until it is stopped; what it does is told. Raises ValueError, OSError,
        ImportError where it cannot begin."""
        ...

    def utc(self) -> datetime:
        """The present moment, as certificates count it."""
        ...

    def replay(self, path: Path, today: date) -> Sequence[ReplayedFrame]:
        """Run the worked frames of devices in a file. Raises OSError, ValueError where it holds none."""
        ...

    def simulate_devices(self, told: Callable[[str], None]) -> int:
        """Run the simulated devices of this node until stopped; `told` hears where they stand. Raises DefinitionError,
        OSError, ValueError for a kind without a simulator."""
        ...

    def find_devices(self, ports: Sequence[str], within: float) -> Sequence[FoundDevice]:
        """What answers on these serial ports, or on all that there are; asked alone, nothing is ordered."""
        ...

    def serve_signatures(self, host: str, port: int) -> int:
        """Run this node's signature server until it is stopped. Refuses `unable` where nobody may ask."""
        ...
