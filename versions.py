"""Composition root, versions of a node: packages made, signed, fetched, judged, tried and put in force, taken back.

In: the home of a node, its database and keys, its runtime. Out: versions behind the port `VersionDesk`, and answers to
orders of flows and jobs; what came of them is told to the rules over events and stands in the audit.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from adapters.database.copying import WholeDatabase
from adapters.http.fetching import fetch
from adapters.versions import package as packages
from adapters.versions.places import BUILT_IN, ENTRY, INSTALLED, Versions
from adapters.versions.staging import Staging, alone, version_of
from engine.model.node_care import CareFault, CareRefused, Version
from engine.ports.crypto import CryptoRoom
from engine.problems import DeliveryError
from engine.usecases.care import note_care
from engine.usecases.flow_rest import is_at_rest
from engine.usecases.happenings import tell
from engine.usecases.runtime import Runtime
from partners import MissingSecret, secret
from simulating import is_cut, simulated

VERSIONS, INCOMING = "versions", "incoming"
_BLOCKS = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_TRY_SECONDS = 300
_COMES_YET = frozenset({CareFault.AWAY, CareFault.BUSY, CareFault.MORE, CareFault.ROOM})
"""What is no judgement on a version."""


@dataclass
class VersionRoom:
    """Implements `engine.ports.care.VersionDesk`."""

    home: Path
    url: str
    node: str
    runtime: Callable[[], Runtime]
    crypto: Callable[[], CryptoRoom]

    @property
    def orders(self) -> Mapping[str, Callable[[Mapping[str, str]], Mapping[str, object]]]:
        """What flows and jobs may order of the class `update`, and what each answers."""
        return {
            "update.take": lambda said: {"name": self.fetch(said["address"], said.get("digest", ""), said).name},
            "update.judge": lambda said: self._judged(said["file"], said.get("reference", "")),
            "update.install": lambda said: self._installing(said["name"]),
            "update.rollback": lambda _: {"name": self.rollback()},
            "update.list": lambda _: self._told_versions(),
        }

    @cached_property
    def places(self) -> Versions:
        """Where versions lie."""
        return Versions(self.home / VERSIONS)

    def look(self) -> None:
        """One round: trials that ended are told, a version that waits comes into force when the node is at rest."""
        for outcome in self.places.outcomes():
            done = outcome.state == INSTALLED
            about = {"name": outcome.name, "former": outcome.former}
            said = about if done else {**about, "why": outcome.why}
            tell(self.runtime(), "update.installed" if done else "update.failed", said, key=outcome.id)
            note_care(self.runtime(), "version", {**said, "state": outcome.state})
            self.places.told(outcome)
        if self.places.chosen() and is_at_rest(self.runtime()):
            self.places.release()

    @cached_property
    def staging(self) -> Staging:
        """Where versions are laid ready."""
        return Staging(self.places, self._believes, self._tried)

    def pack(
        self,
        out: Path,
        name: str,
        about: str,
        definitions: Path | None,
        wheel: Path | None,
        suits: Sequence[str] = (),
    ) -> Version:
        """See `engine.ports.care`."""
        parts = {packages.DEFINITIONS: definitions, packages.PROGRAM: wheel}
        given = {part: path for part, path in parts.items() if path is not None}
        return version_of(packages.make(out, name, about, name, given, suits))

    def sign(self, package: Path, key: str) -> Version:
        """See `engine.ports.care`."""
        messages = self.crypto().messages
        return version_of(packages.sign(package, lambda manifest: messages.sign(manifest, key, detached=True)))

    def judge(self, package: Path) -> Version:
        """See `engine.ports.care`."""
        return version_of(self.staging.judge(package))

    def take(self, package: Path, name: str = "", kind: str = "") -> Version:
        """See `engine.ports.care`."""
        return self._ready(self.staging.take(package, name, kind))

    def _ready(self, taken: packages.Package) -> Version:
        about = {"name": taken.name, "version": taken.version, "bytes": taken.size, "about": taken.about}
        self._tell("update.ready", about)
        note_care(self.runtime(), "version", {"name": taken.name})
        return version_of(taken)

    def fetch(self, address: str, digest: str = "", about: Mapping[str, str] = MappingProxyType({})) -> Version:
        """Fetch a package, one piece at a time where `about` says `seconds`, and take it. Refuses as `take`, and
        `away`, `busy`, `more`; a refusal for good is told. What lies here by its name is not fetched again."""
        begun = hashlib.sha256(f"{address}\n{digest}".encode()).hexdigest()  # what others say makes no path
        name, path = about.get("name", ""), self.home / INCOMING / f"{begun}.zip"
        try:
            with alone(path.parent):
                if name in self.places.names():
                    return self._ready(packages.told(self.places.folder / name))
                self._fetched(self._address(address, about.get("service", "")), path, digest, about.get("seconds", ""))
                try:
                    return self.take(path, name, about.get("suits", ""))
                finally:
                    path.unlink(missing_ok=True)
        except CareRefused as refused:
            if refused.fault not in _COMES_YET:
                self._tell("update.refused", {"name": name, "why": refused.fault.value})
            raise

    def _fetched(self, address: str, path: Path, digest: str, seconds: str) -> None:
        if simulated(self.runtime().node) and is_cut(self.home):
            raise CareRefused(CareFault.AWAY)
        for other in path.parent.glob("*.part"):  # begun of a version that is no longer wanted
            if other.stem != path.name:
                other.unlink(missing_ok=True)
        try:
            whole = fetch("versions", address, path, digest, float(seconds or 0))
        except DeliveryError as fault:
            raise CareRefused(CareFault.AWAY if fault.incident.retry else CareFault.BROKEN, str(fault)) from None
        if not whole:
            raise CareRefused(CareFault.MORE)

    def _address(self, address: str, service: str) -> str:
        """A path hangs on the address of a service that the node binds."""
        bound = self.runtime().node.services.get(service)
        if not address.startswith("/") or bound is None:
            return address
        try:
            base = secret(bound.url_from) if bound.url_from else bound.url
        except MissingSecret:
            raise CareRefused(CareFault.AWAY, service) from None
        return f"{base.rstrip('/')}{address}"

    def _judged(self, digest: str, reference: str) -> Mapping[str, object]:
        """Judge a package that lies among the files of the node, and tell what it says of itself."""
        folder = self.home / INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"judged-{os.getpid()}-{threading.get_ident()}.zip"
        try:
            with self.runtime().files.open(digest) as content, path.open("wb") as copy:
                shutil.copyfileobj(content, copy, 1 << 20)
            found = self.judge(path)
        except KeyError:
            self._tell("update.judged", {"reference": reference, "why": CareFault.MISSING.value})
            raise CareRefused(CareFault.MISSING, digest) from None
        except CareRefused as refused:
            self._tell("update.judged", {"reference": reference, "why": refused.fault.value})
            raise
        finally:
            path.unlink(missing_ok=True)
        told = {"name": found.name, "bytes": found.size, "about": found.about}
        self._tell("update.judged", {**told, "reference": reference, "suits": list(found.suits), "why": ""})
        return told

    def install(self, name: str) -> None:
        """See `engine.ports.care`."""
        self.staging.install(name)
        note_care(self.runtime(), "install", {"name": name})

    def rollback(self) -> str:
        """See `engine.ports.care`."""
        name = self.staging.rollback()
        note_care(self.runtime(), "install", {"name": name})
        return name

    def versions(self) -> Sequence[Version]:
        """See `engine.ports.care`."""
        return self.staging.rows()

    def _installing(self, name: str) -> Mapping[str, object]:
        self.install(name)
        return {"name": name}

    def _told_versions(self) -> Mapping[str, object]:
        own = self.places
        names = [BUILT_IN, *own.names()]
        wanted = own.chosen() or own.wanted() or None
        told = {"names": names, "current": own.current(), "former": own.former() or None, "wanted": wanted}
        return {**told, "versions": [one.row() for one in self.versions()]}

    def _believes(self, manifest: bytes, signature: bytes) -> None:
        plan = self.runtime().node.updates
        if plan is None:
            raise CareRefused(CareFault.UNPLANNED)
        room, now = self.crypto(), datetime.now(UTC).replace(tzinfo=None)
        try:
            opened = room.messages.verify(signature, manifest)
            signers = secret(plan.signer_from) if plan.signer_from else plan.signer
            trusted = [room.certificates.read(block.encode()) for block in _BLOCKS.findall(signers)]
        except MissingSecret:
            raise CareRefused(CareFault.UNPLANNED) from None
        except ValueError:  # CryptoRefused is one
            raise CareRefused(CareFault.FOREIGN) from None
        holding = {one.der for one in trusted if one.begins <= now <= one.ends}
        if not opened.signers or not all(one.der in holding for one in opened.signers):
            raise CareRefused(CareFault.FOREIGN, ", ".join(one.subject for one in opened.signers))

    def _tried(self, environment: dict[str, str]) -> str:
        """Bind the node by a version on a copy of the database: its definitions are checked, its tables made."""
        folder = self.home / f".trying-{os.getpid()}-{threading.get_ident()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            shutil.copytree(self.home / "keys", folder / "keys")
            database = WholeDatabase(self.url)
            given = {**environment, "GUIJU_NODE": self.node, "GUIJU_HOME": str(folder), "GUIJU_LANG": "en"}
            verb = ["db", "plan"]
            if database.place is not None:
                database.copy(folder / "guiju.db")
                given["GUIJU_DATABASE"], verb = f"sqlite:///{folder / 'guiju.db'}", ["outbox", "list", "--json"]
            done = subprocess.run(  # noqa: S603 -- our own program
                [sys.executable, "-P", "-c", ENTRY, *verb],
                env=given, capture_output=True, text=True, check=False, timeout=_TRY_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return "too slow"
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        said = done.stderr.strip() or done.stdout.strip()
        return (said.splitlines()[-1][:200] if said else str(done.returncode)) if done.returncode else ""

    def _tell(self, name: str, values: Mapping[str, object]) -> None:
        tell(self.runtime(), name, values)
