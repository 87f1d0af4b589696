"""Forms: opened, sent, refused with everything kept, asked to confirm, overtaken by others."""

import re

import pytest

from tests.web.conftest import LINES


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def values_for_order(**more: str) -> dict[str, str]:
    return {"v.name": "甲", "v.secret": "12345678", "v.lines": LINES, **more}


def test_new_form_has_labels_marks_and_a_key(clerk):
    page = clerk.get("/d/order/new/enter").text
    assert '<label class="label" for="f-name"' in page
    assert re.search(r'id="f-name" required aria-required="true"', page)
    assert len(value(page, "_key")) == 32
    assert 'maxlength="20"' in page
    assert (
        page.count("<summary tabindex") == page.count('class="drop how"') > 0
    )  # who goes by keys goes to what is typed


def test_the_address_may_bring_values(clerk):
    assert value(clerk.get("/d/order/new/enter?v.name=乙").text, "v.name") == "乙"


def test_a_document_is_made_and_shown(clerk, office):
    answer = clerk.post("/d/order/new/enter", values_for_order(_key="k1"))
    assert answer.status_code == 303
    (order,) = office.all("order")
    assert answer.location == f"/d/order/{order['id']}"
    assert order["total"] == 600
    page = clerk.get(answer.location).text
    assert "已保存：甲 DD20260001（草稿）" in page
    assert "600.00" in page


def test_the_same_form_twice_makes_one_document(clerk, office):
    for _ in range(2):
        assert clerk.post("/d/order/new/enter", values_for_order(_key="k1")).status_code == 303
    assert len(office.all("order")) == 1


def test_a_refused_form_keeps_all_that_was_typed(clerk, office):
    sent = values_for_order(
        **{"v.name": "", "v.note": "说明<文字>", "v.lines": '[{"item": "", "qty": "x", "price": "2"}]'}
    )
    answer = clerk.post("/d/order/new/enter", {**sent, "_key": "k1", "_changed": "note lines"})
    assert answer.status_code == 422
    page = answer.text
    assert office.all("order") == []
    assert value(page, "v.note") == "说明&lt;文字&gt;"
    assert value(page, "_key") == "k1"
    assert value(page, "_changed") == "note lines"
    assert '"v":["","x","2",""]' in page
    assert 'href="#f-name" data-jump' in page
    assert "明细 1</a>：应为数字" in page
    assert re.search(r'id="f-name"[^>]*aria-invalid="true"', page)


def test_what_needs_confirming_is_asked_and_then_done(clerk, office):
    sent = values_for_order(**{"v.lines": '[{"item": "屏", "qty": "3", "price": "2000"}]', "v.note": "大单"})
    asked = clerk.post("/d/order/new/enter", sent)
    assert asked.status_code == 422
    assert "合计6000.00，确认吗" in asked.text
    assert '<button class="button primary" name="_confirm" value="big">' in asked.text
    done = clerk.post("/d/order/new/enter", {**sent, "_confirm": "big"})
    assert done.status_code == 303
    assert "确认吗" not in clerk.get(done.location).text
    assert office.all("order")[0]["total"] == 6000


def test_notes_are_shown_after_the_deed(clerk):
    sent = values_for_order(**{"v.lines": '[{"item": "笔", "qty": "1", "price": "100"}]'})
    answer = clerk.post("/d/order/new/enter", sent, follow_redirects=True)
    assert "正好100" in answer.text


def test_a_repeated_unique_value_is_told_on_the_form(clerk, entered):
    answer = clerk.post("/d/order/new/enter", values_for_order())
    assert answer.status_code in (409, 422)
    assert value(answer.text, "v.secret") == "12345678"


def test_who_was_faster_is_told_and_what_was_typed_kept(clerk, office, entered):
    page = clerk.get(f"/d/order/{entered}/do/change").text
    version = value(page, "_version")
    office.raise_("clerk", "change", "order", entered, name="由他人改", secret="99999999")
    sent = {"v.name": "由我改", "v.secret": "12345678", "_version": version, "_changed": "name", "_key": "k2"}
    answer = clerk.post(f"/d/order/{entered}/do/change", sent)
    assert answer.status_code == 409
    assert "由他人改" in answer.text
    assert value(answer.text, "v.name") == "由我改"
    assert value(answer.text, "v.secret") == "99999999"
    assert int(value(answer.text, "_version")) == int(version) + 1
    again = {**sent, "v.secret": "99999999", "_version": value(answer.text, "_version"), "_key": "k3"}
    assert clerk.post(f"/d/order/{entered}/do/change", again).status_code == 303
    assert office.values("order", entered)["name"] == "由我改"


def test_a_document_that_has_moved_on_is_explained(clerk, office, entered):
    office.raise_("clerk", "submit", "order", entered)
    answer = clerk.post(f"/d/order/{entered}/do/change", {"v.name": "迟了", "_version": "1"})
    assert answer.status_code == 409
    assert "迟了" in answer.text
    assert "提交" in answer.text
    assert clerk.post(f"/d/order/{entered}/do/change", {"v.name": "x"}).status_code == 403


def test_what_an_event_asks_is_asked_again_when_missing(clerk, office, entered):
    answer = clerk.post(f"/d/order/{entered}/do/drop", {"a.reason": ""})
    assert answer.status_code == 422
    assert 'href="#a-reason"' in answer.text
    assert clerk.post(f"/d/order/{entered}/do/drop", {"a.reason": "错单", "_comment": "记一笔"}).status_code == 303
    assert office.values("order", entered)["state"] == "refused"
    assert "记一笔" in clerk.get(f"/d/order/{entered}").text


@pytest.mark.parametrize("name", ["v.org", "v.total", "v.nonsense"])
def test_what_may_not_be_set_is_refused(clerk, office, name):
    answer = clerk.post("/d/order/new/enter", values_for_order(**{name: "1"}))
    assert answer.status_code == 422
    assert office.all("order") == []


def test_an_event_that_is_none_of_mine_opens_no_form(leader, entered):
    assert leader.get("/d/order/new/enter").status_code == 403
    assert leader.get(f"/d/order/{entered}/do/change").status_code == 403
