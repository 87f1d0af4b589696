"""Signing in and out: sessions of their own, refusals that say nothing, limits, and targets that stay inside."""

import pytest

from engine.web.doors import safe_target
from tests.web.conftest import PASSWORD


def test_whoever_is_not_signed_in_is_led_to_the_login_page_and_back(visitor):
    answer = visitor.get("/d/order?q=1")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/d/order?q%3D1"
    entered = visitor.post("/login", {"login": "clerk", "password": PASSWORD, "next": "/d/order?q=1"})
    assert entered.location == "/d/order?q=1"
    assert visitor.get("/d/order?q=1").status_code == 200


def test_wrong_password_is_refused_without_saying_what_was_wrong(visitor):
    texts = {visitor.post("/login", {"login": who, "password": "no"}).text for who in ("clerk", "nobody")}
    assert all("用户名或密码不正确" in text for text in texts)
    assert all("no" not in text.split("</form>")[0].split("password")[-1] for text in texts)


def test_login_gives_a_session_of_its_own(visitor, app):
    visitor.get("/login")
    with visitor.client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = visitor.token
    visitor.post("/login", {"login": "clerk", "password": PASSWORD})
    with visitor.client.session_transaction() as session:
        assert "planted" not in session
    assert visitor.token != before


def test_too_many_failures_of_one_address_are_told_apart_from_wrong_passwords(visitor, office):
    for _ in range(3):
        assert visitor.post("/login", {"login": "clerk", "password": "no"}).status_code == 422
    refused = visitor.post("/login", {"login": "leader", "password": PASSWORD})
    assert refused.status_code == 429
    assert "过于频繁" in refused.text
    office.clock.move(minutes=1)
    assert visitor.post("/login", {"login": "leader", "password": PASSWORD}).status_code == 302


def test_locked_account_says_until_when(visitor, office):
    for _ in range(5):
        office.clock.move(minutes=2)
        visitor.post("/login", {"login": "clerk", "password": "no"})
    office.clock.move(minutes=2)
    assert "锁定" in visitor.post("/login", {"login": "clerk", "password": PASSWORD}).text


def test_leaving_ends_the_session(clerk):
    assert clerk.post("/logout").location == "/login"
    assert clerk.get("/").status_code == 302


def test_an_account_that_is_no_more_is_out_at_once(clerk, office):
    with office.store.begin() as unit:
        record = unit.fetch("user", office.people["clerk"].id, lock=True)
        record.values["enabled"] = False
        record.values["version"] += 1
        unit.update(record, record.values["version"] - 1)
    assert clerk.get("/").location.startswith("/login")


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("/d/order?q=1", "/d/order?q=1"),
        (None, "/"),
        ("", "/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/d\r\nSet-Cookie: a=b", "/"),
        ("d/order", "/"),
    ],
)
def test_targets_stay_inside(target, wanted):
    assert safe_target(target) == wanted


def test_language_and_theme_are_kept_for_the_browser(visitor):
    answer = visitor.post("/preferences", {"language": "en", "next": "/login"})
    assert answer.location == "/login"
    visitor.post("/preferences", {"theme": "dark", "next": "/login"})
    page = visitor.get("/login").text
    assert '<html lang="en" data-theme="dark">' in page
    assert "Sign in" in page


def test_strange_preferences_are_not_kept(visitor):
    assert "Set-Cookie" not in visitor.post("/preferences", {"language": "xx"}).headers
