"""Offers in the description of REST: told to whom they are open, and true to what they answer, call by call."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from engine.testing.office import Office
from engine.usecases.accounts import issue_token
from engine.web import WebSettings, create_app
from tests.engine.interfaces.two_nodes import FILES
from tests.web.rest.described import closed
from tests.web.test_offers import SUBMISSION

RECEIVED = """
  receive:
    title: 收单
    path: /yth/api/v1/sd
    roles: [clerk]
    mapping: came
    answer: {code: 0}
    later: {mapping: gone, on: out, event: end, within: 3 days}
    do: [{create: submission, with: {serial: =body.serial}}]
  tell:
    title: 通知
    path: /yth/api/v1/tz
    public: true
    form: message
    body: {serial: {title: 流水号, type: text, required: true}}
    answer: {done: true}
    otherwise: {done: false, why: =text}
"""
HERE = {
    **SUBMISSION,
    "desk/interfaces.yaml": SUBMISSION["desk/interfaces.yaml"] + RECEIVED.removeprefix("\n"),
    "desk/submission/machine.yaml": SUBMISSION["desk/submission/machine.yaml"].replace(
        "by: timer}", "by: timer, do: [{send: gone}]}"
    ),
    "desk/mappings/came.yaml": "mapping: came\nformat: json\ntree: {serial: {value: serial, also: [ywlsh]}}\n",
    "desk/mappings/gone.yaml": "mapping: gone\ndocument: submission\nformat: json\nto: out\ntree: {serial: serial}\n",
}


class Partner:
    """A program that knows the description alone, and one account's token."""

    def __init__(self, place: Office, who: str) -> None:
        self.client = create_app(lambda: place.runtime, WebSettings("s" * 32)).test_client()
        self.headers = {"Authorization": f"Bearer {issue_token(place.runtime, place.people[who], 'test', 7)}"}
        self.document = self.client.get("/api/v1/openapi.json", headers=self.headers).json
        paths = self.document["paths"].items()
        offers = (
            (way, path, told) for path, ways in paths for way, told in ways.items() if told["tags"] == ["_offers"]
        )
        self.offers = {told["operationId"].partition(".")[2]: (way, path, told) for way, path, told in offers}

    def call(self, name: str, example: Any = None, **more: Any) -> Any:
        """Call one as it is told, with its example where nothing else is said; the answer is held to its schema."""
        way, path, told = self.offers[name]
        path = path.removesuffix("#offer")
        content = told.get("requestBody", {}).get("content", {})
        given = {one["name"]: one["example"] for one in told["parameters"] if "example" in one}
        given = example if example is not None and not content else given
        media, taken = next(iter(content.items()), ("", {}))
        sent = example if example is not None else taken.get("example")
        keys = {"data": urlencode(sent), "content_type": media} if "urlencoded" in media else {"json": sent}
        keys = {} if not content else keys
        address = f"{path}?{urlencode(given)}" if given else path
        answer = self.client.open(address, method=way.upper(), headers={**self.headers, **more}, **keys)
        self.hold(told, answer)
        return answer

    def hold(self, told: Any, answer: Any) -> None:
        described = told["responses"].get(str(answer.status_code))
        assert described is not None, (answer.status_code, answer.text)
        schema = closed(described["content"]["application/json"]["schema"])
        Draft202012Validator(schema).validate(answer.json)


@pytest.fixture
def place() -> Office:
    return Office(HERE)


def test_it_is_valid_and_tells_each_account_what_it_may_call(place: Office) -> None:
    clerk, boss = Partner(place, "clerk"), Partner(place, "boss")
    OpenAPIV31SpecValidator(clerk.document).validate()
    assert set(clerk.offers) == {"submit", "submit.1", "result", "version", "receive", "tell", "event", "scan"}
    assert set(boss.offers) == {"result", "every", "version", "tell", "event", "scan"}
    assert [clerk.offers[one][2]["security"] for one in ("submit", "version")] == [[{"token": []}], []]
    assert {way[2]["servers"][0]["url"] for way in clerk.offers.values()} == {"/"}


def test_our_own_door_is_not_told_where_an_offer_stands_before_it(place: Office) -> None:
    paths = Partner(place, "boss").document["paths"]
    assert "get" not in paths.get("/submission", {})
    assert paths["/api/v1/submission"]["get"]["operationId"] == "_offers.every"


def test_every_call_is_answered_as_it_is_told(place: Office) -> None:
    clerk, boss = Partner(place, "clerk"), Partner(place, "boss")
    first = clerk.call("submit").json
    assert clerk.call("submit.1").json == {**first, "duplicate": True}
    assert clerk.call("submit", {"serial": first["serial"], "amount": "2", "held": "20260506"}).status_code == 409
    assert clerk.call("submit", {"ywlsh": "S2", "amount": "x"}).status_code == 422
    assert clerk.call("submit", {"ywlsh": "S2"}, **{"Content-Encoding": "br"}).status_code == 415
    assert clerk.call("submit", {"ywlsh": "S2"}, Authorization="Bearer gj_none").status_code == 401
    assert clerk.call("submit", {"ywlsh": "S2"}, Authorization=boss.headers["Authorization"]).status_code == 403
    assert clerk.call("submit", {"scan": "x" * (16 << 20)}).status_code == 413
    assert clerk.call("result", {"ywlsh": first["serial"]}).json["status"] is True
    assert clerk.call("result", {"serial": "none"}).status_code == 404
    assert clerk.call("version").json["code"] == 0
    assert clerk.call("receive", {"ywlsh": "S9"}).json == {"code": 0}
    assert clerk.call("tell", {"message": '{"serial": "S"}'}).json == {"done": True}
    assert clerk.call("tell").json["done"] is False
    assert len(boss.call("every").json["rows"]) == 2
    statuses = [clerk.call("submit", {"serial": f"T{n}"}).status_code for n in range(6)]
    assert statuses[-1] == 429


def test_what_comes_later_is_told(place: Office) -> None:
    told = Partner(place, "clerk").offers["receive"][2]
    assert told["x-later"] == {"mapping": "gone", "on": "out", "event": "end"}
    assert "gone" in told["description"]


def test_what_an_envelope_guards_is_told_to_administrators_with_its_codes() -> None:
    files = {**FILES, "shared/user/access.yaml": 'access: {boss: {read: "*", create: true, edit: "*"}}'}
    place = Office(files)
    clerk, boss = Partner(place, "clerk"), Partner(place, "boss")
    assert clerk.offers == {}
    OpenAPIV31SpecValidator(boss.document).validate()
    for way, _, told in boss.offers.values():
        (content,) = told["responses"]["200"]["content"].values()
        answered = content["schema"]["properties"]
        assert {0, 1001, 1101, 1103, 1201, 1202, 1203, 1204, 2001, 9999} <= set(answered["code"]["enum"])
        assert {"type": "string"} in answered["bdata"]["anyOf"]
        asked = told["requestBody"]["content"]["application/json"]["schema"]["properties"]
        assert (way, set(asked), set(asked["c"]["properties"]) >= {"reqid", "time", "reqtime"}) == (
            "post", {"version", "mstype", "c", "s", "bdata"}, True,
        )  # fmt: skip
    assert len(boss.offers) >= 1
