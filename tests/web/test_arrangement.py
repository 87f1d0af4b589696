"""How forms and details are laid out: panels in their order, sections by state, files, rows in words, explanations."""

import io
import re

import pytest
from werkzeug.test import TestResponse

from engine.testing.office import Office
from engine.usecases.accounts import issue_token, set_password
from engine.web import WebSettings, create_app
from tests.web.conftest import PASSWORD, Browser

SHEET = {
    "desk/sheet/document.yaml": """document: sheet
title: 单据
label: name
fields:
  name: {title: 名称, type: text, required: true}
  paper: {title: 扫描件, type: file, accept: [pdf], max_size: 100KB}
  package: {title: 包, type: file, accept: [zip], max_size: 200KB}
  lines:
    title: 明细
    type: table
    fields:
      item: {title: 品名, type: text}
      proof: {title: 凭证, type: file}
  total: {title: 行数, type: integer, value: count(lines)}
  note: {title: 备注, type: long_text}
  seen: {title: 审阅, type: text, show: "state != 'draft'"}
  decided: {title: 决定, type: text}
""",
    "desk/sheet/machine.yaml": """machine: sheet
states: {draft: {title: 草稿}, sent: {title: 已报, final: true}}
events:
  enter: {title: 登记, from: new, to: draft, by: clerk}
  change: {title: 修改, from: draft, by: clerk}
  send:
    title: 上报
    from: draft
    to: sent
    by: clerk
    ask: {page: {title: 签字页, type: file, accept: [pdf]}}
    do: [{set: {paper: =event.page}}]
""",
    "desk/sheet/pages.yaml": """pages:
  form:
    - {panel: 全部, fields: [name, lines, total, paper, seen]}
    - {panel: 备注, fields: [note]}
    - {panel: 决定, fields: [decided], show: "state != 'draft'"}
""",
    "desk/sheet/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: {fields: "*"}, events: "*"}\n',
}
PDF = b"%PDF-1.7 something"


@pytest.fixture
def office():
    made = Office(SHEET)
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


@pytest.fixture
def app(office):
    return create_app(lambda: office.runtime, WebSettings("s" * 32))


def upload(browser: Browser, path: str = "paper", name: str = "纸.pdf", content: bytes = PDF) -> dict:
    answer = browser.post(f"/d/sheet/upload/{path}", {"file": (io.BytesIO(content), name)})
    assert answer.status_code == 201, answer.text
    return answer.json


@pytest.fixture
def record(clerk, office):
    lines = [{"item": "笔", "proof": upload(clerk, "lines.proof", "证.pdf", PDF + b"2")}, {"item": "墨"}]
    return office.raise_(
        "clerk", "enter", "sheet", name="甲", paper=upload(clerk), lines=lines, note="长" * 30
    ).record_id


def test_panels_keep_their_order_on_both_pages(clerk, record):
    for address in (f"/d/sheet/{record}", f"/d/sheet/{record}/do/change"):
        page = re.sub(r"<script.*?</script>", "", clerk.get(address).text, flags=re.DOTALL)
        page = page[page.index("<main") :]
        places = [page.index(f">{title}<") for title in ("全部", "名称")]
        places.append(page.index("明细"))
        places += [page.index(f">{title}") for title in ("行数", "扫描件")]
        assert places == sorted(places), address


def test_what_depends_on_the_state_goes_by_the_one_a_new_document_will_have(clerk, record):
    for address in ("/d/sheet/new/enter", f"/d/sheet/{record}/do/change"):
        page = clerk.get(address).text
        assert re.search(r'<section class="form-section" id="section-2" data-section hidden', page), address
        assert re.search(r'data-field="seen"[^>]* hidden', page), address
    found = clerk.json("/d/sheet/preview/enter", {"raw": {"name": "x"}, "asked": {}}).json
    assert found["sections"] == [True, True, False]
    assert found["fields"]["seen"]["shown"] is False


def test_a_lone_field_does_not_say_the_title_of_its_panel_again(clerk, record):
    page = clerk.get(f"/d/sheet/{record}").text
    assert '<dt class="unseen">备注</dt>' in page


def test_what_an_event_asks_for_goes_up_where_the_dialog_says(clerk, record, office):
    page = clerk.get(f"/d/sheet/{record}").text
    address = re.search(r'data-upload="(/d/sheet/upload/page[^"]*)"', page)[1]
    sent = clerk.post(address, {"file": (io.BytesIO(PDF + b"3"), "签.pdf")})
    assert sent.status_code == 201, sent.text
    office.raise_("clerk", "send", "sheet", record, asked={"page": sent.json})
    assert "签.pdf" in clerk.get(f"/d/sheet/{record}").text


