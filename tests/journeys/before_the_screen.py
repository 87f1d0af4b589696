"""What everybody does before the screen of a cabinet: lays papers down, opens and closes drawers, is asked; and what is
recorded meanwhile.

In: a finger at the screen, the machine. Out: screens waited for, records beside the node. Knows no single journey.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from typing import Any

from playwright.sync_api import expect

from tests.browser.barriers import barriers
from tests.journeys.at_the_cabinet import Machine, Place
from tests.journeys.by_touch import Finger

TARGET = 56
"""12 mm on the panel of 17 inches at 1024 columns, less what a border takes."""


def kept(machine: Machine, document: str, **like: object) -> dict[str, Any]:
    """The last record that is so."""
    found = [
        one for one in machine.records(f"cabinet.{document}") if all(one[name] == value for name, value in like.items())
    ]
    assert found, (document, like)
    return max(found, key=lambda one: str(one["created_at"]))


def soon(machine: Machine, document: str, wanted: dict[str, object], **like: object) -> dict[str, Any]:
    """The same, once it is there and says this."""
    until = time.monotonic() + 30
    while True:
        with suppress(AssertionError):
            found = kept(machine, document, **like)
            if all(found[name] == value for name, value in wanted.items()):
                return found
        assert time.monotonic() < until, (document, wanted, like)
        time.sleep(0.1)


def place_of(machine: Machine, number: str) -> Place:
    """The lock of the drawer that a certificate belongs to."""
    certificate = kept(machine, "certificate", ZJHM=number)
    owner = kept(machine, "drawer", owner=certificate["holder"])
    return Place(str(owner["board"]), int(owner["lock"]))


def paper_of(machine: Machine, number: str) -> dict[str, str]:
    """The booklet that a certificate is, as the simulated reader is told of it."""
    known = kept(machine, "certificate", ZJHM=number)
    surname, _, given = str(known["YWXM"]).partition(" ")
    return {
        "form": "book", "number": number, "surname": surname, "given": given, "sex": "M" if known["XB"] == "1" else "F",
        "birth": f"{known['CSRQ']:%y%m%d}", "expiry": f"{known['YXQJZRQ']:%y%m%d}",
    }  # fmt: skip


def well_made(finger: Finger) -> None:
    """Nothing keeps anybody from using the screen, and every button can be hit."""
    assert barriers(finger.page) == []
    small = finger.page.eval_on_selector_all(
        "main.screen :is([data-pick], button:not([data-pick] *))",
        """(found, least) => found
            .map((one) => [one.innerText, one.offsetWidth, one.offsetHeight, one.matches(".front")])
            .filter(([, wide, high, front]) => high && (high < least || (wide < least && !front)))""",
        TARGET,
    )
    assert small == [], finger.step


def lays(finger: Finger, paper: str | dict[str, str], *steps: str) -> None:
    """A paper onto the reader until the screen is one of these, and off again."""
    for _ in range(20):
        finger.lays(paper)
        try:
            finger.sees(*steps, timeout=1500)
        except AssertionError:
            finger.lifts()
            continue
        finger.lifts()
        return
    raise AssertionError((steps, finger.step))


def signed_in(finger: Finger) -> None:
    """By an identity card, from the screen of rest to the main page."""
    finger.sees("standby")
    finger.press("touch")
    finger.sees("ways")
    lays(finger, "card_3", "home")


def is_marked(finger: Finger, label: str) -> None:
    """The drawer is drawn in its place on the cabinet."""
    row, column = re.findall(r"(\d+)行 (\d+)列", label)[0]
    front = finger.page.locator("main.screen .front.mark")
    expect(front).to_have_count(1)
    assert f"第 {row} 行第 {column} 列" in str(front.get_attribute("aria-label"))
    assert finger.page.locator(".edge.at").all_inner_texts() == [column, row]


def code_of(machine: Machine) -> str:
    """The code of the last message."""
    spool, until = machine.home / "spool" / "sms.txt", time.monotonic() + 20
    while not spool.exists() or not spool.read_text("utf-8").endswith("\n"):
        assert time.monotonic() < until, "no message was sent"
        time.sleep(0.1)
    return str(re.findall(r"\d{6}", json.loads(spool.read_text("utf-8").splitlines()[-1])["text"])[0])


def put_down(finger: Finger, place: Place) -> None:
    """The document into the open drawer, the drawer closed, and said so."""
    finger.drawer("put", place.board, place.lock)
    finger.drawer("close", place.board, place.lock)
    finger.sees("confirm")
    finger.reads("已关闭")
    finger.press("done", sure=True)
    finger.sees("finished")


def opened(finger: Finger, machine: Machine, number: str) -> Place:
    """From the screen that shows the document to the open drawer."""
    place = place_of(machine, number)
    finger.sees("show")
    well_made(finger)
    finger.press("go_on", sure=True)
    finger.sees("take")
    return place


def taken(finger: Finger, machine: Machine, number: str, place: Place) -> None:
    """The document out of the drawer, read, the drawer closed."""
    finger.drawer("take", place.board, place.lock)
    lays(finger, paper_of(machine, number), "passed")
    finger.reads("核验通过")
    finger.drawer("close", place.board, place.lock)
    finger.sees("done_by_hand")
    finger.press("done")
    finger.sees("finished")
    finger.reads("出柜完成")
