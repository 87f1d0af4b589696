"""Approval pages: what waits, deciding it, opinions, and going on to the next one."""

import pytest


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


def test_agreeing_goes_on_to_the_next(leader, sign_in, office, submitted):
    second = office.raise_(
        "clerk", "enter", "order", name="乙", lines=[{"item": "笔", "qty": "1", "price": "1"}]
    ).record_id
    office.raise_("clerk", "submit", "order", second)
    first_task = task_of(leader)
    answer = leader.post(f"/tasks/{first_task}", {"outcome": "agree", "comment": ""})
    assert answer.status_code == 303
    assert "已同意" in leader.get(answer.location).text
    assert answer.location == f"/tasks/{task_of(leader)}"
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
