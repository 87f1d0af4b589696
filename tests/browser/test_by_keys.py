"""From the login to the printed form by keys alone, a leader's agreement in between."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.hands import event, reach, state
from tests.browser.office import DESK, Office
from tests.browser.office_forms import agree_by_key
from tests.browser.product import PASSWORD, Product


def test_from_the_login_to_the_printed_form_by_keys_alone(office: Office, browser: Browser):
    page, keys = office.page, office.page.keyboard
    _come_in(page, office.product, "clerk")
    keys.press("Control+k")
    keys.type("出国（境）审批表")
    expect(page.locator("#hits a").first).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="出国（境）审批表")).to_be_visible()
    _go(page, page.locator(".head .acts a.primary"))
    name = _fill_by_keys(page)
    _go(page, event(page, "提交审批"))
    state(page, "审批中")
    other = browser.new_context(viewport=DESK, locale="zh-CN")
    leader = other.new_page()
    leader.set_default_timeout(60_000)
    _come_in(leader, office.product, "hr")
    _go(leader, leader.get_by_role("navigation", name="菜单").get_by_role("link", name="待办事项"))
    _go(leader, leader.locator(".task-table .first a").filter(has_text=name).first)
    agree_by_key(leader)
    other.close()
    page.reload()
    state(page, "已上报")
    reach(page, page.locator("button.print").first)
    with page.context.expect_event("response", lambda answer: "/files/" in answer.url) as answered:
        keys.press("Enter")
    assert answered.value.headers["content-type"] == "application/pdf"


def _come_in(page: Page, product: Product, login: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{product.address}/login")
    expect(page.get_by_label("用户名")).to_be_focused()
    for typed in (login, PASSWORD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{product.address}/")  # with its scripts: keys before them lead nowhere


def _go(page: Page, wanted: Locator) -> None:
    reach(page, wanted)
    page.keyboard.press("Enter")


def _fill_by_keys(page: Page) -> str:
    """Somebody who is filed, a week abroad next year; gives the name."""
    keys, leaving = page.keyboard, date.today() + timedelta(days=400)
    reach(page, page.locator("#f-applicant"))
    keys.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(page.locator("#f-XM")).not_to_have_text("—")
    name = page.locator("#f-XM").inner_text()
    _type(page, "MDD", "日本")
    expect(page.get_by_role("option").filter(has_text="日本").first).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    _type(page, "CFSJ", leaving.isoformat())
    _type(page, "FHSJ", (leaving + timedelta(days=6)).isoformat())
    _type(page, "purpose", "ly")
    _type(page, "cause", "假期旅游")
    _go(page, page.locator("#f-relatives_home").get_by_role("button", name="添加一行"))
    for typed in ("妻", "方静好"):
        keys.type(typed)
        keys.press("Tab")
    keys.press("Escape")
    _go(page, page.get_by_role("button", name="填写审批表"))
    state(page, "草稿")
    return name


def _type(page: Page, name: str, text: str) -> None:
    reach(page, page.locator(f"#f-{name}"))
    page.keyboard.type(text)
