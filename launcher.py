"""The launcher: a small process that begins the node, watches it, and changes its version or takes that back.

In: the command of the node, the folder of versions, what the node tells by `NOTIFY_SOCKET` (sd_notify(3)). Out: a node
that runs: begun anew when it dies or falls silent; a wanted version put in force and, where it is not ready in time,
the former one again. Imports the standard library and the names of versions alone: it must survive a version that
cannot be imported. Killed anywhere, the next one goes on from what stands in the folder.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from adapters.versions.places import ENTRY, FAILED, INSTALLED, Trial, Versions

READY_SECONDS = 60.0
SETTLED_SECONDS = 3.0
"""How long a new version has to go on after it was ready."""
SILENT_SECONDS = 30.0
"""A node that told that it lives, and does not any more, is begun anew after this."""
STOP_SECONDS = 30.0
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0)
TRIES = 2
"""How often a trial that was cut off is begun anew."""
LOOK, LIVES_EVERY = 0.2, 5.0
_LIFELINE = 1  # PR_SET_PDEATHSIG
_NODE = "node.pid"


@dataclass
class Told:
    """What a node has told of itself since it was begun."""

    ready: bool = False
    alive_at: float = 0.0


@dataclass
class Launcher:
    """Keeps one node running."""

    versions: Versions
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ready_seconds: float = READY_SECONDS
    settled_seconds: float = SETTLED_SECONDS
    silent_seconds: float = SILENT_SECONDS

    def __post_init__(self) -> None:
        self.versions.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="guiju-")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._address = str(Path(self._folder.name) / "told")
        self._socket.bind(self._address)
        self._child: subprocess.Popen[bytes] | None = None
        self._told = Told()
        self._stopped = False
        self._failures, self._lived_at = 0, 0.0

    def run(self) -> int:
        """Until this process is told to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._end_orphan()
        try:
            while not self._stopped:
                self._round()
        finally:
            self._end()
            self._socket.close()
            self._folder.cleanup()
        return 0

    def _stop(self, *_: object) -> None:
        self._stopped = True

    def _round(self) -> None:
        trial = self.versions.trial()
        if trial is not None:
            self._go_on(trial)
        elif self.versions.wanted():
            self._try(self.versions.begin(secrets.token_hex(8)))
        elif self._child is None or self._child.poll() is not None:
            self._begin_anew()
        elif self._is_silent():
            self._say(f"the node was silent for {self.silent_seconds:g} s")
            self._end()
        self._listen(LOOK)

    # --- versions ----------------------------------------------------------------------------------------------------

    def _go_on(self, trial: Trial) -> None:
        """A trial that this launcher did not begin: whoever began it was killed."""
        if trial.tries >= TRIES:
            self._take_back(trial, "the trial was cut off too often")
        else:
            self._try(self.versions.again(trial))

    def _try(self, trial: Trial) -> None:
        if not self.versions.holds(trial.name):
            self._take_back(trial, "no such version")
            return
        self._say(f"version {trial.name} comes in the place of {trial.former}")
        self._end()
        self.versions.switch(trial.name)
        self._begin(trial.name)
        why = self._came_up()
        if self._stopped:
            return  # the trial goes on with the next launcher
        if why:
            self._take_back(trial, why)
        else:
            self.versions.end(trial, INSTALLED)
            self._failures = 0

    def _take_back(self, trial: Trial, why: str) -> None:
        self._say(f"version {trial.name} is taken back: {why}")
        self._end()
        self.versions.switch(trial.former)
        self.versions.end(trial, FAILED, why)
        self._begin(trial.former)

    def _came_up(self) -> str:
        """Why the node that was just begun did not come up; empty when it is ready and goes on."""
        begun = time.monotonic()
        ready_at = 0.0
        while not self._stopped:
            self._listen(LOOK)
            now = time.monotonic()
            if self._child is None or self._child.poll() is not None:
                return f"it ended with {self._child.returncode if self._child else '?'}"
            if self._told.ready and not ready_at:
                ready_at = now
            if ready_at and now - ready_at >= self.settled_seconds:
                return ""
            if not ready_at and now - begun > self.ready_seconds:
                return f"it was not ready within {self.ready_seconds:g} s"
        return ""

    # --- the process -------------------------------------------------------------------------------------------------

    def _begin_anew(self) -> None:
        if self._child is not None:
            self._say(f"the node ended with {self._child.returncode}")
            pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
            self._failures = 0 if self._told.ready else self._failures + 1
            self._end()
            if self.versions.chosen() and not self._told.ready:
                self.versions.release()  # a node that does not run is at rest
            self._rest(pause)
        if not self._stopped and not self.versions.wanted():
            self._begin(self.versions.current())

    def _begin(self, name: str) -> None:
        environment = {**self.versions.environment(name, self.environment), "NOTIFY_SOCKET": self._address}
        environment.pop("WATCHDOG_PID", None)
        environment["WATCHDOG_USEC"] = str(int(self.silent_seconds * 1_000_000))
        self._listen(0)  # what the former node told last
        self._told = Told()
        self._child = subprocess.Popen(  # noqa: S603 -- the node's own command
            [sys.executable, "-P", *self.command],
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 -- this process has one thread
        )
        told = f"{self._child.pid} {_born(self._child.pid)}"
        (self.versions.folder / _NODE).write_text(told, "ascii")

    def _end(self) -> None:
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_SECONDS)
        _kill_group(self._child.pid)
        self._child.wait()
        self._child = None

    def _end_orphan(self) -> None:
        """The node of a launcher that was killed: its number stands in a file, with when it was born."""
        with suppress(OSError, ValueError):
            pid, born = (self.versions.folder / _NODE).read_text("ascii").split()
            if _born(int(pid)) in ("", born):
                _kill_group(int(pid))

    # --- what it tells -----------------------------------------------------------------------------------------------

    def _listen(self, seconds: float) -> None:
        """Hear the node, and tell that the launcher lives: whether the node does is its own business."""
        if time.monotonic() - self._lived_at > LIVES_EVERY:
            self._lived_at = time.monotonic()
            self._pass_on("WATCHDOG=1")
        ready, _, _ = select.select([self._socket], [], [], seconds)
        while ready:
            for line in self._socket.recv(4096).decode("utf-8", "replace").splitlines():
                self._hear(line)
            ready, _, _ = select.select([self._socket], [], [], 0)

    def _hear(self, line: str) -> None:
        if line == "READY=1":
            self._told.ready = True
            self._pass_on(line)
        if line in ("READY=1", "WATCHDOG=1"):
            self._told.alive_at = time.monotonic()

    def _is_silent(self) -> bool:
        return self._told.ready and time.monotonic() - self._told.alive_at > self.silent_seconds

    def _pass_on(self, line: str) -> None:
        """To whoever watches the launcher itself (systemd)."""
        address = self.environment.get("NOTIFY_SOCKET", "")
        if address:
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.sendto(line.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopped and time.monotonic() < until:
            self._listen(LOOK)

    def _say(self, text: str) -> None:
        sys.stderr.write(f"guiju-launch: {text}\n")
        sys.stderr.flush()


def _end_with_parent() -> None:
    """The node ends with its launcher, however that ends (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_LIFELINE, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _born(pid: int) -> str:
    """When a process was begun (proc_pid_stat(5), field 22); empty for none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """`guiju-launch run …`: the verb and options of `guiju` that begin the node; GUIJU_HOME says where it is."""
    os.umask(0o077)
    parser = argparse.ArgumentParser(prog="guiju-launch", description=__doc__)
    parser.add_argument("--ready-within", type=float, default=READY_SECONDS, metavar="SECONDS")
    parser.add_argument("--settled", type=float, default=SETTLED_SECONDS, metavar="SECONDS")
    parser.add_argument("--silent", type=float, default=SILENT_SECONDS, metavar="SECONDS")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="run …")
    options = parser.parse_args(arguments)
    home = Path(os.environ.get("GUIJU_HOME", "var")).resolve()
    command = ["-c", ENTRY, *(options.command or ["run", "--no-demo"])]
    versions = Versions(home / "versions")
    return Launcher(
        versions,
        command,
        ready_seconds=options.ready_within,
        settled_seconds=options.settled,
        silent_seconds=options.silent,
    ).run()


if __name__ == "__main__":
    sys.exit(main())
