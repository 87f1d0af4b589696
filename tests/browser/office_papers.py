"""Forms become paper, signed paper comes back as scans, the whole is reported and answered, the overviews show it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import papers
from tests.browser.hands import event, paste, press, state
from tests.browser.office import BY_FORM, EARLIER, LEAVING, PASTED, PIN, Office


def pack(office: Office) -> None:
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


def scan(office: Office) -> None:
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


def report(office: Office) -> None:
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


def results(office: Office) -> None:
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


def overviews(office: Office) -> None:
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
