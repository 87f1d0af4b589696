"""Approval pages: what waits, deciding it, opinions, and going on to the next one."""

import re
from dataclasses import replace

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import issue_token, set_password
from engine.usecases.task_lists import TasksRequest, list_tasks
from engine.usecases.tasks import my_tasks, sign_task
from engine.usecases.views import Decision
from tests.web.conftest import FILES, PAGES, PASSWORD


@pytest.fixture
def submitted(office, entered):
    office.raise_("clerk", "submit", "order", entered)
    return entered


def task_of(browser) -> str:
    page = browser.get("/tasks").text
    return page.split('data-open="/tasks/')[1].split('"')[0]


def test_the_page_has_document_opinion_and_buttons(leader, submitted):
    page = leader.get(f"/tasks/{task_of(leader)}").text
    assert "12****78" in page
    assert 'name="comment"' in page
    for outcome in ("agree", "refuse", "return"):
        assert f'name="outcome" value="{outcome}"' in page


def kept(browser) -> set[str]:
    """Titles of what a phone does not fold away."""
    page = browser.get(f"/tasks/{task_of(browser)}").text
    facts = re.findall(r'<div class="[^"]*\bkept\b[^"]*"><dt[^>]*>([^<]+)', page)
    return {*facts, *re.findall(r'<div class="detail-table kept">.*?aria-label="([^"]+)"', page, re.DOTALL)}


def test_what_the_card_names_stays_in_sight_where_one_signs(leader, office, submitted):
    whole = kept(leader)
    assert {"合计", "明细"} <= whole
    pages = office.runtime.definitions.pages
    carded = {**pages, "order": replace(pages["order"], card=("name", "lines"))}
    definitions = replace(office.runtime.definitions, pages=carded)
    office.runtime = replace(office.runtime, force=replace(office.runtime.force, definitions=definitions))
    assert kept(leader) == {"名称", "明细"}
    assert "task-told" not in leader.get(f"/tasks/{task_of(leader)}").text


def test_agreeing_goes_on_to_the_next(leader, sign_in, office, submitted):
    second = office.raise_(
        "clerk", "enter", "order", name="乙", lines=[{"item": "笔", "qty": "1", "price": "1"}]
    ).record_id
    office.raise_("clerk", "submit", "order", second)
    first_task = task_of(leader)
    answer = leader.post(f"/tasks/{first_task}", {"outcome": "agree", "comment": ""})
    assert answer.status_code == 303
    following = leader.get(answer.location).text
    assert "已同意：甲 DD20260001（审批中），等领导（second）办理" in following
    assert "请重新核对" in following
    assert "data-follows" in following
    assert answer.location == f"/tasks/{task_of(leader)}?follows=1"
    assert "data-follows" not in leader.get(f"/tasks/{task_of(leader)}").text
    last = leader.post(answer.location, {"outcome": "agree"})
    assert last.location == "/"
    for login in ("second", "boss"):
        browser = sign_in(login)
        while "data-open" in browser.get("/tasks").text:
            browser.post(f"/tasks/{task_of(browser)}", {"outcome": "agree"})
    assert office.values("order", submitted)["state"] == "approved"


def test_refusing_needs_an_opinion_and_keeps_what_was_typed(leader, office, submitted):
    task = task_of(leader)
    refused = leader.post(f"/tasks/{task}", {"outcome": "refuse", "comment": " "})
    assert refused.status_code == 422
    assert "请填写意见" in refused.text
    assert leader.post(f"/tasks/{task}", {"outcome": "refuse", "comment": "超预算"}).status_code == 303
    assert office.values("order", submitted)["state"] == "refused"


def test_returning(leader, office, submitted):
    leader.post(f"/tasks/{task_of(leader)}", {"outcome": "return", "comment": "补材料"})
    assert office.values("order", submitted)["state"] == "draft"


def test_a_version_that_was_not_seen_is_not_signed(leader, submitted):
    task = task_of(leader)
    answer = leader.post(f"/tasks/{task}", {"outcome": "agree", "comment": "好", "_version": "1"})
    assert answer.status_code == 409
    assert "好</textarea>" in answer.text


def test_tasks_of_others_are_not_there(clerk, leader, submitted):
    task = task_of(leader)
    assert clerk.get(f"/tasks/{task}").status_code == 404
    assert clerk.post(f"/tasks/{task}", {"outcome": "agree"}).status_code == 404
    assert leader.post(f"/tasks/{task}", {"outcome": "maybe"}).status_code == 400


