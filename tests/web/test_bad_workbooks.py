"""Bad workbooks through the page and by REST: each is named, costs little, and the good one behind it is taken."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest
from werkzeug.test import TestResponse

from engine.testing.memory import MemoryStore
from engine.usecases.accounts import issue_token, set_password
from tests.engine.usecases.sheet_office import book, staffed
from tests.web.bad_workbooks import CASES, SLOW
from tests.web.conftest import PASSWORD

_SECONDS = 5.0
"""Of a processor, for one file."""


@pytest.fixture
def office():
    made = staffed(MemoryStore())
    set_password(made.runtime, made.people["clerk"].id, PASSWORD)
    return made


def form(content: bytes, name: str) -> dict[str, object]:
    """A form with a file, as a browser sends it."""
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return {"data": head.encode() + content + b"\r\n--x--\r\n", "content_type": "multipart/form-data; boundary=x"}


Send = Callable[[bytes, str], TestResponse]


@pytest.mark.parametrize("door", ["page", "rest"])
def test_each_file_is_named_and_the_one_behind_it_is_taken(office, app, clerk, door):
    client, head = app.test_client(), {"Authorization": f"Bearer {token_of(office)}"}
    csrf = {"X-CSRFToken": clerk.token}
    bring: dict[str, Send] = {
        "rest": lambda *file: client.post("/api/v1/staff/sheets/staff/imports", headers=head, **form(*file)),
        "page": lambda *file: clerk.client.post("/d/staff/import/staff", headers=csrf, **form(*file)),
    }

    def sent(content: bytes, name: str) -> tuple[int, str, object]:
        """What is answered, and how many rows are good and bad."""
        answer = bring[door](content, name)
        office.deliver()
        if "Location" not in answer.headers:
            return answer.status_code, answer.text, None
        known = client.get(f"/api/v1/staff/imports/{answer.location.rpartition('/')[2]}", headers=head).json
        return answer.status_code, answer.text, (known["good"], known["bad"])

    wrong = {}
    for name, (make, called, expected) in CASES.items():
        if name in SLOW and door == "page":
            continue
        content, begun = make(), process_time()
        status, text, counted = sent(content, called)
        spent = process_time() - begun
        as_told = counted == expected if isinstance(expected, tuple) else status in (409, 422) and expected in text
        if not as_told or spent > _SECONDS or sent(book(["乙", "c9"]), "b.xlsx")[2] != (1, 0):
            wrong[name] = status, counted, spent, text[-300:]
    assert wrong == {}


def token_of(office):
    return issue_token(office.runtime, office.people["clerk"], "test", 30)
