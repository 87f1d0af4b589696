"""What benches of the REST door share: a document type of middle size, its node, and direct WSGI calls."""

from __future__ import annotations

import io
import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson

from adapters.clock.system import TimeOrderedIds
from adapters.database.store import DatabaseStore
from engine.testing.office import Office
from engine.usecases.accounts import issue_token
from engine.web import WebSettings, create_app
from tests.adapters.database.toy_cipher import ToyCipher
from tests.servers import RUN_FOLDER, close_run, fresh_database, open_run, run_postgres

KINDS = ("travel", "meal", "office", "post", "other")
CLAIM = {
    "desk/codes/claim_kinds.csv": "code,title\n" + "".join(f"{one},{one}\n" for one in KINDS),
    "desk/claim/document.yaml": """document: claim
title: 报销单
number: "BX{today:%Y%m}{seq:06}"
label: title
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org, edit: false}
  title: {title: 事由, type: text, max: 60, required: true}
  applicant: {title: 报销人, type: ref, to: user, required: true}
  applicant_name: {title: 姓名, type: text, from: applicant.name}
  kind: {title: 类别, type: code, in: claim_kinds, required: true}
  urgent: {title: 加急, type: boolean, default: false}
  starts: {title: 起, type: date, required: true}
  ends: {title: 止, type: date, required: true}
  days: {title: 天数, type: integer, min: 1, max: 365}
  phone: {title: 电话, type: mobile}
  reason: {title: 说明, type: long_text, max: 500}
  reference: {title: 凭证号, type: text, max: 32, required: true}
  lines:
    title: 明细
    type: table
    required: true
    rows: {max: 10000}
    fields:
      item: {title: 品名, type: text, max: 40, required: true}
      qty: {title: 数量, type: integer, min: 1, required: true}
      price: {title: 单价, type: money, required: true}
      amount: {title: 金额, type: money, value: qty * price}
  total: {title: 合计, type: money, value: "sum(lines, amount)"}
  advance: {title: 预支, type: money, default: 0}
  payable: {title: 应付, type: money, value: total - advance}
  note: {title: 说明, type: text, max: 200, required: total > 5000}
unique: [[reference]]
""",
    "desk/claim/machine.yaml": """machine: claim
states:
  draft: {title: 草稿}
  sent: {title: 已报, final: true}
events:
  enter: {title: 保存, from: new, to: draft, by: clerk, do: [{send: claim_report}]}
  submit: {title: 提交, from: draft, to: sent, by: clerk}
""",
    "desk/claim/rules.yaml": """rules:
  in_order: {check: ends >= starts, at: ends, message: 止日不能早于起日}
  few: {check: qty < 1000, each: lines, at: qty, message: "第{row}行数量过大"}
  not_negative: {check: payable >= 0, at: advance, message: 预支多于合计}
""",
    "desk/claim/access.yaml": """access:
  clerk:
    rows: org == user.org
    read: "*"
    create: true
    edit: {when: "state == 'draft'", fields: "*"}
    events: "*"
""",
    "desk/claim/mappings/claim_report.yaml": """mapping: claim_report
document: claim
format: json
to: out
tree: {no: number, total: total, lines: {each: lines, tree: {n: row, item: item}}}
""",
}
NOW = datetime(2026, 5, 6, 9, 0)


class Node:
    """The claims of a small office behind the REST door, and a clerk's token."""

    def __init__(self, url: str, files: Mapping[str, str] = CLAIM) -> None:
        self.store = DatabaseStore(url, cipher=ToyCipher())
        self.office = Office(files, now=NOW, store=self.store, ids=TimeOrderedIds())
        self.clerk = self.office.people["clerk"]
        self.token = issue_token(self.office.runtime, self.clerk, "bench", 30)
        settings = WebSettings(secret_key="bench", calls_per_minute=10**9)
        self.app = create_app(lambda: self.office.runtime, settings)


def claim(number: int, applicant: str, *, rows: int = 5) -> dict[str, Any]:
    """The values of a claim as JSON carries them, without a fault."""
    return {
        "title": f"差旅费 {number}",
        "applicant": applicant,
        "kind": KINDS[number % len(KINDS)],
        "starts": "2026-04-01",
        "ends": "2026-04-03",
        "days": 3,
        "phone": "13800001234",
        "reason": "往返车票、住宿",
        "reference": f"PZ{number:08}-{secrets.token_hex(4)}",
        "lines": [{"item": f"车票 {row}", "qty": row + 1, "price": f"{10 + row}.50"} for row in range(rows)],
        "advance": "20.00",
    }


class Caller:
    """Calls a WSGI application in this process, as one client with one token."""

    def __init__(self, app: Any, token: str) -> None:
        self._app = app
        self._environ = {
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {token}", "CONTENT_TYPE": "application/json",
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        }  # fmt: skip

    def __call__(self, method: str, path: str, body: bytes = b"", query: str = "") -> tuple[int, bytes]:
        """Status and body of the answer."""
        request = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "SCRIPT_NAME": ""}
        stream = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        told: list[str] = []

        def start(status: str, _headers: object, _error: object = None) -> None:
            told.append(status)

        answer: Iterable[bytes] = self._app({**self._environ, **request, **stream}, start)
        content = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return int(told[0].split()[0]), content

    def json(self, method: str, path: str, body: object = None) -> Any:
        """The answer's JSON. Raises AssertionError for a refusal."""
        status, content = self(method, path, b"" if body is None else orjson.dumps(body))
        assert status < 300, (status, content.decode())
        return orjson.loads(content)


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Addresses of empty databases by kind, two of each: for us and for the peer."""
    alone = RUN_FOLDER not in os.environ
    open_run()
    try:
        folder = run_postgres()
        with tempfile.TemporaryDirectory() as lite, fresh_database(folder) as ours, fresh_database(folder) as peer:
            yield {
                "sqlite": f"sqlite:///{lite}/ours.db",
                "sqlite peer": f"sqlite:///{lite}/peer.db",
                "postgres": ours,
                "postgres peer": peer,
            }
    finally:
        if alone:
            close_run()
