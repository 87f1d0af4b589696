"""The generated description: valid OpenAPI 3.1, projected by who asks, true to what the doors answer."""

import re
from pathlib import Path

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from engine.usecases.accounts import issue_token
from engine.web.openapi_parts import CODES, ELSEWHERE


@pytest.fixture
def described(app, office):
    def of(login: str):
        headers = {"Authorization": f"Bearer {issue_token(office.runtime, office.people[login], 't', 1)}"}
        return app.test_client().get("/api/v1/openapi.json", headers=headers).json

    return of


@pytest.mark.parametrize("login", ["clerk", "leader", "boss"])
def test_it_is_valid(described, login):
    OpenAPIV31SpecValidator(described(login)).validate()


def test_it_is_for_those_who_may_come_in(visitor, clerk):
    assert visitor.get("/api/v1/openapi.json").status_code == 401
    assert clerk.get("/api/v1/openapi.json").json["openapi"] == "3.1.0"


def test_it_shows_each_account_what_it_may(described):
    clerk, boss = described("clerk"), described("boss")
    assert "secret" in clerk["components"]["schemas"]["order"]["properties"]
    assert "secret" not in boss["components"]["schemas"]["order"]["properties"]
    assert "post" in clerk["paths"]["/order"]
    assert "post" not in boss["paths"]["/order"]
    assert "/order/{id}/events/submit" in clerk["paths"]
    assert "/order/{id}/events/approve" not in boss["paths"]


def test_computed_fields_are_not_written(described):
    written = described("clerk")["components"]["schemas"]["order.values"]["properties"]
    assert "total" not in written
    assert "amount" not in written["lines"]["items"]["properties"]
    assert written["name"]["maxLength"] == 20


def test_what_an_event_asks_is_described(described):
    drop = described("clerk")["paths"]["/order/{id}/events/drop"]["post"]
    asked = drop["requestBody"]["content"]["application/json"]["schema"]["properties"]["asked"]
    assert asked["properties"]["reason"]["type"] == ["string", "null"]


def test_answers_are_as_described(described, rest, entered):
    schemas = described("clerk")["components"]["schemas"]

    def check(value, name: str) -> None:
        jsonschema.validate(value, {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}})

    check(rest("GET", f"order/{entered}").json, "order")
    check(rest("GET", "order").json["items"][0], "order.columns")
    check(rest("GET", "nothing").json, "error")
    check(rest("POST", "order", {"values": {"name": "丁"}}).json, "outcome")


def test_the_page_reads_the_same(clerk):
    page = clerk.get("/api").text
    assert "/api/v1/order/{id}/events/submit" in page
    assert "customer_name" in page


def test_the_manual_names_every_door(app):
    manual = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")
    names = {
        "file_hash": "hash",
        "print_id": "print",
        "page_id": "page",
        "path": "field",
        "sheet": "sheet",
        "part": "part",
    }
    names |= dict.fromkeys(("record_id", "view_id", "import_id", "batch_id", "scan_id", "task_id", "notice_id"), "id")
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/"):
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: f"{{{names.get(found[1], found[1])}}}", rule.rule)
        address = address.removeprefix("/api/v1").replace("/_scans/pages/{page}", "/_scans/pages/{id}")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert re.search(rf"^\| `{method} {re.escape(address)}[`?]", manual, re.MULTILINE), (method, address)


def test_the_manual_names_every_code():
    manual = (Path(__file__).parents[2] / "docs" / "rest.md").read_text(encoding="utf-8")
    for status, codes in CODES.items():
        (line,) = [one for one in manual.splitlines() if one.startswith("|") and str(status) in one.split("|")[1]]
        assert all(f"`{code}`" in line for code in codes), status
    assert all(f"`{code}`" in manual for code in ELSEWHERE)
