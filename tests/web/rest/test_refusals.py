"""Refusals: one shape, each with a status that the operation tells of."""

from engine.usecases.accounts import issue_token
from engine.web import WebSettings, create_app
from tests.web.rest.calls import PDF, entered, sent
from tests.web.rest.described import Described


def test_each_refusal_has_its_status_and_one_shape(office):
    small = create_app(lambda: office.runtime, WebSettings("s" * 32, body_limit=4000, upload_limit=4000))
    call = Described(small.test_client(), issue_token(office.runtime, office.people["clerk"], "t", 1))
    record, seen = entered(call), {"headers": {"If-Match": '"9"'}}
    told = {
        400: call("POST", "order", [1]),
        403: call("POST", "user/views", {"title": "x", "roles": ["boss"]}),
        404: call("GET", "order/nothing"),
        409: call("POST", f"order/{record}/events/recall", {}),
        412: call("PATCH", f"order/{record}", {"values": {"note": "x"}}, **seen),
        413: call("POST", "thing/files/paper", **sent(PDF * 400)),
        415: call("POST", "order", data="x", content_type="text/plain"),
        422: call("POST", "order", {"values": {"name": ""}}),
        428: call("PATCH", f"order/{record}", {"values": {}}),
    }
    assert {status: answer.status_code for status, answer in told.items()} == {status: status for status in told}
    assert call("POST", "order", {"values": {"name": "长" * 4000}}).status_code == 413
    call.headers = {}
    assert call("GET", "order").status_code == 401


def test_too_many_calls_are_refused_everywhere(office):
    few = create_app(lambda: office.runtime, WebSettings("s" * 32, calls_per_minute=2))
    call = Described(few.test_client(), issue_token(office.runtime, office.people["clerk"], "t", 1))
    assert call("GET", "order").status_code == 200
    for address in ("order", "openapi.json", "_pages", "order/x/history"):
        answer = call("GET", address)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_token_has_no_scopes_and_a_session_opens_the_description_alone(program):
    document = program("clerk").document
    assert document["security"] == [{"token": []}]
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    own = [path for path, ways in document["paths"].items() if any("security" in one for one in ways.values())]
    assert own == ["/openapi.json"]
