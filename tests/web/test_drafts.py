"""Drafts at the pages: kept, offered, opened again, given up; a lost session on the way; two people at one form."""

import html
import json
import re

import pytest

from engine.model.criteria import Order, Selection
from engine.usecases import drafts, sessions
from tests.web.conftest import PASSWORD, Browser

NEW = "/d/order/new/enter"


@pytest.fixture
def mine(office):
    return lambda who="clerk": drafts.mine(office.runtime, office.people[who])


def key_of(page: str) -> str:
    return re.search(r'name="_key" value="([^"]+)"', page)[1]


def body(page: str, **raw):
    return {"raw": raw, "asked": {}, "changed": list(raw), "key": key_of(page), "record_id": None, "version": None}


def test_what_is_typed_is_kept_offered_and_opened_again(clerk, mine, office):
    page = clerk.get(NEW).text
    assert "继续上次的草稿" not in page
    answer = clerk.json("/d/order/draft/enter", body(page, name="未完", lines=[{"item": "笔", "qty": "三"}]))
    assert answer.json == {"id": mine()[0].id, "at": "09:00"}
    assert "继续上次的草稿" in clerk.get(NEW).text
    opened = clerk.get(f"/drafts/{answer.json['id']}", follow_redirects=True).text
    assert 'value="未完"' in opened
    assert '"三"' in opened
    assert key_of(opened) == key_of(page)
    assert "已恢复草稿" in opened
    assert "继续上次的草稿" not in opened
    assert 'id="summary"' not in opened  # nobody has asked to have it judged


def test_a_form_that_was_sent_has_no_draft_any_more(clerk, mine):
    page = clerk.get(NEW).text
    clerk.json("/d/order/draft/enter", body(page, name="未完"))
    clerk.post(NEW, {"v.name": "未完", "_key": key_of(page)})
    assert mine() == ()


def test_a_refused_form_keeps_its_draft(clerk, mine):
    page = clerk.get(NEW).text
    clerk.json("/d/order/draft/enter", body(page, name=""))
    assert clerk.post(NEW, {"v.name": "", "_key": key_of(page)}).status_code == 422
    assert len(mine()) == 1


def test_a_draft_is_given_up(clerk, mine):
    clerk.json("/d/order/draft/enter", body(clerk.get(NEW).text, name="未完"))
    answer = clerk.post(f"/drafts/{mine()[0].id}/drop", {"next": NEW})
    assert (answer.status_code, answer.location) == (303, NEW)
    assert mine() == ()
    assert clerk.post("/drafts/nothing/drop").status_code == 404


def test_nobody_opens_the_draft_of_another(clerk, sign_in, mine):
    clerk.json("/d/order/draft/enter", body(clerk.get(NEW).text, name="未完"))
    draft = mine()[0].id
    stranger = sign_in("stranger")
    for address in (f"/drafts/{draft}", f"{NEW}?draft={draft}"):
        assert stranger.get(address).status_code == 404
    assert clerk.get(f"/d/letter/new/make?draft={draft}").status_code == 404


@pytest.mark.parametrize("strange", [{}, {"raw": []}, {"raw": {}, "asked": {}, "changed": {}}, [], "x"])
def test_strange_drafts_are_refused(clerk, mine, strange):
    assert clerk.json("/d/order/draft/enter", strange).status_code in (400, 404)
    assert mine() == ()


def test_a_draft_of_what_was_changed_meanwhile_shows_both_sides(clerk, office, entered):
    page = clerk.get(f"/d/order/{entered}/do/drop").text
    sent = {**body(page), "asked": {"reason": "错"}, "record_id": entered, "version": 1}
    kept = clerk.json("/d/order/draft/drop", sent).json["id"]
    office.raise_("clerk", "submit", "order", entered)
    opened = clerk.get(f"/drafts/{kept}", follow_redirects=True)
    assert opened.status_code == 409
    assert "提交" in opened.text


# --- a lost session --------------------------------------------------------------------------------------------------


def carried(page: str) -> str:
    return html.unescape(re.search(r'name="carried" value="([^"]*)"', page)[1])


def sent_without_session(browser: Browser, page: str, **headers):
    owner = re.search(r'name="_owner" value="([^"]+)"', page)[1]
    rows = '[{"item": "笔", "qty": "3"}]'
    form = {"v.name": "没丢", "v.lines": rows, "_key": key_of(page), "_changed": "name lines"}
    browser.client.delete_cookie("guiju")
    return browser.client.post(NEW, data={**form, "_owner": owner}, headers=headers)


HERE = {"Origin": "http://localhost"}


def test_a_form_sent_after_the_session_ended_comes_back_after_the_login(clerk, mine, office):
    answer = sent_without_session(clerk, clerk.get(NEW).text, **HERE)
    assert answer.status_code == 401
    assert "登录已失效" in answer.text
    text = carried(answer.text)
    wrong = clerk.post("/login", {"login": "clerk", "password": "x", "carried": text})
    assert carried(wrong.text) == text
    entered = clerk.post("/login", {"login": "clerk", "password": PASSWORD, "carried": text})
    assert entered.location == f"{NEW}?draft={mine()[0].id}"
    opened = clerk.get(entered.location).text
    assert 'value="没丢"' in opened
    assert '"笔"' in opened
    assert office.all("order") == []


