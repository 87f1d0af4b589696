"""Passwords that somebody else gave: changed before anything else, after every reset again."""

import pytest

from engine.testing.office import BASE, Office
from engine.usecases.accounts import set_password
from tests.web.conftest import FILES, PASSWORD

NODE = BASE["nodes/test.yaml"].replace("enabled: enabled}", "enabled: enabled, own_password: true}")


@pytest.fixture
def office():
    made = Office({**FILES, "nodes/test.yaml": NODE})
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


def changed(browser, old, new):
    return browser.post("/account/password", {"old": old, "new": new, "again": new})


def test_a_given_password_is_changed_first(sign_in):
    clerk = sign_in("clerk")
    for address in ("/", "/d/order", "/d/order/new/enter", "/tasks"):
        answer = clerk.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert "请先换成自己的密码" in clerk.get("/account").text
    assert clerk.post("/account/tokens", {"title": "x", "days": "30"}).headers["Location"] == "/account"
    assert changed(clerk, PASSWORD, "short").status_code == 422
    assert clerk.get("/d/order").status_code == 303
    assert changed(clerk, PASSWORD, "My-own-2026").status_code == 303
    assert clerk.get("/d/order").status_code == 200
    assert "请先换成自己的密码" not in clerk.get("/account").text


def test_a_password_of_ones_own_is_asked_for_no_more_until_it_is_reset(office, app, sign_in, visitor):
    changed(sign_in("clerk"), PASSWORD, "My-own-2026")
    visitor.post("/login", {"login": "clerk", "password": "My-own-2026"})
    assert visitor.get("/d/order").status_code == 200
    set_password(office.runtime, office.people["clerk"].id, PASSWORD)
    assert sign_in("clerk").get("/d/order").status_code == 303


def test_one_may_always_leave(sign_in):
    assert sign_in("clerk").post("/logout").status_code == 302
