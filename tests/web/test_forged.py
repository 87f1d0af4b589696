"""Forged requests at every door: another unit's records, hidden and masked fields, events that are not one's own.

Each is refused with the right status and the one envelope, says nothing of what it was about, changes nothing in the
store, and is kept in the audit where no page of ours would have asked for it.
"""

import json
import re

import pytest

from engine.testing.office import Office
from engine.usecases.tasks import my_tasks
from tests.web.forging import DEFINITIONS, LINE, MASKED, PDF, SECRET, Forgery


@pytest.fixture(scope="module")
def forgery():
    made = Forgery(Office(DEFINITIONS))
    office = made.office
    stored = made.upload("clerk", PDF, "甲.pdf").json
    made.hash = stored["hash"]
    values = {"name": "机密甲", "secret": SECRET, "paper": stored, "lines": [LINE], "remark": "内情"}
    made.mine = office.raise_("clerk", "enter", "order", **values).record_id
    made.own = office.raise_("stranger", "enter", "order", name="乙", secret="87654321").record_id
    made.print_hash = made.rest("clerk", "POST", f"order/{made.mine}/prints/slip").json["hash"]
    waiting = office.raise_("clerk", "enter", "order", name="丙", lines=[LINE]).record_id
    office.raise_("clerk", "submit", "order", waiting)
    made.waiting, made.task = waiting, my_tasks(office.runtime, office.people["leader"])[0].id
    return made


def says_nothing(answer):
    for word in ("机密甲", SECRET, "内情", "甲.pdf"):
        assert word not in answer.text
    assert "Content-Security-Policy" in answer.headers


def refused(answer, status, code=""):
    assert answer.status_code == status, answer.text
    says_nothing(answer)
    if answer.mimetype == "application/json":
        assert set(answer.json) == {"error"}
        assert set(answer.json["error"]) == {"code", "message", "findings"}
        assert answer.json["error"]["message"]
        assert not code or answer.json["error"]["code"] == code


# --- another unit's record ---------------------------------------------------------------------------------------

OTHERS = {
    "page": ("GET", "/d/order/{id}"),
    "form": ("GET", "/d/order/{id}/do/change"),
    "form of an event": ("GET", "/d/order/{id}/do/drop"),
    "posted form": ("POST", "/d/order/{id}/do/change", {"v.name": "x"}),
    "posted event": ("POST", "/d/order/{id}/do/submit", {}),
    "file": ("GET", "/d/order/{id}/files/{hash}"),
    "archived print": ("GET", "/d/order/{id}/files/{print}"),
    "print": ("POST", "/d/order/{id}/prints/slip", {}),
    "preview": ("JSON", "/d/order/preview/change", {"record_id": "{id}", "raw": {"name": "x"}}),
    "task page": ("GET", "/tasks/{task}"),
    "task": ("POST", "/tasks/{task}", {"outcome": "agree"}),
    "REST read": ("REST GET", "order/{id}"),
    "REST change": ("REST PATCH", "order/{id}", {"values": {"name": "x"}}),
    "REST event": ("REST POST", "order/{id}/events/submit", {}),
    "REST prints": ("REST GET", "order/{id}/prints"),
    "REST print": ("REST POST", "order/{id}/prints/slip", {}),
    "REST file": ("REST GET", "order/{id}/files/{hash}"),
    "own record, other's file": ("REST GET", "order/{own}/files/{hash}"),
    "own record, other's print": ("REST GET", "order/{own}/files/{print}"),
    "path in a file's name": ("REST GET", "order/{own}/files/..%2f..%2f..%2fetc%2fpasswd"),
    "path in an id": ("REST GET", "order/..%2f..%2fetc"),
}


@pytest.mark.parametrize("door", OTHERS)
def test_another_units_record_is_not_there(forgery, door):
    method, address, *body = OTHERS[door]
    places = {"id": forgery.mine, "own": forgery.own, "hash": forgery.hash, "print": forgery.print_hash}
    address = address.format(**places, task=forgery.task)
    sent = json.loads(json.dumps(body[0]).replace("{id}", forgery.mine)) if body else None
    browser = forgery.browser("stranger")
    with forgery.nothing_changes():
        match method.split():
            case ["GET"]:
                answer = browser.get(address)
            case ["POST"]:
                answer = browser.post(address, sent)
            case ["JSON"]:
                answer = browser.json(address, sent)
            case ["REST", verb]:
                version = {"If-Match": '"1"'} if verb == "PATCH" else {}
                answer = forgery.rest("stranger", verb, address, json=sent, headers=version)
    refused(answer, 404, "not_found")


