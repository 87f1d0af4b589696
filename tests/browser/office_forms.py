"""Persons are filed with the authority, forms are filled in for them, leaders agree at the desk and on a telephone."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Browser, Page, expect

from tests.browser import papers
from tests.browser.hands import field as at
from tests.browser.hands import paste, pick, press, sign_in, state
from tests.browser.office import BY_FORM, EARLIER, LEAVING, PASTED, PHONE, PIN, SENT, Office


def file_persons(office: Office) -> None:
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


def fill_forms(office: Office) -> None:
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


def agree(office: Office, browser: Browser) -> None:
    """One by its key, two together, at the desk; the long stay goes to the head, who has a telephone in his hand."""
    page = office.open("/tasks", "hr_housing")
    page.get_by_role("link", name=re.compile(EARLIER)).click()
    agree_by_key(page)
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


def agree_by_key(page: Page) -> None:
    expect(page.locator("[data-facts]")).to_have_class(re.compile("folded"))  # its script listens by now
    page.keyboard.press("a")
    expect(page.get_by_text("已同意：")).to_be_visible()
