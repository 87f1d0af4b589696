"""Forged, copied and repeated requests of people and programs: sessions, tokens, keys, versions, targets, guesses."""

import base64
import io
import json
from dataclasses import replace

import pytest

from engine.problems import Refused
from engine.testing.office import Office, PlainPasswords
from engine.usecases.accounts import issue_token, log_in, set_password
from engine.usecases.internal import TOKEN
from engine.usecases.sessions import LONGEST
from engine.usecases.tokens import my_tokens, revoke_token
from engine.web import WebSettings
from tests.web.conftest import PASSWORD, Browser
from tests.web.forging import DEFINITIONS, Forgery

COOKIE = "guiju"
ALLOWED = 5
"""Wrong tries until an account is locked, where its node says nothing."""


@pytest.fixture
def forgery():
    return Forgery(Office(DEFINITIONS))


def copied(forgery: Forgery, browser: Browser) -> Browser:
    """Somebody else's browser with a copy of the session's cookie."""
    thief = forgery.client()
    thief.set_cookie(COOKIE, browser.client.get_cookie(COOKIE).value)
    return Browser(thief)


def is_out(browser: Browser) -> bool:
    return (browser.get("/tasks").location or "").startswith("/login")


def audited(forgery: Forgery) -> list[str]:
    return [entry.action for entry in forgery.office.store.audit(limit=20)]


# --- sessions ----------------------------------------------------------------------------------------------------


def test_a_copied_cookie_opens_nothing_after_logout(forgery):
    clerk = forgery.browser("clerk")
    thief = copied(forgery, clerk)
    token = clerk.token
    assert thief.get("/tasks").status_code == 200
    clerk.post("/logout")
    assert is_out(thief)
    with forgery.nothing_changes():
        form = {"csrf_token": token, "v.name": "x", "_key": "k"}
        assert thief.client.post("/d/order/new/enter", data=form).status_code in (302, 400)
        preview = thief.client.post("/d/order/preview/enter", json={}, headers={"X-CSRFToken": token})
        assert preview.status_code in (400, 401)
    assert audited(forgery)[0] == "log_out"


@pytest.mark.parametrize("how", ["own", "console", "form"])
def test_a_new_password_ends_every_other_session(forgery, how):
    clerk, office = forgery.browser("clerk"), forgery.office
    thief = copied(forgery, clerk)
    if how == "own":
        form = {"old": PASSWORD, "new": "Neues-2026", "again": "Neues-2026"}
        assert clerk.post("/account/password", form).status_code == 303
        assert clerk.get("/tasks").status_code == 200
    elif how == "console":
        set_password(office.runtime, office.people["clerk"].id, "Neues-2026")
    else:
        values = office.values("user", office.people["clerk"].id)
        changed = {**values, "password": PlainPasswords().hash("Neues-2026"), "version": int(values["version"]) + 1}
        with office.store.begin() as unit:
            record = unit.fetch("user", office.people["clerk"].id)
            record.values.update(changed)
            unit.update(record, int(values["version"]))
    assert is_out(thief)


def test_a_session_ends_after_a_day_however_long_it_is_used(forgery):
    clerk = forgery.browser("clerk")
    for _ in range(5):
        forgery.office.clock.move(hours=4)
        assert clerk.get("/tasks").status_code == 200
    forgery.office.clock.move(seconds=LONGEST.total_seconds() - 20 * 3600)
    assert is_out(clerk)


def test_a_cookie_cannot_be_made(forgery):
    account = forgery.office.people["boss"].id
    made = base64.urlsafe_b64encode(json.dumps({"account": account, "session": "1" * 32}).encode()).decode()
    for value in (made, f"{made}.x.y", "", "x" * 4000):
        thief = forgery.client()
        thief.set_cookie(COOKIE, value)
        assert is_out(Browser(thief))


def test_another_application_with_the_same_secret_knows_no_session(forgery):
    """The session must be in the store, not only well signed."""
    elsewhere = Forgery(Office(DEFINITIONS))
    assert is_out(copied(forgery, elsewhere.browser("clerk")))


def test_nothing_is_taken_over_into_a_new_session(forgery):
    browser = Browser(forgery.client())
    browser.get("/login")
    planted = browser.client.get_cookie(COOKIE).value
    browser.post("/login", {"login": "clerk", "password": PASSWORD})
    assert browser.client.get_cookie(COOKIE).value != planted
    thief = forgery.client()
    thief.set_cookie(COOKIE, planted)
    assert is_out(Browser(thief))


@pytest.mark.parametrize("change", [{"enabled": False}, {"deleted": True}])
def test_a_closed_account_is_out_everywhere_at_once(forgery, change):
    office, clerk = forgery.office, forgery.browser("clerk")
    with office.store.begin() as unit:
        record = unit.fetch("user", office.people["clerk"].id, lock=True)
        record.values.update(change, version=record.version + 1)
        unit.update(record, record.version - 1)
    assert is_out(clerk)
    assert forgery.rest("clerk", "GET", "order").status_code == 401
    with forgery.nothing_changes():
        again = Browser(forgery.client()).post("/login", {"login": "clerk", "password": PASSWORD})
    assert again.status_code == 422
    assert audited(forgery)[0] == "log_in_failed"


