"""What is said of an event: state, who is waited for, what else it made, where one goes on, what is there already."""

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from tests.web.conftest import FILES, LINES, PASSWORD

ORDER, LETTER, DOCUMENT = "desk/order/machine.yaml", "desk/letter/machine.yaml", "desk/order/document.yaml"
MARK = """  mark: {title: 标识, type: text, value: name or 'x'}
  lines:
"""
REPLY = """events:
  reply: {title: 起函, from: draft, by: clerk, do: [{create: letter, event: write, with: {order: =this}}]}
  join:
    title: 放入函件
    from: draft
    by: clerk
    do: [{raise: take, on: "first(letters, true)"}]
"""
GO_ON = """events:
  change: {title: 修改, from: draft, by: clerk}
  take: {title: 收入, from: draft, by: engine, do: [{set: {title: 已收入}}]}
"""
ARTICLES = {
    ORDER: FILES[ORDER].replace("events:\n", REPLY).replace("删除, from: draft", "删除, style: primary, from: draft"),
    DOCUMENT: FILES[DOCUMENT].replace("[[name]]", "[[mark, {at: secret}]]").replace("  lines:\n", MARK, 1),
    LETTER: FILES[LETTER].replace("events:\n", GO_ON),
}


@pytest.fixture
def office():
    made = Office({**FILES, **ARTICLES})
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


def told(clerk, office, entered, event: str) -> tuple[str, str]:
    """Where an event leads, and what is said there."""
    version = office.values("order", entered)["version"]
    answer = clerk.post(f"/d/order/{entered}/do/{event}", {"_version": str(version), "_key": event})
    assert answer.status_code == 303, answer.text
    page = clerk.get(answer.location).text
    start = page.index('id="told"')
    return answer.location, page[start : page.index("</div></div>", start)]


def test_who_is_waited_for_is_told(clerk, office, entered):
    where, said = told(clerk, office, entered, "submit")
    assert where == f"/d/order/{entered}"
    assert "已提交：甲 DD20260001（审批中），等领导（leader、second）办理" in said


def test_what_an_event_is_there_to_make_is_opened(clerk, office, entered):
    where, said = told(clerk, office, entered, "reply")
    (letter,) = office.all("letter")
    assert where == f"/d/letter/{letter['id']}/do/change"
    assert "已起函：甲 DD20260001，函（草稿）已保存，请继续填写" in said


def test_the_record_that_was_changed_along_with_it_is_named(clerk, office, entered):
    told(clerk, office, entered, "reply")
    (letter,) = office.all("letter")
    where, said = told(clerk, office, entered, "join")
    assert where == f"/d/order/{entered}"
    assert "已放入函件：甲 DD20260001，下一步：删除" in said
    assert f'函 <a href="/d/letter/{letter["id"]}">H001</a>' in said


def test_what_is_gone_is_told_too(clerk, office, entered):
    version = office.values("order", entered)["version"]
    answer = clerk.post(f"/d/order/{entered}/do/remove", {"_version": str(version), "_key": "r"})
    assert answer.location == "/d/order"
    assert "已删除：DD20260001" in clerk.get(answer.location).text


def test_what_is_there_already_is_named_where_it_was_typed(clerk, entered):
    answer = clerk.post("/d/order/new/enter", {"v.name": "甲", "v.secret": "12345678", "v.lines": LINES, "_key": "k"})
    assert answer.status_code == 409
    told = answer.text[answer.text.index('id="f-secret-told"') :][:900]
    assert f'证号已经有了，不能重复：甲（草稿） <a href="/d/order/{entered}"' in told


def test_what_is_there_already_is_told_while_one_types(clerk, entered):
    raw = {"name": "甲", "secret": "12345678", "lines": []}
    found = clerk.json("/d/order/preview/enter", {"raw": raw, "asked": {}, "changed": ["name"]}).json
    (told,) = found["fields"]["secret"]["findings"]
    assert (told["code"], told["about"]) == ("duplicate", f"/d/order/{entered}")


def test_of_what_is_out_of_sight_no_more_is_told_than_that_it_is_there(sign_in, office, clerk, entered):
    office.account("guest", "clerk", office.engine("org", {"name": "乙"}))
    set_password(office.runtime, office.people["guest"].id, PASSWORD)
    raw = {"name": "甲", "secret": "12345678", "lines": []}
    found = sign_in("guest").json("/d/order/preview/enter", {"raw": raw, "asked": {}, "changed": ["name"]}).json
    (told,) = found["fields"]["secret"]["findings"]
    assert (told["text"], "about" in told) == ("证号已经有了，不能重复", False)
