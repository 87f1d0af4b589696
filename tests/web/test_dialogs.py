"""Dialogs of events: what follows from other answers is asked as one types; what was refused is asked again there."""

import pytest
from playwright.sync_api import expect

from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.accounts import set_password
from tests.browser.barriers import barriers
from tests.web.conftest import FILES, PASSWORD
from tests.web.test_in_browser import at, site  # noqa: F401 - fixtures

ASK = """    ask:
      state: {title: 完好情况, type: text, required: true}
      why: {title: 备注, type: text, required: "event.state == '损坏'"}
      photo: {title: 照片说明, type: text, show: "event.state == '损坏'"}
"""
RULES = '  told: {level: confirm, on: [drop], check: "false", message: "真的要作废吗"}\n'
RULES += '  odd: {on: [drop], check: "event.state != \'怪\'", at: event.state, message: "说不通"}\n'
RULES += '  sent: {level: confirm, on: [submit], check: "false", at: name, message: "真的要提交吗"}\n'


@pytest.fixture
def office():
    machine = ORDER["desk/order/machine.yaml"]
    plain = "    ask: {reason: {title: 原因, type: text, required: true}}\n"
    assert plain in machine
    files = {"desk/order/machine.yaml": machine.replace(plain, ASK)}
    made = Office({**FILES, **files, "desk/order/rules.yaml": ORDER["desk/order/rules.yaml"] + RULES})
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


def drop(browser, record: str, **asked: str):
    return browser.post(f"/d/order/{record}/do/drop", {f"a.{name}": value for name, value in asked.items()})


def test_what_was_refused_is_asked_again_in_its_dialog(clerk, entered, office):
    answer = drop(clerk, entered, state="损坏")
    assert answer.status_code == 422
    dialog = answer.text.split('id="ask-drop"')[1].split("</dialog>")[0]
    assert dialog.startswith(' aria-labelledby="ask-drop-title" open data-again-open>')
    assert 'value="损坏"' in dialog
    assert "请填写备注" in dialog
    assert "<h2>经过</h2>" in answer.text  # the page of the document, not the form read only
    assert office.values("order", entered)["state"] == "draft"


def test_what_has_to_be_confirmed_is_confirmed_in_the_dialog(clerk, entered, office):
    dialog = drop(clerk, entered, state="完好").text.split('id="ask-drop"')[1].split("</dialog>")[0]
    assert "真的要作废吗" in dialog
    assert 'name="_confirm" value="told"' in dialog
    sent = {"a.state": "完好", "_confirm": "told"}
    assert clerk.post(f"/d/order/{entered}/do/drop", sent).status_code == 303
    assert office.values("order", entered)["state"] == "refused"


def test_a_rule_tells_at_what_the_event_asks_and_while_one_types(clerk, entered, office):
    sent = {"record_id": entered, "version": office.values("order", entered)["version"], "asked": {"state": "怪"}}
    found = clerk.json("/d/order/preview/drop", sent).json["asked"]["state"]["findings"]
    assert ("odd", ["event", "state"]) in [(one["code"], one["at"]) for one in found]
    dialog = drop(clerk, entered, state="怪").text.split('id="ask-drop"')[1].split("</dialog>")[0]
    assert "说不通" in dialog.split('id="a-state-told"')[1][:300]


def test_a_dialog_that_asks_nothing_has_one_way_on(clerk, entered, office):
    dialog = clerk.post(f"/d/order/{entered}/do/submit", {}).text.split('id="ask-submit"')[1].split("</dialog>")[0]
    assert "真的要提交吗" in dialog
    assert dialog.count("button primary") == 1
    assert "data-jump" not in dialog  # the field is not here
    assert clerk.post(f"/d/order/{entered}/do/submit", {"_confirm": "sent"}).status_code == 303


def test_a_page_that_asks_begins_with_what_it_asks(clerk, entered):
    page = clerk.get(f"/d/order/{entered}/do/drop").text
    assert page.index('id="section-asked"') < page.index('id="section-0"')


def test_the_preview_follows_what_is_answered(clerk, entered):
    def asked(**answers: str):
        body = {"record_id": entered, "raw": {}, "asked": answers}
        return clerk.json("/d/order/preview/drop", body).json["asked"]

    assert (asked(state="完好")["why"]["required"], asked(state="完好")["photo"]["shown"]) == (False, False)
    assert (asked(state="损坏")["why"]["required"], asked(state="损坏")["photo"]["shown"]) == (True, True)
    assert asked(state="损坏")["state"]["value"] == "损坏"


def test_a_dialog_stars_what_becomes_required_while_one_types(at, entered):  # noqa: F811
    page = at(f"/d/order/{entered}")
    page.get_by_role("link", name="作废").or_(page.get_by_role("button", name="作废")).first.click()
    dialog = page.locator("#ask-drop")
    expect(dialog).to_be_visible()
    star = dialog.locator('[data-field="why"] .required')
    expect(star).to_be_hidden()
    expect(dialog.locator('[data-field="photo"]')).to_be_hidden()
    dialog.get_by_label("完好情况").fill("损坏")
    expect(star).to_be_visible()
    expect(dialog.locator('[data-field="photo"]')).to_be_visible()
    dialog.get_by_role("button", name="作废").click()
    why = page.locator("#ask-drop #a-why")
    expect(why).to_be_focused()
    assert barriers(page) == []
    expect(page.locator("#ask-drop [data-field=photo]")).to_be_visible()
    why.fill("摔坏")
    expect(page.locator("#ask-drop .summary.error")).to_be_hidden()
    page.locator("#ask-drop").get_by_role("button", name="作废", exact=True).click()
    page.locator("#ask-drop").get_by_role("button", name="已确认").click()
    expect(page.get_by_text("已作废：")).to_be_visible()