# --- tokens of forms -------------------------------------------------------------------------------------------------


def test_the_token_of_another_session_is_refused_and_kept(forgery):
    clerk, leader = forgery.browser("clerk"), forgery.browser("leader")
    with forgery.nothing_changes():
        for form in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": leader.token}):
            assert clerk.client.post("/d/order/new/enter", data={"v.name": "x", **form}).status_code == 400
        for token in ("", "x", leader.token):
            headers = {"X-CSRFToken": token, "Accept": "application/json"}
            answer = clerk.client.post("/d/order/preview/enter", json={}, headers=headers)
            assert answer.status_code == 400
            assert answer.json["error"]["code"] == "bad_request"
    assert audited(forgery)[0] == "forged_form"


# --- guesses -----------------------------------------------------------------------------------------------------


def test_guesses_lock_the_account_and_the_audit_tells(forgery):
    browser = Browser(forgery.client())
    for _ in range(ALLOWED):
        assert browser.post("/login", {"login": "clerk", "password": "no"}).status_code == 422
    assert "锁定" in browser.post("/login", {"login": "clerk", "password": PASSWORD}).text
    assert audited(forgery)[:6] == ["log_in_locked"] + ["log_in_failed"] * 5
    assert all(PASSWORD not in str(entry) for entry in forgery.office.store.audit(limit=20))
    forgery.office.clock.move(minutes=16)
    assert browser.post("/login", {"login": "clerk", "password": PASSWORD}).status_code == 302


def test_wrong_old_passwords_count_as_guesses(forgery):
    clerk = forgery.browser("clerk")
    for _ in range(ALLOWED):
        clerk.post("/account/password", {"old": "no", "new": "Neues-2026", "again": "Neues-2026"})
    told = clerk.post("/account/password", {"old": PASSWORD, "new": "Neues-2026", "again": "Neues-2026"})
    assert told.status_code == 422
    assert "锁定" in told.text


def test_guesses_at_the_same_time_are_counted_too(forgery):
    """A guess that was under way when the lock fell is refused, even the right one."""
    plain = forgery.office.runtime

    class Slow(PlainPasswords):
        def verify(self, digest: str, password: str) -> bool:
            for _ in range(ALLOWED):
                with pytest.raises(Refused):
                    log_in(plain, "clerk", "no")
            return super().verify(digest, password)

    with pytest.raises(Refused) as caught:
        log_in(replace(plain, passwords=Slow()), "clerk", PASSWORD)
    assert caught.value.findings[0].code == "locked"


def test_strange_logins_are_wrong_ones(forgery):
    for login, password in (("x" * 100_000, "no"), ("clerk", "p" * 100_000), ("\x07", "no"), ("' OR 1=1", "no")):
        answer = Browser(forgery.client()).post("/login", {"login": login, "password": password})
        assert answer.status_code == 422
        assert "用户名或密码不正确" in answer.text
    assert max(len(str(entry.detail)) for entry in forgery.office.store.audit(limit=20)) < 300


def test_a_password_that_is_too_long_is_weak(forgery):
    long = "Aa1!" * 1000
    answer = forgery.browser("clerk").post("/account/password", {"old": PASSWORD, "new": long, "again": long})
    assert answer.status_code == 422


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_tokens_end_by_time_and_by_hand(forgery):
    office, clerk = forgery.office, forgery.office.people["clerk"]
    short = issue_token(office.runtime, clerk, "kurz", 1)
    call = lambda token: forgery.client().get("/api/v1/order", headers={"Authorization": f"Bearer {token}"}).status_code  # noqa: E731
    assert call(short) == 200
    office.clock.move(days=1, seconds=1)
    assert call(short) == 401
    held = issue_token(office.runtime, clerk, "lang", 30)
    newest = my_tokens(office.runtime, clerk)[0]
    assert newest.title == "lang"
    page = forgery.browser("clerk").get("/account").text
    assert "lang" in page
    assert held not in page
    stranger = forgery.browser("stranger").post(f"/account/tokens/{newest.id}/revoke")
    assert stranger.status_code == 404
    assert call(held) == 200
    assert forgery.browser("clerk").post(f"/account/tokens/{newest.id}/revoke").status_code == 303
    assert call(held) == 401
    revoke_token(office.runtime, clerk, newest.id)
    assert call("gj_" + "0" * 64) == 401


def test_a_token_is_kept_as_a_digest_only(forgery):
    token = issue_token(forgery.office.runtime, forgery.office.people["clerk"], "x", 30)
    assert token not in str(forgery.kept()[TOKEN])
    assert token not in str(forgery.office.store.audit(limit=50))


STRANGE_TOKENS = ["", "Bearer", "Bearer ", "Bearer \xff\xfe", "Basic eDp5", "bearer  x", "Bearer " + "x" * 9000]


