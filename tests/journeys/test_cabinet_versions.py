"""A version from its upload at the management side into a real cabinet under its launcher, and one that does not come
up: taken back, and told. Real processes, real packages and signatures, real time."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import app
from adapters.clock.system import SystemClock
from adapters.versions.places import BUILT_IN, Versions
from engine.commands.verbs import main
from engine.usecases.jobs import run_due_jobs
from engine.usecases.parameters import set_parameter
from engine.usecases.runtime import InForce
from engine.usecases.watch_turns import run_watches
from engine.web import WebSettings, create_app
from tests.journeys.test_cabinets import Network, Sides, free_port, furnish, keys
from tests.journeys.test_exchange import ROOT, Node

PATIENCE = 240.0
LAUNCH = "import sys; from launcher import main; sys.exit(main(sys.argv[1:]))"
DEAD = "import sys\ndef main(arguments):\n    return 0 if arguments[0] in ('outbox', 'db') else 3\n"
"""A program that looks sound while it is tried, and does not come up."""


class Now:
    """The clock of the wall, in the place of one that tests move."""

    @property
    def at(self) -> datetime:
        return SystemClock().now()

    def now(self) -> datetime:
        return self.at


class Whole(Node):
    """A node with all that its installation has, the care of itself among it."""

    def __init__(self, name: str, home: Path, definitions: Path, force: InForce | None = None) -> None:
        where = {"GUIJU_HOME": str(home), "GUIJU_NODE": name, "GUIJU_DEFINITIONS": str(definitions)}
        self.office = app.Office(app.Settings.of(where))
        if force is not None:
            self.office.in_force = lambda: force  # type: ignore[method-assign]
        self.runtime = self.office.runtime()
        self.listening = []


class Pair(Sides):
    """Both sides by the clock of the wall."""

    def __init__(self, folder: Path, address: str) -> None:
        self.clock, self.address = Now(), address  # type: ignore[assignment]
        definitions = folder / "definitions"
        shutil.copytree(ROOT / "definitions", definitions)
        self.management = Whole("management", folder / "management", definitions)
        self.cabinet = Whole("cabinet", folder / "cabinet", definitions, self.management.runtime.force)

    def versions(self) -> dict[str, dict[str, Any]]:
        """Versions at the management side by name."""
        return {str(one["bbmc"]): one for one in self.management.all("cabinet_version")}

    def until(self, holds: Callable[[], object]) -> None:
        """The management side works until something is so."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end
            run_due_jobs(self.management.runtime)
            if not self.management.run() + run_watches(self.management.runtime):
                time.sleep(0.1)

    def upload(self, package: Path) -> str:
        """A package is uploaded by the super administrator, and judged."""
        runtime = self.management.runtime
        file = runtime.files.put(package.read_bytes(), package.name, "application/zip")
        made = self.management.act("enter", "cabinet_version", package=file)
        self.until(lambda: self.management.of("cabinet_version", made)["state"] != "checking")
        return made

    def result(self, name: str) -> str:
        """How a version went at the only device."""
        rows = self.versions()[name]["installs"]
        return str(rows[0]["result"]) if rows else ""


def packed(pair: Pair, name: str, *parts: str, signed: bool = True) -> Path:
    """A package of a version."""
    path = pair.management.office.settings.home.parent / f"{name}.zip"
    assert main(pair.management.office, ["package", "make", str(path), "--name", name, *parts]) == 0
    if signed:
        assert main(pair.management.office, ["package", "sign", str(path), "--key", "releases"]) == 0
    return path


@contextmanager
def launched(home: Path, definitions: Path) -> Iterator[Versions]:
    """The cabinet as a process under its launcher."""
    own = {"GUIJU_HOME": str(home), "GUIJU_NODE": "cabinet", "GUIJU_DEFINITIONS": str(definitions)}
    environment = {**os.environ, **own, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-c", LAUNCH, "--settled", "0.5", "run", "--no-demo", "--port", str(free_port())]
    with (home.parent / "cabinet.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=home.parent, stdout=log, stderr=log)  # noqa: S603 -- our own program
    try:
        yield Versions(home / "versions")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    port = free_port()
    monkeypatch.setenv("MANAGEMENT_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("VERSIONS_SIGNER_FILE", str(tmp_path / "releases.cer"))
    monkeypatch.delenv("UNIT_SYSTEM_URL", raising=False)
    made = Pair(tmp_path, f"http://127.0.0.1:{port}")
    signer = ["crypto", "authority", "releases", "--out", str(tmp_path / "releases.cer")]
    assert main(made.management.office, signer) == 0
    network = Network(port, create_app(lambda: made.management.runtime, WebSettings(secret_key="0" * 32)))
    network.mend()
    keys(made)
    made.management.person(["cabinet_super"], name="云岚", TYSHXYDM="11990101750000974H")
    terminal = furnish(made)["terminal"]
    for name in ("quiet_from", "quiet_until"):
        set_parameter(made.cabinet.runtime, made.cabinet.actor, name, "0")
    made.raised("cabinet.terminal", terminal, "register")
    made.until(lambda: made.cabinet.run() + run_watches(made.cabinet.runtime) == 0 and made.cabinet.all("link"))
    made.cabinet.office.database.close()
    yield made
    network.cut()
    made.management.office.database.close()


def test_a_version_comes_into_the_cabinet_and_one_that_does_not_come_up_is_taken_back(pair: Pair, tmp_path: Path):
    definitions = str(tmp_path / "definitions")
    refused = pair.upload(packed(pair, "1.9.0", "--definitions", definitions, signed=False))
    told = pair.management.of("cabinet_version", refused)
    assert (told["state"], told["fault"]) == ("refused", "包已损坏或没有签名")
    sound = pair.upload(packed(pair, "2.0.0", "--definitions", definitions, "--notes", "盘点更快"))
    assert pair.management.of("cabinet_version", sound)["bbsm"] == "盘点更快"
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / "app.py").write_text(DEAD)
    dead = pair.upload(packed(pair, "2.1.0", "--wheel", str(tmp_path / "dead")))
    pair.management.act("publish", "cabinet_version", sound)
    assert pair.result("2.0.0") == "offered"
    with launched(tmp_path / "cabinet", tmp_path / "definitions") as versions:
        pair.until(lambda: pair.result("2.0.0") == "downloading")
        pair.management.act("publish", "cabinet_version", dead)  # the heartbeat of the new version hears of it
        pair.until(lambda: pair.result("2.0.0") == "installed")
        assert (versions.current(), versions.former()) == ("2.0.0", BUILT_IN)
        (device,) = pair.management.all("cabinet_device")
        assert device["sbbb"] == "2.0.0"
        pair.until(lambda: pair.result("2.1.0") == "failed")
        pair.until(lambda: versions.current() == "2.0.0" and not versions.trial())
        row = pair.versions()["2.1.0"]["installs"][0]
        assert row["told"] == "版本-2.1.0未能启动，已回退"
        alarms = pair.management.all("device_alarm")
        assert [one["gjlx"] for one in alarms if one["gjlx"] == "version"] == ["version"]
        (device,) = pair.management.all("cabinet_device")
        assert (device["sbbb"], device["target"]) == ("2.0.0", None)
