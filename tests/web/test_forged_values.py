"""Forged values in every field and parameter: nothing breaks, nothing is evaluated, refusals change nothing.

Over a store in memory and over SQLite, whose drivers take offence at different things.
"""

import base64
import csv
import io
import json
import re
import time

import pytest

from adapters.database.store import DatabaseStore
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from tests.adapters.database.toy_cipher import ToyCipher
from tests.web.forging import DEFINITIONS, PDF, Forgery

ROW = {"item": "笔", "qty": 3, "price": "200"}
TEXTS = [
    "'; DROP TABLE d_order; --",
    '" OR 1=1 --',
    "{{ 7*7 }}",
    "{% for x in range(9) %}x{% endfor %}",
    "${7*7}#{7*7}",
    "=7*7",
    "@SUM(1)",
    "<script>1</script>",
    '"><b>x</b>',
    "</script><b>x",
    "javascript:1",
    "%s%n\\",
    "__import__",
    "../../etc",
    "{0.__class__}",
    "&lt;b&gt;",
]
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def forgery(request, tmp_path_factory):
    store = MemoryStore()
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('forged')}/office.db"
        store = DatabaseStore(url, cipher=ToyCipher(), connections=2)
    made = Forgery(Office(DEFINITIONS, store=store))
    made.record = made.office.raise_("clerk", "enter", "order", name="甲", secret="12345678").record_id
    yield made
    if isinstance(store, DatabaseStore):
        store.close()


def in_envelope(answer, *statuses):
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert "Content-Security-Policy" in answer.headers
    if answer.status_code >= 400:
        assert set(answer.json["error"]) == {"code", "message", "findings"}


# --- texts that are code elsewhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_kept_as_they_are_and_shown_escaped(forgery, text):
    name, browser = text[:20], forgery.browser("clerk")
    rows = json.dumps([{"item": text, "qty": "1", "price": "1"}])
    form = {"v.name": name, "v.secret": text[:8], "v.remark": text, "v.lines": rows, "_comment": text}
    made = browser.post("/d/order/new/enter", form)
    assert made.status_code == 303, made.text
    record = made.location.rpartition("/")[2]
    stored = forgery.office.values("order", record)
    kept = " ".join(text.split())
    assert (stored["name"], stored["remark"], stored["lines"][0]["item"]) == (" ".join(name.split()), text, kept)
    for address in (f"/d/order/{record}", f"/d/order/{record}/do/change", "/d/order", f"/search?q={name}", "/"):
        page = browser.get(address).text
        for element in ("<script>1", "<b>x", "</script><b>"):
            assert element not in page, address
        assert ">49<" not in page
        assert 'href="javascript' not in page
    paper = forgery.rest("clerk", "POST", f"order/{record}/prints/slip").json["hash"]
    printed = forgery.rest("clerk", "GET", f"order/{record}/files/{paper}").text
    assert "<script>1" not in printed
    assert "49" not in printed
    forgery.office.raise_("clerk", "remove", "order", record)


def test_exports_hold_no_formulas(forgery):
    made = [forgery.office.raise_("clerk", "enter", "order", name=name) for name in ("=7*7", "@x", "+1+1", "-2")]
    lines = forgery.browser("clerk").get("/d/order/export.csv").text.removeprefix("\ufeff")
    cells = [cell for row in csv.reader(io.StringIO(lines)) for cell in row]
    assert not [cell for cell in cells if re.match(r"[=@+]", cell)]
    for one in made:
        forgery.office.raise_("clerk", "remove", "order", one.record_id)


def test_filters_and_searches_take_texts_as_texts(forgery):
    with forgery.nothing_changes():
        for text in [*TEXTS, "%", "_", "*", '"', "NEAR(a b)", "a" * 5000, "甲 OR 1"]:
            for address in (f"order?name={text}", f"order?q={text}", f"_search?q={text}", f"order?secret={text}"):
                answer = forgery.rest("clerk", "GET", address.replace("%", "%25").replace("#", "%23"))
                in_envelope(answer, 200, 422)
            in_envelope(forgery.rest("clerk", "GET", "letter/options/order", query_string={"q": text}), 200)


# --- values of the wrong type, size or sign --------------------------------------------------------------------------

