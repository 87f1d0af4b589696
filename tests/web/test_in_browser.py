"""The pages in a real browser: by keyboard, under their policy, on a phone, for screen readers, with many rows."""

import logging
import threading
import time

import pytest
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from tests.browser.barriers import barriers
from tests.browser.served import whole
from tests.web.conftest import FILES, PASSWORD

PHONE = {"width": 390, "height": 844}
SLOW = 3  # budgets hold on a quiet machine; a busy one gets this many times as long
BULK = {
    "desk/codes/places.csv": "code,title\n" + "".join(f"P{n:03},地方{n:03}\n" for n in range(200)),
    "desk/bulk/document.yaml": """document: bulk
title: 大表
fields:
  name: {title: 名称, type: text, required: true}
  place: {title: 地点, type: code, in: places}
  places: {title: 途经, type: codes, in: places}
  day: {title: 日期, type: date}
  paper: {title: 附件, type: file}
  alias: {title: 又名, type: text, from: name, edit: true}
  lines:
    title: 明细
    type: table
    rows: {max: 6000}
    fields:
      item: {title: 品名, type: text, required: true}
      qty: {title: 数量, type: integer}
      price: {title: 单价, type: money}
      amount: {title: 金额, type: money, value: qty * price}
      place: {title: 地点, type: code, in: places}
      good: {title: 合格, type: boolean}
      day: {title: 日期, type: date}
  total: {title: 合计, type: money, value: "sum(lines, amount)"}
""",
    "desk/bulk/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}


@pytest.fixture
def office():
    made = Office({**FILES, **BULK})
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


@pytest.fixture
def site(app):
    """The pages behind a socket; their address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def at(page: Page, site, sign_in):
    """Open a page as somebody who has signed in."""

    def opened(address: str, login: str = "clerk") -> Page:
        kept = sign_in(login).client.get_cookie("guiju")
        page.context.add_cookies([{"name": kept.key, "value": kept.value, "url": site, "httpOnly": True}])
        page.goto(site + address)
        return page

    return opened


def cell(page: Page, row: int, column: int):
    """A drawn cell of the only grid, both from 0."""
    line = page.locator(f'.grid-body .grid-line[aria-rowindex="{row + 2}"]')
    return line.locator(f'[aria-colindex="{column + 2}"]')


def bulk(office: Office, rows: int) -> str:
    lines = [{"item": f"件{n}", "qty": str(n % 9 + 1), "price": "1.50", "place": "P001"} for n in range(rows)]
    return office.raise_("clerk", "enter", "bulk", name="多行", lines=lines).record_id


def test_a_form_is_filled_by_keyboard_alone(at, office):
    page = at("/d/order/new/enter")
    page.locator("#f-name").focus()
    page.keyboard.type("甲单")
    page.get_by_role("button", name="添加一行").focus()
    page.keyboard.press("Enter")
    for text in ("笔", "3", "400"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(cell(page, 0, 3)).to_have_text("1,200.00")
    expect(page.locator("#f-total")).to_have_text("1,200.00")
    expect(page.locator(".grid-foot")).to_contain_text("1,200.00")
    expect(page.locator("#f-note")).to_be_visible()  # shown and required as soon as the total is large
    expect(page.locator("[data-field=note] .required")).to_be_visible()
    page.locator("#f-note").fill("大单")
    page.locator("#f-note").press("Enter")
    expect(page.get_by_role("heading", name="甲单")).to_be_visible()
    assert office.all("order")[0]["total"] == 1200


def test_refused_forms_lead_to_the_fault_and_lose_nothing(at):
    page = at("/d/order/new/enter")
    page.get_by_role("button", name="添加一行").click()
    page.keyboard.press("Tab")
    page.keyboard.type("5")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="保存").click()
    summary = page.locator("#summary")
    expect(summary).to_contain_text("名称")
    expect(summary).to_contain_text("明细 1")
    expect(cell(page, 0, 1)).to_have_text("5")
    summary.get_by_role("link", name="明细 1").first.click()
    expect(cell(page, 0, 0)).to_have_attribute("aria-selected", "true")
    page.keyboard.type("笔")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.locator("#f-name").fill("乙单")
    expect(summary).to_be_hidden()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="乙单")).to_be_visible()


def test_pickers_find_by_typing_and_by_arrows(at, office):
    page = at("/d/bulk/new/enter")
    page.locator("#f-name").fill("选")
    page.locator("#f-name").press("Tab")
    expect(page.locator("#f-alias")).to_have_value("选")
    page.locator("#f-alias").fill("")  # what is copied stays empty once somebody has emptied it
    place = page.locator("#f-place")
    place.click()
    expect(page.get_by_role("option").first).to_have_text("地方000P000")
    place.fill("P01")
    expect(page.get_by_role("option")).to_have_count(10)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(place).to_have_value("地方011")
    place.fill("地方199")
    page.keyboard.press("Tab")  # faster than the list comes
    expect(page.locator("[name='v.place']")).to_have_value("P199")
    several = page.locator("#f-places")
    for text in ("地方007", "地方008"):
        several.fill(text)
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Enter")
    several.press("Backspace")
    page.locator("#f-day").fill("20260506")
    page.locator("#f-day").press("Tab")
    expect(page.locator("#f-day")).to_have_value("2026-05-06")
    page.get_by_role("button").filter(has_text="新建").or_(page.locator(".actions button")).first.click()
    expect(page.get_by_role("main")).to_contain_text("地方199")
    (made,) = office.all("bulk")
    assert (made["places"], made["alias"]) == (("P007",), None)


def test_grid_pastes_copies_undoes_and_finds_codes(at, office, site):
    page = at(f"/d/bulk/{bulk(office, 3)}/do/change")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page.evaluate(
        "() => navigator.clipboard.writeText('甲\\t2\\t1,000.5\\t\\t地方042\\t是\\t2026/3/4\\r\\n\"乙\\n丙\"\\t3\\t2')"
    )
    cell(page, 2, 0).click()
    page.keyboard.press("Control+v")
    expect(cell(page, 2, 0)).to_have_text("甲")
    expect(cell(page, 2, 3)).to_have_text("2,001.00")
    expect(cell(page, 2, 4)).to_have_text("地方042")
    expect(cell(page, 2, 5)).to_have_text("✓")
    expect(cell(page, 2, 6)).to_have_text("2026-03-04")
    expect(cell(page, 3, 3)).to_have_text("6.00")
    page.keyboard.press("Control+z")
    expect(cell(page, 2, 0)).to_have_text("件2")
    expect(page.locator(".grid-body .grid-line:visible")).to_have_count(3)
    cell(page, 0, 0).click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Control+c")
    assert page.evaluate("() => navigator.clipboard.readText()") == "件0\t1\r\n件1\t2"
    page.keyboard.press("Control+d")
    expect(cell(page, 1, 0)).to_have_text("件0")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="添加一行")).to_be_focused()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text("件0")


def test_five_thousand_rows_open_at_once(at, office):
    record = bulk(office, 5000)
    page = at("/")
    home = page.url
    for address in (f"d/bulk/{record}/do/change", f"d/bulk/{record}"):
        begun = time.perf_counter()
        page.goto(home + address)
        expect(cell(page, 0, 0)).to_have_text("件0")
        assert time.perf_counter() - begun < 2 * SLOW
        assert page.evaluate("() => document.querySelectorAll('*').length") < 2000
        cell(page, 0, 0).click()
        page.keyboard.press("Control+End")
        expect(page.locator(".grid-body")).to_contain_text("件4999")


def test_an_upload_shows_and_stays(at, office):
    page = at("/d/bulk/new/enter")
    page.locator("#f-name").fill("附")
    page.locator("#f-paper").set_input_files({"name": "a.exe", "mimeType": "x/y", "buffer": b"MZ\x90\x00"})
    expect(page.locator(".file-list")).to_contain_text("只接受")
    page.locator("#f-paper").set_input_files({"name": "纸.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"})
    expect(page.locator(".file-list li").last).to_contain_text("纸.pdf")
    page.locator(".form .actions button.primary").click()
    expect(page.get_by_role("link", name="纸.pdf").first).to_be_visible()


def test_lists_filter_in_place_and_open_by_row(at, office):
    for number in range(3):
        office.raise_("clerk", "enter", "order", name=f"单{number}")
    page = at("/d/order")
    page.evaluate("() => (window.kept = true)")
    page.get_by_label("查找").last.fill("单1")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("状态").select_option("approved")
    expect(page.get_by_text("没有符合条件的单据")).to_be_visible()
    assert page.evaluate("() => window.kept")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("heading", name="订单")).to_be_visible()  # the whole page, not its table alone
    page.locator("tbody tr td").nth(2).click()
    expect(page.get_by_role("heading", name="单1")).to_be_visible()


def test_global_search_by_keys(at, office, entered_order):
    page = at("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("甲")
    expect(page.locator("#hits a")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="甲")).to_be_visible()


@pytest.fixture
def entered_order(office):
    line = {"item": "笔", "qty": "3", "price": "200"}
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[line]).record_id


def test_signing_by_key_and_asking_for_an_opinion(at, office, entered_order):
    office.raise_("clerk", "submit", "order", entered_order)
    page = at("/tasks", "leader")
    page.locator("tbody tr").click()
    expect(page.locator("[data-facts].folded")).to_be_attached()  # the script has begun
    page.keyboard.press("r")
    expect(page.get_by_label("意见")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_text("请填写意见")
    page.get_by_label("意见").press("Escape")
    page.locator("h1").click()
    page.keyboard.press("a")
    expect(page.get_by_text("已同意：甲 DD20260001")).to_be_visible()


def test_dialogs_ask_and_close(at, office, entered_order):
    page = at(f"/d/order/{entered_order}")
    page.get_by_role("button", name="作废").focus()
    page.keyboard.press(" ")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="作废").click()
    dialog.get_by_label("原因").fill("错单")
    dialog.get_by_role("button", name="作废").click()
    expect(page.get_by_text("不同意", exact=True)).to_be_visible()


def test_work_is_not_lost_by_leaving(at):
    page = at("/d/order/new/enter")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("#f-name").fill("未存")
    page.get_by_role("link", name="工作台").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]


ADDRESSES = [
    "/", "/d/order", "/d/order/new/enter", "/d/order/{order}", "/d/order/{order}/do/change", "/d/bulk/{bulk}/do/change",
    "/tasks", "/search?q=甲", "/account", "/api", "/problems", "/design", "/notices", "/errands", "/d/nothing",
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screen_readers_and_eyes_find_no_barrier(at, office, entered_order, theme):
    page = at("/")
    page.emulate_media(color_scheme=theme)
    found = {}
    for address in addresses(page, office, entered_order):
        page.goto(address)
        if bars := barriers(page):
            found[address] = bars
    assert not found


def test_nothing_hangs_over_the_edge_of_a_phone(at, office, entered_order):
    page = at("/")
    page.set_viewport_size(PHONE)
    over = {}
    for address in addresses(page, office, entered_order):
        page.goto(address)
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide:
            over[address] = wide
    assert not over


def addresses(page: Page, office: Office, order: str) -> list[str]:
    """The main pages of the site that is open."""
    record = bulk(office, 4)
    return [page.url + address.format(order=order, bulk=record).removeprefix("/") for address in ADDRESSES]


def test_menu_opens_on_a_phone(at):
    page = at("/")
    page.set_viewport_size(PHONE)
    entry = page.get_by_role("navigation", name="菜单").get_by_role("link", name="订单")
    expect(entry).to_be_hidden()
    page.get_by_role("button", name="菜单").click()
    expect(entry).to_be_visible()
    entry.click()
    expect(page.get_by_role("heading", name="订单")).to_be_visible()
