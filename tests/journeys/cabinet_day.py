"""What happens at a cabinet in a day: people take documents out, put them back, think better of it; devices fail.

In: a machine that stands, a seed. Out: a day that knows where each document really is and what was done with it, one
after the other, whatever the record says. Faults are generators: each look at the screen is sent to them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.journeys.at_the_cabinet import PAPERS, Errand, Machine, Person, Place, Shown, paper_of

PUT, TAKEN = "2", "1"
"""Kinds of operation as they are told to the other side."""
FREE = range(36, 46)
"""Locks of drawers that belong to nobody."""
ADMINISTRATOR = {"form": "card", "name": "周管", "number": "11010119800101003"}
BEFORE_OPENING = ("ready", "show")
AT_THE_DOOR = ("put", "passed", "close_irregular")
MODES = {"noise": ("noise",), "glued": ("glued",), "split": ("split",), "stale": ("stale", "instead")}
SILENCES: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"act": "fault", "silent": True}, {"act": "fault"}),
    ({"act": "power", "on": False}, {"act": "power", "on": True}),
)
"""How a board falls silent, and how that ends."""

Course = Generator[None, Shown, None]


@dataclass
class Day:
    """The cabinet, who stands before it, where each document really is, and what was done so far."""

    machine: Machine
    chance: random.Random
    places: dict[str, Place]
    inside: dict[str, bool]
    moves: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """How long each operation took."""

    def operates(self, fault: str = "") -> None:
        """Somebody takes a document out, or puts it back, whatever goes wrong meanwhile; or wanted to."""
        started, number = time.monotonic(), self.chance.choice(sorted(self.inside))
        way = "take_out" if self.inside[number] else "put_in"
        errand = Errand(Person(self.machine), number, self.places[number], way)
        if fault == "dies":
            errand = self._dies(errand)
        else:
            errand.intent = self.chance.choice(("turn_back", "unreadable", "", "", "") if way == "take_out" else _PUTS)
            self._suffers(errand, fault)
        errand.person.does("lift")
        if errand.intent not in ("turn_back", "not_in"):
            self.inside[number] = way == "put_in"
            self.moves.append((number, PUT if way == "put_in" else TAKEN))
        self.faults.extend([fault] if fault else [])
        self.seconds.append(round(time.monotonic() - started, 1))

    def says(self, number: str) -> str:
        """What the record says of a document."""
        known = self.machine.records("cabinet.certificate")
        return str(next(one for one in known if one["ZJHM"] == number)["state"])

    def _suffers(self, errand: Errand, fault: str) -> None:
        course = FAULTS[fault](errand, self.chance) if fault else _nothing(errand, self.chance)
        next(course)

        def beside(seen: Shown) -> None:
            with suppress(StopIteration):
                course.send(seen)

        try:
            errand.runs(beside=beside)
        finally:
            course.close()

    def _dies(self, errand: Errand) -> Errand:
        """Power fails for the node at a step, or a moment after somebody did something there."""
        when = self.chance.randrange(2, 9)
        errand.runs(lambda seen: len(errand.steps) < when)
        if not errand.done and self.chance.random() < 0.7:
            errand.turn(errand.person.looks())
            time.sleep(self.chance.random() / 4)
        self.machine.kill()
        if self.chance.random() < 0.5:
            errand.acts_in_the_dark()
        self.machine.start()
        after = Errand(Person(self.machine), errand.number, errand.place, errand.way, steps=[*errand.steps, "killed"])
        after.moved = errand.moved
        after.done = errand.done or self.says(errand.number) == ("stored" if errand.way == "put_in" else "out")
        after.runs()
        return after


def begun(machine: Machine, seed: int) -> Day:
    """Eight documents in drawers of their own."""
    drawers = {one["id"]: one for one in machine.records("cabinet.drawer")}
    known = [
        one for one in machine.records("cabinet.certificate")
        if one["state"] == "stored" and str(one["ZJHM"]).startswith("EZ") and one["YXQJZRQ"].year > 2027
    ]  # fmt: skip
    chosen = list({one["drawer"]: one for one in sorted(known, key=lambda one: str(one["ZJHM"]))}.values())[:8]
    person, places = Person(machine), {}
    for one in chosen:
        number, drawer = str(one["ZJHM"]), drawers[one["drawer"]]
        PAPERS[number], places[number] = paper_of(one), Place(str(drawer["board"]), int(drawer["lock"]))
        person.does("put", board=places[number].board, lock=places[number].lock)
    return Day(machine, random.Random(seed), places, dict.fromkeys(places, True))  # noqa: S311 -- no secret


def lying(machine: Machine) -> set[tuple[str, int]]:
    """The drawers with something in them, by board and lock; nothing stands open."""
    devices = Person(machine).does("state")["devices"]
    assert not [one["name"] for one in devices if one.get("open")]
    return {(one["name"], lock) for one in devices for lock in one.get("items", ())}


# --- what goes wrong


def _nothing(errand: Errand, chance: random.Random) -> Course:
    while True:
        yield


def _until(*steps: str) -> Generator[None, Shown, Shown]:
    """The look at the first of these steps."""
    while (seen := (yield)).step not in steps:
        pass
    return seen


def _bolt(errand: Errand, act: str, **about: Any) -> None:
    errand.person.does(act, board=errand.place.board, lock=errand.place.lock, **about)


def _stuck(errand: Errand, chance: random.Random) -> Course:
    """The bolt does not move at first."""
    _bolt(errand, "stick", on=True)
    try:
        yield from _until("stuck")
    finally:
        _bolt(errand, "stick", on=False)


def _silence(errand: Errand, chance: random.Random) -> Course:
    """The board says nothing, or has no power, from just before the pulse until somebody reports it."""
    board = errand.place.board
    yield from _until(*BEFORE_OPENING)
    cut, mended = chance.choice(SILENCES)
    errand.person.does(**cut, device=board)
    try:
        yield from _until("lock_fault", "take", "put")
    finally:
        errand.person.does(**mended, device=board)


def _spoilt(mode: str) -> Callable[[Errand, random.Random], Course]:
    """Some answers of the board are not as they should be, from just before the pulse on."""

    def course(errand: Errand, chance: random.Random) -> Course:
        yield from _until(*BEFORE_OPENING)
        errand.person.does(
            "fault", device=errand.place.board, times=chance.randrange(1, 9), **{chance.choice(MODES[mode]): True}
        )
        try:
            yield from _until("finished", "home")
        finally:
            errand.person.does("fault", device=errand.place.board)

    return course


def _misread(errand: Errand, chance: random.Random) -> Course:
    """The reader gives half of a zone, or one with a wrong sign."""
    errand.person.does("fault", device="reader", times=1, **{chance.choice(("cut", "flip")): True})
    try:
        yield from _until("unreadable", "unread", "finished")
    finally:
        errand.person.does("fault", device="reader")


def _forced(errand: Errand, chance: random.Random) -> Course:
    """Another drawer is broken open meanwhile, and closed again."""
    yield from _until(*BEFORE_OPENING)
    lock = chance.choice(FREE)
    errand.person.does("force", board="left1", lock=lock)
    errand.person.sees("forced")
    errand.person.does("close", board="left1", lock=lock)
    yield


def _wrong(errand: Errand, chance: random.Random) -> Course:
    """The bolts are wired wrongly: the pulse opens a drawer that belongs to nobody."""
    yield from _until(*BEFORE_OPENING)
    _bolt(errand, "wire", to=chance.choice(FREE))
    try:
        yield from _until("wrong_drawer")
        if chance.random() < 0.5:
            errand.person.presses("closed")  # it is not
            errand.person.sees("still_open")
    finally:
        _bolt(errand, "wire", to=None)
    yield


def _left_open(errand: Errand, chance: random.Random) -> Course:
    """Nobody closes the drawer until the cabinet says so again."""
    yield from _until(*AT_THE_DOOR, "put_back")
    errand.person.sees("left_open", "left_open_irregular", "abandoned")
    yield


def _unplugged(errand: Errand, chance: random.Random) -> Course:
    """The line of the board, or the reader, is pulled out and put back."""
    device = chance.choice((errand.place.board, "reader"))
    yield from _until(*BEFORE_OPENING, "swipe", "take")
    errand.person.does("unplug", device=device)
    try:
        time.sleep(chance.random())
        yield from _until("lock_fault", "no_reader", "unread", "put", "take", "swipe")
    finally:
        errand.person.does("plug", device=device)


def _card_removed(errand: Errand, chance: random.Random) -> Course:
    """Somebody signs in by identity card, and takes it away while it is read; the second time it stays."""
    person = errand.person
    person.signs_in()
    person.presses("exit")
    person.sees("standby")
    person.presses("touch")
    person.sees("ways")
    person.does("lift_during", step=chance.choice(("select", "read")))
    person.does("lay", paper=ADMINISTRATOR)
    person.sees("card_unread")
    person.does("lift")
    person.sees("ways")
    person.does("lay", paper=ADMINISTRATOR)
    person.sees("home")
    person.does("lift")
    yield from _nothing(errand, chance)


_PUTS = ("not_in", "", "", "", "")
FAULTS: dict[str, Callable[[Errand, random.Random], Course]] = {
    "silence": _silence, "noise": _spoilt("noise"), "glued": _spoilt("glued"), "split": _spoilt("split"),
    "stale": _spoilt("stale"), "stuck": _stuck, "left_open": _left_open, "wrong": _wrong, "misread": _misread,
    "card_removed": _card_removed, "forced": _forced, "unplugged": _unplugged,
}  # fmt: skip
KINDS = (*FAULTS, "dies")


def plan(chance: random.Random, operations: int, faults: int) -> Iterator[str]:
    """The fault of each operation, or none: every kind as often as the others, in any order and at any time."""
    kinds = [one for _ in range(faults // len(KINDS) + 1) for one in chance.sample(KINDS, len(KINDS))][:faults]
    at = dict(zip(sorted(chance.sample(range(operations), faults)), kinds, strict=True))
    yield from (at.get(one, "") for one in range(operations))