def test_a_session_that_ended_at_the_server_loses_nothing_either(clerk, app, mine):
    page = clerk.get(NEW).text
    copied = app.test_client()
    copied.set_cookie("guiju", clerk.client.get_cookie("guiju").value)
    token = clerk.token
    Browser(copied).post("/logout")  # ends it for both
    owner = re.search(r'name="_owner" value="([^"]+)"', page)[1]
    form = {"csrf_token": token, "v.name": "没丢", "_key": key_of(page), "_owner": owner}
    answer = clerk.client.post(NEW, data=form, headers=HERE)
    assert answer.status_code == 401
    clerk.post("/login", {"login": "clerk", "password": PASSWORD, "carried": carried(answer.text)})
    assert [one.label for one in mine()] == ["没丢"]


def test_a_form_that_is_older_than_the_session_is_kept_and_not_sent(clerk, mine, office):
    page = clerk.get(NEW).text
    owner = re.search(r'name="_owner" value="([^"]+)"', page)[1]
    form = {"csrf_token": "of the session before", "v.name": "旧页", "_key": key_of(page), "_owner": owner}
    answer = clerk.client.post(NEW, data=form, headers=HERE)
    assert answer.location == f"{NEW}?draft={mine()[0].id}"
    assert clerk.client.post(NEW, data={**form, "_owner": "x"}, headers=HERE).status_code == 400
    assert clerk.client.post(NEW, data=form, headers={"Origin": "https://elsewhere.example"}).status_code == 400
    assert (len(mine()), office.all("order")) == (1, [])


def test_what_a_dialog_asked_comes_back_too_and_a_button_leads_to_its_document(clerk, app, office, entered):
    page = clerk.get(f"/d/order/{entered}").text
    owner = re.search(r'name="_owner" value="([^"]+)"', page)[1]
    clerk.client.delete_cookie("guiju")
    asked = {"a.reason": "错单", "_key": "k-drop", "_version": "1", "_owner": owner}
    answer = clerk.client.post(f"/d/order/{entered}/do/drop", data=asked, headers=HERE)
    text = carried(answer.text)
    opened = clerk.post("/login", {"login": "clerk", "password": PASSWORD, "carried": text}).location
    assert opened.startswith(f"/d/order/{entered}/do/drop?draft=")
    assert 'value="错单"' in clerk.get(opened).text
    sessions.end_session(office.runtime, all_sessions(office))
    answer = clerk.post(f"/d/order/{entered}/do/submit", {"_key": "k"}, headers=HERE)
    assert answer.location == f"/login?next=/d/order/{entered}"


def all_sessions(office) -> str:
    """The newest session there is."""
    with office.store.begin(write=False) as unit:
        return unit.select(Selection("_session", order=(Order("created_at", descending=True),), limit=1))[0].id


def test_only_whoever_typed_it_gets_it(clerk, mine):
    text = carried(sent_without_session(clerk, clerk.get(NEW).text, **HERE).text)
    answer = clerk.post("/login", {"login": "stranger", "password": PASSWORD, "carried": text})
    assert answer.location == "/"
    assert mine("stranger") == mine() == ()


@pytest.mark.parametrize("text", ["{}", "[]", "x", '{"owner": null}', "null", '{"raw": 1, "asked": {}, "changed": []}'])
def test_whatever_else_is_carried_is_let_fall(clerk, visitor, mine, text):
    answer = visitor.post("/login", {"login": "clerk", "password": PASSWORD, "carried": text})
    assert (answer.status_code, answer.location) == (302, "/")
    assert mine() == ()


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site", **HERE}, {}],
)
def test_a_form_of_another_site_is_not_carried(clerk, headers):
    answer = sent_without_session(clerk, clerk.get(NEW).text, **headers)
    assert answer.status_code == 400
    assert "carried" not in answer.text


def test_a_form_can_be_kept_by_a_button(clerk, mine):
    page = clerk.get(NEW).text
    form = {"v.name": "按钮", "_key": key_of(page), "_changed": "name"}
    answer = clerk.post("/d/order/draft/enter", form, headers=HERE)
    assert answer.location == f"{NEW}?draft={mine()[0].id}"


# --- the same form once more, and two people at one form -------------------------------------------------------------


def test_a_form_sent_again_with_other_values_comes_back_and_says_so(clerk, office):
    form = {"v.name": "一", "_key": "k"}
    clerk.post(NEW, form)
    answer = clerk.post(NEW, {**form, "v.name": "二"})
    assert answer.status_code == 409
    assert "此表单已经提交过" in answer.text
    assert key_of(answer.text) != "k"
    clerk.post(NEW, {"v.name": "二", "_key": key_of(answer.text)})
    assert [one["name"] for one in office.all("order")] == ["一", "二"]


def test_two_at_one_form_see_what_the_other_did_row_by_row(clerk, office, entered):
    row = office.values("order", entered)["lines"][0]
    theirs = [{"id": row["id"], "item": "笔", "qty": "4", "price": "200"}]
    office.raise_("clerk", "change", "order", entered, lines=theirs, name="他的")
    own = {"id": row["id"], "item": "墨", "qty": "3", "price": "200"}
    rows = [own, {"item": "纸", "qty": "1", "price": "2"}]
    form = {"v.name": "我的", "v.lines": json.dumps(rows), "_version": "1", "_changed": "name lines", "_key": "k"}
    answer = clerk.post(f"/d/order/{entered}/do/change", form)
    assert answer.status_code == 409
    told = re.sub(r"<[^>]+>", "|", answer.text)
    for words in ("名称", "他的", "我的", "明细 1 · 品名", "明细 1 · 数量", "明细 2"):
        assert words in told
    assert office.values("order", entered)["name"] == "他的"
