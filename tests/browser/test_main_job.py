"""The main job, in a real browser against the real product: from a registered person to the report that leaves."""

import json
import re
import sys
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).parent))
from product import PASSWORD

from engine.documents.identifiers import citizen_check_digit

expect.set_options(timeout=20_000)  # the machine may be busy with other tests
NAME = "路遥之"
NUMBER = "99010119850309251" + citizen_check_digit("99010119850309251")


def sign_in(page: Page, product, login: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{product.address}/login")
    page.get_by_label("用户名").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{product.address}/")


def pick(page: Page, field: str, text: str) -> None:
    """Choose in a picker by what it shows."""
    box = page.locator(f"#f-{field}")
    box.click()
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()


def press(page: Page, name: str, *, asks: bool = False) -> None:
    """Press an event's button; where it asks something, agree to what it proposes, in its dialog or on its page."""
    page.get_by_role("main").locator("a.button, button.button").filter(has_text=name).first.click()
    if asks:
        dialog = page.locator("dialog[open]").get_by_role("button", name=name)
        own_page = page.locator("main form").get_by_role("button", name=name).and_(page.locator(":visible"))
        expect(dialog.or_(own_page).first).to_be_visible()
        (dialog if dialog.count() else own_page).first.click()


def field(page: Page, name: str):
    return page.locator(f"[name='v.{name}']")


def test_the_main_job(page: Page, product):
    sign_in(page, product, "clerk")
    _register(page, product)
    form = _fill(page, product)
    _submit(page)
    for login in ("hr", "head"):
        _agree(page, product, login)
    _letter_and_print(page, product, form)
    _report(page, product, form)


def _register(page: Page, product) -> None:
    page.goto(f"{product.address}/d/person/new/enter")
    field(page, "XM").fill(NAME)
    field(page, "GMSFHM").fill(NUMBER)
    field(page, "ZW").fill("科员")
    field(page, "LXDH").fill("19900000099")
    page.get_by_role("button", name="登记人员").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    press(page, "登记报备结果", asks=True)
    expect(page.get_by_text("已报备").first).to_be_visible()


def _fill(page: Page, product) -> str:
    leaving = date.today() + timedelta(days=40)
    page.goto(f"{product.address}/d/exit_form/new/enter")
    pick(page, "applicant", NAME)
    expect(field(page, "ZW")).to_have_value("科员")
    pick(page, "MDD", "日本")
    field(page, "CFSJ").fill(leaving.isoformat())
    field(page, "FHSJ").fill((leaving + timedelta(days=39)).isoformat())
    field(page, "FHSJ").press("Tab")
    expect(page.locator("#f-days_abroad")).to_contain_text("40")
    field(page, "purpose").select_option(label="旅游")
    field(page, "cause").fill("赴日本旅游")
    page.get_by_role("button", name="填写审批表").click()
    page.wait_for_url(re.compile(r"/d/exit_form/[0-9a-f]{32}$"), wait_until="load")
    expect(page.get_by_text("草稿").first).to_be_visible()
    press(page, "提交审批")
    expect(page.get_by_role("alert").filter(has_text="社会关系").first).to_be_visible()
    page.locator("dialog[open]").get_by_role("button", name="取消").click()
    press(page, "修改")
    grid = page.locator("#f-relatives_home")
    grid.get_by_role("button", name="添加一行").click()
    page.keyboard.type("妻")
    expect(page.get_by_role("option").filter(has_text="妻").first).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("方静好")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("cell", name="方静好")).to_be_visible()
    return page.url


def _submit(page: Page) -> None:
    press(page, "提交审批")
    expect(page.get_by_role("alert").filter(has_text="停留40天").first).to_be_visible()
    page.get_by_role("button", name="已确认").click()
    expect(page.get_by_text("审批中").first).to_be_visible()


def _agree(page: Page, product, login: str) -> None:
    sign_in(page, product, login)
    page.goto(f"{product.address}/tasks")
    page.get_by_role("link").filter(has_text=NAME).first.click()
    page.get_by_role("button", name=re.compile("^同意")).click()
    expect(page.get_by_role("alert")).to_have_count(0)


def _letter_and_print(page: Page, product, form: str) -> None:
    sign_in(page, product, "clerk")
    page.goto(form)
    expect(page.get_by_text("同意函").first).to_be_visible()
    history = page.get_by_role("main")
    for step in ("填写审批表", "提交审批", "同意"):
        expect(history.get_by_text(step).first).to_be_visible()
    with page.context.expect_event("response", lambda answer: "/files/" in answer.url) as answered:
        page.get_by_role("button", name=re.compile("审批单")).first.click()
    assert answered.value.headers["content-type"] == "application/pdf"


def _report(page: Page, product, form: str) -> None:
    page.goto(form)
    expect(page.get_by_text("已上报").first).to_be_visible(timeout=15_000)
    number = page.get_by_role("main").get_by_text(re.compile(r"SP\w{20,}")).first.inner_text().strip()
    sent = [json.loads(path.read_text()) for path in (product.home / "spool/report_out").glob("*.msg")]
    assert [message for message in sent if number in json.dumps(message)]
