"""The two ends of an exchange as installations: the shipped definitions over a broker, each with a home and a database.

In: a folder, the broker's address. Out: stations that can be furnished from within and started as processes: web
processes, workers, or both in one.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import app
from engine.usecases.accounts import actor_of, let_given_stand
from engine.usecases.acting import ENGINE
from engine.usecases.demo import DEMO_AUTHORITY, make_keys
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.parameters import set_parameter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

ROOT = Path(__file__).resolve().parents[1]
FONTS = ROOT / "var" / "cache" / "fonts"
PASSWORD = "Guiju-2026!"
BROKER = "CUSTOMS_EXCHANGE"
FIRM = {"name": "云岚", "TYSHXYDM": "919901017500009156", "customs_code": "9901960011", "dxp_id": "DXPENT0000099001"}
KINDS = ["platform", "seller", "carrier", "payment", "broker"]
ROLES = ["ecommerce", "declarant", "payment", "logistics", "platform_operator"]
GOODS = {"code": "3304990039", "name": "护肤品", "unit1": "035", "vat": "0.13", "consumption": 0, "listed": "allowed"}
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Station:
    """One node of the definitions in a folder; `settings` are further variables of its environment."""

    node: str
    home: Path
    definitions: Path
    database: str
    broker: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Its settings as variables."""
        return {
            "GUIJU_NODE": self.node, "GUIJU_HOME": str(self.home), "GUIJU_DEFINITIONS": str(self.definitions),
            "GUIJU_DATABASE": self.database, BROKER: self.broker, **self.settings,
        }  # fmt: skip

    @contextmanager
    def office(self) -> Iterator[Runtime]:
        """Its parts in this process."""
        os.environ[BROKER] = self.broker
        office = app.Office(app.Settings.of(self.environment))
        try:
            yield office.runtime()
        finally:
            office.database.close()

    @contextmanager
    def running(self, *options: str) -> Iterator[Running]:
        """`guiju run` on a free port, until the end; it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with self._started("run", "--no-demo", "--port", str(port), *options) as running:
            running.await_page(f"http://127.0.0.1:{port}")
            yield running

    @contextmanager
    def working(self) -> Iterator[Running]:
        """`guiju work` until the end."""
        with self._started("work") as running:
            yield running

    @contextmanager
    def _started(self, *arguments: str) -> Iterator[Running]:
        self.home.mkdir(exist_ok=True, mode=0o700)
        FONTS.mkdir(parents=True, exist_ok=True)
        if not (self.home / "fonts").is_symlink():
            (self.home / "fonts").symlink_to(FONTS)  # making them takes half a minute, and once is enough
        log = self.home.parent / f"{self.home.name}-{arguments[0]}.log"
        with log.open("a") as told:
            process = subprocess.Popen(  # noqa: S603 -- our own program
                [str(Path(sys.executable).with_name("guiju")), *arguments],
                cwd=ROOT, env={**os.environ, **self.environment}, stdout=told, stderr=told, start_new_session=True,
            )  # fmt: skip
        running = Running(process, log)
        try:
            yield running
        finally:
            running.stop()


@dataclass
class Running:
    """A program that was started, and the processes that it began: a group of their own."""

    process: subprocess.Popen[bytes]
    log: Path
    address: str = ""

    def children(self) -> list[int]:
        """The processes that serve or work, alive, the oldest first; those beside them make fonts, read, sign."""
        return sorted(pid for pid, above in members(self.process.pid) if above == self.process.pid and _is_ours(pid))

    def await_children(self, count: int, gone: frozenset[int] = frozenset()) -> list[int]:
        """The processes, once there are so many and none of those that are gone."""
        for _ in range(600):
            found = self.children()
            if len(found) == count and not gone & set(found):
                return found
            time.sleep(0.05)
        raise AssertionError(f"{len(found)} processes instead of {count}: {self.log.read_text()[-2000:]}")

    def await_page(self, address: str) -> None:
        """Come back when it answers."""
        for _ in range(600):
            if self.process.poll() is not None:
                break
            with suppress(OSError), urlopen(f"{address}/login", timeout=5):  # noqa: S310 -- our own server
                self.address = address
                return
            time.sleep(0.1)
        raise AssertionError(f"no answer: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End it and what it began."""
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def processor_seconds(self) -> float:
        """Processor time of all its processes so far."""
        return processor_seconds(self.process.pid)


def members(group: int) -> Iterator[tuple[int, int]]:
    """The live processes of a group, each with its parent."""
    for pid, fields in _processes():
        if int(fields[2]) == group and fields[0] != "Z":
            yield pid, int(fields[1])


def processor_seconds(group: int) -> float:
    """Processor time that the processes of a group have had so far."""
    return sum(int(fields[11]) + int(fields[12]) for _, fields in _processes() if int(fields[2]) == group) / TICKS


def _processes() -> Iterator[tuple[int, list[str]]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_text().rpartition(")")[2].split()


def _is_ours(pid: int) -> bool:
    try:
        return b"guiju" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def over_broker(folder: Path, queues: str) -> Path:
    """The shipped definitions with both nodes over a broker, their queues named apart from those of other tests."""
    shutil.copytree(ROOT / "definitions", folder)
    for name in ("firms", "customs"):
        path = folder / f"nodes/{name}.yaml"
        text = path.read_text("utf-8").replace("adapter: database,", "adapter: rabbitmq,").replace(".*}", "}")
        path.write_text(text.replace("queue: ", f"queue: {queues}."), "utf-8")
    return folder


def edited(folder: Path, name: str, before: str, after: str) -> None:
    """One change of a file of definitions."""
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


def put(runtime: Runtime, document: str, **raw: Any) -> str:
    """Put a record in place, past everybody's rights."""
    event = runtime.definitions.machines[document].creating()[0].name

    def act(work: Work) -> str:
        return str(work.apply(work.blank(document), event, ENGINE, Inputs(raw)).values["id"])

    return in_work(runtime, ENGINE, act)


def account(runtime: Runtime, login: str, org: str, roles: list[str]) -> Actor:
    """Somebody who logs in at a station."""
    made = put(runtime, "user", login=login, name=login, roles=roles, password=PASSWORD, org=org)
    found = actor_of(runtime, made)
    assert found is not None
    return found


def furnish_firm(runtime: Runtime) -> Actor:
    """The firm's node: a firm that is everything at once, its key, goods, `firm` who declares, `admin` who looks."""
    make_keys(runtime)
    org = put(runtime, "org", **FIRM, firm_kinds=KINDS)
    put(runtime, "commodity", **GOODS)
    actor = account(runtime, "firm", org, ROLES)
    account(runtime, "admin", org, ["system_administrator", *ROLES])
    let_given_stand(runtime)
    return actor


def furnish_customs(runtime: Runtime, firm: Runtime, **values: str) -> Actor:
    """The node of customs: its officer, whom it believes, and parameters of the answers."""
    assert runtime.crypto is not None
    assert firm.crypto is not None
    runtime.crypto().issuing.trust(firm.crypto().desk.certificate(DEMO_AUTHORITY))
    org = put(runtime, "org", name="海关", TYSHXYDM="11990101750000974H")
    actor = account(runtime, "customs", org, ["customs_officer"])
    for name, value in values.items():
        set_parameter(runtime, actor, name, value)
    let_given_stand(runtime)
    return actor


def awaited(wanted: Callable[[], bool], seconds: float, what: object = "") -> float:
    """How long it took until something was so. Raises AssertionError."""
    begun = time.monotonic()
    while not wanted():
        assert time.monotonic() < begun + seconds, what() if callable(what) else what
        time.sleep(0.05)
    return time.monotonic() - begun
