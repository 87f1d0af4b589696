"""A kiosk without devices, and its pages."""

import re

import pytest

from engine.usecases.flow_views import Touch
from tests.kiosk.showing import PASSWORD, Shown, shown


class Hand:
    """Somebody before the screen, as the page sends it."""

    def __init__(self, one: Shown) -> None:
        self.one, self.client = one, one.app.test_client()
        self.page = self.client.get("/kiosk").text
        self.csrf = re.search(r'name="csrf-token" content="([^"]+)"', self.page)[1]

    def touch(self, kind: str, token: str = "", **more):
        body = {"kind": kind, "token": token or self.one.service.standing().token, **more}
        return self.client.post("/kiosk/touch", json=body, headers={"X-CSRFToken": self.csrf})

    def press(self, outcome: str, **form: str) -> str:
        return self.touch("press", outcome=outcome, form=form).json["html"]

    def signed_in(self) -> str:
        """The main page, after signing in."""
        service = self.one.service
        clerk = self.one.office.people["clerk"].id
        service.touch(Touch("press", service.standing().token, "touch"), "zh")
        service.touch(Touch("pick", service.standing().token, path="0.0.0", row=clerk), "zh")
        service.touch(Touch("press", service.standing().token, "enter", {"secret": PASSWORD}), "zh")
        for token in service.subscribe(0.05):
            if self.one.step == "home":
                return token
        raise AssertionError(self.one.step)


@pytest.fixture
def kiosk():
    one = shown(boxes=12, things=70)
    yield one
    one.service.close()


@pytest.fixture
def hand(kiosk):
    return Hand(kiosk)
