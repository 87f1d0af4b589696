"""Imports at the pages and by REST."""

import io
import re
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "engine" / "usecases"))
from sheet_office import book, staffed

from engine.testing.memory import MemoryStore
from engine.usecases.accounts import issue_token, set_password
from engine.usecases.sheet_records import ROWS_IN_PART
from tests.web.conftest import PASSWORD

ROWS = [["甲", "c1", "汉族"], ["乙", "c2", "汉祖"], ["丙", None, "02"]]


@pytest.fixture
def office():
    made = staffed(MemoryStore())
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


def upload(browser, content: bytes, name="名单.xlsx", sheet="staff"):
    sent = {"file": (io.BytesIO(content), name)}
    return browser.post(f"/d/staff/import/{sheet}", sent, content_type="multipart/form-data")


def cells(page: str) -> dict[str, str]:
    """Findings of a page by their cell."""
    rows = re.findall(r'cell-address">([^<]*)<.*?cell-told">.*?</svg>\s*([^<]*)<', page, re.DOTALL)
    return {address: text.strip() for address, text in rows}


def test_the_button_stands_only_where_somebody_may(clerk, leader):
    assert "/d/staff/import" in clerk.get("/d/staff").text
    assert "/d/staff/import" not in leader.get("/d/staff").text
    assert leader.get("/d/staff/import").status_code == 404
    assert upload(leader, book(*ROWS)).status_code == 404
    assert leader.get("/d/staff/import/staff/template.xlsx").status_code == 404
    assert clerk.get("/d/user/import").status_code == 404


def test_the_page_shows_the_columns_and_gives_the_template(clerk):
    page = clerk.get("/d/staff/import").text
    assert re.findall(r'<li class="needed">(.*?)<small>', page) == ["姓名", "证号"]
    assert page.count('class="sheet-tab"') == 3
    answer = clerk.get("/d/staff/import/staff/template.xlsx")
    assert "template" in answer.headers["Content-Disposition"] or "%E6%A8%A1" in answer.headers["Content-Disposition"]
    heads = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0][1]]
    assert heads == ["姓名", "证号", "民族", "出生日期", "上级", "级别"]


