"""The workbench: notices stand there until they are read, and lead to what they are about."""

from engine.model.records import Effect
from engine.usecases.deliver import _notify


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