def test_a_task_of_another_is_refused_at_the_rest_door(forgery):
    with forgery.nothing_changes():
        for outcome in ("agree", "refuse", "return"):
            body = {"outcome": outcome, "comment": "x"}
            refused(forgery.rest("stranger", "POST", f"_tasks/{forgery.task}", json=body), 403, "forbidden")
            refused(forgery.rest("second", "POST", f"_tasks/{forgery.task}", json=body), 403, "forbidden")
    assert ("refused", "decide forbidden") in forgery.suspicions("second")


def test_lists_searches_and_exports_leave_it_out(forgery):
    browser = forgery.browser("stranger")
    for query in ("", "?q=机密甲", "?f.name=机密甲", f"?f.id={forgery.mine}", "?f.total.from=1", "?sort=-total"):
        assert f"/d/order/{forgery.mine}" not in browser.get(f"/d/order{query}").text
        found = forgery.rest("stranger", "GET", f"order{query.replace('f.', '')}")
        assert forgery.mine not in found.text
        says_nothing(found)
        says_nothing(browser.get(f"/d/order/export.csv{query}"))
    for address in ("/search?q=机密甲", "/search?q=DD20260001", "/", "/tasks"):
        answer = browser.get(address)
        assert forgery.mine not in answer.text
    assert forgery.rest("stranger", "GET", "_search?q=机密甲").json == []


def test_it_cannot_be_referred_to(forgery):
    choices = forgery.rest("stranger", "GET", "letter/options/order?q=机密甲").json
    assert choices == []
    with forgery.nothing_changes():
        answer = forgery.rest("stranger", "POST", "letter", json={"values": {"order": forgery.mine}})
        refused(answer, 422)
        preview = forgery.browser("stranger").json("/d/letter/preview/write", {"raw": {"order": forgery.mine}})
        says_nothing(preview)


def test_its_file_cannot_be_taken_into_ones_own_record(forgery):
    stolen = {"hash": forgery.hash, "name": "甲.pdf", "size": len(PDF), "media": "application/pdf"}
    with forgery.nothing_changes():
        body = {"values": {"paper": stolen}}
        answer = forgery.rest("stranger", "PATCH", f"order/{forgery.own}", json=body, headers={"If-Match": '"1"'})
        assert [one["code"] for one in answer.json["error"]["findings"]] == ["unknown_file"]
        for renamed in ({"name": "x.html"}, {"media": "text/html"}, {"size": 1}, {"hash": "../../etc/passwd"}):
            text = json.dumps({**stolen, **renamed})
            page = forgery.browser("stranger").post(f"/d/order/{forgery.own}/do/change", {"v.paper": text})
            assert page.status_code == 422
    assert ("refused", "change findings unknown_file") in forgery.suspicions("stranger")


def test_whoever_asks_for_it_is_kept_in_the_audit(forgery):
    stranger = forgery.browser("stranger")
    stranger.get(f"/d/order/{forgery.mine}")
    stranger.get(f"/d/order/{forgery.own}/files/{forgery.hash}")
    stranger.get(f"/d/order/{forgery.mine}/do/change")
    stranger.post(f"/d/order/{forgery.mine}/do/change", {"v.name": "x"})
    stranger.post(f"/d/order/{forgery.mine}/prints/slip")
    assert forgery.suspicions("stranger")[:5] == [
        ("refused", "print not_found"),
        ("refused", "change not_found"),
        ("refused", "form not_found"),
        ("refused", "file not_found"),
        ("refused", "read not_found"),
    ]
    before = len(forgery.office.store.audit(limit=1000))
    assert stranger.get(f"/d/order/{'0' * 32}").status_code == 404  # an old link is no crime
    assert len(forgery.office.store.audit(limit=1000)) == before


# --- hidden and masked fields ------------------------------------------------------------------------------------

READINGS = {
    "page": "/d/order/{id}",
    "form": "/d/order/{id}/do/change",
    "list": "/d/order",
    "list sorted by it": "/d/order?sort=secret",
    "list searched": "/d/order?q=机密",
    "export": "/d/order/export.csv",
    "sheet": "/d/order/export.xlsx",
    "search": "/search?q=机密甲",
    "workbench": "/",
    "other form": "/d/letter/new/write",
}
REST_READINGS = {
    "read": "order/{id}",
    "list": "order",
    "list sorted by it": "order?sort=-secret",
    "search": "_search?q=机密甲",
    "options": "letter/options/order?q=机密甲",
}


@pytest.mark.parametrize("who", ["leader", "boss"])
@pytest.mark.parametrize("door", READINGS)
def test_pages_never_tell_what_is_hidden_or_masked(forgery, who, door):
    answer = forgery.browser(who).get(READINGS[door].format(id=forgery.mine))
    assert SECRET not in answer.text
    assert "345678" not in answer.text
    if who == "boss":
        assert MASKED not in answer.text
        assert "证号" not in answer.text


