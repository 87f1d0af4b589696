"""An import in a real browser: three cells are wrong, the marked workbook says which, the good rows are taken."""

import io
import sys
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Download, Page, expect

sys.path.insert(0, str(Path(__file__).parent))
from product import PASSWORD

from adapters.excel.workbook import ExcelWorkbook
from engine.documents.identifiers import citizen_check_digit

expect.set_options(timeout=20_000)  # the machine may be busy with other tests
HEAD = ["姓 名", "身份证号", "手机号", "民族", "备注说明"]


def number(person: int) -> str:
    body = f"990101198{person % 10}0101{100 + person}"
    return body + citizen_check_digit(body)


def persons() -> bytes:
    """Six rows: a broken citizen number in B4, an unknown people in D5, no telephone in C6."""
    rows = [[f"导入{n}", number(n), f"1990000{n:04}", "汉族", ""] for n in range(1, 7)]
    rows[2][1], rows[3][3], rows[4][2] = "990101198001011", "汉祖", None
    return ExcelWorkbook().write("人员", HEAD, rows)


def opened(kept: Download):
    """The first sheet of a workbook that was downloaded."""
    return openpyxl.load_workbook(io.BytesIO(Path(kept.path()).read_bytes())).worksheets[0]


@pytest.fixture
def clerk(page: Page, product):
    page.goto(f"{product.address}/login")
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(f"{product.address}/")
    return page


def test_a_workbook_with_three_bad_cells(clerk: Page, product):
    page = clerk
    page.goto(f"{product.address}/d/person")
    page.get_by_role("main").get_by_role("link", name="导入").click()
    with page.expect_download() as kept:
        page.get_by_role("link", name="下载模板").click()
    heads = [cell.value for cell in opened(kept.value)[1]]
    assert heads[:3] == ["姓名", "公民身份号码", "联系电话"]
    chosen = {"name": "persons.xlsx", "mimeType": "application/octet-stream", "buffer": persons()}
    page.locator("input[type=file]").set_input_files(chosen)
    page.get_by_role("button", name="检查").first.click()
    expect(page.get_by_text("3 条有错误，其余 3 条可以导入")).to_be_visible()
    cells = page.locator("tr.wrong .cell-address").all_inner_texts()
    assert sorted(cells) == ["B4", "C6", "D5"]
    expect(page.locator("tr.wrong").filter(has_text="D5")).to_contain_text("是否应为“汉族”")
    with page.expect_download() as kept:
        page.get_by_role("link", name="下载标注的工作簿").click()
    wrong = {cell.coordinate for row in opened(kept.value).iter_rows(min_row=2) for cell in row if cell.comment}
    assert wrong == {"B4", "C6", "D5"}
    page.get_by_role("button", name="只导入正确的").click()
    expect(page.get_by_text("已导入 3 条")).to_be_visible()
    page.get_by_role("link", name="查看列表").click()
    for name in ("导入1", "导入2", "导入6"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="导入3", exact=True)).to_have_count(0)


def test_pasted_rows_that_are_known_are_not_doubled(clerk: Page, product):
    page = clerk
    page.goto(f"{product.address}/d/person/import")
    rows = [["姓名", "公民身份号码", "联系电话"], ["粘贴者", number(30), "19900000030"]]
    for said in ("检查通过，可以导入 1 条", "这些记录都已经有了"):
        page.goto(f"{product.address}/d/person/import")
        page.get_by_text("粘贴导入").click()
        page.locator("textarea[name=text]").fill("\n".join("\t".join(row) for row in rows))
        page.get_by_role("button", name="检查").last.click()
        expect(page.get_by_text(said)).to_be_visible()
        if "通过" in said:
            page.get_by_role("button", name="全部导入").click()
            expect(page.get_by_text("已导入 1 条")).to_be_visible()
