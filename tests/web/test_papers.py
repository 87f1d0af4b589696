"""Pages and REST of paper: the public check, batches watched and taken away, scans brought and filed."""

import io
import re

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.usecases.prints import make_print
from tests.engine.usecases.paper_files import FILES, LINE
from tests.web.conftest import PAGES, PASSWORD, SYSTEM

SYSTEM_FILES = {**FILES, "desk/system.yaml": SYSTEM, "desk/order/pages.yaml": PAGES}


@pytest.fixture
def office():
    made = Office(SYSTEM_FILES)
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


@pytest.fixture
def order(office):
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[LINE]).record_id


@pytest.fixture
def paper(office, order):
    """The token on a print of the order."""
    make_print(office.runtime, office.people["clerk"], "order", order, "slip")
    return office.all("_paper")[0]["token"]


def scan(*codes, name="scan.pdf"):
    return {"file": (io.BytesIO("\n".join(("%PDF-1.7", *codes)).encode()), name)}


# --- the public page -------------------------------------------------------------------------------------------------


def test_anybody_may_check_a_paper_and_sees_masked_facts(visitor, paper):
    answer = visitor.get(f"/v/{paper}")
    assert answer.status_code == 200
    assert "与系统数据一致" in answer.text
    assert "1***8" in answer.text
    assert "12345678" not in answer.text
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_forged_paper_is_told_and_a_changed_one(visitor, office, order, paper):
    assert "查无此纸件" in visitor.get("/v/" + "A" * 26).text
    office.raise_("clerk", "change", "order", order, name="乙")
    changed = visitor.get(f"/v/{paper}").text
    assert "与系统数据不一致" in changed
    assert "乙" not in changed
    assert "甲" not in changed


