"""What somebody does at the desk of the running product: sign in, press, choose, type into cells, go by keys alone."""

from __future__ import annotations

import re
from contextlib import suppress

from playwright.sync_api import Locator, Page, expect

from engine.documents.identifiers import citizen_check_digit
from tests.browser.product import PASSWORD, Product

FORM = re.compile("/(new|do)/")
STATES = 40
"""How often a page is asked for again until the worker has done its part."""
STEPS = 90
"""How many presses of Tab anybody would put up with on one page."""


def number(born: str, order: int) -> str:
    """A citizen number of a region that does not exist; `born` as 19850309."""
    body = f"990101{born}{order:03}"
    return body + citizen_check_digit(body)


def sign_in(page: Page, product: Product, login: str) -> None:
    """Come in as somebody else."""
    page.context.clear_cookies()
    page.goto(f"{product.address}/login")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{product.address}/")


def field(page: Page, name: str) -> Locator:
    """The input of a field."""
    return page.locator(f"[name='v.{name}']")


def pick(page: Page, name: str, text: str) -> None:
    """Choose in a picker by what it shows."""
    box = page.locator(f"#f-{name}")
    box.click()
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()


def event(page: Page, name: str) -> Locator:
    """The button of an event on the page of a document; one that is folded away is unfolded."""
    button = page.locator(".head .acts").get_by_text(name, exact=True)
    expect(button.first).to_be_attached()
    if not button.first.is_visible():
        page.locator(".head .acts summary").click()
    return button.first


def press(page: Page, name: str, answers: dict[str, str] | None = None, paper: dict[str, object] | None = None) -> None:
    """Press an event's button; what it asks, in a dialog or on a page of its own, is answered, also with a file."""
    event(page, name).click()
    if answers is None and paper is None:
        return
    asks = page.locator("dialog[open], main form.form").first
    asks.wait_for()
    for asked, answer in (answers or {}).items():
        asks.locator(f"[name$='.{asked}']").fill(answer)
    if paper is not None:
        asks.locator("input[type=file]").last.set_input_files([paper])  # type: ignore[list-item]
        expect(asks.locator(".file-list").last).to_contain_text(str(paper["name"]))
        expect(asks.locator("progress")).to_have_count(0)
    asks.get_by_role("button", name=name, exact=True).click()


def paste(page: Page, grid: str, rows: list[list[str]]) -> None:
    """Begin a row in a table and paste, as from a spreadsheet."""
    page.evaluate("(text) => navigator.clipboard.writeText(text)", "\r\n".join("\t".join(row) for row in rows))
    place = page.locator(f"#f-{grid}")
    place.get_by_role("button", name="添加一行").click()
    page.keyboard.press("Control+v")
    expect(place.locator(".grid-body .grid-line")).to_have_count(len(rows))


def state(page: Page, title: str) -> None:
    """The document that is open stands there; what the worker does by itself is waited for."""
    expect(page).not_to_have_url(FORM)  # what is being sent would be lost by asking for the page again
    tag = page.locator(".head .tag").filter(has_text=title).first
    for _ in range(STATES):
        with suppress(AssertionError):
            expect(tag).to_be_visible(timeout=500)
            return
        page.reload()
    expect(tag).to_be_visible()


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(STEPS):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"keys do not lead to {wanted}")
