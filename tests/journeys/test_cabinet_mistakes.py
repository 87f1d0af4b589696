"""What people do wrong at the cabinet, over pseudo-terminals: a drawer that is closed without a word, somebody else's
document, a name that was misread, approvals that are too old while there is no network."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from tests.journeys.at_the_cabinet import PATIENCE, Machine, Person, Place, Shown, paper_of

TAKEN, CODE = "E90000001", "100001"
"""A document that is kept, and the code of its approval."""
OTHER, TOLD = "EZ0001137", "E90000002"
"""One of somebody else, and one that the centre told of and nobody put in yet."""


class Cabinet:
    """A cabinet and somebody before it."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.person = machine, Person(machine)
        self.drawers = {one["id"]: one for one in machine.records("cabinet.drawer")}

    def known(self, number: str) -> dict[str, Any]:
        """What the record says of a document."""
        return next(one for one in self.machine.records("cabinet.certificate") if one["ZJHM"] == number)

    def place(self, number: str) -> Place:
        """Where it is kept."""
        drawer = self.drawers[self.known(number)["drawer"]]
        return Place(str(drawer["board"]), int(drawer["lock"]))

    def types_code(self, *steps: str) -> Shown:
        """Ask for the document with its code, from the main page."""
        self.person.signs_in()
        self.person.presses("take_out", self.person.sees("home"))
        self.person.presses("next", self.person.sees("by_code"), take_code=CODE)
        return self.person.sees(*steps)

    def opens(self) -> Place:
        """Ask for it until its drawer stands open."""
        self.person.presses("go_on", self.types_code("show"))
        self.person.sees("take")
        return self.place(TAKEN)

    def goes_home(self, *ways: str) -> None:
        """Back to the main page by these buttons."""
        for way in ways:
            self.person.presses(way)
        self.person.sees("home")

    def awaits_dark(self) -> None:
        """Until the head of the screen says that there is no network."""
        until = time.monotonic() + PATIENCE
        while 'class="fact bad"' not in self.person._ask("/kiosk/status")["html"]:
            assert time.monotonic() < until
            time.sleep(0.1)

    def picks(self, text: str) -> None:
        """Tap the row that says this, turning pages."""
        seen = self.person.looks()
        rows = re.findall(r"<tr data-row.*?</tr>", seen.html, re.DOTALL)
        row = next(one for one in rows if text in one)
        found = re.search('data-pick="([^"]+)" data-key="([^"]+)"', row)
        assert found is not None
        self.person.taps(*found.groups())


@pytest.fixture(scope="module")
def cabinet(tmp_path_factory):
    machine = Machine(tmp_path_factory.mktemp("cabinet") / "home")
    with machine.standing():
        yield Cabinet(machine)


def test_a_drawer_that_closes_says_nothing_of_what_lies_in_it(cabinet):
    place, before = cabinet.opens(), len(cabinet.machine.records("cabinet.put_take"))
    cabinet.person.does("close", board=place.board, lock=place.lock)
    time.sleep(1)
    assert cabinet.person.looks().step == "take", "a closed drawer is no answer"
    cabinet.person.presses("back")
    cabinet.person.sees("what_happened")
    assert cabinet.known(TAKEN)["state"] == "stored"
    cabinet.goes_home("inside")
    assert (cabinet.known(TAKEN)["state"], len(cabinet.machine.records("cabinet.put_take"))) == ("stored", before)


def test_somebody_elses_document_is_told_and_not_taken(cabinet):
    place = cabinet.opens()
    cabinet.person.does("lay", paper=paper_of(cabinet.known(OTHER)))
    told = cabinet.person.sees("mismatch")
    cabinet.person.does("lift")
    assert "不符" in told.words
    assert {cabinet.known(one)["state"] for one in (TAKEN, OTHER)} == {"stored"}
    cabinet.person.presses("back")
    cabinet.person.sees("put_back")
    cabinet.person.does("close", board=place.board, lock=place.lock)
    cabinet.person.sees("what_happened")
    cabinet.goes_home("inside")
    assert {cabinet.known(one)["state"] for one in (TAKEN, OTHER)} == {"stored"}


def test_a_name_that_was_misread_changes_no_register(cabinet):
    known = cabinet.known(TOLD)
    cabinet.person.signs_in()
    cabinet.person.presses("put_in", cabinet.person.sees("home"))
    cabinet.person.sees("swipe")
    cabinet.person.does("lay", paper={**paper_of(known), "surname": "VVANG", "given": "FAMG"})
    ready = cabinet.person.sees("ready")
    cabinet.person.does("lift")
    assert known["ZWXM"] in ready.words, "whose it is follows from the number, not from the name"
    assert "VVANG" not in ready.words
    assert cabinet.known(TOLD)["YWXM"] == known["YWXM"]
    cabinet.goes_home("back")
    cabinet.person.presses("put_in", cabinet.person.sees("home"))
    cabinet.person.sees("swipe")
    cabinet.person.does("lay", paper={**paper_of(known), "number": "E98765432", "surname": "VVANG", "given": "FAMG"})
    cabinet.person.sees("new_holder")  # another number and a name that nobody has: people are asked, nothing is guessed
    cabinet.person.does("lift")
    cabinet.goes_home("back")


def test_approvals_end_by_themselves_while_there_is_no_network(cabinet):
    person = cabinet.person
    person.does("network", on=False)
    try:
        cabinet.awaits_dark()
        cabinet.types_code("show")  # received yesterday: it counts for three days
        cabinet.goes_home("back")
        for wanted in ("1", None):
            person.presses("query", person.sees("home"))
            person.presses("more", person.sees("overview"))
            person.presses("settings", person.sees("more"))
            person.presses("parameters", person.sees("menu"))
            person.sees("show_parameters")
            cabinet.picks("断网时审批缓存有效小时")
            person.sees("type")
            if wanted:
                person.presses("save", value=wanted)
            else:
                person.presses("reset")
            person.sees("show_parameters")
            cabinet.goes_home("back", "back", "back", "back")
            cabinet.types_code("too_old" if wanted else "show")
            cabinet.goes_home("back")
    finally:
        person.does("network", on=True)