@pytest.mark.parametrize("who", ["leader", "boss"])
@pytest.mark.parametrize("door", REST_READINGS)
def test_programs_never_learn_what_is_hidden_or_masked(forgery, who, door):
    answer = forgery.rest(who, "GET", REST_READINGS[door].format(id=forgery.mine))
    assert SECRET not in answer.text
    if who == "boss":
        assert "secret" not in answer.text


def test_a_search_for_the_value_finds_nothing(forgery):
    for who in ("leader", "boss"):
        for part in (SECRET, "1234", "5678"):
            assert forgery.rest(who, "GET", f"_search?q={part}").json == []
            assert forgery.rest(who, "GET", f"order?q={part}").json["items"] == []


def test_filters_look_only_at_what_is_seen(forgery):
    for who, query, status in (
        ("boss", f"secret={SECRET}", 422),
        ("boss", "secret.from=1", 422),
        ("leader", "secret=1234", 200),
        ("leader", "secret.from=1", 200),
        ("leader", "secret.to=9", 200),
    ):
        answer = forgery.rest(who, "GET", f"order?{query}")
        assert answer.status_code == status, query
        if status == 200:
            assert answer.json["items"] == [], query
        else:
            refused(answer, 422, "findings")
    assert ("refused", "list findings filter") in forgery.suspicions("boss")
    whole = forgery.rest("leader", "GET", f"order?secret={SECRET}").json["items"]
    assert [item["secret"] for item in whole] == [MASKED]  # who knows the whole number may ask for it


def test_what_one_may_not_see_one_cannot_set(forgery):
    for who, value, codes in (("boss", "1", ["not_editable"]), ("boss", "", ["not_editable"])):
        with forgery.nothing_changes():
            answer = forgery.browser(who).post(f"/d/order/{forgery.mine}/do/change", {"v.secret": value})
            assert answer.status_code == 422
            body = {"values": {"secret": value}}
            told = forgery.rest(who, "PATCH", f"order/{forgery.mine}", json=body, headers={"If-Match": '"1"'})
            assert [one["code"] for one in told.json["error"]["findings"]] == codes
            assert SECRET not in told.text
    assert ("refused", "change findings not_editable") in forgery.suspicions("boss")


def test_a_masked_text_that_comes_back_leaves_the_value_as_it_is(forgery):
    values = {"name": "面具", "secret": SECRET, "lines": [LINE]}
    record = forgery.office.raise_("clerk", "enter", "order", **values).record_id
    shown = forgery.browser("leader").get(f"/d/order/{record}/do/change").text
    assert MASKED in shown
    answer = forgery.browser("leader").post(f"/d/order/{record}/do/change", {"v.secret": MASKED, "v.remark": "改"})
    assert answer.status_code == 303
    stored = forgery.office.values("order", record)
    assert (stored["secret"], stored["remark"]) == (SECRET, "改")
    preview = forgery.browser("leader").json(
        "/d/order/preview/change", {"record_id": record, "raw": {"secret": MASKED, "name": "x"}}
    )
    assert SECRET not in preview.text
    forgery.office.raise_("clerk", "remove", "order", record)


def test_previews_tell_no_more_than_the_form(forgery):
    for who in ("leader", "boss"):
        body = {"record_id": forgery.mine, "raw": {"name": "x"}, "changed": ["secret", "name"]}
        answer = forgery.browser(who).json("/d/order/preview/change", body)
        assert answer.status_code == 200
        assert SECRET not in answer.text
    assert "secret" not in answer.json["fields"]


def test_choices_of_a_hidden_field_are_refused(forgery):
    with forgery.nothing_changes():
        refused(forgery.rest("boss", "GET", "order/options/secret"), 404)
        refused(forgery.browser("boss").json("/d/order/options/secret", {"text": "1"}), 404)
        refused(forgery.rest("clerk", "GET", "user/options/roles"), 404)


def test_prints_are_shared_only_with_who_sees_as_much(forgery):
    made = {who: forgery.rest(who, "POST", f"order/{forgery.mine}/prints/slip").json for who in ("leader", "boss")}
    assert len({forgery.print_hash, made["leader"]["hash"], made["boss"]["hash"]}) == 3
    for who, other in (("leader", forgery.print_hash), ("boss", forgery.print_hash), ("boss", made["leader"]["hash"])):
        for address in (f"order/{forgery.mine}/files/{other}",):
            refused(forgery.rest(who, "GET", address), 404)
            refused(forgery.browser(who).get(f"/d/{address}"), 404)
    for who in ("leader", "boss"):
        own = forgery.rest(who, "GET", f"order/{forgery.mine}/files/{made[who]['hash']}").text
        assert SECRET not in own
        assert (MASKED in own) is (who == "leader")
    assert SECRET in forgery.rest("clerk", "GET", f"order/{forgery.mine}/files/{forgery.print_hash}").text


