"""A first office's main job in a real browser: from a registered person to the report, its result, the statistics."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import papers
from tests.browser.barriers import barriers
from tests.browser.hands import event, number, paste, pick, press, reach, sign_in, state
from tests.browser.hands import field as at
from tests.browser.product import PASSWORD, Product, running

expect.set_options(timeout=30_000)  # the machine may be busy with other tests
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PIN = "135790"
CALLED = "/?&="
BY_FORM, PASTED, SENT, WRONG, EARLIER = "祁望舒", "柏清晏", "慕云舟", "慕空山", "裴照野"
NUMBERS = {name: number(f"198{n}0412", 811 + n) for n, name in enumerate((BY_FORM, PASTED, SENT, WRONG, EARLIER))}
PHONES = {name: f"1990000081{n}" for n, name in enumerate(NUMBERS)}
LEAVING = date.today() + timedelta(days=40)


@dataclass
class Office:
    """The clerk's browser, what programs call, and what the journey has brought about so far."""

    page: Page
    product: Product
    token: str = ""
    pdf: bytes = b""
    seen: dict[str, str] = field(default_factory=dict)

    def open(self, address: str, login: str = "") -> Page:
        """A page of the product, as the clerk unless somebody else comes in."""
        if login:
            sign_in(self.page, self.product, login)
        self.page.goto(self.product.address + address)
        return self.page

    def call(self, method: str, path: str, body: object = None) -> dict:
        """A call of a program in the clerk's name."""
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.product.address}/api/v1{urllib.parse.quote(path, safe=CALLED)}", content, head, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def sends(self, *signs: str) -> None:
        """A message that says all this leaves for the authority; the worker is waited for."""
        for _ in range(120):
            sent = [path.read_text() for path in (self.product.home / "spool/report_out").glob("*.msg")]
            said = [json.dumps(json.loads(one), ensure_ascii=False) for one in sent]
            if any(all(sign in one for sign in signs) for one in said):
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"nothing was sent of {signs}")


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("office") / "home") as started:
        yield started


@pytest.fixture
def office(page: Page, product: Product) -> Iterator[Office]:
    refused = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.set_default_timeout(60_000)
    page.set_viewport_size(DESK)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.address)
    yield Office(page, product)
    assert not refused


def test_from_a_person_to_the_report_and_what_comes_of_it(office: Office, browser: Browser):
    office.open("/", "clerk_housing")
    _token(office)
    _register(office)
    _paste(office)
    _send_workbook(office)
    _bring_in_earlier(office)
    _file(office)
    _fill(office)
    _agree(office, browser)
    _pack(office)
    _scan(office)
    _report(office)
    _results(office)
    _overviews(office)


def _token(office: Office) -> None:
    page = office.open("/account")
    page.get_by_label("用途").fill("结果")
    page.get_by_role("button", name="签发令牌").click()
    office.token = page.locator(".secret").inner_text()


# --- persons ---------------------------------------------------------------------------------------------------------


def _register(office: Office) -> None:
    page = office.open("/d/person/new/enter")
    for name, text in {"XM": BY_FORM, "GMSFHM": NUMBERS[BY_FORM], "ZW": "科员", "LXDH": PHONES[BY_FORM]}.items():
        at(page, name).fill(text)
    page.get_by_role("button", name="登记人员").click()
    expect(page.get_by_role("heading", name=BY_FORM)).to_be_visible()


def _paste(office: Office) -> None:
    page = office.open("/d/person/import")
    page.get_by_text("粘贴导入").click()
    rows = [["姓名", "身份证号", "手机号", "职务"], [PASTED, NUMBERS[PASTED], PHONES[PASTED], "会计"]]
    page.locator("textarea[name=text]").fill("\n".join("\t".join(row) for row in rows))
    page.get_by_role("button", name="检查").last.click()
    page.get_by_role("button", name="全部导入").click()
    expect(page.get_by_text("已导入 1 条")).to_be_visible()