STRANGE = {
    "NUL": {"name": "a\0b"},
    "control": {"name": "a\x1b[31m"},
    "half of a pair": {"name": "\ud800"},
    "non-character": {"remark": "\ufffe"},
    "megabyte": {"name": "b" * 1_000_000},
    "more than a megabyte": {"remark": "b" * 1_000_001},
    "list": {"name": [1]},
    "mapping": {"name": {"a": 1}},
    "boolean": {"name": True},
    "rows as text": {"lines": "x"},
    "row as text": {"lines": ["x"]},
    "rows as mapping": {"lines": {"a": 1}},
    "row with a strange id": {"lines": [{"id": [1], **ROW}]},
    "100,000 rows": {"lines": [ROW] * 100_000},
    "huge whole number": {"lines": [{**ROW, "qty": "1e30"}]},
    "whole number beyond 64 bits": {"lines": [{**ROW, "qty": -(10**20)}]},
    "huge amount": {"lines": [{**ROW, "price": "1e33"}]},
    "long amount": {"lines": [{**ROW, "price": "1." + "0" * 5000}]},
    "amount that is none": {"lines": [{**ROW, "price": "NaN"}]},
    "endless amount": {"lines": [{**ROW, "price": "Infinity"}]},
    "product beyond what is kept": {"lines": [{**ROW, "qty": 9 * 10**17, "price": "1e30"}]},
    "date of spaces": {"held_on": "2026" + " " * 100_000 + "x"},
    "date beyond": {"held_on": "9999-99-99"},
    "reference as list": {"customer": ["a"]},
    "reference to another type": {"customer": "order:1"},
    "file as text": {"paper": "../../etc/passwd"},
    "file as list": {"paper": [[[[]]]]},
    "file of others": {"sheets": [{"hash": "0" * 64, "name": "a.png", "size": 1, "media": "image/png"}]},
    "deep data": {"extra": {"a": json.loads("[" * 60 + "]" * 60)}},
    "unknown field": {"\ud800": 1},
    "unknown long field": {"x" * 100_000: 1},
}


@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE)
def test_strange_values_are_refused_and_change_nothing(forgery, values):
    started = time.monotonic()
    body = json.dumps({"values": {"name": "s", **values}})
    with forgery.nothing_changes():
        headers = {"Content-Type": "application/json"}
        in_envelope(forgery.rest("clerk", "POST", "order", data=body, headers=headers), 400, 422)
        change = {**headers, "If-Match": '"1"'}
        address = f"order/{forgery.record}"
        in_envelope(forgery.rest("clerk", "PATCH", address, data=body, headers=change), 400, 422)
        preview = {"Content-Type": "application/json", "X-CSRFToken": forgery.browser("clerk").token}
        sent = body.replace('"values"', '"raw"')
        answer = forgery.browser("clerk").client.post("/d/order/preview/enter", data=sent, headers=preview)
        assert answer.status_code in (200, 400)
        choice = forgery.browser("clerk").client.post("/d/order/options/customer", data=sent, headers=preview)
        assert choice.status_code in (200, 400)
    assert time.monotonic() - started < 5


FORMS = {
    "NUL": ({"v.name": "a\0b"}, 400),
    "NUL in a name": ({"v.\0": "a"}, 400),
    "NUL in the key": ({"v.name": "x", "_key": "\0"}, 400),
    "NUL in the comment": ({"v.name": "x", "_comment": "\0"}, 400),
    "control": ({"v.name": "a\x07b"}, 422),
    "deep rows": ({"v.name": "x", "v.lines": DEEP}, 422),
    "half of a pair in rows": ({"v.name": "x", "v.lines": '[{"item": "\\ud800"}]'}, 422),
    "rows with strange ids": ({"v.name": "x", "v.lines": '[{"id": {"a": []}}]'}, 422),
    "deep file": ({"v.name": "x", "v.paper": DEEP}, 422),
    "deep data": ({"v.name": "x", "v.extra": DEEP}, 422),
    "thousands of fields": ({f"v.x{number}": "1" for number in range(5000)}, 413),
}


@pytest.mark.parametrize(("form", "status"), FORMS.values(), ids=FORMS)
def test_strange_forms_come_back_or_are_refused(forgery, form, status):
    with forgery.nothing_changes():
        for address in ("/d/order/new/enter", f"/d/order/{forgery.record}/do/change"):
            answer = forgery.browser("clerk").post(address, form)
            assert answer.status_code in (status, 422), answer.status_code
            assert "Content-Security-Policy" in answer.headers


