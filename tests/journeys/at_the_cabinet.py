"""A cabinet as an installation, and somebody before it: the node and its simulated devices as processes of their own.

In: a folder. Out: a machine that starts, dies by `kill -9` and starts again while doors and papers stay as they are,
the management side that does the same, and a person who knows what to do at each screen, takes documents out and puts
them in, and remembers where each really is.

Long because what a person does at each screen is one list.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import app
from adapters.devices.simulators.far import FarCabinet
from engine.model.criteria import Selection
from engine.usecases.runtime import Runtime
from simulating import socket_of
from tests.stations import FONTS, PASSWORD, ROOT, members

ENTER = 'data-pick="([^"]+)" data-key="([^"]+)"'
PATIENCE = 30.0
STARTS = 120.0
"""Seconds at most, on a machine that does much besides."""


@dataclass
class Installation:
    """A node in a folder; it runs between `start` and `kill`."""

    home: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    node: subprocess.Popen[bytes] | None = None
    beside: app.Office | None = None
    kind: str = "management"
    definitions: Path = ROOT / "definitions"
    options: tuple[str, ...] = ("--no-demo",)
    page: ClassVar[str] = "/login"

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.home.mkdir(exist_ok=True, mode=0o700)
        FONTS.mkdir(parents=True, exist_ok=True)
        (self.home / "fonts").symlink_to(FONTS)

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Its settings as variables."""
        return {
            "GUIJU_NODE": self.kind, "GUIJU_HOME": str(self.home), "GUIJU_DEFINITIONS": str(self.definitions),
            "GUIJU_DATABASE": f"sqlite:///{self.home / 'guiju.db'}", "GUIJU_PORT": str(self.port), **self.settings,
        }  # fmt: skip

    @contextmanager
    def standing(self) -> Iterator[Self]:
        """The node runs, until the end of this."""
        with closing(self):
            self.start()
            yield self

    def close(self) -> None:
        """Be done with it."""
        self.kill()
        if self.beside is not None:
            self.beside.database.close()

    def start(self) -> float:
        """Begin the node; seconds until its screen stands."""
        begun = time.monotonic()
        self.launch()
        self.awaited()
        return time.monotonic() - begun

    def launch(self) -> None:
        """Begin the node, and wait for nothing."""
        self.node = self._begun("run", *self.options)

    def awaited(self) -> None:
        """Come back when its screen stands."""
        _until(self._answers, f"{self.home}: the screen", STARTS)

    def kill(self) -> None:
        """The power fails for the node."""
        if self.node is not None:
            group = [pid for pid, _ in members(self.node.pid)]
            for pid in (self.node.pid, *group):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.node.wait()
            self.node = None

    def records(self, document: str) -> list[dict[str, Any]]:
        """What is stored, read beside the node."""
        with self.office().store.begin(write=False) as unit:
            return [one.values for one in unit.select(Selection(document, limit=10_000, tables=None))]

    def office(self) -> Runtime:
        """Its parts in this process, beside the node."""
        if self.beside is None:
            self.beside = app.Office(app.Settings.of(self.environment))
        return self.beside.runtime()

    def _answers(self) -> bool | None:
        assert self.node is not None
        if self.node.poll() is not None:
            raise AssertionError((self.home / "node.log").read_text()[-3000:])
        try:
            with urlopen(f"{self.base}{self.page}", timeout=5):  # noqa: S310 -- our own server
                return True
        except (OSError, HTTPError, URLError):
            return None

    def _begun(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.home / "node.log").open("a") as told:
            return subprocess.Popen(  # noqa: S603 -- our own program
                [str(Path(sys.executable).with_name("guiju")), *arguments],
                cwd=ROOT, env={**os.environ, **self.environment}, stdout=told, stderr=told, start_new_session=True,
            )  # fmt: skip


@dataclass
class Machine(Installation):
    """The cabinet in a folder, with demonstration data: its devices stand while `standing`, whatever its node does."""

    kind: str = "cabinet"
    options: tuple[str, ...] = ()
    page: ClassVar[str] = "/kiosk"

    @contextmanager
    def standing(self) -> Iterator[Self]:
        """Its devices stand, and the node runs; both end with this."""
        devices = self._begun("devices", "simulate")
        try:
            awaited_file = self.home / "simulator"
            _until(lambda: any(awaited_file.glob("*")) or None, "simulators")
            with super().standing():
                yield self
        finally:
            devices.terminate()
            devices.wait()

    def hand(self, act: str, **about: Any) -> Any:
        """Something with the cabinet itself, while its node may be dead."""
        return json.loads(FarCabinet(socket_of(self.home)).ask(json.dumps({"act": act, **about})))

    def stands_open(self, place: Place) -> bool:
        """Whether a drawer does."""
        devices = self.hand("state")["devices"]
        return any(one["name"] == place.board and place.lock in one.get("open", ()) for one in devices)