@pytest.mark.parametrize("value", STRANGE_TOKENS, ids=[value[:12] for value in STRANGE_TOKENS])
def test_strange_tokens_are_none(forgery, value):
    answer = forgery.client().get("/api/v1/order", headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthorized"


# --- repeated and stale requests ------------------------------------------------------------------------------------


def test_a_form_sent_twice_is_one_document_and_its_key_is_ones_own(forgery):
    clerk, form = forgery.browser("clerk"), {"v.name": "一", "_key": "k"}
    first, second = (clerk.post("/d/order/new/enter", form).location for _ in range(2))
    assert first == second
    assert len(forgery.office.all("order")) == 1
    other = forgery.browser("stranger").post("/d/order/new/enter", {"v.name": "二", "_key": "k"}).location
    assert other != first
    assert len(forgery.office.all("order")) == 2


def test_a_key_is_of_one_record(forgery):
    records = [forgery.office.raise_("clerk", "enter", "order", name=name).record_id for name in "一二"]
    for record in records:
        forgery.rest(
            "clerk", "POST", f"order/{record}/events/change", json={"values": {"remark": "改"}},
            headers={"Idempotency-Key": "k"},
        )  # fmt: skip
    assert [forgery.office.values("order", record)["remark"] for record in records] == ["改", "改"]


def test_an_answered_request_tells_nothing_once_the_record_is_out_of_sight(forgery):
    office = forgery.office
    record = office.raise_("clerk", "enter", "order", name="一", key="k").record_id
    with office.store.begin() as unit:
        found = unit.fetch("order", record, lock=True)
        found.values.update(org=office.other_org, version=found.version + 1)
        unit.update(found, found.version - 1)
    answer = forgery.rest(
        "clerk", "POST", "order", json={"event": "enter", "values": {"name": "一"}}, headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("tag", ['"0"', '"2"', '"-1"', '"x"', "x", 'W/"7"', '"99999999999999999999"', '"1e0"'])
def test_a_strange_version_fails(forgery, tag):
    record = forgery.office.raise_("clerk", "enter", "order", name="一").record_id
    with forgery.nothing_changes():
        for method, address in (("PATCH", f"order/{record}"), ("POST", f"order/{record}/events/change")):
            body = {"values": {"name": "二"}}
            answer = forgery.rest("clerk", method, address, json=body, headers={"If-Match": tag})
            assert answer.status_code == 412, answer.text
            assert answer.json["error"]["code"] == "stale"


# --- addresses ---------------------------------------------------------------------------------------------------


TARGETS = [
    "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "\\\\elsewhere.example",
    "javascript:1", "http:elsewhere.example", "/\t/elsewhere.example", "///elsewhere.example", "elsewhere.example",
    " //elsewhere.example", "/\n/elsewhere.example", "https:/elsewhere.example", "@elsewhere.example",
]  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
def test_no_way_leads_to_another_site(forgery, target):
    fresh = Browser(forgery.client())
    entered = fresh.post("/login", {"login": "clerk", "password": PASSWORD, "next": target})
    chosen = fresh.post("/preferences", {"language": "en", "next": target})
    again = fresh.get("/login", query_string={"next": target})
    assert {entered.location, chosen.location, again.location} == {"/"}


def test_the_host_of_a_request_leads_nowhere(forgery):
    answer = forgery.client().get("/d/order", headers={"Host": "elsewhere.example"})
    assert answer.location.startswith("/login")
    assert "elsewhere.example" not in answer.text


# --- every answer ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status"),
    [("/nowhere", 404), ("/d/order?f.name=%00", 400), ("/login", 405), ("/d/order", 405), ("/assets/x/../y", 404)],
)
def test_errors_carry_the_headers_of_every_answer(forgery, address, status):
    method = "PUT" if status == 405 else "GET"
    answer = forgery.client().open(address, method=method)
    assert answer.status_code in (status, 400)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_bodies_beyond_the_limit_are_not_read_and_uploads_have_one_of_their_own():
    settings = WebSettings("s" * 32, body_limit=200_000, upload_limit=400_000)
    forgery, picture = Forgery(Office(DEFINITIONS), settings), b"\x89PNG\r\n\x1a\n"
    with forgery.nothing_changes():
        for answer in (
            forgery.browser("clerk").post("/d/order/new/enter", {"v.remark": "x" * 200_000}),
            forgery.rest("clerk", "POST", "order", json={"values": {"remark": "x" * 200_000}}),
            forgery.upload("clerk", picture + b"x" * 400_000, "a.png", "sheets"),
        ):
            assert answer.status_code == 413
            assert "Content-Security-Policy" in answer.headers
    assert forgery.upload("clerk", picture + b"x" * 300_000, "a.png", "sheets").status_code == 201
    file = (io.BytesIO(picture + b"x" * 300_000), "a.png")
    assert forgery.browser("clerk").post("/d/order/upload/sheets", {"file": file}).status_code == 201