def test_what_i_signed_is_listed(leader, submitted):
    leader.post(f"/tasks/{task_of(leader)}", {"outcome": "agree", "comment": "好"})
    page = leader.get("/tasks?tab=done").text
    assert f'data-open="/d/order/{submitted}"' in page


def test_the_page_of_the_document_leads_to_the_task(leader, clerk, submitted):
    link = f'href="/tasks/{task_of(leader)}">去审批'
    assert link in leader.get(f"/d/order/{submitted}").text
    assert "去审批" not in clerk.get(f"/d/order/{submitted}").text


# --- lists ---------------------------------------------------------------------------------------------------------


def test_what_i_signed_shows_my_decision_and_where_it_stands_now(leader, submitted):
    leader.post(f"/tasks/{task_of(leader)}", {"outcome": "agree", "comment": "好办"})
    page = leader.get("/tasks?tab=done").text
    assert "好办" in page
    assert "审批中" in page


def test_what_i_started_says_whom_it_waits_for(clerk, leader, submitted):
    page = clerk.get("/tasks?tab=started").text
    assert f'data-open="/d/order/{submitted}"' in page
    assert "leader、second" in page
    assert "还没有送审的单据" in leader.get("/tasks?tab=started").text


def test_lists_go_on_by_key_and_by_type(leader, office, submitted):
    for number in range(31):
        line = {"item": "笔", "qty": "1", "price": "1"}
        record = office.raise_("clerk", "enter", "order", name=f"单{number}", lines=[line]).record_id
        office.raise_("clerk", "submit", "order", record)
    first = leader.get("/tasks?document=order").text
    assert first.count("data-pick") == 30
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert leader.get(following).text.count("data-pick") == 2
    assert "data-pick" not in leader.get("/tasks?document=letter").text
    assert leader.get("/tasks?tab=nothing").status_code == 404
    assert leader.get("/tasks?after=forged").status_code == 422


def test_several_are_agreed_to_at_once(leader, sign_in, office, submitted):
    office.raise_("clerk", "recall", "order", submitted)
    line = {"item": "笔", "qty": "60", "price": "100"}
    told = frozenset({"big"})
    asked = office.raise_("clerk", "enter", "order", name="大", note="大", lines=[line], confirmed=told).record_id
    for record in (submitted, asked):
        office.raise_("clerk", "submit", "order", record, confirmed=told)
    waiting = ["reviewing", "reviewing"]
    for login, states in (("leader", waiting), ("second", waiting), ("boss", ["approved", "reviewing"])):
        browser = sign_in(login)
        chosen = [part.split('"')[0] for part in browser.get("/tasks").text.split('name="task" value="')[1:]]
        page = browser.post("/tasks", {"task": chosen}).text
        assert [office.values("order", one)["state"] for one in (submitted, asked)] == states
    assert "已同意 1 件，共选 2 件" in page
    assert "合计" in page


# --- filling, confirming, returning, handing over --------------------------------------------------------------------


@pytest.fixture
def opened(office, monkeypatch):
    """The first step lets its signer fill the note, and bring in others."""
    machine = office.runtime.definitions.machines["order"]
    review = machine.approvals["review"]
    first = replace(review.steps[0], edit=("note",), read=("name",), may=("transfer", "add_signer"))
    changed = replace(review, steps=(first, *review.steps[1:]), return_to="any_passed")
    monkeypatch.setitem(machine.approvals, "review", changed)


def test_the_signer_fills_in_what_the_step_opens(leader, office, opened, submitted):
    task = task_of(leader)
    page = leader.get(f"/tasks/{task}").text
    assert 'name="v.note"' in page
    assert "12****78" not in page
    answer = leader.post(f"/tasks/{task}", {"outcome": "agree", "v.note": "照办", "v.name": "乙"})
    assert answer.status_code == 422
    assert 'value="照办"' in answer.text
    assert leader.post(f"/tasks/{task}", {"outcome": "agree", "v.note": "照办"}).status_code == 303
    assert office.values("order", submitted)["note"] == "照办"
    assert "data-pick" not in leader.get("/tasks").text


