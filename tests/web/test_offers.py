"""Doors that others prescribe: who comes in, what is done once, what is answered, what is kept of it."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.ports import Stale
from engine.testing.office import Office
from engine.usecases.accounts import issue_token
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.landed_bodies import may_read_body
from engine.usecases.landing_records import MESSAGE, unpacked
from engine.web import WebSettings, create_app

SUBMISSION = {
    "desk/submission/document.yaml": """document: submission
title: 报送
fields:
  serial: {title: 流水号, type: text, max: 20, required: true}
  amount: {title: 金额, type: money}
  held: {title: 日期, type: date}
  scan: {title: 扫描件, type: file}
  raw: {title: 原文, type: file}
unique: [[serial]]
""",
    "desk/submission/machine.yaml": """machine: submission
states: {accepted: {title: 已收, until: {after: 3 days, event: end}}, ended: {title: 完, final: true}}
events:
  accept: {from: new, to: accepted, by: engine}
  end: {from: accepted, to: ended, by: timer}
""",
    "desk/submission/access.yaml": "access: {clerk: {read: '*', hide: [amount]}, boss: {read: '*'}}",
    "desk/values/desk.yaml": "values: {version: {title: 版本, type: text, value: 1.6.2}}",
    "desk/interfaces.yaml": """offers:
  submit:
    title: 报送
    path: /yth/api/v1/tj
    also: [/yth/api/v1/t1]
    roles: [clerk]
    limit: {rate: 5/min, per: caller}
    log: [serial]
    body:
      serial: {title: 流水号, type: text, max: 20, required: true, also: [ywlsh]}
      amount: {title: 金额, type: money}
      held: {title: 日期, type: date, format: "%Y%m%d", required: amount != null}
      scan: {title: 扫描件, type: file}
    once: =body.serial
    do:
      - create: submission
        as: sent
        with: {serial: =body.serial, amount: =body.amount, held: =body.held, scan: =body.scan, raw: =raw}
    answer: {code: 0, desc: 已接收, serial: =body.serial, of: =created.serial, state: =sent.state}
  result:
    title: 查询
    path: /yth/api/v1/jg
    method: GET
    roles: [clerk, boss]
    body: {serial: {title: 流水号, type: text, also: [ywlsh]}}
    of: submission
    where: serial == body.serial
    answer: {status: "=state == 'accepted'", amount: =amount, held: =held}
  every:
    title: 全部
    path: /api/v1/submission
    method: GET
    roles: [boss]
    of: submission
    sort: -serial
    answer: {rows: {each: rows, tree: {serial: =serial}}}
  scan:
    title: 原件
    path: /yth/api/v1/yj
    method: GET
    public: true
    body: {serial: {title: 流水号, type: text, required: true}}
    file: first(submission, serial == up.body.serial).scan
  event:
    title: 事件
    path: /yth/api/v1/sj
    public: true
    body:
      czsj: {title: 时间, type: text, required: true}
      czsjnr: {title: 内容, type: text, required: true, second: czsj}
    answer: {at: =body.czsj, told: =body.czsjnr}
  version:
    title: 版本
    path: /api/v1/version
    method: GET
    public: true
    answer: {version: =values.version, desc: ok, code: 0}