def _send_workbook(office: Office) -> None:
    page = office.open("/d/person/import")
    head = ["姓 名", "身份证号", "手机号", "职务"]
    rows = [[SENT, NUMBERS[SENT], PHONES[SENT], "工程科科员"], [WRONG, NUMBERS[WRONG][:-2], PHONES[WRONG], "科员"]]
    page.locator("input[type=file]").set_input_files([papers.sent("人员.xlsx", papers.workbook([head, *rows]))])
    page.get_by_role("button", name="检查").first.click()
    expect(page.get_by_text("1 条有错误，其余 1 条可以导入")).to_be_visible()
    expect(page.locator("tr.wrong .cell-address")).to_have_text(["B3"])
    page.get_by_role("button", name="只导入正确的").click()
    expect(page.get_by_text("已导入 1 条")).to_be_visible()
    page.get_by_role("link", name="查看列表").click()
    expect(page.get_by_role("link", name=SENT)).to_be_visible()
    expect(page.get_by_role("link", name=WRONG)).to_have_count(0)


def _bring_in_earlier(office: Office) -> None:
    page = office.open("/d/history_import")
    page.get_by_role("main").get_by_role("link", name="导入").click()
    head = ["批次", "姓名", "身份证号", "手机号", "职务", "报备日期", "证件类型", "证件号码", "签发日期", "有效期至"]
    kept = ["2019年", EARLIER, NUMBERS[EARLIER], PHONES[EARLIER], "主任", "2019-05-06", "普通护照", "EA9900811"]
    rows = [head, [*kept, date(2019, 5, 1), date.today() + timedelta(days=1500)]]
    page.locator("input[type=file]").set_input_files([papers.sent("历史.xlsx", papers.workbook(rows))])
    page.get_by_role("button", name="检查").first.click()
    page.get_by_role("button", name="全部导入").click()
    expect(page.get_by_text("已导入 1 条")).to_be_visible()
    page.get_by_role("link", name="查看列表").click()
    page.locator("#rows tbody tr").filter(has_text="待导入").first.locator(".first a").click()
    press(page, "导入")
    state(page, "导入成功")
    page.goto(f"{office.product.address}/d/person?q={EARLIER}")
    expect(page.locator("#rows tbody tr")).to_contain_text("已报备")


# --- filed -----------------------------------------------------------------------------------------------------------


def _file(office: Office) -> None:
    page = office.open("/d/filing_batch/new/enter")
    paste(page, "xzbb", [[name] for name in (BY_FORM, PASTED, SENT)])
    expect(page.locator("#f-xzbb")).to_contain_text("工程科科员")  # the post of the last one has come
    page.get_by_role("button", name="新建备案表").click()
    state(page, "未报备")
    batch = page.url
    press(page, "电子档案采集", paper=papers.sent("备案审批表.pdf", papers.paper("备案审批表")))
    expect(page.locator(".attachments")).to_contain_text("备案审批表.pdf")
    sign_in(page, office.product, "head_housing")
    page.goto(batch)
    press(page, "UKey签名", {"pin": PIN})
    state(page, "已签")
    sign_in(page, office.product, "clerk_housing")
    page.goto(batch)
    press(page, "提交")
    state(page, "进行中")
    office.sends(BY_FORM, PASTED, SENT)
    records = office.call("GET", f"/filing_record?batch={batch.rsplit('/', 1)[1]}")["items"]
    assert len(records) == 3
    for record in records:
        office.call("POST", f"/filing_record/{record['id']}/events/file", {})
    page.reload()
    state(page, "已报备")
    page.goto(f"{office.product.address}/d/person?q={PASTED}")
    expect(page.locator("#rows tbody tr")).to_contain_text("已报备")


# --- forms and leaders -----------------------------------------------------------------------------------------------


def _fill(office: Office) -> None:
    for name, where, days in ((BY_FORM, "日本", 20), (PASTED, "法国", 7), (EARLIER, "新加坡", 5)):
        page = office.open("/d/exit_form/new/enter")
        pick(page, "applicant", name)
        expect(at(page, "ZW")).not_to_have_value("")
        pick(page, "MDD", where)
        at(page, "CFSJ").fill(LEAVING.isoformat())
        at(page, "FHSJ").fill((LEAVING + timedelta(days=days - 1)).isoformat())
        at(page, "purpose").select_option(label="旅游")
        at(page, "cause").fill("假期旅游")
        paste(page, "relatives_home", [["夫", "方静好", "1984-05-06", "云岚港务公司"]])
        expect(page.locator("#f-days_abroad")).to_contain_text(str(days))
        page.get_by_role("button", name="填写审批表").click()
        state(page, "草稿")
    press(page, "提交审批")  # one by itself
    state(page, "审批中")
    page = office.open("/d/exit_form?state=draft")  # the others together
    for name in (BY_FORM, PASTED):
        page.locator("#rows tbody tr").filter(has_text=name).locator("input[name=id]").check()
    page.locator(".bulk").get_by_role("button", name="提交审批").click()
    expect(page.locator(".errand-sums dd").first).to_have_text("2")


