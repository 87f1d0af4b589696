"""The door to the care of a node: copies of what it keeps, versions of what it runs, its clock.

In: an order by name with its arguments. Out: an outcome and an answer, of the columns that `engine.model.flow_devices`
declares. Implemented by the composition root, which knows folders and processes; orders take their time and are carried
out beside every transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.model.node_care import Copy, Version


@dataclass(frozen=True, slots=True)
class Cared:
    """How an order ended, and what it gave."""

    outcome: str
    answer: Mapping[str, object] = field(default_factory=dict)


class NodeCare(Protocol):
    """Carries out orders of the classes `backup`, `update`, `clock` and `node`."""

    def order(self, what: str, arguments: Mapping[str, object]) -> Cared:
        """Carry out `CLASS.COMMAND`. Never raises: what goes wrong is an outcome, and `why` says it in a word."""
        ...


class BackupDesk(Protocol):
    """Copies of a node, for whoever stands at the console. Everything refuses with `CareRefused`."""

    def make(self, every: str = "") -> Copy:
        """A copy in every folder of the plan of that period, of the first one without."""
        ...

    def copies(self) -> Sequence[Copy]:
        """All copies, newest first."""
        ...

    def check(self, name: str, passphrase: str = "") -> Copy:
        """A copy that is whole in at least one folder."""
        ...

    def restore(self, name: str, passphrase: str = "") -> bool:
        """Lay a copy ready; whether it is in force already, else the next start puts it in force."""
        ...

    def choose_passphrase(self, passphrase: str) -> None:
        """Seal the keys of copies under a passphrase as well. Raises ValueError for a short one."""
        ...


class VersionDesk(Protocol):
    """Versions of a node, for whoever stands at the console. Everything refuses with `CareRefused`."""

    def pack(
        self,
        out: Path,
        name: str,
        about: str,
        definitions: Path | None,
        wheel: Path | None,
        suits: Sequence[str] = (),
    ) -> Version:
        """Write a package; `suits` are kinds of machines that it is for, none for all."""
        ...

    def sign(self, package: Path, key: str) -> Version:
        """Sign a package with a key of this node. Refuses as keys do."""
        ...

    def judge(self, package: Path) -> Version:
        """What a package holds, if this node takes it."""
        ...

    def take(self, package: Path) -> Version:
        """Lay a package beside the other versions, tried."""
        ...

    def install(self, name: str) -> None:
        """Let a version come into force when the node is at rest."""
        ...

    def rollback(self) -> str:
        """Let the former version come back; its name."""
        ...

    def versions(self) -> Sequence[Version]:
        """All versions that are here."""
        ...
