"""The workbench: notices stand there until they are read, and lead to what they are about."""

import re

from engine.model.records import Effect
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.accounts import set_password
from engine.usecases.beginnings import begun_by_hand, first_states
from engine.usecases.deliver import _notify
from engine.web import WebSettings, create_app
from tests.web.conftest import FILES, PASSWORD, Browser

LINE = [{"item": "笔", "qty": "1", "price": "1"}]


def test_a_notice_is_shown_read_and_leads_to_its_document(clerk, leader, office, entered):
    told = {"via": "site", "to": office.people["clerk"].id, "text": "到货了"}
    _notify(office.runtime, Effect("1", "notify", "key", office.clock.at, "order", entered, told))
    page = clerk.get("/").text
    assert "到货了" in page
    assert "到货了" not in leader.get("/").text
    address = "/notices/" + page.split('action="/notices/')[1].split('"')[0]
    assert leader.post(address).status_code == 404
    answer = clerk.post(address)
    assert (answer.status_code, answer.location) == (303, f"/d/order/{entered}")
    assert "desk-row read" in clerk.get("/").text


def test_tasks_beyond_the_first_are_counted_and_led_to(leader, office):
    for number in range(10):
        record = office.raise_("clerk", "enter", "order", name=f"单{number}", lines=LINE).record_id
        office.raise_("clerk", "submit", "order", record)
        page = leader.get("/").text
        assert ("desk-more" in page) == (number >= 8)
    assert re.search(r'desk-more" href="/tasks">还有 2 件', page)


def test_what_the_engine_made_along_the_way_is_no_draft():
    letters, orders = ORDER["desk/letter/machine.yaml"], ORDER["desk/order/machine.yaml"]
    hand = "write: {title: 起草, from: new, to: draft, by: "
    letters = letters.replace(
        f"{hand}[clerk, engine]}}", f"{hand}clerk}}\n  note: {{title: 生成, from: new, to: draft, by: engine}}"
    )
    along = "refusal: 请填写明细, do: [{create: letter, event: note, with: {order: =this}}]}"
    orders = orders.replace("refusal: 请填写明细}", along).replace(
        "create: letter, with", "create: letter, event: note, with"
    )
    office = Office({**FILES, "desk/letter/machine.yaml": letters, "desk/order/machine.yaml": orders})
    record = office.raise_("clerk", "enter", "order", name="甲", lines=LINE).record_id
    office.raise_("clerk", "submit", "order", record)
    made = office.all("letter")[0]
    mine = office.raise_("clerk", "write", "letter", order=record).record_id
    assert made["created_by"] == office.people["clerk"].id
    assert begun_by_hand(office.runtime, "letter", [made["id"], mine]) == {mine}
    set_password(office.runtime, office.people["clerk"].id, PASSWORD)
    browser = Browser(create_app(lambda: office.runtime, WebSettings("s" * 32)).test_client())
    browser.post("/login", {"login": "clerk", "password": PASSWORD})
    drafts = browser.get("/").text.partition("drafts-head")[2]
    assert f"/d/letter/{mine}" in drafts
    assert f"/d/letter/{made['id']}" not in drafts


def test_a_state_in_which_only_the_engine_begins_is_no_draft():
    letters = ORDER["desk/letter/machine.yaml"]
    taken = "events:\n  take_over: {title: 导入, from: new, to: sent, by: engine}"
    office = Office({**FILES, "desk/letter/machine.yaml": letters.replace("events:", taken)})
    assert first_states(office.runtime, "letter") == {"draft"}
    assert first_states(office.runtime, "user") == {""}


def test_what_was_given_back_stands_among_what_waits(clerk, leader, office, entered):
    office.raise_("clerk", "submit", "order", entered)
    task = re.search(r'href="/tasks/([^"?]+)"', leader.get("/").text)[1]
    assert leader.post(f"/tasks/{task}", {"outcome": "return", "comment": "补充"}).status_code == 303
    waiting = clerk.get("/").text.split('aria-labelledby="tasks-head"')[1].split("</section>")[0]
    assert f'href="/d/order/{entered}"' in waiting
    assert '<span class="badge">1</span>' in waiting
