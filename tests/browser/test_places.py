"""Grids of places in a real browser: by keyboard and by finger, on a phone, without scripts, for screen readers."""

import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parent))
from barriers import barriers
from served import served

from tests.web.conftest import FILES

expect.set_options(timeout=10_000)
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}
PLACES = """page: places
title: 位置
roles: [clerk]
body:
  - grid: order
    title: 抽屉
    rows: "1 if total < 3 else 3"
    columns: "total % 3 + 1"
    size: [4, 20]
    as: name
    mark: total > 4
    alert: total == 3
    holds: {of: lines, as: item, columns: [price], mark: price > 1}
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Six orders in two rows of three places."""
    with served({**FILES, "desk/pages/places.yaml": PLACES}, tmp_path_factory.mktemp("places")) as started:
        for number in range(6):
            line = {"item": "笔", "qty": "1", "price": str(number)}
            started.office.raise_("clerk", "enter", "order", name=f"单{number}", lines=[line])
        yield started


@pytest.fixture
def at(page: Page, desk):
    """The page of places; whatever the browser's policy refuses fails the test."""
    refused = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    page.set_viewport_size(DESK)
    desk.sign_in(page)
    page.goto(f"{desk.address}/p/places")
    yield page
    assert not refused


def place(page: Page, name: str):
    return page.locator("a.place").filter(has_text=name)


def test_arrows_walk_and_enter_opens_what_lies_there(at):
    place(at, "单0").focus()
    for key, name in (("ArrowRight", "单1"), ("ArrowDown", "单4"), ("End", "单5"), ("ArrowUp", "单2"), ("Home", "单0")):
        at.keyboard.press(key)
        expect(place(at, name)).to_be_focused()
    at.keyboard.press("ArrowLeft")  # there is none: it stays
    expect(place(at, "单0")).to_be_focused()
    at.keyboard.press("ArrowRight")
    at.keyboard.press("Enter")
    dialog = at.get_by_role("dialog")
    expect(dialog).to_contain_text("单1")
    expect(dialog).to_contain_text("1.00")
    at.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(place(at, "单1")).to_be_focused()
    assert at.locator('a.place[tabindex="0"]').count() == 1


def test_what_lies_there_leads_on(at):
    place(at, "单3").click()
    at.get_by_role("dialog").get_by_role("link", name="单3").first.click()
    expect(at.get_by_role("heading", level=1)).to_have_text("单3")


def test_a_touch_beside_the_dialog_closes_it(at):
    place(at, "单3").click()
    at.mouse.click(5, 400)
    expect(at.get_by_role("dialog")).to_be_hidden()


def test_without_scripts_a_place_is_a_link(browser, desk, at):
    context = browser.new_context(java_script_enabled=False, storage_state=at.context.storage_state())
    page = context.new_page()
    page.goto(f"{desk.address}/p/places")
    place(page, "单3").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("单3")
    context.close()


def test_nothing_hangs_over_the_edge_of_a_phone_and_fingers_fit(at):
    at.set_viewport_size(PHONE)
    assert at.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    box = place(at, "单3").bounding_box()
    assert box["width"] >= 44
    assert box["height"] >= 44
    expect(at.get_by_text("第 2 行：空")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_barriers(at, theme):
    at.emulate_media(color_scheme=theme)
    assert barriers(at) == []
    place(at, "单3").click()
    assert barriers(at) == []