def test_after_a_question_the_button_confirms(leader, sign_in, office):
    line = {"item": "笔", "qty": "60", "price": "100"}
    told = frozenset({"big"})
    record = office.raise_("clerk", "enter", "order", name="大", note="大", lines=[line], confirmed=told).record_id
    office.raise_("clerk", "submit", "order", record, confirmed=told)
    for login in ("leader", "second"):
        browser = sign_in(login)
        assert browser.post(f"/tasks/{task_of(browser)}", {"outcome": "agree"}).status_code == 303
    boss = sign_in("boss")
    task = task_of(boss)
    asked = boss.post(f"/tasks/{task}", {"outcome": "agree"})
    assert asked.status_code == 422
    assert 'name="_confirm" value="big"' in asked.text
    assert "确认并同意" in asked.text
    assert boss.post(f"/tasks/{task}", {"outcome": "agree", "_confirm": "big"}).status_code == 303
    assert office.values("order", record)["state"] == "approved"


def test_a_return_to_a_step_is_chosen(leader, sign_in, office, opened, submitted):
    for login in ("leader", "second"):
        browser = sign_in(login)
        browser.post(f"/tasks/{task_of(browser)}", {"outcome": "agree", "v.note": "好"})
    boss = sign_in("boss")
    task = task_of(boss)
    assert '<option value="first">' in boss.get(f"/tasks/{task}").text
    assert boss.post(f"/tasks/{task}", {"outcome": "return", "comment": "再看", "to": "second"}).status_code == 409
    boss.post(f"/tasks/{task}", {"outcome": "return", "comment": "再看", "to": "first"})
    assert office.values("order", submitted)["state"] == "reviewing"
    assert "data-open" in leader.get("/tasks").text


def test_a_task_is_handed_over(leader, sign_in, office, opened, submitted):
    task = task_of(leader)
    found = leader.json(f"/tasks/{task}/people", {"text": ""}).json
    assert [title for _, title, _ in found] == ["boss"]
    assert leader.post(f"/tasks/{task}/hand", {"way": "transfer", "v.to": "nobody"}).status_code == 422
    assert leader.post(f"/tasks/{task}/hand", {"way": "delegate", "v.to": found[0][0]}).status_code == 409
    assert leader.post(f"/tasks/{task}/hand", {"way": "transfer", "v.to": found[0][0]}).status_code == 303
    assert "data-open" not in leader.get("/tasks").text
    assert "data-open" in sign_in("boss").get("/tasks").text


def test_the_rest_door_signs_lists_and_hands_over(app, office, opened, submitted):
    client = app.test_client()

    def call(who, method, address, body=None):
        token = issue_token(office.runtime, office.people[who], "test", 30)
        headers = {"Authorization": f"Bearer {token}"}
        return client.open(f"/api/v1/{address}", method=method, json=body, headers=headers)

    (task,) = call("leader", "GET", "_tasks").json
    page = call("leader", "GET", f"_tasks/{task['id']}").json
    assert (page["fill"], page["back"], page["may"], page["alone"]) == (
        ["note"],
        [{"to": "starter", "title": {"zh": "发起人", "en": "Who started it"}}],
        ["transfer", "add_signer"],
        True,
    )
    people = call("leader", "GET", f"_tasks/{task['id']}/people?q=bo").json
    assert [one["name"] for one in people] == ["boss"]
    assert call("leader", "POST", f"_tasks/{task['id']}/add_signer", {"to": people[0]["id"]}).status_code == 204
    assert call("leader", "POST", f"_tasks/{task['id']}/recall", {"to": people[0]["id"]}).status_code == 409
    refused = call("leader", "POST", "_tasks", {"tasks": [task["id"], "nothing"]}).json
    assert [(one["ok"], one["code"]) for one in refused] == [(False, "not_allowed"), (False, "not_found")]
    wrong = call("leader", "POST", f"_tasks/{task['id']}", {"outcome": "agree", "values": {"note": 3}})
    assert wrong.status_code == 422
    signed = call("leader", "POST", f"_tasks/{task['id']}", {"outcome": "agree", "values": {"note": "好"}})
    assert (signed.status_code, signed.json["state"]) == (200, "reviewing")
    (done,) = call("leader", "GET", "_tasks?tab=done").json
    assert done["decision"] == "agreed"
    (sent,) = call("clerk", "GET", "_tasks?tab=started").json
    assert sent["waits_for"] == ["second", "boss"]
    assert call("clerk", "GET", "_tasks?tab=none").status_code == 400


# --- what stays to be seen -------------------------------------------------------------------------------------------


def panel_of(page: str) -> str:
    """The panel of signatures on the page of a document."""
    return page.partition("<h2>审批</h2>")[2].partition("</section>")[0]