def test_files_stand_in_the_rail_and_open_in_the_page(clerk, record):
    page = clerk.get(f"/d/sheet/{record}").text
    rail = page[page.index('<aside class="rail"') :]
    assert rail.count("data-preview=") == 2
    for name in ("纸.pdf", "证.pdf"):
        assert f'data-preview="{name}"' in rail
    address = re.search(r'href="(/d/sheet/[^"]+/files/[^"]+)"', rail)[1]
    answer = clerk.get(address)
    assert answer.mimetype == "application/pdf"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_ones_own_upload_can_be_looked_at_before_it_is_sent(clerk, sign_in):
    stored = upload(clerk)
    answer = clerk.get(f"/uploads/{stored['hash']}")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert sign_in("stranger").get(f"/uploads/{stored['hash']}").status_code == 404
    assert clerk.get("/uploads/" + "0" * 64).status_code == 404


def test_a_field_that_takes_larger_files_than_others_gets_them_from_those_who_may(office):
    client = create_app(lambda: office.runtime, WebSettings("s" * 32, upload_limit=50_000)).test_client()
    content = b"PK\x03\x04" + bytes(180_000)

    def bring(who: str, path: str, content: bytes = content) -> TestResponse:
        held = {"Authorization": f"Bearer {issue_token(office.runtime, office.people[who], 'test', 7)}"}
        body = {"file": (io.BytesIO(content), "v2.zip")}
        return client.post(f"/api/v1/sheet/files/{path}", data=body, headers=held)

    stored = bring("clerk", "package")
    assert stored.status_code == 201
    assert office.runtime.files.get(stored.json["hash"]) == content
    assert bring("clerk", "package", bytes(400_000)).status_code == 413
    assert bring("clerk", "paper").status_code == 413, "its size is that of others"
    assert bring("leader", "package").status_code == 413, "nobody's larger file is read who may not bring it"
    assert client.post("/api/v1/sheet/files/package", data={"file": (io.BytesIO(content), "a.zip")}).status_code == 401


def test_parts_of_a_file_may_be_asked_for(clerk, office):
    stored = upload(clerk, content=PDF + bytes(100_000 - len(PDF)))
    address = f"/uploads/{stored['hash']}"
    part = clerk.get(address, headers={"Range": "bytes=1-4"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"PDF-", "bytes 1-4/100000")
    assert clerk.get(address, headers={"Range": "bytes=-3"}).data == bytes(3)
    assert clerk.get(address, headers={"Range": "bytes=100000-"}).status_code == 416
    for whole in ("bytes=1-4,9-12", "lines=1-4", "bytes=one-four"):  # what is not understood is not asked
        answer = clerk.get(address, headers={"Range": whole})
        assert (answer.status_code, len(answer.data), answer.headers["Accept-Ranges"]) == (200, 100_000, "bytes")
    del office.runtime.files.kept[stored["hash"]]
    assert clerk.get(address).status_code == 404


def test_a_field_says_what_it_takes(clerk):
    page = clerk.get("/d/sheet/new/enter").text
    assert "PDF，每个不超过 100 KB" in page
    assert 'data-most="100000"' in page


def test_computed_fields_say_how(clerk):
    page = clerk.get("/d/sheet/new/enter").text
    assert 'aria-label="行数怎么得出"' in page
    assert "行数(明细)" in page
    assert 'aria-label="名称怎么得出"' not in page


def test_history_tells_rows_by_their_place(clerk, office, record):
    rows = office.values("sheet", record)["lines"]
    sent = [{"id": rows[1]["id"], "item": "墨汁"}, {"item": "纸"}]
    office.raise_("clerk", "change", "sheet", record, lines=sent)
    page = clerk.get(f"/d/sheet/{record}").text
    told = re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", page[page.index("经过") :])
    assert ("明细 1·品名", "<del>墨</del> → <ins>墨汁</ins>") in told
    assert ("明细 2", "<ins>纸</ins>") in told
    assert ("明细", '<del>笔 证.pdf</del> → <ins class="quiet">（空）</ins>') in told


def test_who_is_waited_for_stands_first(clerk, record, office):
    office.raise_("clerk", "send", "sheet", record)
    line = clerk.get(f"/d/sheet/{record}").text.split("经过")[1]
    assert line.index("上报") < line.index("登记")
