"""Lists in a real browser: by keyboard, saved views, columns, bulk events, failures, on a phone, for screen readers."""

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parent))
from barriers import barriers
from served import PASSWORD, served

from engine.model.records import Effect
from engine.model.traffic import Arrived
from engine.usecases.accounts import set_password
from engine.usecases.deliver import _notify
from engine.usecases.taking_in import take_in_many
from tests.web.conftest import FILES

expect.set_options(timeout=10_000)
COUNT = 60
PHONE = {"width": 390, "height": 844}
VIEWPORT = {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """Sixty drafts of the clerk behind a socket."""
    with served(FILES, tmp_path_factory.mktemp("lists")) as started:
        office = started.office
        set_password(office.runtime, office.account("admin", "admin", office.org).id, PASSWORD)
        for number in range(COUNT):
            office.clock.move(minutes=1)
            line = {"item": "笔", "qty": "1", "price": str(number)}
            office.raise_("clerk", "enter", "order", name=f"单{number:02}", lines=[line])
        take_in_many(office.runtime, "out", [Arrived(b"<a/>", "A-1", "", {}), Arrived(b"<b/>", "A-1", "", {})])
        yield started


@pytest.fixture
def at(page: Page, desk):
    """Sign in and open a page; what the browser refuses or breaks off fails the test."""
    refused = []
    bad = re.compile("Content Security Policy|htmx:sendAbort")
    page.set_viewport_size(VIEWPORT)
    page.on("console", lambda told: refused.append(told.text) if bad.search(told.text) else None)

    def opened(address: str, login: str = "clerk") -> Page:
        desk.sign_in(page, login)
        page.goto(desk.address + address)
        return page

    yield opened
    assert not refused


def rows(page: Page):
    return page.locator("#rows tbody tr")


UNDER_THE_LAST = """() => {
  const placed = (one) => document.querySelector("#rows " + one).getBoundingClientRect();
  const [box, foot] = [placed(".table-box"), placed(".foot")];
  const cut = [...document.querySelectorAll("#rows tbody tr")].map((one) => one.getBoundingClientRect())
    .filter(({top, bottom}) => top < box.bottom - 1 && bottom > box.bottom + 1);
  return [cut.length, foot.bottom <= innerHeight, document.documentElement.scrollHeight <= innerHeight];
}"""


def test_a_list_is_walked_picked_and_opened_by_keys(at):
    page = at("/d/order")
    assert page.evaluate(UNDER_THE_LAST) == [0, True, True]  # no row is cut, nothing lies below the window
    page.keyboard.press("j")
    expect(rows(page).nth(0).locator(".first a")).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("已选 2 条")
    expect(page.locator("[data-pick-all]")).to_have_js_property("indeterminate", True)
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("已选 1 条")
    name = rows(page).nth(0).locator("[data-label=名称]").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.go_back()
    page.keyboard.press("/")
    expect(page.locator(".list-search")).to_be_focused()
    page.keyboard.type("单07")
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".chip")).to_contain_text("单07")
    page.get_by_role("link", name="清除条件").click()
    expect(rows(page)).to_have_count(50)
    expect(page.locator(".pages")).to_contain_text("共 60 条")


def test_views_are_saved_opened_renamed_and_dropped(at, desk):
    page = at("/d/order")
    page.get_by_label("合计起").fill("50")
    page.get_by_label("合计起").press("Enter")
    expect(rows(page)).to_have_count(10)
    page.get_by_text("保存为视图").click()
    form = page.locator("form.view-form")
    form.get_by_label("名称").fill("大额")
    form.get_by_label("打开列表时先显示").check()
    form.get_by_role("button", name="保存").click()
    tabs = page.get_by_role("navigation", name="视图")
    expect(tabs.get_by_role("link", name="大额")).to_have_attribute("aria-current", "true")
    page.get_by_role("navigation", name="菜单").get_by_role("link", name="订单").click()
    expect(page).to_have_url(re.compile("view="))
    expect(rows(page)).to_have_count(10)
    page.get_by_label("状态").select_option("approved")
    expect(tabs.get_by_text("条件已改动")).to_be_attached()
    expect(page.get_by_text("保存为视图")).to_be_visible()
    tabs.get_by_role("link", name="全部").click()
    expect(rows(page)).to_have_count(50)
    tabs.get_by_role("link", name="大额").click()
    manage = page.get_by_label("视图“大额”的操作")
    manage.click()
    page.locator(".view-change").get_by_label("名称").fill("大单")
    page.get_by_role("button", name="保存名称与共享").click()
    expect(tabs.get_by_role("link", name="大单")).to_be_visible()
    page.get_by_label("视图“大单”的操作").click()
    page.get_by_role("button", name="删除视图").click()
    expect(tabs.get_by_role("link")).to_have_count(1)
    page.goto(f"{desk.address}/d/order")
    expect(page).to_have_url(f"{desk.address}/d/order")