def test_all_templates_of_a_system_come_packed(clerk, leader):
    answer = clerk.get("/d/staff/import/templates.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        books = [openpyxl.load_workbook(io.BytesIO(archive.read(name))) for name in archive.namelist()]
    assert (len(books), answer.mimetype) == (4, "application/zip")
    assert {book.worksheets[0]["A1"].value for book in books} >= {"姓名", "单号"}
    assert leader.get("/d/staff/import/templates.zip").status_code == 404
    assert clerk.get("/d/nothing/import/templates.zip").status_code == 404


def test_a_file_is_tried_marked_and_taken(office, clerk):
    answer = upload(clerk, book(*ROWS))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = clerk.get(address).text
    assert "2 条有错误，其余 1 条可以导入" in page
    assert cells(page) == {"C3": "没有选项“汉祖”，是否应为“汉族”", "B4": "请填写证号"}
    assert office.all("staff") == []
    marked = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{address}/marked.xlsx").data)).worksheets[0]
    assert {cell.coordinate for row in marked for cell in row if cell.comment} == {"C3", "B4"}
    assert clerk.post(f"{address}/take", {"which": "all"}).status_code == 409
    assert clerk.post(f"{address}/take", {"which": "good"}).status_code == 303
    assert "已导入 1 条" in clerk.get(address).text
    assert [row["name"] for row in office.all("staff")] == ["甲"]
    assert clerk.post(f"{address}/take", {"which": "good"}).status_code == 303
    assert len(office.all("staff")) == 1
    assert "名单.xlsx" in clerk.get("/d/staff/import").text


def test_pasted_rows_are_tried_too(clerk):
    answer = clerk.post("/d/staff/import/staff", {"text": "姓名\t证号\n甲\tc1"})
    assert "可以导入 1 条" in clerk.get(answer.headers["Location"]).text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.xlsx", "文件是空的"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "a.xls", "不是 .xlsx 或 .xls"),
        (book(["甲", "c1"], heads=["姓名", "证件号"]), "a.xlsx", "缺少必填列“证号”"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_where_it_was_sent(clerk, content, name, said):
    answer = upload(clerk, content, name)
    assert answer.status_code == 422
    assert said in answer.text


def test_nothing_chosen_is_told(clerk):
    answer = clerk.post("/d/staff/import/staff", {}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "文件是空的" in answer.text


def test_large_files_show_how_far_they_are(office, clerk):
    rows = [[f"甲{n}", f"c{n}"] for n in range(ROWS_IN_PART + 5)]
    address = upload(clerk, book(*rows)).headers["Location"]
    page = clerk.get(address).text
    assert 'hx-trigger="every 1s"' in page
    assert "<progress" in page
    office.deliver()
    part = clerk.get(address, headers={"HX-Request": "true"}).text
    assert part.startswith(("<div", "\n"))
    assert "<html" not in part
    assert "hx-trigger" not in part
    assert f"可以导入 {ROWS_IN_PART + 5} 条" in part


def test_what_was_sent_is_forgotten_when_asked(clerk):
    address = upload(clerk, book(*ROWS)).headers["Location"]
    assert clerk.post(f"{address}/drop").status_code == 303
    assert clerk.get(address).status_code == 404


def test_an_import_is_nobody_elses(clerk, sign_in):
    address = upload(clerk, book(*ROWS)).headers["Location"]
    stranger = sign_in("stranger")
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}/marked.xlsx").status_code == 404
    assert stranger.post(f"{address}/take", {"which": "good"}).status_code == 404
    assert clerk.get("/d/staff/imports/none").status_code == 404


def test_forms_without_a_token_are_refused(clerk):
    assert clerk.client.post("/d/staff/import/staff", data={"text": "姓名\t证号\n甲\tc1"}).status_code == 400


def test_texts_of_files_are_never_markup(clerk):
    evil = '<img src=x onerror="alert(1)">'
    address = upload(clerk, book(["甲", "c1", evil], heads=["姓名", "证号", "民族"]), f"{evil}.xlsx").headers[
        "Location"
    ]
    page = clerk.get(address).text
    assert evil not in page
    assert "&lt;img" in page


# --- REST ------------------------------------------------------------------------------------------------------------


def test_an_import_by_rest(office, rest):
    [sheet, *_] = [one for one in rest("GET", "staff/sheets").json if one["id"] == "staff"]
    assert sheet["columns"][:2] == [{"head": "姓名", "required": True}, {"head": "证号", "required": True}]
    assert rest("GET", "staff/sheets/staff/template").data.startswith(b"PK")
    begun = rest.send("staff/sheets/staff/imports", book(*ROWS))
    assert begun.status_code == 201
    assert begun.json["status"] == "checked"
    assert [(one["cell"], one["row"], one["column"]) for one in begun.json["findings"]] == [("C3", 3, 3), ("B4", 4, 2)]
    address = f"staff/imports/{begun.json['id']}"
    assert begun.headers["Location"].endswith(address)
    assert rest("GET", f"{address}/marked").data.startswith(b"PK")
    assert rest("POST", f"{address}/take", {"which": "some"}).status_code == 400
    assert rest("POST", f"{address}/take", {"which": "all"}).status_code == 409
    done = rest("POST", f"{address}/take", {"which": "good"}).json
    assert (done["status"], done["taken"], len(office.all("staff"))) == ("done", 1, 1)
    assert rest("DELETE", address).status_code == 204
    assert rest("GET", address).status_code == 404


def test_pasted_rows_by_rest(rest):
    begun = rest.send("staff/sheets/staff/imports", "姓名\t证号\n甲\t".encode(), text=True)
    assert (begun.status_code, begun.json["bad"]) == (201, 1)


def test_refusals_by_rest_are_worded(rest):
    refused = rest.send("staff/sheets/staff/imports", b"nothing")
    assert refused.status_code == 422
    assert "xlsx" in refused.json["error"]["findings"][0]["text"]
    assert rest.send("staff/sheets/none/imports", book(*ROWS)).status_code == 404
    assert rest("GET", "user/sheets").json == []


def test_the_description_tells_of_imports_where_there_are_any(rest):
    paths = rest("GET", "openapi.json").json["paths"]
    assert {"/staff/sheets", "/staff/sheets/staff/imports", "/staff/imports/{id}/take"} <= paths.keys()
    assert "/user/sheets" not in paths


@pytest.fixture
def rest(app, office):
    token = issue_token(office.runtime, office.people["clerk"], "test", 30)
    client = app.test_client()

    class Rest:
        def __call__(self, method, address, body=None):
            headers = {"Authorization": f"Bearer {token}"}
            return client.open(f"/api/v1/{address}", method=method, json=body, headers=headers)

        def send(self, address, content: bytes, *, text=False):
            headers = {"Authorization": f"Bearer {token}"}
            if text:
                return client.post(f"/api/v1/{address}", data=content, content_type="text/plain", headers=headers)
            return client.post(f"/api/v1/{address}", data={"file": (io.BytesIO(content), "a.xlsx")}, headers=headers)

    return Rest()


def test_rows_and_the_documents_that_they_make_are_counted_apart(clerk):
    rows = "单号\t客户\t品名\t数量\nA\t甲\t笔\t1\nA\t甲\t纸\t2\nB\t乙\t笔\t两\nC\t丙\t笔\t3"
    answer = clerk.post("/d/order/import/orders", {"text": rows})
    page = clerk.get(answer.headers["Location"]).text
    counts = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page.split("import-counts")[1])
    assert counts == [("表中", "4 行"), ("合成单据", "3 条"), ("可新建", "2 条"), ("有错误", "1 条")]
    assert "只导入正确的 2 条</button>" in page
