"""Power fails at every step of a put-in, a take-out and a stock-take, over pseudo-terminals and with `kill -9`:
afterwards the record says where the document really is, or people are asked; no lock was pulsed twice for one order;
nothing was counted twice, and a stock-take goes on where it stood."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

import pytest

from tests.journeys.at_the_cabinet import PAPERS, Errand, Machine, Person, Place, Shown, paper_of
from tests.journeys.counting import UNFINISHED, Count

STEPS = {
    "take_out": ("by_code", "search", "show", "open", "take", "passed", "done_by_hand", "finished"),
    "put_in": ("swipe", "ready", "open", "put", "confirm", "finished"),
}
FEW = {("take_out", "take"), ("take_out", "done_by_hand"), ("put_in", "open"), ("put_in", "put"), ("put_in", "confirm")}
"""Those that always run; GUIJU_KILLS=all runs every step of both."""
DARK = {("take_out", "take"), ("put_in", "put")}
"""Of these: somebody goes on in the dark."""
OPEN = {"show", "ready", "open", "take", "passed", "put"}
"""Steps at which a drawer may stand open when the power fails."""
NUMBER = "EZ0001137"
COUNTING = (
    "choose", "announce", "open", "swipe", "not_listed", "which_item", "what", "close_drawer", "differences", "mend",
    "mend_open", "mend_put", "mend_confirm", "finished",
)  # fmt: skip
FEW_COUNTING = ("swipe", "mend_put")
COUNTED = ("E90000001", "T90000002", "EZ0001137", "CZ0002137")
STRAYED = "T90000002"
SHORT = {"open", "mend_open"}
"""Not seen by whoever blinks: those before them are killed with the order under way."""
ORDERED = {"announce", "mend"}
"""Where an order to a lock follows."""


@dataclass
class World:
    """A cabinet with one document that goes out and in, and where it really is."""

    machine: Machine
    place: Place
    inside: bool = True
    pulses: list[int] = field(default_factory=list)

    def state(self) -> str:
        """What the record says."""
        known = self.machine.records("cabinet.certificate")
        return str(next(one for one in known if one["ZJHM"] == NUMBER)["state"])

    def errand(self, way: str) -> Errand:
        """Somebody who wants the document out or in."""
        return Errand(Person(self.machine), NUMBER, self.place, way)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("cabinet") / "home")
    with machine.standing():
        known = next(one for one in machine.records("cabinet.certificate") if one["ZJHM"] == NUMBER)
        drawer = next(one for one in machine.records("cabinet.drawer") if one["id"] == known["drawer"])
        PAPERS[NUMBER] = paper_of(known)
        place = Place(str(drawer["board"]), int(drawer["lock"]))
        Person(machine).does("put", board=place.board, lock=place.lock)
        yield World(machine, place)


def wanted() -> list[tuple[str, str, bool]]:
    """The kills of this run: a document that is out is put in next, so both ways take turns."""
    every = [(way, step) for way, steps in STEPS.items() for step in steps]
    if os.environ.get("GUIJU_KILLS") == "all":
        return [(*one, dark) for one in every for dark in ((False, True) if one[1] in OPEN else (False,))]
    return [(*one, one in DARK) for one in every if one in FEW]


def died_at(world: World, way: str, step: str, dark: bool) -> None:
    """Run an errand, kill the node at a step, run on after the restart, and look where the document is; in the dark
    somebody may have done already what was to be done."""
    first = world.errand(way)

    def until(seen: Shown) -> bool:
        return not (seen.step == step and seen.flow == way)

    first.runs(until)
    if step in ("ready", "show"):  # the order to the lock is under way
        first.turn(first.person.looks())
    world.machine.kill()
    if dark:
        first.acts_in_the_dark()
    world.machine.start()
    second = world.errand(way)
    second.moved, second.done = first.moved, first.done or step == "finished"
    stored = world.state() == "stored"
    second.done = second.done or stored == (way == "put_in")
    second.runs()
    world.inside = way == "put_in"
    second.person.does("lift")


@pytest.mark.parametrize(("way", "step", "dark"), wanted())
def test_power_fails(world, way, step, dark):
    if world.inside == (way == "put_in"):
        other = world.errand("take_out" if world.inside else "put_in")
        other.runs()
        world.inside = not world.inside
    died_at(world, way, step, dark)
    begun = time.monotonic()
    while world.state() == "unsure" and time.monotonic() < begun + 1:
        time.sleep(0.1)
    assert world.state() == ("stored" if way == "put_in" else "out")
    numbers = [one["number"] for one in world.machine.records("cabinet.put_take")]
    assert len(numbers) == len(set(numbers))


def stock_taker(world: World) -> Count:
    """Somebody who counts three drawers, in the third of which lies what belongs into the second."""
    drawers = {one["id"]: one for one in world.machine.records("cabinet.drawer")}
    belongs, labels = {}, {}
    for one in world.machine.records("cabinet.certificate"):
        if one["ZJHM"] in COUNTED:
            drawer, PAPERS[str(one["ZJHM"])] = drawers[one["drawer"]], paper_of(one)
            belongs[str(one["ZJHM"])] = labels[str(drawer["label"])] = Place(str(drawer["board"]), int(drawer["lock"]))
    return Count(world.machine, belongs, {**belongs, STRAYED: belongs[NUMBER]}, labels)


def dying(world: World, taker: Count, *steps: str) -> None:
    """Count to the end; the node is killed at the first look at each of these steps, or with the order that follows."""
    left = set(steps)

    def until(seen: Shown) -> bool:
        return not (seen.step in left and seen.flow == "stock_take")

    while not taker.over:
        taker.runs(until)
        if not taker.over:
            last = taker.steps[-1]
            left.discard(last)
            if last in ORDERED:
                taker.turn(Person(world.machine), Person(world.machine).looks())
            world.machine.kill()
            if len(left) % 2:
                taker.acts_in_the_dark()
            world.machine.start()
            taker.laid = set()
    assert left <= SHORT


@pytest.mark.parametrize(
    "steps", [(one,) for one in COUNTING] + [COUNTING] if os.environ.get("GUIJU_KILLS") == "all" else [FEW_COUNTING]
)
def test_power_fails_over_a_stock_take(world, steps):
    if not world.inside:
        world.errand("put_in").runs()
        world.inside = True
    moves = len(world.machine.records("cabinet.put_take"))
    before = {one["id"]: one["state"] for one in world.machine.records("cabinet.certificate")}
    takes = {one["id"] for one in world.machine.records("cabinet.stock_take")}
    taker = stock_taker(world)
    dying(world, taker, *steps)
    (take,) = [one for one in world.machine.records("cabinet.stock_take") if one["id"] not in takes]
    assert take["state"] not in UNFINISHED
    assert (take["normal"], take["wrong"], taker.hand(), taker.lies) == (4, 0, [], taker.belongs)
    items = [one for one in world.machine.records("cabinet.stock_item") if one["take"] == take["id"]]
    assert sorted(one["certificate"] for one in items) == sorted(
        one["id"] for one in world.machine.records("cabinet.certificate")
        if before[one["id"]] in ("stored", "unsure") and one["drawer"]
    )  # fmt: skip
    numbers = {one["id"]: one["ZJHM"] for one in world.machine.records("cabinet.certificate")}
    assert {numbers[one["certificate"]] for one in items if one["state"] == "ticked"} == set(COUNTED)
    differences = [one for one in world.machine.records("cabinet.stock_difference") if one["take"] == take["id"]]
    assert [(one["ZJHM"], one["reason"], one["state"]) for one in differences] == [(STRAYED, "missing", "mended")]
    assert {one["id"]: one["state"] for one in world.machine.records("cabinet.certificate")} == before
    assert len(world.machine.records("cabinet.put_take")) == moves
    assert not [one["name"] for one in Person(world.machine).does("state")["devices"] if one.get("open")]
