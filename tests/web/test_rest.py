"""The REST door: one envelope, versions, keys, cursors, and the same rights as the pages."""

import pytest

LINE = {"item": "笔", "qty": 3, "price": "200"}


def test_without_a_token_nothing_is_said(app):
    client = app.test_client()
    for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Basic eDp5"}):
        answer = client.get("/api/v1/order", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json["error"]["code"] == "unauthorized"


def test_a_session_opens_no_rest_door(clerk):
    assert clerk.get("/api/v1/order").status_code == 401


def test_create_read_change(rest):
    made = rest("POST", "order", {"values": {"name": "甲", "secret": "12345678", "lines": [LINE]}})
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    assert made.json["number"] == "DD20260001"
    record = made.headers["Location"].removeprefix("/api/v1/")
    read = rest("GET", record)
    assert read.json["total"] == "600.00"
    assert read.json["lines"][0]["qty"] == 3
    assert read.json["state"] == "draft"
    changed = rest("PATCH", record, {"values": {"name": "乙"}}, If_Match=read.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    assert rest("GET", record).json["name"] == "乙"


def test_versions_guard_changes(rest, entered):
    assert rest("PATCH", f"order/{entered}", {"values": {"name": "乙"}}).status_code == 428
    stale = rest("PATCH", f"order/{entered}", {"values": {"name": "乙"}}, If_Match='"7"')
    assert stale.status_code == 412
    assert stale.json["error"]["code"] == "stale"
    assert rest("GET", f"order/{entered}", If_None_Match='"1"').status_code == 304


def test_a_repeated_request_is_carried_out_once(rest, office):
    body = {"values": {"name": "甲"}}
    first, second = (rest("POST", "order", body, Idempotency_Key="k") for _ in range(2))
    assert first.json["id"] == second.json["id"]
    assert len(office.all("order")) == 1


def test_refusals_have_one_shape_with_places(rest):
    answer = rest("POST", "order", {"values": {"name": "", "lines": [{**LINE, "qty": 100}], "nonsense": 1}})
    assert answer.status_code == 422
    error = answer.json["error"]
    assert error["code"] == "findings"
    assert error["message"]
    places = {tuple(one["at"]): one for one in error["findings"]}
    assert {("name",), ("nonsense",), ("lines", "0", "qty")} <= places.keys()
    assert all(set(one) == {"at", "level", "code", "text"} for one in places.values())


def test_confirm_by_code(rest):
    body = {"values": {"name": "甲", "note": "大单", "lines": [{**LINE, "price": "2000"}]}}
    asked = rest("POST", "order", body)
    assert [one["code"] for one in asked.json["error"]["findings"]] == ["big"]
    assert rest("POST", "order", {**body, "confirmed": ["big"]}).status_code == 201


def test_events(rest, entered, office):
    assert rest("POST", f"order/{entered}/events/submit").json["state"] == "reviewing"
    again = rest("POST", f"order/{entered}/events/submit", {})
    assert again.status_code == 409
    assert again.json["error"]["code"] == "not_allowed"
    assert rest("POST", f"order/{entered}/events/drop", {"asked": {"reason": "x"}}).status_code == 409


def test_asked_fields_of_events(rest, entered):
    missing = rest("POST", f"order/{entered}/events/drop", {})
    assert missing.json["error"]["findings"][0]["at"] == ["event", "reason"]
    done = rest("POST", f"order/{entered}/events/drop", {"asked": {"reason": "错单"}, "comment": "记"})
    assert done.json["state"] == "refused"


def test_lists_filter_sort_and_page(rest, office):
    for number in range(5):
        office.raise_("clerk", "enter", "order", name=f"单{number}")
    first = rest("GET", "order?limit=2&sort=name").json
    assert [item["name"] for item in first["items"]] == ["单0", "单1"]
    assert first["total"] == 5
    assert first["previous"] is None
    second = rest("GET", f"order?limit=2&sort=name&after={first['next']}").json
    assert [item["name"] for item in second["items"]] == ["单2", "单3"]
    back = rest("GET", f"order?limit=2&sort=name&before={second['previous']}").json
    assert [item["name"] for item in back["items"]] == ["单0", "单1"]
    assert rest("GET", "order?name=单3").json["total"] == 1
    assert rest("GET", "order?state=reviewing").json["items"] == []
    assert rest("GET", "order?nonsense=1").status_code == 422
    assert rest("GET", "order?after=nonsense").status_code == 422


@pytest.mark.parametrize(
    "address", ["nothing", "order/" + "0" * 32, "_task", "order/x/prints", "order/options/nothing"]
)
def test_what_may_not_be_seen_is_not_there(rest, address):
    answer = rest("GET", address)
    assert answer.status_code == 404
    assert answer.json["error"]["code"] == "not_found"


def test_wrong_bodies_are_told_apart(rest, app, token):
    assert rest("POST", "order", [1]).status_code == 400
    assert rest("POST", "order", {"confirmed": "x"}).json["error"]["message"] == "confirmed must be a list of codes"
    assert rest("DELETE", "order").json["error"]["code"] == "method_not_allowed"
    plain = app.test_client().post("/api/v1/order", data="{", headers={"Authorization": f"Bearer {token}"})
    assert plain.status_code == 415


def test_calls_of_one_account_are_limited(office, token):
    from engine.web import WebSettings, create_app

    client = create_app(lambda: office.runtime, WebSettings("s" * 32, calls_per_minute=2)).test_client()
    answers = [client.get("/api/v1/_documents", headers={"Authorization": f"Bearer {token}"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60"


def test_tasks_and_search(rest, app, office, entered):
    from engine.usecases.accounts import issue_token

    office.raise_("clerk", "submit", "order", entered)
    leader = {"Authorization": f"Bearer {issue_token(office.runtime, office.people['leader'], 't', 1)}"}
    client = app.test_client()
    (task,) = client.get("/api/v1/_tasks", headers=leader).json
    assert task["document"] == "order"
    answer = client.post(f"/api/v1/_tasks/{task['id']}", json={"outcome": "agree"}, headers=leader)
    assert answer.json["state"] == "reviewing"
    assert rest("GET", "_tasks").json == []
    assert rest("GET", "_search?q=甲").json[0]["id"] == entered
    assert {one["document"] for one in rest("GET", "_documents").json} == {"order", "letter", "org", "user"}


def test_masked_and_hidden_fields_stay_so(app, office, entered):
    from engine.usecases.accounts import issue_token

    client = app.test_client()
    seen = {}
    for login in ("leader", "boss"):
        headers = {"Authorization": f"Bearer {issue_token(office.runtime, office.people[login], 't', 1)}"}
        seen[login] = client.get(f"/api/v1/order/{entered}", headers=headers).json
        (row,) = client.get("/api/v1/order", headers=headers).json["items"]
        assert row.get("secret") == seen[login].get("secret")
    assert seen["leader"]["secret"] == "12****78"
    assert "secret" not in seen["boss"]


def test_choices(rest, office):
    found = rest("GET", "order/options/customer?q=lead").json
    assert found[0] == {"value": office.people["leader"].id, "title": "leader", "note": ""}


def test_messages_come_in_the_language_that_was_asked_for(rest):
    assert rest("GET", "nothing").json["error"]["message"].startswith("没有")
    assert rest("GET", "nothing", Accept_Language="en").json["error"]["message"].startswith("There is no")
