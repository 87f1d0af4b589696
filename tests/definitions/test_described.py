"""The REST door of the definitions that are shipped: its description is valid, its answers to roles are as told."""

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from engine.usecases.accounts import issue_token
from tests.definitions.projected import ROLES, aviary, web
from tests.web.rest.described import Described


def program(role: str) -> Described:
    runtime, actor = aviary().runtime, aviary().actors[role]
    return Described(web().test_client(), issue_token(runtime, actor, "t", 1))


def test_the_longest_description_is_valid():
    document = max((program(role).document for role in ROLES), key=lambda one: len(one["paths"]))
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_answered_as_told(role):
    call = program(role)
    call.judge_examples()
    plain = [path for path, ways in call.document["paths"].items() if "get" in ways and "{" not in path]
    told = {path: call("GET", path[1:]).status_code for path in plain}
    assert set(told.values()) <= {200, 404}
    for document, record in aviary().ids.items():
        if f"/{document}" in plain:
            for part in ("", "/events", "/history", "/prints"):
                call("GET", f"{document}/{record}{part}")
