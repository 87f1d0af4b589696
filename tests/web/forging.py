"""An office to forge requests in: orders with attachments and a print, roles that see less; and what it holds."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.model.criteria import Selection
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.accounts import issue_token, set_password
from engine.web import WebSettings, create_app
from tests.web.conftest import FILES, PASSWORD, Browser

SECRET = "12345678"
MASKED = "12****78"
LINE = {"item": "笔", "qty": "3", "price": "200"}
PDF = b"%PDF-1.7 of the first order"
NEVER = ("_login", "_session", "_upload")
"""What knocking at doors may leave behind: failed logins, sessions, files nobody has used."""

DEFINITIONS = {
    **FILES,
    "desk/order/document.yaml": ORDER["desk/order/document.yaml"].replace(
        "  total:",
        "  paper: {title: 附件, type: file, accept: [pdf], max_size: 100KB}\n"
        "  sheets: {title: 影像, type: image, many: true}\n"
        "  remark: {title: 备注, type: long_text}\n  held_on: {title: 日期, type: date}\n"
        "  extra: {title: 附加, type: json}\n  total:",
        1,
    ),
    "desk/order/prints/slip.yaml": "print: slip\ntitle: 单\ndocument: order\ntemplate: slip.html\npaper: A4\n",
    "desk/order/prints/slip.html": "<p>{{ name }}</p><p>{{ secret }}</p><p>{{ remark }}</p>",
    "desk/order/access.yaml": """access:
  clerk:
    rows: org == user.org
    read: "*"
    create: true
    edit: {when: "state == 'draft'", fields: "*"}
    events: "*"
    print: "*"
    export: true
  leader: {rows: org == user.org, read: "*", mask: [secret], edit: "*", events: "*", print: "*", export: true}
  boss: {rows: org == user.org, read: "*", hide: [secret], edit: [name], events: "*", print: "*", export: true}
""",
}


@dataclass
class Forgery:
    """The office behind its web application, and everybody's way in."""

    office: Office
    settings: WebSettings = field(default_factory=lambda: WebSettings("s" * 32, failures_per_minute=1000))

    def __post_init__(self) -> None:
        for actor in self.office.people.values():
            set_password(self.office.runtime, actor.id, PASSWORD)
        self.app = create_app(lambda: self.office.runtime, self.settings)
        self._tokens = {who: issue_token(self.office.runtime, one, "t", 30) for who, one in self.office.people.items()}
        self._browsers: dict[str, Browser] = {}

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def browser(self, who: str, *, fresh: bool = False) -> Browser:
        """Somebody signed in; the same session again unless a fresh one is asked for."""
        if fresh or who not in self._browsers:
            made = Browser(self.client())
            answer = made.post("/login", {"login": who, "password": PASSWORD})
            assert answer.status_code == 302, answer.text
            if fresh:
                return made
            self._browsers[who] = made
        return self._browsers[who]

    def rest(self, who: str, method: str, address: str, **keys: Any) -> TestResponse:
        """The REST door with somebody's token."""
        headers = {"Authorization": f"Bearer {self._tokens[who]}", **keys.pop("headers", {})}
        return self.client().open(f"/api/v1/{address}", method=method, headers=headers, **keys)

    def kept(self) -> dict[str, Any]:
        """Everything that is stored, but the audit and what knocking may leave."""
        store, found = self.office.store, {}
        documents = [*self.office.runtime.definitions.documents, "_task", "_timer", "_request", "_printed", "_filter"]
        with store.begin(write=False) as unit:
            for document in (*documents, "_notice", "_token", "_setting"):
                records = unit.select(Selection(document, limit=10_000, tables=None, deleted=True))
                found[document] = {record.id: record.values for record in records}
                for record in records:
                    found[f"history {document} {record.id}"] = unit.history(document, record.id)
        found["effects"] = {(one.id, one.state, one.key): one.payload for one in store.effects(limit=10_000)}
        if isinstance(store, MemoryStore):
            found["sequences"] = dict(store._state.sequences)
        return found

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        before = self.kept()
        yield
        assert self.kept() == before

    def suspicions(self, who: str) -> list[tuple[str, str]]:
        """What the audit says of refused requests of somebody: the action and what it was about, newest first."""
        entries = self.office.store.audit(limit=200)
        mine = [one for one in entries if one.actor == self.office.people[who].id]
        return [(one.action, " ".join(map(str, one.detail["fields"]))) for one in mine if "fields" in one.detail]

    def upload(self, who: str, content: bytes, name: str, path: str = "paper") -> TestResponse:
        return self.rest(who, "POST", f"order/files/{path}", data={"file": (io.BytesIO(content), name)})
