"""A template that stops while it prints: the person is told which one is at fault and where, not of a service."""

import logging

import pytest

from engine.testing.office import Office
from engine.usecases.accounts import set_password
from tests.web.conftest import FILES, PASSWORD

BAD = {
    "desk/order/prints/slip.yaml": "print: slip\ntitle: {zh: 条子, en: Slip}\ndocument: order\ntemplate: slip.html\n",
    "desk/order/prints/slip.html": "<p>{{ name }}</p>\n<p>{{ total / 0 }}</p>",
}


@pytest.fixture
def office():
    made = Office({**FILES, **BAD})
    made.account("admin", "admin", made.org)
    for actor in made.people.values():
        set_password(made.runtime, actor.id, PASSWORD)
    return made


def test_the_page_names_the_template_and_the_log_the_document(clerk, entered, caplog):
    with caplog.at_level(logging.ERROR):
        answer = clerk.post(f"/d/order/{entered}/prints/slip")
    assert answer.status_code == 500
    assert "“条子”的打印模板有误（slip.html:2）" in answer.text
    assert "所需的服务没有响应" not in answer.text
    assert f"order/{entered}" in caplog.text
    assert f"order/{entered}" not in answer.text.split("<main")[1]


def test_programs_are_told_the_same(rest, entered):
    told = rest("POST", f"order/{entered}/prints/slip", Accept_Language="en").json["error"]
    assert told["code"] == "definition"
    assert told["message"].startswith("The template of “Slip” is at fault (slip.html:2)")