BODIES = {
    "no JSON": ("{", "application/json", 400),
    "nothing": ("", "application/json", 400),
    "a list": ("[]", "application/json", 400),
    "a number": ("1", "application/json", 400),
    "NaN": ('{"values": {"name": NaN}}', "application/json", 400),
    "a number of 5,000 digits": ('{"values": {"name": ' + "9" * 5000 + "}}", "application/json", 400),
    "deep": ('{"values": {"name": ' + DEEP + "}}", "application/json", 400),
    "no UTF-8": (b'{"values": {"name": "\xff"}}', "application/json", 400),
    "a form": ("values=1", "application/x-www-form-urlencoded", 415),
    "XML": ("<values/>", "application/xml", 415),
    "plain text": ("{}", "text/plain", 415),
    "nothing said": ("{}", "", 415),
    "values as a list": ('{"values": [1]}', "application/json", 400),
    "asked as text": ('{"values": {}, "asked": "x"}', "application/json", 400),
    "confirmed as text": ('{"values": {}, "confirmed": "x"}', "application/json", 400),
    "strange event": ('{"event": {"a": 1}, "values": {}}', "application/json", 400),
    "half of a pair in the event": ('{"event": "\\ud800", "values": {}}', "application/json", 400),
    "half of a pair in the comment": ('{"values": {"name": "c"}, "comment": "\\ud800"}', "application/json", 400),
}


@pytest.mark.parametrize(("body", "media", "status"), BODIES.values(), ids=BODIES)
def test_bodies_that_cannot_be_read(forgery, body, media, status):
    with forgery.nothing_changes():
        headers = {"Content-Type": media} if media else {}
        answer = forgery.rest("clerk", "POST", "order", data=body, headers=headers)
        in_envelope(answer, status, 409, 422) if status == 400 else in_envelope(answer, status)


QUERIES = [
    "q=%00", "name=%00", "name=" + "x" * 60_000, "q=" + "x" * 60_000, "sort=%00", "sort=-", "sort=--name", "sort=lines",
    "sort=secret", "sort=extra", "sort=deleted", "created_at=9999-12-31", "created_at.to=9999-12-31", "total=1e29",
    "created_at.to=9999-12-31T23:59:59", "total.from=NaN", "lines=1", "lines.item=1", "paper=x", "extra=1", "id=%ff",
    "secret.to=3", "state.from=1", "org.from=a", "version=1e30", "version=99999999999999999999", "nope=1", "limit=0",
    "limit=-1", "limit=99999999999", "limit=x", "frozen=1", "created_by.to=x", "held_on=" + "1" * 500, "name.foo=1",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES, ids=[query[:30] for query in QUERIES])
def test_strange_queries(forgery, query):
    with forgery.nothing_changes():
        in_envelope(forgery.rest("clerk", "GET", f"order?{query}"), 200, 400, 422)
        page = forgery.browser("clerk").get(f"/d/order?f.{query}")
        assert page.status_code in (200, 400, 422)
        exported = forgery.browser("clerk").get(f"/d/order/export.csv?f.{query}")
        assert exported.status_code in (200, 400, 422)


CURSORS = [
    [1], [], ["a", "b"], [["a"], "b"], [{}, "b"], ["2026-13-01", "x"], [1, 2, 3], {}, 1, "ab", [None, None], [None, []],
    ["2026-01-01T00:00:00+08:00", "x"], ["1e999999", "x"], ["NaN", "x"], [10**30, "x"], ["\0", "x"], ["a", "\ud800"],
]  # fmt: skip


@pytest.mark.parametrize("cursor", CURSORS, ids=[repr(cursor) for cursor in CURSORS])
def test_strange_cursors(forgery, cursor):
    text = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
    for sort in ("", "name", "version", "total", "state", "created_at", "held_on"):
        in_envelope(forgery.rest("clerk", "GET", f"order?after={text}&sort={sort}"), 200, 422)