def _until(found: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    begun = time.monotonic()
    while (given := found()) is None:
        if time.monotonic() > begun + seconds:
            raise AssertionError(what)
        time.sleep(0.02)
    return given


@dataclass(frozen=True)
class Shown:
    """A screen as somebody reads it."""

    token: str
    flow: str
    step: str
    html: str

    @property
    def words(self) -> str:
        """What it says."""
        return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", self.html))

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What may be tapped: path and key."""
        return re.findall(ENTER, self.html)


class Person:
    """Somebody before the machine, with eyes, a finger and papers in hand."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.open = build_opener(HTTPCookieProcessor(CookieJar()))
        with self.open.open(f"{machine.base}/kiosk", timeout=5) as answer:
            found = re.search(r'name="csrf-token" content="([^"]+)"', answer.read().decode())
        assert found is not None
        self.signed = found[1]

    def looks(self) -> Shown:
        """What the screen shows."""
        told = self._ask("/kiosk/screen")
        step, flow = (re.search(f'data-{name}="([^"]*)"', told["html"]) for name in ("step", "flow"))
        assert step is not None
        assert flow is not None
        return Shown(told["token"], flow[1].rpartition(".")[2], step[1], told["html"])

    def presses(self, outcome: str, seen: Shown | None = None, **form: str) -> None:
        """Press a button of the screen as it was seen."""
        token = (seen or self.looks()).token
        self._ask("/kiosk/touch", {"kind": "press", "token": token, "outcome": outcome, "form": form})

    def taps(self, path: str, key: str) -> None:
        """Tap a row."""
        self._ask("/kiosk/touch", {"kind": "pick", "token": self.looks().token, "path": path, "row": key})

    def does(self, act: str, **about: Any) -> Any:
        """Something with the cabinet itself: lay a paper on the reader, close a door, cut a cable."""
        return self._ask("/simulator/act", {"act": act, **about})

    def sees(self, *steps: str, seconds: float = PATIENCE) -> Shown:
        """Wait until the screen is one of these."""
        last: list[Shown] = []

        def found() -> Shown | None:
            last[:] = [self.looks()]
            return last[0] if last[0].step in steps else None

        try:
            return _until(found, "", seconds)
        except AssertionError:
            raise AssertionError(f"{steps}: {last[0].flow}.{last[0].step} {last[0].words[:500]}") from None

    def signs_in(self) -> None:
        """By password, from wherever nobody is signed in."""
        for _ in range(400):
            now = self.looks()
            if now.step == "home":
                return
            if now.step == "standby":
                self.presses("touch", now)
            elif now.step == "ways":
                path, key = next(row for row in now.rows)
                self.taps(path, key)
                self.presses("sign_in", password=PASSWORD)
                self.sees("home", "wrong", "locked")
            time.sleep(0.05)
        raise AssertionError(self.looks().words)

    def _ask(self, path: str, body: object = None) -> Any:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.signed, "Referer": self.machine.base}
        data = None if body is None else json.dumps(body).encode()
        with self.open.open(Request(self.machine.base + path, data, headers), timeout=20) as answer:  # noqa: S310
            return json.load(answer)


@dataclass(frozen=True)
class Place:
    """Where the lock of a drawer hangs."""

    board: str
    lock: int