def test_signatures_and_opinions_stay_on_the_page_of_the_document(clerk, leader, sign_in, office, submitted):
    leader.post(f"/tasks/{task_of(leader)}", {"outcome": "agree", "comment": "拟同意"})
    second = sign_in("second")
    second.post(f"/tasks/{task_of(second)}", {"outcome": "return", "comment": "补材料"})
    office.raise_("clerk", "submit", "order", submitted)
    for login in ("leader", "second", "boss"):
        browser = sign_in(login)
        browser.post(f"/tasks/{task_of(browser)}", {"outcome": "agree", "comment": f"{login}已阅"})
    assert office.values("order", submitted)["state"] == "approved"
    panel = panel_of(clerk.get(f"/d/order/{submitted}").text)
    now, before = panel.split("第1轮")
    assert "第2轮" in now
    for login in ("leader", "second", "boss"):
        assert f"{login} ·" in now
        assert f"{login}已阅" in now
    assert "拟同意" in before
    assert "补材料" in before
    assert "退回" in before
    assert "<time datetime=" in before


def test_what_another_signed_is_not_told_as_taken_away(clerk, leader, sign_in, office, submitted):
    office.account("deputy", "boss", office.org)
    for login in ("leader", "second"):
        browser = sign_in(login)
        browser.post(f"/tasks/{task_of(browser)}", {"outcome": "agree"})
    boss = sign_in("boss")
    assert "deputy" in panel_of(clerk.get(f"/d/order/{submitted}").text)
    boss.post(f"/tasks/{task_of(boss)}", {"outcome": "agree"})
    panel = panel_of(clerk.get(f"/d/order/{submitted}").text)
    assert "deputy" not in panel
    assert "已取消" not in panel


def test_who_may_not_read_the_document_sees_no_signatures(sign_in, office, leader, submitted):
    leader.post(f"/tasks/{task_of(leader)}", {"outcome": "agree", "comment": "拟同意"})
    office.account("outsider", "admin", office.org)
    set_password(office.runtime, office.people["outsider"].id, PASSWORD)
    assert sign_in("outsider").get(f"/d/order/{submitted}").status_code == 404


def test_lists_of_tasks_say_what_a_document_is_about(leader, submitted):
    for address in ("/", "/tasks"):
        told = leader.get(address).text.split('class="told-of">')[1].split("</li>")[0].split("</td>")[0]
        assert "合计</span> 600.00" in told
        assert "12" not in told  # what is protected is not told in passing
    assert "合计</span> 600.00" in leader.get(f"/tasks/{task_of(leader)}").text.split("task-told")[1]


def test_the_card_says_what_is_told_of_a_document():
    card = "  card: {columns: [customer, total, secret]}\n"
    office = Office({**FILES, "desk/order/pages.yaml": PAGES + card})
    line = {"item": "笔", "qty": "3", "price": "200"}
    values = {"name": "甲", "secret": "12345678", "customer": office.people["boss"].id, "lines": [line]}
    record = office.raise_("clerk", "enter", "order", **values).record_id
    office.raise_("clerk", "submit", "order", record)
    told = list_tasks(office.runtime, office.people["leader"], TasksRequest()).tasks[0].summary
    assert [(title.zh, text) for title, text in told] == [("客户", "boss"), ("合计", "600.00")]


def test_a_step_that_shows_little_tells_little(leader, opened, submitted):
    assert "told-of" not in leader.get("/tasks").text
    assert "600.00" not in leader.get(f"/tasks/{task_of(leader)}").text


def test_a_deadline_is_told_on_the_page_of_the_document(clerk, office, entered):
    office.raise_("clerk", "submit", "order", entered)
    assert "<h2>时限</h2>" not in clerk.get(f"/d/order/{entered}").text
    for login in ("leader", "second", "boss"):
        task = my_tasks(office.runtime, office.people[login])[0].id
        sign_task(office.runtime, office.people[login], task, Decision("agree"))
    page = clerk.get(f"/d/order/{entered}").text.split("<h2>时限</h2>")[1].split("</section>")[0]
    assert "过期" in page
    assert "剩 45 天" in page


def test_without_a_card_an_amount_is_told_among_the_first_columns():
    columns = "pages:\n  list: {columns: [number, created_at, created_by, version, total]}\n"
    office = Office({**FILES, "desk/order/pages.yaml": columns})
    record = office.raise_("clerk", "enter", "order", name="甲", lines=[{"item": "笔", "qty": "3", "price": "200"}])
    office.raise_("clerk", "submit", "order", record.record_id)
    told = list_tasks(office.runtime, office.people["leader"], TasksRequest()).tasks[0].summary
    assert len(told) == 3
    assert told[-1][1] == "600.00"
