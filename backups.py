"""Composition root, copies of a node: made in the folders of its plans, listed, checked, laid ready to be put back.

In: the home of a node, its database and keys, its runtime. Out: copies behind the port `BackupDesk`, and answers to
orders of flows and jobs; what came of them is told to the rules over events and stands in the audit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path

from adapters.backup import restoring
from adapters.backup.presence import Presence
from adapters.backup.shelf import Place, Shelf
from adapters.crypto.copy_keys import NodeCopyKeys
from adapters.crypto.fields import Sm4FieldCipher
from adapters.database.copying import WholeDatabase
from engine.model.node_care import BackupPlan, CareFault, CareRefused, Copy
from engine.usecases.care import note_care
from engine.usecases.happenings import tell
from engine.usecases.runtime import Runtime

LOG = logging.getLogger("guiju")


@dataclass
class Backups:
    """Implements `engine.ports.care.BackupDesk`."""

    home: Path
    url: str
    node: str
    runtime: Callable[[], Runtime]
    cipher: Callable[[], Sm4FieldCipher]
    presence: Presence | None = None

    @property
    def orders(self) -> Mapping[str, Callable[[Mapping[str, str]], Mapping[str, object]]]:
        """What flows and jobs may order of the class `backup`, and what each answers."""
        return {
            "backup.make": lambda said: self.make(said.get("every", "")).row(),
            "backup.list": lambda _: self._told_copies(),
            "backup.check": lambda said: self._telling("checked", said["name"], self.check).row(),
            "backup.restore": lambda said: self._telling(
                "laid", said["name"], lambda name: self._laid(name, said.get("passphrase", ""))
            ).row(),
        }

    @cached_property
    def place(self) -> Place:
        """What is copied."""
        keys = NodeCopyKeys(self.cipher(), self.home / "keys" / "copies.json")
        version = self.runtime().definitions.version[:12]
        return Place(self.home, self.node, WholeDatabase(self.url), keys, version, installed("guiju"))

    @property
    def plans(self) -> Sequence[BackupPlan]:
        """The plans that the node names, each known by its period."""
        return (self.runtime().node.backup or BackupPlan(())).all

    def shelf(self, plan: BackupPlan) -> Shelf:
        """The folders of a plan."""
        return Shelf(self.place, [self.home / folder for folder in plan.folders], plan.keep)

    def _shelf_of(self, name: str) -> Shelf:
        """Where a copy lies; the first plan's where it lies nowhere."""
        shelves = [self.shelf(plan) for plan in self.plans]
        return next((one for one in shelves if any(copy.name == name for copy in one.copies())), shelves[0])

    def make(self, every: str = "") -> Copy:
        """See `engine.ports.care`."""
        plan = next((one for one in self.plans if every in ("", one.every)), None)
        if plan is None:
            self._tell("backup.failed", {"why": CareFault.MISSING.value, "every": every})
            raise CareRefused(CareFault.MISSING, every)
        shelf, faults, about = self.shelf(plan), list[str](), {"every": plan.every}
        before = {one.name for one in shelf.copies()}
        try:
            made = shelf.make(self.runtime().clock.now().replace(microsecond=0), faults.append)
        except CareRefused as refused:
            self._tell("backup.failed", {"why": refused.fault.value, **about})
            raise
        for fault in faults:
            LOG.warning("a folder of copies was left out: %s", fault)
            self._tell("backup.failed", {"why": CareFault.FOLDERS.value, **about})
        self._tell("backup.made", {**made.row(), **about, "place": ", ".join(plan.folders)})
        for name in sorted(before - {one.name for one in shelf.copies()}):
            self._tell("backup.dropped", {"name": name})
        note_care(self.runtime(), "backup", {"name": made.name, "folders": made.folders})
        return made

    def copies(self) -> Sequence[Copy]:
        """See `engine.ports.care`."""
        found = [one for plan in self.plans for one in self.shelf(plan).copies()]
        return sorted(found, key=lambda one: one.name, reverse=True)

    def check(self, name: str, passphrase: str = "") -> Copy:
        """See `engine.ports.care`."""
        return self._shelf_of(name).check(name, passphrase)

    def restore(self, name: str, passphrase: str = "") -> bool:
        """See `engine.ports.care`."""
        self._laid(name, passphrase)
        if self.presence is None or not self.presence.alone():
            return False
        restoring.finish(self.home, self.place.database)
        return True

    def choose_passphrase(self, passphrase: str) -> None:
        """See `engine.ports.care`."""
        self.place.keys.choose(passphrase)

    def _laid(self, name: str, passphrase: str) -> Copy:
        found = restoring.stage(self._shelf_of(name), self.place, name, passphrase)
        note_care(self.runtime(), "restore", {"name": name})
        return found.told(1)

    def _told_copies(self) -> Mapping[str, object]:
        found = self.copies()
        whole = {one.name: shelf.places for shelf in map(self.shelf, self.plans) for one in shelf.copies()}
        newest = found[0] if found else None
        told = {"newest": newest.name if newest else None, "moment": newest.moment if newest else None}
        rows = [
            {**one.row(), "state": "everywhere" if one.folders >= whole[one.name] else "somewhere"} for one in found
        ]
        return {**told, "names": [one.name for one in found], "copies": rows}

    def _telling(self, how: str, name: str, act: Callable[[str], Copy]) -> Copy:
        """Do something with a copy and tell how it went."""
        try:
            found = act(name)
        except CareRefused as refused:
            self._tell(f"backup.{how}", {"name": name, "why": refused.fault.value})
            raise
        self._tell(f"backup.{how}", {"name": name, "why": ""})
        return found

    def _tell(self, name: str, values: Mapping[str, object]) -> None:
        tell(self.runtime(), name, values)
