"""Forms and details in a real browser: thousands of rows by keyboard, drafts through a lost session, files, faults."""

import re

import pytest
from playwright.sync_api import Page, expect

from engine.documents.identifiers import citizen_check_digit
from tests.browser.barriers import barriers
from tests.browser.served import cell, fill_in_login, served

expect.set_options(timeout=15_000)  # the machine may be busy with other tests
PHONE = {"width": 390, "height": 844}
NUMBER = "99010119850309251" + citizen_check_digit("99010119850309251")
DEFINITIONS = {
    "desk/codes/places.csv": "code,title\n"
    + "".join(f"P{n:03},{name}\n" for n, name in enumerate([*["重庆", "成都"] * 60, "大理"])),
    "desk/codes/kinds.csv": "code,title\nA,甲类\nB,乙类\n",
    "desk/claim/document.yaml": """document: claim
title: 清单
label: name
fields:
  name: {title: 名称, type: text, required: true}
  holder: {title: 身份证号, type: citizen_id, protect: encrypt, mask: "6****4"}
  born: {title: 出生日期, type: date, value: birth_of(holder)}
  place: {title: 地点, type: code, in: places}
  kind: {title: 类别, type: code, in: kinds}
  paper: {title: 附件, type: file, accept: [pdf, png], max_size: 20KB, many: true}
  lines:
    title: 明细
    type: table
    rows: {max: 6000}
    fields:
      item: {title: 品名, type: text, required: true}
      kind: {title: 类别, type: code, in: kinds}
      place: {title: 地点, type: code, in: places}
      made: {title: 日期, type: date}
      qty: {title: 数量, type: integer}
      price: {title: 单价, type: money}
      amount: {title: 金额, type: money, value: qty * price}
  total: {title: 合计, type: money, value: "sum(lines, amount)"}
  note: {title: 说明, type: long_text, show: "total > 1000000", required: "total > 1000000"}
  decided: {title: 决定, type: text, edit: false}
""",
    "desk/claim/machine.yaml": """machine: claim
states: {draft: {title: 草稿}, sent: {title: 已报, final: true}}
events:
  enter: {title: 登记, from: new, to: draft, by: clerk}
  change: {title: 修改, from: draft, by: clerk}
  send: {title: 上报, from: draft, to: sent, by: clerk, style: primary}
""",
    "desk/claim/pages.yaml": """pages:
  form:
    - {panel: 基本, fields: [name, holder, born, place, kind]}
    - {panel: 明细, fields: [lines, total]}
    - {panel: 材料, fields: [paper, note]}
    - {panel: 决定, fields: [decided], show: "state != 'draft'"}
""",
    "desk/loan/document.yaml": """document: loan
title: 借用单
label: name
fields:
  name: {title: 名称, type: text, required: true}
  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  section: {title: 科室, type: ref, to: org, where: id == this.org or parent == this.org}
  lines:
    title: 明细
    type: table
    fields:
      item: {title: 品名, type: text, required: true}
      by: {title: 经办科室, type: ref, to: org, where: id == this.section or name == up.item}
""",
    "desk/loan/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
    "desk/claim/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}
NEW = "/d/claim/new/enter"
SLOW_OPTIONS = """() => {
  const quick = window.fetch;
  window.fetch = async (address, ...more) => {
    if (String(address).includes("/options/")) await new Promise((go) => setTimeout(go, 1500));
    return quick(address, ...more);
  };
}"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8) + b"IHDR" + (1).to_bytes(4, "big") * 2 + bytes(9)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with served(DEFINITIONS, tmp_path_factory.mktemp("office")) as started:
        yield started


@pytest.fixture
def at(page: Page, site):
    def opened(address: str) -> Page:
        site.sign_in(page)
        page.goto(site.address + address)
        return page

    return opened


def entered(site, name: str, rows: int = 3) -> str:
    lines = [{"item": f"件{n}", "kind": "A", "qty": str(n % 9 + 1), "price": "1.50"} for n in range(rows)]
    return site.office.raise_("clerk", "enter", "claim", name=name, lines=lines).record_id


def stored(site, name: str) -> dict:
    return site.office.all("claim", name=name)[0]


# --- the grid --------------------------------------------------------------------------------------------------------


def test_five_thousand_rows_are_worked_in_by_keyboard_alone(at, site):
    record = entered(site, "五千", 5000)
    page = at(f"/d/claim/{record}/do/change")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    cell(page, 0, 0).click()
    page.keyboard.press("Control+End")
    expect(cell(page, 4999, 6)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    page.keyboard.press("F2")
    page.keyboard.press("End")
    page.keyboard.type("改")
    page.keyboard.press("Enter")  # past the last row a new one begins
    expect(cell(page, 4999, 0)).to_have_text("件4999改")
    page.keyboard.type("新")
    for text in ("乙", "", "2026/5/6", "3", "100"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    expect(cell(page, 5000, 1)).to_have_text("乙类")
    expect(cell(page, 5000, 3)).to_have_text("2026-05-06")
    expect(cell(page, 5000, 6)).to_have_text("300.00")
    rows = "\r\n".join(
        [f"贴{n}\t甲类\t重庆\t2026年3月{n}日\t{n}\t1,000.00" for n in range(1, 4)] + ['"两\n行"\tA\t\t\t1\t1']
    )
    page.evaluate("(text) => navigator.clipboard.writeText(text)", rows)
    page.keyboard.press("Control+Home")
    page.keyboard.press("Insert")
    page.keyboard.press("Control+v")
    expect(cell(page, 2, 6)).to_have_text("3,000.00")
    expect(cell(page, 3, 0)).to_have_text(re.compile("两\\s行"))
    page.keyboard.press("Control+z")  # the paste
    expect(cell(page, 1, 0)).to_have_text("件0")
    page.keyboard.press("Control+z")  # the inserted row
    expect(cell(page, 0, 0)).to_have_text("件0")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="五千")).to_be_visible()
    lines = stored(site, "五千")["lines"]
    assert (len(lines), lines[4999]["item"], lines[5000]["kind"], lines[5000]["amount"]) == (5001, "件4999改", "B", 300)


def test_cells_that_cannot_be_are_marked_at_once_and_walked_through(at, site):
    page = at(f"/d/claim/{entered(site, '错')}/do/change")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    page.evaluate("() => navigator.clipboard.writeText('甲\\t丙类\\t不存在\\t2026-13-40x\\t三\\t1')")
    cell(page, 1, 0).click()
    page.keyboard.press("Control+v")
    for column in (1, 2, 3, 4):
        expect(cell(page, 1, column)).to_have_class(re.compile("faulty"))
    cell(page, 1, 4).click()
    expect(page.locator(".grid-told")).not_to_be_empty()
    page.get_by_role("button", name="1 行有错").click()
    expect(page.locator(".grid-body [aria-selected=true]")).to_have_class(re.compile("faulty"))
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#summary")).to_contain_text("明细 2")
    expect(cell(page, 1, 4)).to_have_text("三")


def test_a_choice_typed_faster_than_the_list_comes_is_not_lost(at, site):
    page = at(f"/d/claim/{entered(site, '快')}/do/change")
    page.evaluate(SLOW_OPTIONS)
    cell(page, 0, 2).click()
    page.keyboard.type("P001")
    page.keyboard.press("Tab")
    page.keyboard.type("20260102")
    page.keyboard.press("Tab")
    expect(cell(page, 0, 2)).to_have_text("P001")
    expect(cell(page, 0, 2)).to_have_text("成都")
    expect(cell(page, 0, 3)).to_have_text("2026-01-02")
    cell(page, 1, 2).click()
    page.keyboard.type("没有这里")
    page.keyboard.press("Tab")
    expect(cell(page, 1, 2)).to_have_class(re.compile("faulty"))
    expect(cell(page, 1, 2)).to_have_text("没有这里")


def test_what_was_pasted_is_known_before_the_form_goes(at, site):
    page = at(f"/d/claim/{entered(site, '贴')}/do/change")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    page.evaluate("() => navigator.clipboard.writeText('大理')")
    page.evaluate(SLOW_OPTIONS)
    cell(page, 0, 2).click()
    page.keyboard.press("Control+v")
    expect(cell(page, 0, 2)).to_have_text("大理")
    page.get_by_role("button", name="保存").click()
    expect(page).not_to_have_url(re.compile("/do/"))
    assert stored(site, "贴")["lines"][0]["place"] == "P120"


# --- choices that depend on the document -----------------------------------------------------------------------------


def test_choices_follow_fields_that_nobody_may_type(at, site):
    site.office.engine("org", {"name": "设备科", "parent": site.office.org})
    page = at("/d/loan/new/enter")
    page.locator("#f-section").click()
    expect(page.locator(".choices:popover-open [role=option]")).to_have_text(["设备科", "一处"])
    page.locator("#f-section").fill("设备")
    page.get_by_role("option", name="设备科").click()
    page.locator("#f-name").fill("科室")
    page.get_by_role("button", name="添加一行").click()
    page.keyboard.type("二处")
    cell(page, 0, 1).click()
    page.keyboard.type("处")
    expect(page.locator(".choices:popover-open [role=option]")).to_have_text(["二处"])
    page.keyboard.press("Tab")
    expect(cell(page, 0, 1)).to_have_text("二处")
    page.locator(".actions .primary").click()
    expect(page.get_by_role("heading", name="科室")).to_be_visible()
    assert site.office.all("loan", name="科室")[0]["lines"][0]["by"] == site.office.other_org


def test_a_table_that_nobody_touched_stays_while_the_rest_is_changed(at, site):
    page = at(f"/d/claim/{entered(site, '不动')}/do/change")
    with page.expect_response("**/preview/change"):
        page.locator("#f-name").fill("动了")
    expect(page.locator("#f-total")).to_have_text("9.00")
    expect(cell(page, 2, 0)).to_have_text("件2")


# --- the form --------------------------------------------------------------------------------------------------------


def test_a_draft_survives_a_lost_session_with_everything_typed(at, site):
    page = at(NEW)
    page.locator("#f-name").fill("不丢")
    page.get_by_role("button", name="添加一行").click()
    page.keyboard.type("笔")
    page.keyboard.press("Tab")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已保存")
    page.context.clear_cookies()
    page.locator("#f-holder").fill(NUMBER)
    expect(page.locator("[data-draft-state]")).to_contain_text("登录已失效")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_text("登录已失效。")).to_be_visible()
    fill_in_login(page)
    expect(page.locator("#f-name")).to_have_value("不丢")
    expect(page.locator("#f-holder")).to_have_value(re.compile(NUMBER[-4:]))
    expect(cell(page, 0, 0)).to_have_text("笔")
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("heading", name="不丢")).to_be_visible()
    page.goto(site.address + NEW)
    expect(page.get_by_text("继续上次的草稿")).to_have_count(0)
    assert stored(site, "不丢")["lines"][0]["item"] == "笔"


def test_a_draft_is_offered_and_gone_on_with_or_given_up(at, site):
    page = at(NEW)
    page.locator("#f-name").fill("半张")
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已保存")
    page.get_by_role("link", name="取消").click()
    page.goto(site.address + NEW)
    page.get_by_role("link", name="继续上次的草稿").click()
    expect(page.locator("#f-name")).to_have_value("半张")
    page.goto(site.address + NEW)
    page.get_by_role("button", name="放弃").click()
    expect(page.get_by_text("继续上次的草稿")).to_have_count(0)
    expect(page.locator("#f-name")).to_have_value("")


def test_a_number_is_grouped_and_judged_when_it_is_whole(at):
    page = at(NEW)
    number = page.locator("#f-holder")
    number.press_sequentially(NUMBER[:12])
    page.wait_for_timeout(900)
    expect(page.locator("[data-field=holder] .told")).to_be_empty()
    number.press_sequentially(NUMBER[12:17] + ("0" if NUMBER[17] != "0" else "1"))
    expect(page.locator("[data-field=holder] .told")).not_to_be_empty()
    number.press("Backspace")
    number.press_sequentially(NUMBER[17])
    expect(page.locator("[data-field=holder] .told")).to_be_empty()
    expect(number).to_have_value(f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]}")
    expect(page.locator("#f-born")).to_have_text("1985-03-09")


def test_computed_fields_say_how_and_sections_go_by_the_state(at, site):
    page = at(NEW)
    expect(page.locator("#section-3")).to_be_hidden()
    page.get_by_label("合计怎么得出").click()
    expect(page.get_by_text("合计(明细, 金额)")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("合计(明细, 金额)")).to_be_hidden()


def test_pickers_find_by_initials(at):
    page = at(NEW)
    page.locator("#f-kind").focus()
    page.keyboard.type("yl")
    expect(page.locator("#f-kind")).to_have_value("B")
    page.locator("#f-place").fill("cq")
    expect(page.get_by_role("option").first).to_contain_text("重庆")
    page.keyboard.press("Enter")
    expect(page.locator("#f-place")).to_have_value("重庆")


def test_files_are_judged_before_they_go_shown_in_the_page_and_kept(at, site):
    page = at(NEW)
    page.locator("#f-name").fill("附件单")
    page.locator("#f-paper").set_input_files(
        [
            {"name": "x.exe", "mimeType": "x/y", "buffer": b"MZ"},
            {"name": "large.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7" + bytes(30_000)},
            {"name": "a.png", "mimeType": "image/png", "buffer": PNG},
            {"name": "b.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 x"},
        ]
    )
    listed = page.locator(".file-list li")
    expect(listed.filter(has_text="x.exe")).to_contain_text("请用 PDF、PNG")
    expect(listed.filter(has_text="large.pdf")).to_contain_text("超过上限 20 KB")
    listed.get_by_role("link", name="a.png").click()
    expect(page.get_by_role("dialog").get_by_role("img", name="a.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="登记").click()
    expect(page.get_by_role("heading", name="附件单")).to_be_visible()
    assert {file.name for file in stored(site, "附件单")["paper"]} == {"a.png", "b.pdf"}
    page.locator(".rail").get_by_role("link", name="b.pdf").click()
    expect(page.locator("dialog iframe")).to_have_attribute("title", "b.pdf")


def test_two_clerks_at_one_form_see_both_sides(at, site):
    record = entered(site, "两人")
    page = at(f"/d/claim/{record}/do/change")
    page.locator("#f-name").fill("我的名称")
    cell(page, 0, 0).click()
    page.keyboard.type("我的件")
    page.keyboard.press("Enter")
    site.office.raise_("clerk", "change", "claim", record, name="他的名称")
    page.get_by_role("button", name="保存").click()
    table = page.get_by_role("table").first
    for words in ("他的名称", "我的名称", "明细 1 · 品名", "我的件"):
        expect(table).to_contain_text(words)
    page.get_by_role("button").filter(has_text="修改").click()
    expect(page.get_by_role("heading", name="我的名称")).to_be_visible()


# --- for everybody ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_forms_and_details_hold_no_barrier(at, site, theme):
    record = entered(site, f"无障碍{theme}")
    page = at("/")
    page.emulate_media(color_scheme=theme)
    for size in ({"width": 1366, "height": 768}, PHONE):
        page.set_viewport_size(size)
        page.goto(site.address + NEW)
        page.locator("#f-name").fill("未存")
        expect(page.locator("[data-draft-state]")).to_contain_text("草稿已保存")
        found = {"form": barriers(page)}
        page.goto(site.address + NEW)
        found["offered"] = barriers(page)
        page.get_by_label("合计怎么得出").click()
        found["explained"] = barriers(page)
        page.get_by_role("button", name="登记").click()
        expect(page.locator("#summary")).to_be_visible()
        found["refused"] = barriers(page)
        for name, address in {"detail": "", "change": "/do/change"}.items():
            page.goto(f"{site.address}/d/claim/{record}{address}")
            expect(cell(page, 0, 0) if address else page.get_by_role("cell", name="件0")).to_be_visible()
            found[name] = barriers(page)
            wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert not wide, (name, size)
        assert not any(found.values()), found
