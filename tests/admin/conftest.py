"""The consoles over an office that each test module makes: everybody in it has a password and comes in by the login."""

import pytest

import admin
from engine.usecases.accounts import set_password
from engine.web import WebSettings, create_app
from tests.web.conftest import PASSWORD, Browser


@pytest.fixture
def sign_in(office):
    for actor in office.people.values():
        set_password(office.runtime, actor.id, PASSWORD)
    app = create_app(lambda: office.runtime, WebSettings("s" * 32), faces=[admin.blueprint])

    def signed_in(who):
        browser = Browser(app.test_client())
        assert browser.post("/login", {"login": who, "password": PASSWORD}).status_code == 302
        return browser

    return signed_in
