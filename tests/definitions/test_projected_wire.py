"""The pages and the REST door from outside: whole answers, with all they carry along for scripts."""

import csv
import io
import re

import pytest

from engine.usecases.accounts import issue_token
from engine.usecases.sessions import begin_session
from tests.definitions.canaries import STRANGER, TURNS
from tests.definitions.projected import (
    DOCUMENTS,
    ROLES,
    aviary,
    force,
    grant,
    says,
    seen,
    web,
)


@pytest.mark.parametrize("role", ROLES)
def test_everything_that_goes_over_the_wire(role):
    """The same once more from outside: whole answers, with all they carry along for scripts."""
    runtime, actor = aviary().runtime, aviary().actors[role]
    browser, program = web().test_client(), web().test_client()
    with browser.session_transaction() as session:
        session["account"], session["session"] = actor.id, begin_session(runtime, actor)
    program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {issue_token(runtime, actor, 't', 1)}"
    pages, calls = ["/", "/tasks", "/search?q=qz"], ["_documents", "_tasks", "_search?q=qz", "openapi.json"]
    for document, record in aviary().ids.items():
        if grant(document, role) is None and role not in (*TURNS, STRANGER):
            continue  # to such a type the role is the stranger, who is tried on every one
        machine = force().definitions.machines[document]
        pages += [f"/d/{document}", f"/d/{document}/{record}", f"/d/{document}/export.csv"]
        pages += [f"/d/{document}/new/{event.name}" for event in machine.creating()]
        pages += [f"/d/{document}/{record}/do/{name}" for name in machine.events]
        calls += [document, f"{document}/{record}", f"{document}/{record}/prints"]
        references = (n for n, f in force().definitions.documents[document].fields.items() if f.kind in ("ref", "refs"))
        calls += [f"{document}/options/{name}" for name in references]
    for client, addresses in ((browser, pages), (program, [f"/api/v1/{call}" for call in calls])):
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code in (200, 302, 403, 404, 409), (address, answer.status_code)
            says(role, _without_assets(answer.text))


def _without_assets(text: str) -> str:
    return re.sub(r"/assets/\w+/", "", text)


@pytest.mark.parametrize("role", ROLES)
def test_the_exported_file_holds_what_the_list_shows(role):
    runtime, actor = aviary().runtime, aviary().actors[role]
    browser = web().test_client()
    with browser.session_transaction() as session:
        session["account"], session["session"] = actor.id, begin_session(runtime, actor)
    for document in DOCUMENTS:
        own = grant(document, role)
        if own is None and role not in (*TURNS, STRANGER):
            continue  # as above
        answer = browser.get(f"/d/{document}/export.csv")
        assert answer.status_code == (404 if not seen(document, role) else 200 if own.export else 403)
        if answer.status_code == 200:
            head, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
            assert len({len(row) for row in (head, *rows)}) == 1
