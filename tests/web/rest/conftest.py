"""One office for the tests of a module, and programs that trust the description."""

import pytest

from engine.usecases.accounts import issue_token
from engine.web import WebSettings, create_app
from tests.web.rest.described import Described
from tests.web.rest.furnished import furnished


@pytest.fixture(scope="module")
def office():
    return furnished()


@pytest.fixture(scope="module")
def app(office):
    return create_app(lambda: office.runtime, WebSettings("s" * 32))


@pytest.fixture(scope="module")
def program(app, office):
    """A program of somebody's that trusts the description."""

    def of(login: str) -> Described:
        return Described(app.test_client(), issue_token(office.runtime, office.people[login], "t", 1))

    return of
