"""Composition root, care of a node: its copies, its versions and its clock behind the port `NodeCare`.

In: the home of a node, its database, keys and clock, its runtime. Out: orders carried out, for flows, jobs, the worker
and the console; what must be looked at again and again, by one process of the node. Long because all of it meets here.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version as installed
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from adapters.backup import restoring
from adapters.backup.presence import Presence
from adapters.backup.shelf import Place, Shelf
from adapters.clock.corrected import CorrectedClock
from adapters.clock.system import ZONE
from adapters.crypto.copy_keys import NodeCopyKeys
from adapters.crypto.fields import Sm4FieldCipher
from adapters.database.copying import WholeDatabase
from adapters.host.lifeline import Lifeline
from adapters.host.reserve import Reserve
from adapters.http.fetching import fetch
from adapters.versions import package as packages
from adapters.versions.places import BUILT_IN, ENTRY, INSTALLED, Versions, running
from adapters.versions.staging import Staging, alone, version_of
from engine.model.criteria import ALWAYS
from engine.model.node_care import BackupPlan, CareFault, CareRefused, Copy, Version
from engine.model.records import AuditEntry
from engine.ports.care import Cared
from engine.ports.crypto import CryptoRoom
from engine.problems import DeliveryError
from engine.usecases.flow_rest import is_at_rest
from engine.usecases.happenings import tell
from engine.usecases.internal import JOB
from engine.usecases.runtime import Runtime
from partners import MissingSecret, secret
from simulating import is_cut, simulated

LOG = logging.getLogger("guiju")
VERSIONS, INCOMING = "versions", "incoming"
_BLOCKS = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_REST, _TRY_SECONDS, _ANSWER_FIRST = 2.0, 300, 1.0
_OUTCOMES = {CareFault.BROKEN: "broken", CareFault.FOREIGN: "foreign"}
_FAILED = "failed"
_COMES_YET = frozenset({CareFault.AWAY, CareFault.BUSY, CareFault.MORE, CareFault.ROOM})
"""What is no judgement on a version."""


@dataclass
class Care:
    """Implements `engine.ports.care`."""

    home: Path
    url: str
    node: str
    runtime: Callable[[], Runtime]
    cipher: Callable[[], Sm4FieldCipher]
    crypto: Callable[[], CryptoRoom]
    clock: object
    presence: Presence | None = None
    clock_command: str = ""
    versions_of: Versions = field(init=False)

    def __post_init__(self) -> None:
        self.versions_of, self.reserve = Versions(self.home / VERSIONS), Reserve(self.home / "reserve")
        self._full = self._began = False

    # --- orders ------------------------------------------------------------------------------------------------------

    def order(self, what: str, arguments: Mapping[str, object]) -> Cared:
        """Carry out an order; see `engine.model.flow_devices`."""
        texts = {name: "" if value is None else str(value) for name, value in arguments.items()}
        try:
            if what == "clock.set":
                return self._set_clock(arguments.get("moment"))
            return Cared("done", {"why": "", **self._orders[what](texts)})
        except CareRefused as refused:
            LOG.warning("%s is refused: %s", what, refused.fault)
            return Cared(_OUTCOMES.get(refused.fault, _FAILED), {"why": refused.fault.value})
        except Exception as fault:  # the flow that waits for it goes on whatever happens
            LOG.exception("%s failed", what)
            return Cared(_FAILED, {"why": type(fault).__name__})

    @cached_property
    def _orders(self) -> Mapping[str, Callable[[Mapping[str, str]], Mapping[str, object]]]:
        return {
            "backup.make": lambda said: self.make(said.get("every", "")).row(),
            "backup.list": lambda _: self._told_copies(),
            "backup.check": lambda said: self._telling("checked", said["name"], self.check).row(),
            "backup.restore": lambda said: self._telling(
                "laid", said["name"], lambda name: self._laid(name, said.get("passphrase", ""))
            ).row(),
            "update.take": lambda said: {"name": self.fetch(said["address"], said.get("digest", ""), said).name},
            "update.judge": lambda said: self._judged(said["file"], said.get("reference", "")),
            "update.install": lambda said: self._installing(said["name"]),
            "update.rollback": lambda _: {"name": self.rollback()},
            "update.list": lambda _: self._told_versions(),
            "clock.state": lambda _: self._told_clock(),
            "node.restart": lambda _: self._restart(),
        }

    # --- copies ------------------------------------------------------------------------------------------------------

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
        self._note("backup", {"name": made.name, "folders": made.folders})
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
        self._note("restore", {"name": name})
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

    # --- versions ----------------------------------------------------------------------------------------------------

    @cached_property
    def staging(self) -> Staging:
        """Where versions are laid ready."""
        return Staging(self.versions_of, self._believes, self._tried)

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
        self._note("version", {"name": taken.name})
        return version_of(taken)

    def fetch(self, address: str, digest: str = "", about: Mapping[str, str] = MappingProxyType({})) -> Version:
        """Fetch a package, one piece at a time where `about` says `seconds`, and take it. Refuses as `take`, and
        `away`, `busy`, `more`; a refusal for good is told. What lies here by its name is not fetched again."""
        begun = hashlib.sha256(f"{address}\n{digest}".encode()).hexdigest()  # what others say makes no path
        name, path = about.get("name", ""), self.home / INCOMING / f"{begun}.zip"
        try:
            with alone(path.parent):
                if name in self.versions_of.names():
                    return self._ready(packages.told(self.versions_of.folder / name))
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
            path.write_bytes(self.runtime().files.get(digest))
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
        self._note("install", {"name": name})

    def rollback(self) -> str:
        """See `engine.ports.care`."""
        name = self.staging.rollback()
        self._note("install", {"name": name})
        return name

    def versions(self) -> Sequence[Version]:
        """See `engine.ports.care`."""
        return self.staging.rows()

    def _installing(self, name: str) -> Mapping[str, object]:
        self.install(name)
        return {"name": name}

    def _told_versions(self) -> Mapping[str, object]:
        own = self.versions_of
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
            database = self.place.database
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

    # --- clock -------------------------------------------------------------------------------------------------------

    def _set_clock(self, moment: object) -> Cared:
        if isinstance(moment, str):  # out of the outbox
            with suppress(ValueError):
                moment = datetime.fromisoformat(moment)
        if not isinstance(moment, datetime) or not isinstance(self.clock, CorrectedClock):
            return Cared(_FAILED, {"why": "moment"})
        if self.clock_command and self._set_machine(moment):
            self.clock.was_set()
        before, offset = self.clock.state(), self.clock.set(moment)
        told = {"offset": round(offset), "trusted": True}
        if before.offset != offset or not before.trusted:
            self._tell("clock.set", told)
            self._note("clock", {"offset": offset})
        return Cared("done", {**told, "why": ""})

    def _set_machine(self, moment: datetime) -> bool:
        utc = moment.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
        words = [*shlex.split(self.clock_command), f"{utc:%Y-%m-%d %H:%M:%S}"]
        with suppress(OSError, subprocess.TimeoutExpired):
            done = subprocess.run(words, capture_output=True, check=False, timeout=10)  # noqa: S603 -- an operator's
            return done.returncode == 0
        return False

    def _told_clock(self) -> Mapping[str, object]:
        if not isinstance(self.clock, CorrectedClock):
            return {"offset": 0, "trusted": True, "jumps": 0}
        state = self.clock.state()
        return {"offset": round(state.offset), "trusted": state.trusted, "jumps": state.jumps}

    # --- again and again ---------------------------------------------------------------------------------------------

    def watch(self) -> None:
        """What one process of the node looks after: its clock, versions that wait, trials that ended, the disk."""
        descriptor = os.open(self.home / "care.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # others wait here for the death of this one
        while True:
            try:
                self.look()
            except Exception:
                LOG.exception("the care of the node waits")  # the database may be away for a while
            time.sleep(_REST)

    def look(self) -> None:
        """One round. Raises what the store raises when it is away."""
        if not self._began and self.versions_of.trial() is None:  # one on trial may be gone again at once
            self._tell("node.began", {"version": running()})
            self._began = True  # after it is told: the next round tells it where the store was away
        full = self.reserve.look()
        if full != self._full:
            self._full = full
            LOG.warning("the disk is full" if full else "there is room on the disk again")
            self._tell("store.failed" if full else "store.back", {"why": CareFault.ROOM.value} if full else {})
        if isinstance(self.clock, CorrectedClock) and (jump := self.clock.look()):
            trusted = self.clock.state().trusted
            self._tell("clock.jumped", {"seconds": round(jump), "trusted": trusted})
            self._note("clock", {"jumped": round(jump), "trusted": trusted})
        for outcome in self.versions_of.outcomes():
            done = outcome.state == INSTALLED
            about = {"name": outcome.name, "former": outcome.former}
            said = about if done else {**about, "why": outcome.why}
            tell(self.runtime(), "update.installed" if done else "update.failed", said, key=outcome.id)
            self._note("version", {**said, "state": outcome.state})
            self.versions_of.told(outcome)
        if self.versions_of.chosen() and is_at_rest(self.runtime()):
            self.versions_of.release()

    def lifeline(self, host: str, port: int) -> None:
        """Tell whoever watches this process that it is ready and lives."""
        Lifeline(host, port, self._is_sound).run()

    def _is_sound(self) -> bool:
        with self.runtime().store.begin(write=False) as unit:
            return unit.count(JOB, ALWAYS, 1) >= 0

    def _telling(self, how: str, name: str, act: Callable[[str], Copy]) -> Copy:
        """Do something with a copy and tell how it went."""
        try:
            found = act(name)
        except CareRefused as refused:
            self._tell(f"backup.{how}", {"name": name, "why": refused.fault.value})
            raise
        self._tell(f"backup.{how}", {"name": name, "why": ""})
        return found

    def _restart(self) -> Mapping[str, object]:
        if not os.environ.get("NOTIFY_SOCKET"):
            raise CareRefused(CareFault.UNPLANNED)  # nobody would begin it anew
        threading.Timer(_ANSWER_FIRST, os.kill, (os.getppid(), signal.SIGTERM)).start()
        return {}

    def _tell(self, name: str, values: Mapping[str, object]) -> None:
        tell(self.runtime(), name, values)

    def _note(self, action: str, about: Mapping[str, object]) -> None:
        runtime = self.runtime()
        runtime.store.note(AuditEntry(runtime.clock.now(), "engine", action, "", "", about))


def arrive(home: Path, url: str) -> Presence | None:
    """Come to a home: what was laid ready to be put back is put back if nobody else is there, and as long as this
    process is there nobody changes the home as a whole. None where there is no home yet."""
    if not home.is_dir():
        return None
    presence = Presence(home)
    if restoring.staged(home) and presence.alone():
        name = restoring.finish(home, WholeDatabase(url))
        LOG.warning("the copy %s was put back", name)
    presence.together()
    return presence


def enter(home: Path, arguments: Sequence[str]) -> None:
    """Go on as the version that is in force, where that brings a program of its own; returns where this is it."""
    versions = Versions(home / VERSIONS)
    name = versions.current()
    if name == BUILT_IN or os.environ.get("GUIJU_VERSION"):
        return
    environment = versions.environment(name, os.environ)
    os.environ.update(environment)
    if versions.program(name) is not None:
        os.execve(sys.executable, [sys.executable, "-P", "-c", ENTRY, *arguments], environment)  # noqa: S606
