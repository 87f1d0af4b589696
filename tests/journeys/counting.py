"""Somebody who takes stock: three drawers, a document that lies in the wrong one, a pause, a difference that is mended.

In: a machine, where documents belong and where they lie. Out: a person who does at each screen what it asks for, and
remembers what is in hand, whatever happens to the machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.journeys.at_the_cabinet import PAPERS, Machine, Person, Place, Shown

UNFINISHED = ("counting", "paused", "mending")
PRESSED = {
    "home": "query", "overview": "more", "more": "stock_take", "seen_already": "back", "not_listed": "go_on",
    "unread": "again", "what": "missing", "no_match": "again", "mend_unread": "again", "mend": "open",
    "finished": "back", "unfinished": "back", "stuck": "again", "history": "back", "forced": "known",
}  # fmt: skip
CLOSES = ("close_drawer", "left_open", "mend_put", "mend_left_open")


@dataclass
class Count:
    """`belongs` says where each document has to lie, `lies` where it is: in a drawer, or nowhere: in hand."""

    machine: Machine
    belongs: dict[str, Place]
    lies: dict[str, Place | None]
    drawers: dict[str, Place] = field(default_factory=dict)
    """By what is written on them."""
    at: Place | None = None
    laid: set[str] = field(default_factory=set)
    """What was read since the drawer came out."""
    paused: bool = False
    begun: bool = False
    over: bool = False
    steps: list[str] = field(default_factory=list)

    def runs(self, before: Callable[[Shown], bool] = lambda seen: True, turns: int = 900) -> None:
        """Until the stock-take is over; `before` is asked at each step that is met for the first time, and may end this
        by saying no."""
        person, seen = Person(self.machine), None
        for _ in range(turns):
            seen = person.looks()
            if seen.step not in self.steps:
                self.steps.append(seen.step)
                if not before(seen):
                    return
            self.turn(person, seen)
            if self.over:
                return
            time.sleep(0.03)
        raise AssertionError(f"{self.steps} {seen and seen.step} {seen and seen.words[:400]}")

    def turn(self, person: Person, seen: Shown) -> None:
        """What one screen asks for."""
        step = seen.step
        if step in ("standby", "ways"):
            person.signs_in()
        elif step == "choose":
            self._chooses(person, seen)
        elif step == "announce":
            self._goes_on(person, seen)
        elif step == "swipe":
            self._reads(person, seen)
        elif step == "which_item":
            person.taps(*seen.rows[0])
        elif step in CLOSES:
            self._closes(person, seen)
        elif step == "differences":
            self._mends(person, seen)
        elif step == "mend_confirm":
            person.presses("yes" if not self._aside() else "reopen", seen)
        elif step in PRESSED:
            person.presses(PRESSED[step], seen)

    def hand(self) -> list[str]:
        """What is in nobody's drawer."""
        return sorted(number for number, place in self.lies.items() if place is None)

    def acts_in_the_dark(self) -> None:
        """While the node is dead: put back what belongs into an open drawer, and close it."""
        self.laid = set()
        if self.at is not None and self.machine.stands_open(self.at):
            for number in self.hand():
                self.lies[number] = self.at if self.belongs[number] == self.at else None
            self.machine.hand("close", board=self.at.board, lock=self.at.lock)

    def _aside(self) -> list[str]:
        """What is in hand and belongs elsewhere than into the drawer that is open."""
        return [number for number in self.hand() if self.belongs[number] != self.at]

    def _chooses(self, person: Person, seen: Shown) -> None:
        known = [one for one in self.machine.records("cabinet.stock_take") if one["state"] in UNFINISHED]
        self.over = self.begun and not known
        if known:
            person.taps(*next(row for row in seen.rows if row[1] == str(known[0]["id"])))
        elif not self.over:
            self.begun = True
            person.presses("auto", seen)

    def _goes_on(self, person: Person, seen: Shown) -> None:
        self.at = next((place for label, place in self.drawers.items() if f"{label} " in seen.words), None)
        self.laid = set()
        if self.at is not None:
            person.presses("open", seen)
        elif not self.paused:
            self.paused = True
            person.presses("pause", seen)
        else:
            person.presses("compare", seen)

    def _reads(self, person: Person, seen: Shown) -> None:
        assert self.at is not None
        for number, place in self.lies.items():
            if place == self.at:
                self.lies[number] = None
        waiting = [one for one in (*self._aside(), *self.hand()) if one not in self.laid]
        if not waiting:
            person.presses("wrong", seen)
            return
        self.laid.add(waiting[0])
        self._lays(person, waiting[0])

    def _lays(self, person: Person, number: str) -> None:
        before = person.looks().token
        person.does("lay", paper=PAPERS[number])
        begun = time.monotonic()
        while person.looks().token == before and time.monotonic() < begun + 3:
            time.sleep(0.03)
        person.does("lift")

    def _closes(self, person: Person, seen: Shown) -> None:
        for number in self.hand():
            if seen.step.startswith("mend"):
                self.at = self.belongs[number]
            if self.belongs[number] == self.at:
                self.lies[number] = self.at
        assert self.at is not None
        person.does("close", board=self.at.board, lock=self.at.lock)

    def _mends(self, person: Person, seen: Shown) -> None:
        self.at = None
        if self.hand():
            self._lays(person, self.hand()[0])
        else:
            person.presses("finish", seen)
