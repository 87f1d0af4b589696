"""The pages over the orders of the use-case tests: a store in memory, a clock that stands, accounts with a password."""

import re
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.problems import Problem
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.accounts import issue_token, set_password
from engine.usecases.runtime import Runtime
from engine.web import WebSettings, create_app
from engine.web.rates import RateLimit
from engine.web.surroundings import SHELL

PASSWORD = "Guiju-2026"
SYSTEM = """system: desk
id: T-1
title: {zh: 办公, en: Desk}
uses: [shared]
roles: {clerk: {title: 经办}, leader: {title: 领导}, boss: {title: 主管}, admin: {title: 管理员}}
menu: [{title: {zh: 业务, en: Business}, pages: [order, letter]}]
"""
PAGES = """pages:
  list: {columns: [number, name, secret, total], filters: [name, total, state], sort: [-created_at]}
"""
ADMIN = {
    "shared/codes/roles.csv": "code,title\nclerk,经办\nleader,领导\nboss,主管\nadmin,管理员\n",
    "shared/user/access.yaml": "access:\n  clerk: {read: [name]}\n  leader: {read: [name]}\n  boss: {read: [name]}\n"
    '  admin: {read: "*", create: true, edit: "*", events: "*"}\n',
}
"""A role that looks after accounts."""
FILES = {**ORDER, **ADMIN, "desk/system.yaml": SYSTEM, "desk/order/pages.yaml": PAGES}
LINES = '[{"item": "笔", "qty": "3", "price": "200"}]'


SETTINGS = WebSettings("s" * 32, failures_per_minute=3)


def _nothing() -> Runtime:
    raise AssertionError("the application has no office yet")


@dataclass
class Browser:
    """A signed-in person before the pages."""

    client: FlaskClient

    def get(self, address: str, **keys) -> TestResponse:
        return self.client.get(address, **keys)

    def post(self, address: str, data=None, **keys) -> TestResponse:
        """Send a form with the session's token."""
        return self.client.post(address, data={"csrf_token": self.token, **(data or {})}, **keys)

    def json(self, address: str, body) -> TestResponse:
        """What a page's own script sends."""
        headers = {"X-CSRFToken": self.token, "Accept": "application/json"}
        return self.client.post(address, json=body, headers=headers)

    @property
    def token(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/login").text)
        if found is None:
            found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/account").text)
        assert found is not None
        return found[1]


@pytest.fixture
def office():
    made = Office(FILES)
    made.account("admin", "admin", made.org)
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


@pytest.fixture
def problems() -> list[Problem]:
    """What is wrong with the definitions on disk; tests add to it."""
    return []


@pytest.fixture(scope="session")
def dressed():
    """An application over nothing. Its addresses and templates are compiled once: that takes longer than most tests."""
    return create_app(_nothing, SETTINGS)


@pytest.fixture
def app(dressed, office, problems):
    """The application over this test's office; nobody has knocked yet."""
    dressed.extensions[SHELL] = replace(
        dressed.extensions[SHELL],
        runtime_source=lambda: office.runtime,
        problems_source=lambda: problems,
        failures=RateLimit(SETTINGS.failures_per_minute),
        calls=RateLimit(SETTINGS.calls_per_minute),
    )
    return dressed


@pytest.fixture
def visitor(app):
    """Somebody who is not signed in."""
    return Browser(app.test_client())


@pytest.fixture
def sign_in(app):
    def signed_in(login: str) -> Browser:
        browser = Browser(app.test_client())
        answer = browser.post("/login", {"login": login, "password": PASSWORD})
        assert answer.status_code == 302, answer.text
        return browser

    return signed_in


@pytest.fixture
def clerk(sign_in):
    return sign_in("clerk")


@pytest.fixture
def admin(sign_in):
    """Somebody who looks after accounts."""
    return sign_in("admin")


@pytest.fixture
def leader(sign_in):
    return sign_in("leader")


@pytest.fixture
def entered(office):
    """An order in draft, of 600 yuan."""
    line = {"item": "笔", "qty": "3", "price": "200"}
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[line]).record_id


@pytest.fixture
def token(office):
    """A bearer token of the clerk."""
    return issue_token(office.runtime, office.people["clerk"], "test", 30)


@pytest.fixture
def rest(app, token):
    """The REST door, called with the clerk's token."""
    client = app.test_client()

    def call(method: str, address: str, body=None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(
            f"/api/v1/{address}", method=method, json=body, headers={"Authorization": f"Bearer {token}", **named}
        )

    return call