@dataclass
class Errand:
    """What somebody wants with one document, and what they do at each screen until it is done.

    With an `intent` something else comes of it: they do not take it after all, it cannot be read, it was not put in.
    """

    person: Person
    number: str
    place: Place
    way: str  # put_in | take_out
    intent: str = ""  # turn_back | unreadable: taking out; not_in: putting in
    done: bool = False
    moved: bool = False
    steps: list[str] = field(default_factory=list)

    def runs(
        self,
        before: Callable[[Shown], bool] = lambda seen: True,
        turns: int = 400,
        beside: Callable[[Shown], object] = lambda seen: None,
    ) -> None:
        """Do at each screen what it asks for, until the document is where it should be; `before` is asked at each step
        that is met for the first time, and may end this by saying no; `beside` is told of each look."""
        met: set[str] = set()
        for _ in range(turns):
            seen = self.person.looks()
            if seen.step not in met:
                met.add(seen.step)
                self.steps.append(seen.step)
                if not before(seen):
                    return
            if self.done and seen.step in ("home", "standby"):
                return
            beside(seen)
            self.turn(seen)
            time.sleep(0.03)
        raise AssertionError(f"{self.way} {self.number} {self.intent}: {self.steps} {seen.words[:400]}")

    def turn(self, seen: Shown) -> None:
        """What one screen asks for."""
        person, step = self.person, seen.step
        if step in ("standby", "ways"):
            person.signs_in()
        elif step == "home":
            person.presses(self.way, seen)
        elif step in _DECLINED.get(self.intent, {}):
            self._declines(seen)
        elif step in ("swipe", "take", "unreadable", "unread"):
            self._lays(seen)
        elif step in ("put", "passed", "put_back", "left_open", "abandoned", "close_irregular", "left_open_irregular"):
            self._closes()
        elif step in ("wrong_drawer", "still_open"):
            self._closes_all(seen)
        elif step in ("confirm", "what_happened"):
            self._says(seen)
        elif step in _PRESSED:
            form = {"why": "other"} if step == "unapproved" else {"number": self.number} if step == "search" else {}
            person.presses(_PRESSED[step], seen, **form)
            self.done = self.done or step == "finished"

    def _declines(self, seen: Shown) -> None:
        if seen.step == "take" and self.intent == "unreadable" and not self.moved:
            self.person.does("take", board=self.place.board, lock=self.place.lock)
            self.moved = True
        self.person.presses(_DECLINED[self.intent][seen.step], seen)
        self.done = seen.step in ("what_happened", "confirm")

    def _lays(self, seen: Shown) -> None:
        if seen.step in ("unreadable", "unread"):
            self.person.presses("again", seen)
            return
        if seen.step == "take" and not self.moved:
            self.person.does("take", board=self.place.board, lock=self.place.lock)
            self.moved = True
        self.person.does("lay", paper=PAPERS[self.number])
        with suppress(AssertionError):
            _until(lambda: self.person.looks().step != seen.step or None, "", 3)
        self.person.does("lift")

    def _closes(self) -> None:
        if self.way == "put_in" and not self.moved and self.intent != "not_in":
            self.person.does("put", board=self.place.board, lock=self.place.lock)
            self.moved = True
        self.person.does("close", board=self.place.board, lock=self.place.lock)

    def acts_in_the_dark(self) -> None:
        """While the node is dead: what was to be done at an open drawer, and close it."""
        machine, about = self.person.machine, {"board": self.place.board, "lock": self.place.lock}
        if machine.stands_open(self.place):
            machine.hand("put" if self.way == "put_in" else "take", **about)
            machine.hand("close", **about)
            self.moved = True

    def _closes_all(self, seen: Shown) -> None:
        """Whatever stands open: another drawer came out."""
        for device in self.person.does("state")["devices"]:
            for lock in device.get("open", ()):
                self.person.does("close", board=device["name"], lock=lock)
        self.person.presses("closed", seen)

    def _says(self, seen: Shown) -> None:
        """Where the document really is."""
        if seen.step == "confirm":
            self.person.presses("done" if self.moved else "reopen", seen)
        else:
            self.person.presses("mine" if self.moved else "reopen", seen)


_PRESSED = {
    "already_in": "go_on", "ready": "open", "finished": "home", "by_code": "search", "search": "find",
    "no_approval": "reason", "unapproved": "go_on", "show": "go_on", "stuck": "again", "done_by_hand": "done",
    "waits": "go_on", "drawer_faulty": "repaired", "known": "known", "forced": "known", "power_low": "known",
    "again": "again", "is_it": "right", "lock_fault": "back", "unsure": "back", "unconfirmed": "back",
    "not_bound": "again", "too_old": "reason", "no_reader": "again", "mismatch": "again",
}  # fmt: skip
_DECLINED = {
    "turn_back": {"take": "back", "what_happened": "inside"},
    "not_in": {"confirm": "not_in"},
    "unreadable": {"take": "unreadable", "unread": "unreadable", "cannot_read": "same"},
}
"""Buttons of those who want something else."""
PAPERS: dict[str, dict[str, str]] = {}
"""Papers by their number, as the simulated reader is told of them."""


LINES = {"513": "CS", "517": "CD"}
"""Kinds that are cards of one line, and what theirs begins with."""


def paper_of(known: Mapping[str, Any]) -> dict[str, str]:
    """A document, as the simulated reader is told of it."""
    told = {"number": str(known["ZJHM"]), "birth": f"{known['CSRQ']:%y%m%d}", "expiry": f"{known['YXQJZRQ']:%y%m%d}"}
    if str(known["ZJLX"]) in LINES:
        return {"form": "one_line", "code": LINES[str(known["ZJLX"])], **told}
    surname, _, given = str(known["YWXM"]).partition(" ")
    sex = "M" if known["XB"] == "1" else "F"
    return {"form": "book", "surname": surname, "given": given, "sex": sex, **told}