def _agree(office: Office, browser: Browser) -> None:
    """One by its key, two together, at the desk; the long stay goes to the head, who has a telephone in his hand."""
    page = office.open("/tasks", "hr_housing")
    page.get_by_role("link", name=re.compile(EARLIER)).click()
    _agree_by_key(page)
    page.goto(f"{office.product.address}/tasks")
    for name in (BY_FORM, PASTED):
        page.get_by_label(f"选择 {name}").check()
    page.get_by_role("button", name="同意所选").click()
    expect(page.get_by_text("已同意 2 件，共选 2 件")).to_be_visible()
    hand = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="zh-CN")
    phone = hand.new_page()
    phone.set_default_timeout(60_000)
    sign_in(phone, office.product, "head_housing")
    phone.goto(f"{office.product.address}/tasks")
    phone.get_by_role("link", name=re.compile(BY_FORM)).tap()
    thumb = phone.locator(".thumbs").get_by_role("button", name=re.compile("^同意"))
    expect(thumb).to_be_in_viewport()
    assert thumb.bounding_box()["height"] >= 40
    thumb.tap()
    expect(phone.get_by_text("已同意：")).to_be_visible()
    hand.close()
    page = office.open("/d/consent_letter", "clerk_housing")
    for name in (BY_FORM, PASTED):
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("草稿")
    expect(page.get_by_role("row").filter(has_text=EARLIER)).to_have_count(0)  # has a passport


def _agree_by_key(page: Page) -> None:
    expect(page.locator("[data-facts]")).to_have_class(re.compile("folded"))  # its script listens by now
    page.keyboard.press("a")
    expect(page.get_by_text("已同意：")).to_be_visible()


# --- paper -----------------------------------------------------------------------------------------------------------


def _pack(office: Office) -> None:
    page = office.open("/d/package/new/enter")
    paste(page, "members", [[name] for name in (BY_FORM, PASTED, EARLIER)])
    expect(page.locator("#f-members")).to_contain_text("主任")
    page.get_by_role("button", name="新建组包").click()
    state(page, "待组包")
    office.seen["package"] = page.url
    press(page, "组包打印")
    state(page, "已组包")
    page.locator("button.print").filter(has_text="组包打印").click()
    paper = page.context.wait_for_event("page") if len(page.context.pages) < 2 else page.context.pages[-1]
    expect(paper.get_by_role("progressbar", name="打印进度")).to_be_visible()
    expect(paper.get_by_text("已完成")).to_be_visible(timeout=120_000)
    with paper.expect_download() as kept:
        paper.get_by_role("link", name="下载 PDF").click()
    office.pdf = Path(kept.value.path()).read_bytes()
    paper.close()
    said = papers.texts(office.pdf)
    assert len(said) >= 5  # three forms, two letters behind theirs
    for name in (BY_FORM, PASTED, EARLIER):
        assert any(name in one for one in said)
    assert sum("申办出入境证件的函" in one for one in said) == 2


def _scan(office: Office) -> None:
    """A page by itself finds its form by the code on it; the other pages come as one scan."""
    page = office.open("/scans")
    pages = range(len(papers.texts(office.pdf)))
    last = pages[-1]
    page.locator(".scan-input").set_input_files([papers.sent("签字页.jpg", papers.photograph(office.pdf, last))])
    one = page.locator(".scan").filter(has_text="签字页.jpg")
    expect(one.get_by_text("已归档")).to_be_visible(timeout=120_000)
    expect(one.get_by_role("link", name=re.compile(EARLIER))).to_be_visible()
    page.locator(".scan-input").set_input_files([papers.sent("其余.pdf", papers.scanned(office.pdf, pages[:-1]))])
    rest = page.locator(".scan").filter(has_text="其余.pdf")
    expect(rest.get_by_text("已归档")).to_have_count(len(pages) - 1, timeout=180_000)
    page.goto(office.seen["package"])
    state(page, "已采集")


