"""Somebody before the panel of a cabinet: Chromium at the panel's size, with a finger and nothing else.

In: a page of the browser, the machine that it stands at. Out: what is tapped, typed by the keys of the screen, chosen
and seen there; what is done with papers and drawers is told to the simulated devices. What the console of the browser
says of errors is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as Late

from tests.journeys.at_the_cabinet import Machine, Person

PANEL = {"width": 1024, "height": 768}
PATIENCE = 60_000
UNCOVERED = """key => {
  const { x, y, width, height } = key.getBoundingClientRect();
  const middle = [x + width / 2, y + height / 2];
  return key.contains(document.elementFromPoint(...middle)) ? middle : null;
}"""
"""Where the middle of an element is, unless something lies upon it."""


@dataclass
class Finger:
    """A finger at the screen of a machine, and its owner's other hand at papers and drawers."""

    page: Page
    machine: Machine
    person: Person = field(init=False)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.person = Person(self.machine)
        self.page.on("console", lambda told: told.type == "error" and self.complaints.append(told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(f"{self.machine.base}/kiosk")

    @property
    def step(self) -> str:
        """The step whose screen stands."""
        return str(self.page.locator("main.screen").get_attribute("data-step"))

    @property
    def words(self) -> str:
        """What can be read on the screen."""
        return re.sub(r"\s+", " ", self.page.locator("main.screen").inner_text())

    def sees(self, *steps: str, timeout: float = PATIENCE) -> Locator:
        """Wait until the screen is one of these."""
        wanted = ", ".join(f'main.screen[data-step="{step}"]:not(.busy)' for step in steps)
        with suppress(Late):  # the page itself watches: an assertion asks again up to a second later
            self.page.locator(wanted).wait_for(timeout=timeout)
            return self.page.locator("main.screen")
        raise AssertionError(f"{steps}: {self.step}: {self.words}")

    def reads(self, *texts: str) -> None:
        """These stand on the screen."""
        for text in texts:
            self._says("main.screen", text)

    def head(self, text: str) -> None:
        """This stands at the head of the page."""
        self._says("#facts", text)

    def _says(self, place: str, text: str) -> None:
        with suppress(Late):
            self.page.locator(place).filter(has_text=text).wait_for()
            return
        raise AssertionError(f"{text}: {self.page.locator(place).inner_text()}")

    def press(self, outcome: str, *, sure: bool = False) -> None:
        """Tap a button; `sure` answers the question that it asks."""
        button = self.page.locator(f'main.screen [data-press="{outcome}"]')
        size = button.bounding_box()
        assert size is not None
        assert size["height"] >= 48, f"{outcome}: {size}"
        button.tap()
        if sure:
            self.page.locator("#ask [data-yes]").tap()

    def tap(self, text: str) -> None:
        """Tap the row, card or field of a grid that says this."""
        self.page.locator("main.screen [data-pick]:visible").filter(has_text=text).first.tap()

    def leaf(self, title: str) -> None:
        """Tap a tab."""
        self.page.locator('main.screen [role="tab"]').filter(has_text=title).tap()

    def types(self, name: str, text: str) -> None:
        """Type into a field by the keys on the screen; what is Chinese is written `pinyin:sign`."""
        place = self.page.locator(f'main.screen [data-input="{name}"]')
        keys = place.locator("[data-mount]")
        if not keys.count():
            place.locator("input.input").tap()
            keys = self.page.locator("#keys")
        for part in re.findall(r"[a-z]+:[^\x00-\x7f]|.", text):
            self._key(keys, part)
        if keys.get_attribute("id") == "keys":
            keys.locator('[data-key="done"]').last.tap()

    def _key(self, keys: Locator, part: str) -> None:
        if ":" in part and len(part) > 1:
            pinyin, _, sign = part.partition(":")
            self._turned(keys, "pinyin")
            for letter in pinyin:
                self._strike(keys, letter)
            keys.locator(f'[data-sign="{sign}"]').tap()
            return
        if keys.get_attribute("data-mode") in ("pinyin", "latin", "signs"):
            part = self._found(keys, part)
        self._strike(keys, part)

    def _strike(self, keys: Locator, name: str) -> None:
        """A key under the finger, touched where it lies; one that is covered is waited for."""
        key = keys.locator(f'[data-key="{name}"]')
        place = key.evaluate(UNCOVERED)
        if place is None:
            key.tap()
        else:
            self.page.touchscreen.tap(*place)

    def _found(self, keys: Locator, sign: str) -> str:
        """Turn the keys so that this one is there."""
        mode = "latin" if sign.isalnum() else "signs"
        if not (sign.isdigit() and keys.get_attribute("data-mode") == "pinyin"):
            self._turned(keys, mode)
        if sign.isupper():
            self._strike(keys, "shift")
        return sign

    def _turned(self, keys: Locator, mode: str) -> None:
        for _ in range(3):
            if keys.get_attribute("data-mode") == mode:
                return
            ways = {"latin": ("latin", "letters"), "signs": ("signs",), "pinyin": ("pinyin", "letters")}[mode]
            self._strike(keys, next(one for one in ways if keys.locator(f'[data-key="{one}"]').count()))
        assert keys.get_attribute("data-mode") == mode

    def erases(self, name: str) -> None:
        """Empty a field by the keys on the screen."""
        place = self.page.locator(f'main.screen [data-input="{name}"] input.input')
        place.tap()
        while place.input_value():
            self._strike(self.page.locator("#keys"), "erase")
        self.page.locator('#keys [data-key="done"]').last.tap()

    def chooses(self, name: str, text: str) -> None:
        """One of a field's choices, whether they stand side by side or come in a list."""
        place = self.page.locator(f'main.screen [data-input="{name}"]')
        beside = place.locator("[data-value]").filter(has_text=text)
        if beside.count():
            beside.first.tap()
            return
        place.locator("[data-choose]").tap()
        self.page.locator("#chooser [data-choices] button").filter(has_text=text).tap()

    def fills(self, **texts: str) -> None:
        """Type into fields, one after the other."""
        for name, text in texts.items():
            self.types(name, text)

    def signs_in(self, name: str, password: str) -> None:
        """From the screen of rest to the main page."""
        self.sees("standby")
        self.press("touch")
        self.sees("ways")
        self.tap(name)
        expect(self.page.locator("#keys")).to_be_visible()  # asked for at once
        self.types("password", password)
        self.press("sign_in")
        self.sees("home")

    def lays(self, paper: Mapping[str, str] | str) -> None:
        """A paper onto the reader, and off it again: a shelf's name or what it says."""
        self.person.does("lay", **({"item": paper} if isinstance(paper, str) else {"paper": dict(paper)}))

    def lifts(self) -> None:
        """Nothing lies on the reader."""
        self.person.does("lift")

    def drawer(self, act: str, board: str, lock: int) -> Any:
        """`put`, `take` or `close` at a drawer."""
        return self.person.does(act, board=board, lock=lock)

    def leaves(self) -> None:
        """Whoever stood there goes; nothing in the browser went wrong."""
        self.page.close()
        assert not self.complaints, self.complaints


def panel(browser: Browser, **more: Any) -> Page:
    """A page as the panel shows it."""
    return browser.new_context(
        viewport=PANEL, has_touch=True, locale="zh-CN", reduced_motion="reduce", **more
    ).new_page()
