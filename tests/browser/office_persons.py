"""How persons get into the office's register: by the form, pasted, in a workbook, from the files of earlier years."""

from __future__ import annotations

from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser import papers
from tests.browser.hands import field as at
from tests.browser.hands import press, state
from tests.browser.office import BY_FORM, EARLIER, NUMBERS, PASTED, PHONES, SENT, WRONG, Office


def register(office: Office) -> None:
    page = office.open("/d/person/new/enter")
    for name, text in {"XM": BY_FORM, "GMSFHM": NUMBERS[BY_FORM], "ZW": "科员", "LXDH": PHONES[BY_FORM]}.items():
        at(page, name).fill(text)
    page.get_by_role("button", name="登记人员").click()
    expect(page.get_by_role("heading", name=BY_FORM)).to_be_visible()


def paste(office: Office) -> None:
    page = office.open("/d/person/import")
    page.get_by_text("粘贴导入").click()
    rows = [["姓名", "身份证号", "手机号", "职务"], [PASTED, NUMBERS[PASTED], PHONES[PASTED], "会计"]]
    page.locator("textarea[name=text]").fill("\n".join("\t".join(row) for row in rows))
    page.get_by_role("button", name="检查").last.click()
    page.get_by_role("button", name="全部导入").click()
    expect(page.get_by_text("已导入 1 条")).to_be_visible()


def send_workbook(office: Office) -> None:
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


def bring_in_earlier(office: Office) -> None:
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