def test_cursors_that_are_none(forgery):
    deep = base64.urlsafe_b64encode(b"[" * 5000).decode()
    for text in ("x", "%00", deep, "==", "é"):
        in_envelope(forgery.rest("clerk", "GET", f"order?before={text}"), 400, 422)


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "..", "%2e%2e", "x" * 5000, "'", "%ed%a0%80"])
def test_strange_names_in_addresses(forgery, name):
    with forgery.nothing_changes():
        for method, address in (
            ("GET", f"{name}"), ("GET", f"order/{name}"), ("GET", f"order/options/{name}"), ("POST", f"_tasks/{name}"),
            ("POST", f"order/{name}/events/submit"), ("POST", f"order/{forgery.record}/events/{name}"),
            ("GET", f"order/{forgery.record}/files/{name}"), ("POST", f"order/{forgery.record}/prints/{name}"),
        ):  # fmt: skip
            answer = forgery.rest("clerk", method, address, json={"outcome": "agree"} if method == "POST" else None)
            assert answer.status_code in (200, 308, 400, 404, 405, 409), (address, answer.text)


@pytest.mark.parametrize(
    "body",
    [{"changed": 5}, {"changed": {"a": 1}}, {"record_id": [1]}, {"record_id": {}}, {"version": "x"}, {"raw": 1},
     {"asked": [1]}, {"text": {}}, {"text": "x" * 1_000_000}, {"event": []}, {"event": "drop"}, {"event": "no"}],
    ids=repr,
)  # fmt: skip
def test_strange_requests_of_scripts(forgery, body):
    for address in ("/d/order/preview/enter", "/d/order/options/customer", "/d/letter/options/order"):
        assert forgery.browser("clerk").json(address, body).status_code in (200, 400, 404)


# --- files -----------------------------------------------------------------------------------------------------------

UPLOADS = {
    "program under another name": (b"MZ\x90\x00" + b"\0" * 60, "a.pdf"),
    "page under another name": (b"<!doctype html><script>1</script>", "a.pdf"),
    "picture with a script": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='1'/>", "a.svg"),
    "page": (b"<html></html>", "a.html"),
    "text that is a page": (b"\n\n<script>1</script>", "a.txt"),
    "another kind": (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "a.png"),
    "PDF under another name": (PDF, "a.exe"),
    "PDF without an ending": (PDF, "pdf"),
    "nothing": (b"", "a.pdf"),
    "too much": (b"%PDF-" + b"x" * 100 * 1024, "a.pdf"),
}


@pytest.mark.parametrize(("content", "name"), UPLOADS.values(), ids=UPLOADS)
def test_files_that_are_not_what_they_say_are_refused(forgery, content, name):
    with forgery.nothing_changes():
        answer = forgery.upload("clerk", content, name)
        in_envelope(answer, 422)
        assert [one["at"] for one in answer.json["error"]["findings"]] == [["paper"]]


def test_uploads_where_there_is_no_field_or_no_right(forgery):
    with forgery.nothing_changes():
        for path in ("name", "lines", "lines.item", "nothing", "paper.x", "..", "secret"):
            assert forgery.upload("clerk", PDF, "a.pdf", path).status_code == 404
        assert forgery.upload("boss", PDF, "a.pdf").status_code == 403
        nameless = forgery.rest("clerk", "POST", "order/files/paper", data={"other": "x"})
        in_envelope(nameless, 400)


@pytest.mark.parametrize("name", ["../../../etc/x.pdf", "C:\\x\\a.pdf", "a\tX: y.pdf", "a\u202efdp.pdf", "<b>.pdf"])
def test_names_of_files_lead_nowhere(forgery, name):
    stored = forgery.upload("clerk", PDF, name).json
    assert not set("/\\\t<>\u202e") & set(stored["name"])
    record = forgery.office.raise_("clerk", "enter", "order", name="件", paper=stored).record_id
    with forgery.browser("clerk").get(f"/d/order/{record}/files/{stored['hash']}") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.mimetype == "application/pdf"
        assert "X" not in answer.headers
    forgery.office.raise_("clerk", "remove", "order", record)


def test_a_file_that_is_also_a_page_is_handed_out_as_the_file_it_is(forgery):
    both = b"%PDF-1.7\n<html><script>1</script></html>"
    stored = forgery.upload("clerk", both, "both.pdf").json
    record = forgery.office.raise_("clerk", "enter", "order", name="两面", paper=stored).record_id
    with forgery.browser("clerk").get(f"/d/order/{record}/files/{stored['hash']}") as answer:
        assert answer.mimetype == "application/pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    forgery.office.raise_("clerk", "remove", "order", record)