def test_errors_tell_no_values(forgery):
    taken = {"values": {"name": "机密甲"}}
    for who in ("clerk",):
        answer = forgery.rest(who, "POST", "order", json=taken)
        assert answer.status_code == 409
        assert SECRET not in answer.text
    strange = forgery.rest("stranger", "POST", "order", json=taken)
    assert "order" not in strange.text.replace("/order", "")
    assert SECRET not in strange.text


# --- events ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["approve", "reject", "back", "expire", "looked_up", "job", "nonsense", "", "enter"])
def test_events_of_the_engine_and_of_nobody_are_refused(forgery, event):
    with forgery.nothing_changes():
        for who in ("clerk", "leader"):
            address = f"order/{forgery.waiting}/events/{event}"
            answer = forgery.rest(who, "POST", address, json={})
            assert answer.status_code in (403, 404, 405, 409), answer.text
            refused(answer, answer.status_code)
            page = forgery.browser(who).post(f"/d/order/{forgery.waiting}/do/{event}")
            assert page.status_code in (308, 403, 404, 405, 409)


def test_an_event_that_is_not_granted_is_forbidden_and_kept(forgery):
    with forgery.nothing_changes():
        refused(forgery.rest("leader", "POST", f"order/{forgery.mine}/events/submit", json={}), 403, "forbidden")
        refused(forgery.rest("leader", "POST", "order", json={"values": {"name": "x"}}), 403, "forbidden")
        refused(forgery.browser("leader").post("/d/order/new/enter", {"v.name": "x"}), 403)
        refused(forgery.browser("leader").get("/d/order/new/enter"), 403)
        refused(forgery.rest("boss", "GET", "user/export.csv"), 404)
    assert ("refused", "submit forbidden") in forgery.suspicions("leader")
    assert ("refused", "enter forbidden") in forgery.suspicions("leader")


@pytest.mark.parametrize("name", ["id", "state", "version", "created_by", "org", "total", "rival", "deleted", "frozen"])
def test_what_the_engine_gives_cannot_be_given(forgery, name):
    with forgery.nothing_changes():
        for body in (
            {"values": {name: "x"}},
            {"values": {"lines": [{"item": "笔", "qty": 3, "price": "200", "amount": "1"}]}},
        ):
            answer = forgery.rest("clerk", "PATCH", f"order/{forgery.mine}", json=body, headers={"If-Match": '"1"'})
            refused(answer, 422, "findings")
            assert {one["code"] for one in answer.json["error"]["findings"]} <= {"not_editable", "unknown_field"}
        form = forgery.browser("clerk").post(f"/d/order/{forgery.mine}/do/change", {f"v.{name}": "x"})
        assert form.status_code == 422


def test_a_document_type_of_the_engine_is_none(forgery):
    with forgery.nothing_changes():
        for kind in ("_task", "_token", "_session", "_login", "_upload", "_printed", "guiju_audit"):
            assert forgery.rest("clerk", "GET", f"{kind}/x").status_code == 404
            assert forgery.rest("clerk", "POST", f"{kind}/x/events/enter", json={}).status_code == 404
            assert forgery.browser("clerk").get(f"/d/{kind}").status_code == 404


def test_no_other_method_comes_in_disguise(forgery):
    with forgery.nothing_changes():
        address = f"order/{forgery.mine}"
        for headers in ({"X-HTTP-Method-Override": "PATCH"}, {"X-Method-Override": "DELETE"}):
            body = {"values": {"name": "x"}}
            assert forgery.rest("clerk", "GET", address, json=body, headers=headers).status_code == 200
            refused(forgery.rest("clerk", "POST", address, json=body, headers=headers), 405)
        for method in ("PUT", "DELETE", "TRACE"):
            refused(forgery.rest("clerk", method, address, json={}), 405, "method_not_allowed")
        assert forgery.browser("clerk").post(f"/d/{address}", {"_method": "DELETE"}).status_code == 405
    assert "Access-Control-Allow-Origin" not in forgery.rest("clerk", "OPTIONS", "order").headers


def test_what_may_be_taken_away_is_kept_in_the_audit(forgery):
    forgery.browser("clerk").get("/d/order/export.csv")
    assert forgery.suspicions("clerk")[0][0] == "export"
    forgery.rest("clerk", "GET", f"order/{forgery.mine}")
    assert forgery.suspicions("clerk")[0] == ("read", "secret")
    forgery.browser("clerk").get(f"/d/order/{forgery.mine}/do/change")
    assert forgery.suspicions("clerk")[0] == ("read", "secret")


def test_ids_in_pages_are_no_way_out(forgery):
    """What a page of ours links to stays within the site."""
    text = forgery.browser("clerk").get(f"/d/order/{forgery.mine}").text
    assert all(link.startswith(("/", "#")) for link in re.findall(r'(?:href|action)="([^"]*)"', text))