def _report(office: Office) -> None:
    page = office.open("/", "head_housing")
    page.goto(office.seen["package"])
    press(page, "UKey签名", {"pin": PIN})
    expect(event(page, "UKey签名")).to_be_visible()
    page = office.open("/", "clerk_housing")
    page.goto(office.seen["package"])
    press(page, "上报")
    state(page, "已上报")
    for name in (BY_FORM, PASTED, EARLIER):
        office.sends(name, "cgspywlsh")  # the form, IF-24


# --- what comes back -------------------------------------------------------------------------------------------------


def _results(office: Office) -> None:
    """The authority's answers by REST: forms accepted, a letter done; what was told of it is an alarm to be closed."""
    for document, wanted in (("exit_form", 3), ("consent_letter", 2)):
        found = [
            one
            for name in (BY_FORM, PASTED, EARLIER)
            for one in office.call("GET", f"/{document}?q={name}&state=reported")["items"]
        ]
        assert len(found) == wanted
        for one in found:
            office.call("POST", f"/{document}/{one['id']}/events/accept", {})
    outcome = {"asked": {"ZJHM": "EA9900812", "YXQJZRQ": (LEAVING + timedelta(days=3000)).isoformat()}}
    letter = office.call("GET", f"/consent_letter?q={BY_FORM}")["items"][0]
    office.call("POST", f"/consent_letter/{letter['id']}/events/finish", outcome)
    page = office.page
    page.goto(office.seen["package"])
    state(page, "已入库")
    page = office.open("/d/alarm")
    page.locator("#rows tbody tr").filter(has_text=BY_FORM).first.locator(".first a").click()
    press(page, "受理")
    state(page, "已受理")
    press(page, "关闭", {"reply": "已通知本人"})
    state(page, "已关闭")


def _overviews(office: Office) -> None:
    page = office.open(f"/d/certificate?q={BY_FORM}")
    page.locator("#rows tbody tr .first a").first.click()
    press(page, "存入")
    state(page, "已入柜")
    page = office.open("/p/holdings")
    expect(page.get_by_role("main")).to_contain_text(BY_FORM)
    page = office.open("/d/virtual_drawer")
    expect(page.get_by_role("row").filter(has_text=BY_FORM)).to_be_visible()
    page = office.open("/p/statistics")
    unit = page.get_by_role("row").filter(has_text="住房和城乡建设局").first
    expect(unit).to_be_visible()
    for tab, words in (("同意函", "已办理"), ("组包", "已入库"), ("持证", "普通护照"), ("催缴与告警", "已关闭")):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("main").get_by_text(words).locator("visible=true").first).to_be_visible()
    page = office.open("/p/filing_overview")
    expect(page.get_by_role("main")).to_contain_text("已报备人员")


# --- for everybody ---------------------------------------------------------------------------------------------------

PAGES = {
    "clerk_housing": (
        *("/", "/tasks?tab=started", "/d/person", "/d/person/new/enter", "/d/person/import", "/d/history_import"),
        *("/d/filing_batch", "/d/filing_batch/new/enter", "/d/filing_record", "/p/filing_overview", "/d/exit_form"),
        *("/d/exit_form/new/enter", "/d/consent_letter", "/d/package", "/d/package/new/enter", "/scans", "/batches"),
        *("/p/overview", "/p/statistics", "/p/holdings", "/d/certificate", "/d/virtual_cabinet", "/d/alarm"),
    ),
    "hr_housing": ("/tasks", "/tasks?tab=done", "/notices"),
}
KINDS = ("person", "filing_batch", "exit_form", "consent_letter", "package", "certificate")


def test_no_page_of_the_office_bars_anybody(office: Office):
    """Every main page by light and in the dark at the desk; none hangs over the edge of a telephone."""
    page, found = office.page, {}
    for login, addresses in PAGES.items():
        office.open("/", login)
        firsts = [_first(office, kind) for kind in KINDS] if login == "clerk_housing" else []
        for address in (*addresses, *firsts):
            page.set_viewport_size(DESK)
            office.open(address)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                found[address, theme] = barriers(page)
            page.set_viewport_size(PHONE)
            wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found[address, "phone"] = [("hangs over the edge", f"{wide}px")] if wide > 0 else []
    assert not {where: what for where, what in found.items() if what}


def _first(office: Office, kind: str) -> str:
    page = office.open(f"/d/{kind}")
    return page.locator("#rows tbody tr .first a").first.get_attribute("href")


# --- by keys alone ---------------------------------------------------------------------------------------------------


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
    _agree_by_key(leader)
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
    expect(page).to_have_url(f"{product.address}/")


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
