"""The kiosk in a browser at its own size: touched from standby to done, by keys on the screen, and without its service.

One journey after the other over one running page: a browser costs more than all that is shown in it.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.barriers import barriers
from tests.kiosk.showing import PASSWORD, served, shown

SIZE = {"width": 1024, "height": 768}
SMALLEST = 40  # pixels: 12 mm on a panel of 15 inches


@pytest.fixture(scope="module")
def kiosk():
    one = shown(boxes=12, things=70)
    yield one
    one.service.close()


@pytest.fixture
def screen(page: Page, kiosk):
    refused = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.set_viewport_size(SIZE)
    with served(kiosk) as address:
        page.goto(f"{address}/kiosk")
        yield page
        page.goto("about:blank")  # the stream ends before the server does
    assert not refused


def press(page: Page, outcome: str) -> None:
    page.locator(f'[data-press="{outcome}"]').first.click()


def on_keys(page: Page, text: str) -> None:
    """Type on the keys of the page."""
    for sign in text:
        if sign.isupper():
            page.locator('#keys [data-key="shift"]').click()
        page.locator(f'#keys [data-key="{sign}"]').click()


def at(page: Page, step: str) -> None:
    expect(page.locator(f'main[data-step="{step}"]')).to_be_visible()


def sign_in(page: Page) -> None:
    press(page, "touch")
    at(page, "login")
    page.locator('[role="tab"]', has_text="卡片登录").click()
    expect(page.locator('[data-press="enter"]')).to_be_hidden()  # what it takes is on the other tab
    page.locator('[role="tab"]', has_text="密码登录").click()
    expect(page.locator('[data-press="enter"]')).to_be_visible()
    page.locator(".cards li", has_text="clerk").click()
    expect(page.locator("#keys")).to_be_visible()  # who was tapped is asked for the password at once
    page.keyboard.type("from-a-reader")
    assert page.locator("input[name=secret]").input_value() == ""
    letters, digits = PASSWORD.split("-")
    on_keys(page, letters)
    page.locator('#keys [data-key="signs"]').click()
    page.locator('#keys [data-key="-"]').click()
    page.locator('#keys [data-key="letters"]').click()
    on_keys(page, digits)
    page.locator('#keys [data-key="done"]').first.click()
    press(page, "enter")
    at(page, "home")


class Eyes:
    """Looks at screens: nobody is kept out, every target is large, nothing hangs over."""

    def __init__(self, page: Page) -> None:
        self.page, self.found = page, dict[str, object]()

    def __call__(self, name: str) -> None:
        if bars := barriers(self.page):
            self.found[name] = bars
        tiny = self.page.evaluate(TINY, SMALLEST)
        if tiny or self.page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            self.found[name] = tiny


TINY = """(least) => [...document.querySelectorAll("main button")]
  .filter((one) => one.offsetParent && !one.closest("tr, li"))
  .map((one) => one.getBoundingClientRect())
  .filter((box) => box.width && Math.min(box.width, box.height) < least).length"""


def test_a_day_at_the_kiosk(screen, kiosk):
    look = Eyes(screen)
    look("standby")
    sign_in(screen)
    expect(screen.locator('.tile[data-press="search"] .badge')).to_have_text("70")
    assert screen.locator(".badge").count() == 1
    look("home")
    find_by_table(screen, look)
    find_on_the_map(screen, look)
    type_a_code(screen, look)
    fill_in_a_form(screen, look)
    be_interrupted(screen, kiosk)
    assert not look.found


def find_by_table(page: Page, look: Eyes) -> None:
    press(page, "search")
    at(page, "search")
    look("table")
    expect(page.locator(".range")).to_have_text("第 1–5 条，共 70 条")
    page.locator('[data-turn="1"]').click()
    expect(page.locator(".range")).to_have_text("第 6–10 条，共 70 条")
    for _ in range(11):
        page.locator('[data-turn="1"]').click()
    expect(page.locator(".range")).to_contain_text("第 61–65 条")  # beyond what came at first
    page.locator("input[name=q]").click()
    page.locator('#keys [data-key="latin"]').click()
    on_keys(page, "69")
    expect(page.locator("tbody tr:visible")).to_have_count(1)
    page.locator('#keys [data-key="done"]').first.click()
    page.locator("tbody tr").first.click()
    at(page, "details")
    press(page, "back")
    press(page, "back")


def find_on_the_map(page: Page, look: Eyes) -> None:
    press(page, "map")
    at(page, "map")
    look("map")
    page.locator('[data-part="1"]').click()
    expect(page.locator('[data-map="1"]')).to_be_visible()
    expect(page.locator('[data-map="0"]')).to_be_hidden()
    page.locator('[data-map="1"] .front').first.click()
    at(page, "confirm")
    press(page, "yes")
    expect(page.locator("#ask")).to_contain_text("确认已放入 1-1？")
    look("ask")
    page.locator("#ask [data-no]").click()
    at(page, "confirm")
    press(page, "yes")
    page.locator("#ask [data-yes]").click()
    at(page, "finished")
    press(page, "home")


def type_a_code(page: Page, look: Eyes) -> None:
    press(page, "code")
    at(page, "code")
    for digit in "120":
        page.locator(f'[data-keypad] [data-key="{digit}"]').click()
    page.locator('[data-keypad] [data-key="erase"]').click()
    assert page.locator("input[name=code]").input_value() == "12"
    look("keypad")
    press(page, "back")


def fill_in_a_form(page: Page, look: Eyes) -> None:
    press(page, "form")
    at(page, "form")
    page.locator("input[name=name]").click()
    on_keys(page, "wangyue")
    page.locator('[data-sign="王"]').click()
    for _ in range(9):
        if page.locator('[data-sign="玥"]').count():
            break
        page.locator('#keys [data-key="next"]').click()
        page.wait_for_timeout(100)
    page.locator('[data-sign="玥"]').click()  # one that no list of common characters has
    assert page.locator("input[name=name]").input_value() == "王玥"
    look("pinyin")
    page.locator('#keys [data-key="done"]').first.click()
    press(page, "save")
    expect(page.locator(".wrong").first).to_be_visible()  # nothing is asked while something is missing
    expect(page.locator("#ask")).not_to_be_visible()
    look("form")
    page.locator("input[name=id]").click()
    on_keys(page, "11010519491231002")
    page.locator('#keys [data-key="X"]').click()
    page.locator('#keys [data-key="done"]').first.click()
    press(page, "save")
    expect(page.locator("#ask")).to_contain_text("确认登记 王玥？")
    page.locator("#ask [data-no]").click()
    press(page, "back")


def be_interrupted(page: Page, kiosk) -> None:
    at(page, "home")
    kiosk.service.heard("lock.forced", {"board": "", "lock": 3})
    at(page, "forced")  # nobody touched anything: the screen came by itself
    press(page, "seen")
    at(page, "home")
    press(page, "exit")
    expect(page.locator("main.rest")).to_be_visible()


def test_a_service_that_is_gone_is_told_and_comes_back_by_itself(screen):
    page = screen
    page.evaluate("() => (window.kept = true)")
    page.route("**/kiosk/status*", lambda route: route.abort())
    page.route("**/kiosk/live*", lambda route: route.abort())
    page.evaluate("() => window.dispatchEvent(new Event('kiosk:cut'))")
    expect(page.locator("#gone")).to_be_visible(timeout=15_000)
    page.unroute("**/kiosk/status*")
    page.unroute("**/kiosk/live*")
    expect(page.locator("#gone")).to_be_hidden(timeout=15_000)
    page.wait_for_function("() => window.kept === undefined", timeout=15_000)  # the page is a new one
