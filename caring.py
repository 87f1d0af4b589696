"""Composition root, care of a node: orders behind the port `NodeCare`, its clock, what is looked at again and again.

In: the home of a node, its clock and runtime, its copies and versions. Out: orders carried out, for flows, jobs and the
worker; the rounds of the one process of the node that looks after it; how a process comes to a home.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from adapters.backup import restoring
from adapters.backup.presence import Presence
from adapters.clock.corrected import CorrectedClock
from adapters.clock.system import ZONE
from adapters.database.copying import WholeDatabase
from adapters.host.lifeline import Lifeline
from adapters.host.reserve import Reserve
from adapters.versions.places import BUILT_IN, ENTRY, Versions, running
from backups import Backups
from engine.model.criteria import ALWAYS
from engine.model.node_care import CareFault, CareRefused
from engine.ports.care import Cared
from engine.usecases.care import note_care
from engine.usecases.happenings import tell
from engine.usecases.internal import JOB
from engine.usecases.runtime import Runtime
from versions import VERSIONS, VersionRoom

LOG = logging.getLogger("guiju")
_REST, _ANSWER_FIRST = 2.0, 1.0
_OUTCOMES = {CareFault.BROKEN: "broken", CareFault.FOREIGN: "foreign"}
_FAILED = "failed"


@dataclass
class Care:
    """Implements `engine.ports.care.NodeCare`."""

    home: Path
    runtime: Callable[[], Runtime]
    clock: object
    backups: Backups
    versions: VersionRoom
    clock_command: str = ""

    def __post_init__(self) -> None:
        self.reserve = Reserve(self.home / "reserve")
        self._full = self._began = False

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
        own = {"clock.state": lambda _: self._told_clock(), "node.restart": lambda _: self._restart()}
        return {**self.backups.orders, **self.versions.orders, **own}

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
            note_care(self.runtime(), "clock", {"offset": offset})
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
        if not self._began and self.versions.places.trial() is None:  # one on trial may be gone again at once
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
            note_care(self.runtime(), "clock", {"jumped": round(jump), "trusted": trusted})
        self.versions.look()

    def lifeline(self, host: str, port: int) -> None:
        """Tell whoever watches this process that it is ready and lives."""
        Lifeline(host, port, self._is_sound).run()

    def _is_sound(self) -> bool:
        with self.runtime().store.begin(write=False) as unit:
            return unit.count(JOB, ALWAYS, 1) >= 0

    def _restart(self) -> Mapping[str, object]:
        if not os.environ.get("NOTIFY_SOCKET"):
            raise CareRefused(CareFault.UNPLANNED)  # nobody would begin it anew
        threading.Timer(_ANSWER_FIRST, os.kill, (os.getppid(), signal.SIGTERM)).start()
        return {}

    def _tell(self, name: str, values: Mapping[str, object]) -> None:
        tell(self.runtime(), name, values)


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