def test_columns_are_ordered_and_sized_and_stay_so(at):
    page = at("/d/order")
    page.get_by_label("列", exact=True).click()
    page.get_by_role("button", name="合计前移").focus()
    for _ in range(3):
        page.keyboard.press("Enter")
    page.get_by_label("证号", exact=True).uncheck()
    page.get_by_role("button", name="应用").click()
    heads = page.locator("#rows th[data-column]")
    expect(heads).to_have_count(3)
    assert [one.get_attribute("data-column") for one in heads.all()] == ["total", "number", "name"]
    grip = page.locator("th[data-column=name] .sizer").bounding_box()
    with page.expect_response(lambda answer: answer.url.endswith("/widths")):
        page.mouse.move(grip["x"] + 4, grip["y"] + 4)
        page.mouse.down()
        page.mouse.move(grip["x"] - 120, grip["y"] + 4, steps=4)
        page.mouse.up()
    page.reload()
    assert page.locator("#rows col[width]").count() == 2  # the ticks and the name
    page.get_by_label("列", exact=True).click()
    page.get_by_role("button", name="恢复默认").click()
    expect(heads).to_have_count(4)


def test_all_that_match_are_done_in_the_background_and_the_bell_rings(at, desk):
    page = at("/d/order?f.total.to=54")
    page.get_by_label("选择本页全部").check()
    page.get_by_text("选择符合条件的全部 55 条").click()
    expect(page.locator("[data-count]")).to_have_text("已选全部 55 条")
    page.locator(".bulk").get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="批量提交（55 条）")).to_be_visible()
    page.get_by_role("button", name="提交 55 条").click()
    expect(page.get_by_text("等待中")).to_be_visible()
    told = page.locator("[data-bell] .badge")
    expect(told).to_be_hidden()
    desk.office.deliver()
    expect(page.get_by_text("已完成")).to_be_visible()  # without a reload
    expect(page.locator(".errand-sums dd").first).to_have_text("55")
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(told).to_have_text("1")
    page.locator("[data-bell]").click()
    page.get_by_role("button", name=re.compile("批量提交已完成")).first.click()
    expect(page.get_by_role("heading", name="提交 · 订单")).to_be_visible()
    expect(told).to_be_hidden()


def test_the_search_goes_to_pages_by_their_initials(at):
    page = at("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("dd")
    hits = page.locator("#hits a")
    expect(hits.first).to_contain_text("订单")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="订单")).to_be_visible()


def test_the_menu_folds_and_stays_folded(at):
    page = at("/d/order")
    menu = page.get_by_role("navigation", name="菜单")
    page.locator(".menu summary").first.click()
    expect(menu.get_by_role("link", name="订单")).to_be_hidden()
    page.wait_for_function("() => document.cookie.includes('folded=')")  # kept a moment after it is seen
    page.reload()
    expect(menu.get_by_role("link", name="订单")).to_be_hidden()
    page.locator("[data-menu]").click()
    expect(menu).to_be_hidden()
    page.reload()
    expect(menu).to_be_hidden()


def test_what_loads_slowly_shows_bones_and_what_fails_can_be_tried_again(at):
    page = at("/d/order")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/d/order?*", hold)
    page.locator(".list-search").fill("单01")
    expect(page.locator(".bones")).to_be_visible()
    expect(page.locator(".bones")).to_have_css("opacity", "1")
    held.pop().abort()
    alert = page.get_by_role("alert").filter(has_text="加载失败")
    expect(alert).to_be_visible()
    page.unroute("**/d/order?*")
    alert.get_by_role("button", name="重试").click()
    expect(alert).to_be_hidden()
    expect(rows(page)).to_have_count(1)
    page.route("**/d/order?*", lambda route: route.fulfill(status=503))
    page.locator(".list-search").fill("单02")
    expect(page.get_by_role("alert").filter(has_text="503")).to_be_visible()


PAGES = ("/d/order", "/d/order?f.state=draft&q=单", "/d/letter", "/search?q=单", "/notices", "/errands", "/design")

OPERATOR = ("/admin/landed", "/admin/exceptions", "/admin/channels", "/admin/monitor")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_bars_screen_readers_and_eyes(at, desk, theme):
    told = {"via": "site", "to": desk.office.people["admin"].id, "text": "到了"}
    _notify(desk.office.runtime, Effect(f"n{theme}", "notify", theme, desk.office.clock.at, "order", "x", told))
    found = {}
    for login, addresses in (("clerk", PAGES[:6]), ("admin", (*PAGES[4:], *OPERATOR))):
        page = at("/", login)
        page.emulate_media(color_scheme=theme)
        for address in addresses:
            page.goto(desk.address + address)
            for drop in page.locator("main details[data-drop] > summary").all()[:2]:
                drop.click()
            if page.locator("#rows .picks input").count():
                page.locator("#rows .picks input").nth(1).check()
            found[login, address] = barriers(page)
        if login == "admin":  # figures are renewed; the chart stays where it is
            page.evaluate("() => (window.drawn = document.querySelector('#flow svg'))")
            with page.expect_response("**/admin/monitor"):
                page.locator("[data-refresh]").dispatch_event("fresh")
            assert page.evaluate("() => window.drawn === document.querySelector('#flow svg')")
        page.context.clear_cookies()
    assert not {where: what for where, what in found.items() if what}


def test_nothing_hangs_over_the_edge_of_a_phone(at, desk):
    page = at("/", "clerk")
    page.set_viewport_size(PHONE)
    for address in PAGES[:6]:
        page.goto(desk.address + address)
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address
    page.goto(f"{desk.address}/d/order")
    page.locator("#rows .picks input[name=id]").first.check()
    expect(page.locator(".bulk")).to_be_in_viewport()