def test_looks_are_limited_and_logins_are_not_touched_by_that(visitor, sign_in, paper):
    answers = [visitor.get(f"/v/{paper}").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert sign_in("clerk").get("/").status_code == 200


# --- batches ---------------------------------------------------------------------------------------------------------


def test_a_selection_is_printed_watched_and_taken_away(clerk, office, order):
    begun = clerk.post("/d/order/batch", {"id": [order], "print": ["slip"]})
    assert begun.status_code == 303
    address = begun.headers["Location"]
    page = clerk.get(address).text
    assert "正在制作" in page
    assert 'hx-trigger="every 1s"' in page
    office.deliver()
    part = clerk.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert "已完成" in part
    assert "hx-trigger" not in part
    file = clerk.get(f"{address}/file?download=1")
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "订单" in clerk.get("/batches").text


def test_a_batch_of_somebody_else_is_not_there(clerk, sign_in, office, order):
    address = clerk.post("/d/order/batch", {"id": [order]}).headers["Location"]
    office.deliver()
    leader = sign_in("leader")
    assert leader.get(address).status_code == 404
    assert leader.get(f"{address}/file").status_code == 404
    assert "还没有成组打印" in leader.get("/batches").text


def test_a_bundle_is_a_button_of_its_document(clerk, office, order):
    folder = office.raise_("clerk", "enter", "folder", members=[{"order": order}]).record_id
    first = clerk.post(f"/d/folder/{folder}/prints/all")
    assert "/batches/" in first.headers["Location"]
    office.deliver()
    again = clerk.post(f"/d/folder/{folder}/prints/all")
    assert "/files/" in again.headers["Location"]
    assert clerk.get(again.headers["Location"]).mimetype == "application/pdf"


@pytest.mark.parametrize("form", [{}, {"id": ["x" * 32], "print": ["none"]}])
def test_what_cannot_be_printed_is_refused(clerk, form):
    assert clerk.post("/d/order/batch", form).status_code in {404, 409}


# --- scans -----------------------------------------------------------------------------------------------------------


def test_scans_are_brought_and_shown_with_what_became_of_them(clerk, office, order, paper):
    taken = clerk.post("/scans", scan(f"https://office.test/v/{paper}", "nothing"), content_type="multipart/form-data")
    assert taken.status_code == 201
    assert "hx-trigger" in clerk.get(taken.json["part"]).text
    office.deliver()
    part = clerk.get(taken.json["part"]).text
    assert "已归档" in part
    assert "未识别" in part
    assert f"/d/order/{order}" in part
    assert "hx-trigger" not in part
    page = clerk.get("/scans").text
    (picture,) = set(re.findall(r'src="(/scans/pages/\w+\.jpg)\?small=1"', page.partition("最近")[0]))
    assert clerk.get(picture).mimetype == "image/jpeg"


def test_a_page_is_filed_by_hand_or_put_aside(clerk, office, order):
    clerk.post("/scans", scan("a", "b"), content_type="multipart/form-data")
    office.deliver()
    addresses = re.findall(r'action="(/scans/pages/\w+)"', clerk.get("/scans").text)
    assert len(addresses) == 2
    wrong = clerk.post(addresses[0], {"print": "slip", "number": "DD9"}, follow_redirects=True)
    assert "没有找到这个编号的单据" in wrong.text
    assert (
        "已归档：DD20260001"
        in clerk.post(addresses[0], {"print": "slip", "number": "DD20260001"}, follow_redirects=True).text
    )
    clerk.post(addresses[1], {"aside": "1"})
    assert "待手工归档" not in clerk.get("/scans").text


def test_scans_are_for_who_files_them(sign_in, clerk, office):
    leader = sign_in("leader")
    assert leader.get("/scans").status_code == 404
    assert leader.post("/scans", scan("a"), content_type="multipart/form-data").status_code == 403
    assert "扫描件采集" not in leader.get("/").text
    assert "扫描件采集" in clerk.get("/").text


def test_pages_of_others_are_not_there(sign_in, clerk, office):
    clerk.post("/scans", scan("a"), content_type="multipart/form-data")
    office.deliver()
    (address,) = re.findall(r'action="(/scans/pages/\w+)"', clerk.get("/scans").text)
    stranger = sign_in("stranger")
    assert stranger.get(f"{address}.jpg").status_code == 404
    assert stranger.post(address, {"aside": "1"}).status_code == 404
    assert address not in stranger.get("/scans").text


@pytest.mark.parametrize("name", ["x.html", "x.pdf"])
def test_what_is_no_scan_is_refused_in_words(clerk, name):
    answer = clerk.post(
        "/scans",
        {"file": (io.BytesIO(b"<script>"), name)},
        content_type="multipart/form-data",
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert "PDF" in str(answer.json["error"]["findings"])


# --- REST ------------------------------------------------------------------------------------------------------------


def test_batches_by_rest(rest, office, order):
    begun = rest("POST", "_batches", {"document": "order", "ids": [order, "0" * 32], "prints": ["slip"]})
    assert (begun.status_code, begun.json["state"], begun.json["total"]) == (202, "printing", 2)
    office.deliver()
    found = rest("GET", f"_batches/{begun.json['id']}").json
    assert (found["state"], found["left_out"][0]["count"]) == ("done", 1)
    assert rest("GET", f"_batches/{begun.json['id']}/file").mimetype == "application/pdf"
    assert rest("GET", "_batches/" + "0" * 32).status_code == 404
    assert rest("POST", "_batches", {"document": "order", "ids": order}).status_code == 400


def test_a_bundle_by_rest(rest, office, order):
    folder = office.raise_("clerk", "enter", "folder", members=[{"order": order}]).record_id
    begun = rest("POST", f"folder/{folder}/prints/all")
    assert begun.status_code == 202
    assert begun.headers["Location"].endswith(f"/_batches/{begun.json['id']}")
    office.deliver()
    assert rest("POST", f"folder/{folder}/prints/all").json["media"] == "application/pdf"


def test_scans_by_rest(app, token, rest, office, order, paper):
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    sent = client.post(
        "/api/v1/_scans",
        data=scan(f"https://office.test/v/{paper}", "nothing"),
        content_type="multipart/form-data",
        headers=headers,
    )
    assert (sent.status_code, sent.json["state"]) == (202, "waiting")
    office.deliver()
    found = rest("GET", f"_scans/{sent.json['id']}").json
    assert [(one["state"], one["record"]) for one in found["pages"]] == [("filed", order), ("unread", None)]
    (page,) = rest("GET", "_scans/pages").json
    assert rest("GET", f"_scans/pages/{page['id']}").mimetype == "image/jpeg"
    assert rest("POST", f"_scans/pages/{page['id']}", {"print": "slip", "number": "?"}).status_code == 422
    assert rest("POST", f"_scans/pages/{page['id']}", {"aside": True}).status_code == 204
    assert rest("GET", "_scans/pages").json == []