""",
}


TAKEN = {"code": 0, "desc": "已接收", "serial": "S1", "of": "S1", "state": "accepted"}


@pytest.fixture
def place() -> Office:
    return Office(SUBMISSION)


@pytest.fixture
def client(place: Office) -> FlaskClient:
    return create_app(lambda: place.runtime, WebSettings("s" * 32)).test_client()


def head(place: Office, who: str = "clerk") -> dict[str, str]:
    return {"Authorization": f"Bearer {issue_token(place.runtime, place.people[who], 'test', 7)}"}


def post(client: FlaskClient, place: Office, body: Any, path: str = "/yth/api/v1/tj", **keys: Any) -> Any:
    return client.post(path, json=body, headers=head(place), **keys)


def test_a_file_is_given_whole_or_in_parts(place: Office, client: FlaskClient) -> None:
    post(client, place, {"serial": "S1", "scan": "MDEyMzQ1Njc4OQ=="})
    whole = client.get("/yth/api/v1/yj?serial=S1")
    assert (whole.status_code, whole.data, whole.headers["Accept-Ranges"]) == (200, b"0123456789", "bytes")
    part = client.get("/yth/api/v1/yj?serial=S1", headers={"Range": "bytes=4-"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"456789", "bytes 4-9/10")
    assert client.get("/yth/api/v1/yj?serial=S1", headers={"Range": "bytes=10-"}).status_code == 416
    assert client.get("/yth/api/v1/yj?serial=S9").status_code == 404
    assert client.get("/yth/api/v1/yj").status_code == 422


def test_a_name_that_stands_twice_is_read_in_order_where_that_was_agreed(client: FlaskClient) -> None:
    def answered(text: str) -> Any:
        return client.post("/yth/api/v1/sj", data=text.encode()).json

    agreed = {"at": "1", "told": "2"}
    assert answered('{"czsj": "1", "czsj": "2"}') == agreed == answered('{"czsj": "1", "czsjnr": "2"}')
    assert answered('{"czsj": "1", "czsj": "2", "czsj": "3"}')["code"] == "malformed"
    assert answered('{"czsj": "1", "czsjnr": "2", "czsj": "3"}')["code"] == "malformed"
    assert answered('{"czsjnr": "2", "czsjnr": "3", "czsj": "1"}')["code"] == "malformed"


def test_a_call_is_done_and_answered_as_it_is_declared(place: Office, client: FlaskClient) -> None:
    body = {"ywlsh": "S1", "amount": "12.50", "held": "20260506", "scan": "5omr", "more": {"left": 1}}
    answer = post(client, place, body, "/yth/api/v1/t1")
    assert (answer.status_code, answer.json) == (200, TAKEN)
    (made,) = place.all("submission")
    assert (str(made["amount"]), str(made["held"]), made["state"]) == ("12.50", "2026-05-06", "accepted")
    files = place.runtime.files
    assert files.get(made["scan"].hash) == b"\xe6\x89\xab"
    assert b'"left"' in files.get(made["raw"].hash)
    (landed,) = place.all(MESSAGE)
    assert (landed["state"], landed["channel"], landed["record_id"]) == ("processed", "submit", made["id"])


def test_the_same_again_is_answered_and_does_nothing(place: Office, client: FlaskClient) -> None:
    """A caller that never heard the first answer gets it now, with what was made then."""
    assert post(client, place, {"serial": "S1"}).json == TAKEN
    assert post(client, place, {"serial": "S1"}).json == {**TAKEN, "duplicate": True}
    refused = post(client, place, {"serial": "S1", "amount": "1", "held": "20260101"})
    assert (refused.status_code, refused.json["code"]) == (409, "duplicate")
    assert len(place.all("submission")) == 1
    assert len(place.all(MESSAGE)) == 3


def test_all_that_is_wrong_is_told_at_once(place: Office, client: FlaskClient) -> None:
    answer = post(client, place, {"amount": "x", "held": "2026", "scan": "%%"})
    assert answer.status_code == 422
    assert set(answer.json["fields"]) == {"serial", "amount", "held", "scan"}
    (landed,) = place.all(MESSAGE)
    assert (landed["state"], landed["code"]) == ("failed", "MSG205")


def test_nobody_comes_in_without_a_token_and_a_role(place: Office, client: FlaskClient) -> None:
    assert client.post("/yth/api/v1/tj", json={"serial": "S1", "scan": "x" * 100_000}).status_code == 401
    (kept,) = place.all(MESSAGE)
    assert (kept["state"], kept["size"] > 100_000, len(unpacked(place.runtime.files, kept))) == ("failed", True, 4_096)
    wrong = client.post("/yth/api/v1/tj", json={"serial": "S1"}, headers=head(place, "boss"))
    assert (wrong.status_code, place.all("submission")) == (403, [])


def test_a_query_sees_what_its_caller_may_see(place: Office, client: FlaskClient) -> None:
    post(client, place, {"serial": "S1", "amount": "3", "held": "20260506"})
    path = "/yth/api/v1/jg?ywlsh=S1"
    assert client.get(path, headers=head(place)).json == {"status": True, "amount": None, "held": "2026-05-06"}
    assert client.get(path, headers=head(place, "boss")).json["amount"] == "3.00"
    assert client.get("/yth/api/v1/jg?ywlsh=S2", headers=head(place)).status_code == 404


def test_addresses_of_offers_go_before_our_own(place: Office, client: FlaskClient) -> None:
    assert client.get("/api/v1/version").json == {"version": "1.6.2", "desc": "ok", "code": 0}
    post(client, place, {"serial": "S1"})
    post(client, place, {"serial": "S2"})
    found = client.get("/api/v1/submission", headers=head(place, "boss"))
    assert found.json == {"rows": [{"serial": "S2"}, {"serial": "S1"}]}


def test_too_many_calls_are_refused(place: Office, client: FlaskClient) -> None:
    found = [post(client, place, {"serial": f"S{n}"}).status_code for n in range(6)]
    assert found == [200] * 5 + [429]
    assert post(client, place, {"serial": "S8"}).json["code"] == "rate"
    place.clock.move(seconds=12)
    assert post(client, place, {"serial": "S9"}).status_code == 200


def test_a_flood_is_answered_and_kept_once_a_minute(place: Office, client: FlaskClient) -> None:
    for number in range(20):
        post(client, place, {"serial": f"S{number}"})
    assert [one["code"] for one in place.all(MESSAGE)].count("MSG210") == 1
    place.clock.move(seconds=61)
    for number in range(20):
        post(client, place, {"serial": f"T{number}"})
    assert [one["code"] for one in place.all(MESSAGE)].count("MSG210") == 2


def test_what_processes_count_they_count_together(place: Office) -> None:
    settings = WebSettings("s" * 32)
    others = [create_app(partial(lambda one: one, runtime), settings).test_client() for runtime in anew(place, 3)]
    found = [post(others[n % 3], place, {"serial": f"S{n}"}).status_code for n in range(9)]
    assert (found.count(200), found.count(429)) == (5, 4)


def anew(place: Office, count: int) -> list[Any]:
    """Runtimes that share a store and nothing of what they remember."""
    return [replace(place.runtime, force=replace(place.runtime.force, _kept={})) for _ in range(count)]


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"data": b"x" * ((16 << 20) + 1)}, 413, "size"),
        ({"data": b"x" * 2_000, "content_length": 80 << 20}, 413, "size"),
        ({"data": b"{}", "headers": {"Content-Encoding": "gzip"}}, 415, "malformed"),
        ({"data": b"serial=1", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 422, "malformed"),
        ({"method": "PUT", "data": b"{}"}, 405, "method"),
    ],
)
def test_what_no_call_is_like_is_answered_as_calls_are(
    place: Office, client: FlaskClient, how: dict[str, Any], status: int, code: str
) -> None:
    headers = {**head(place), **how.pop("headers", {})}
    length = how.pop("content_length", None)
    over = {"CONTENT_LENGTH": str(length)} if length else {}
    answer = client.open("/yth/api/v1/tj", headers=headers, environ_overrides=over, **{"method": "POST", **how})
    assert (answer.status_code, answer.json["code"], place.all("submission")) == (status, code, [])
    assert answer.headers.get("Allow") == ("POST" if status == 405 else None)


def test_the_room_of_offers_has_no_address(place: Office, client: FlaskClient) -> None:
    assert client.post("/_offers/submit", json={"serial": "S1"}, headers=head(place)).status_code == 404


@pytest.mark.parametrize(("fault", "status"), [(RuntimeError("secret"), 500), (Stale(), 503)])
def test_a_defect_is_answered_as_calls_are_and_says_nothing(
    place: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(type(place.store), "begin", broken)
    answer = client.get("/api/v1/version")
    assert (answer.status_code, answer.json["code"], b"secret" in answer.data) == (status, "internal", False)


@pytest.mark.parametrize("body", [b'{"serial": "S', b"[1]", '{"serial": "中"}'.encode("gb18030"), b"\x00\xff"])
def test_what_is_no_message_is_told_and_kept(place: Office, client: FlaskClient, body: bytes) -> None:
    answer = client.post("/yth/api/v1/tj", data=body, headers=head(place))
    assert (answer.status_code, answer.json["code"]) == (422, "malformed")
    assert [one["state"] for one in place.all(MESSAGE)] == ["failed"]


def test_what_was_refused_shows_nobody_what_fields_hide(place: Office, client: FlaskClient) -> None:
    """The call belongs to no document, and no mapping names one."""
    assert post(client, place, {"amount": "9999", "held": "20260506"}).status_code == 422
    (kept,) = landed_page(place.runtime, LandedQuery()).messages
    may = [may_read_body(place.runtime, place.people[who], kept) for who in ("clerk", "boss")]
    assert may == [False, True]
