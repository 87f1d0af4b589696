"""The description itself: valid, true to the routes, its examples fit and are taken."""

import re
from itertools import chain

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from engine.documents.field_kinds import parse
from tests.web.rest.calls import PDF, sent


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]


def endpoint(app, method: str, path: str) -> str:
    address = "/api/v1" + re.sub(r"\{\w+\}", "x", path)
    return app.url_map.bind("").match(address, method=method.upper())[0]


def test_every_operation_is_a_route_and_every_route_is_told(app, program):
    found = {(endpoint(app, method, path), method.upper()) for method, path in program("clerk").operations}
    registered = {(rule.endpoint, method) for rule in rules(app) for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert found == registered


@pytest.mark.parametrize("login", ["clerk", "boss"])
def test_it_is_valid_for_everybody(program, login):
    document = program(login).document
    OpenAPIV31SpecValidator(document).validate()
    named = [operation["operationId"] for ways in document["paths"].values() for operation in ways.values()]
    assert len(named) == len(set(named))
    assert {tag["name"] for tag in document["tags"]} >= set(
        chain.from_iterable(operation["tags"] for ways in document["paths"].values() for operation in ways.values())
    )


def test_examples_fit_their_schemas(program):
    program("clerk").judge_examples()


def test_examples_are_values_that_fields_take(program, office):
    fields = office.runtime.definitions.documents["thing"].fields
    operation = program("clerk").document["paths"]["/thing"]["post"]
    values = operation["requestBody"]["content"]["application/json"]["example"]["values"]
    assert values.keys() == fields.keys()
    plain = {name: value for name, value in values.items() if not fields[name].is_table}
    assert [name for name, value in plain.items() if parse(value, fields[name]) is None] == []


def test_a_record_of_all_kinds_comes_back_as_told(program):
    call = program("clerk")
    operation = call.document["paths"]["/thing"]["post"]
    values = dict(operation["requestBody"]["content"]["application/json"]["example"]["values"])
    stored = call("POST", "thing/files/paper", **sent(PDF)).json
    keeper = call("GET", "thing/options/keeper").json[0]["value"]
    values |= {"paper": stored, "papers": [stored], "keeper": keeper, "helpers": [keeper]}
    values["parts"] = [{**values["parts"][0], "drawing": stored}]
    made = call("POST", "thing", {"values": values})
    assert made.status_code == 201, made.text
    read = call("GET", f"thing/{made.json['id']}").json
    assert {name: read[name] for name in values if name not in ("raw", "parts")} == {
        name: value for name, value in values.items() if name not in ("raw", "parts")
    }
    for login in ("leader", "boss"):
        other = program(login)
        other("GET", "thing")
        other("GET", f"thing/{made.json['id']}")
