"""A day at the office: every operation of the description is called, each answer is as it is told."""

from engine.model.records import Effect
from engine.usecases.deliver import _notify
from tests.web.rest.calls import PDF, entered, sent
from tests.web.rest.furnished import BOOK, HEADS


def documents(call, office):
    """Lists, reading, changing, events, history, views, choices."""
    for path, ways in call.document["paths"].items():
        if "{" not in path and "get" in ways and not path.startswith("/_"):
            call("GET", path.removeprefix("/"))
    record = entered(call, secret="12345678")
    etag = call("GET", f"order/{record}").headers["ETag"]
    assert call("GET", f"order/{record}", headers={"If-None-Match": etag}).status_code == 304
    call("PATCH", f"order/{record}", {"values": {"note": "注"}}, headers={"If-Match": etag})
    for part in ("events", "history", "prints"):
        assert call("GET", f"order/{record}/{part}").json
    call("POST", f"order/{record}/events/submit", {"comment": "请审"})
    call("POST", f"order/{record}/events/recall")
    call("POST", f"order/{record}/events/drop", {"asked": {"reason": "错单"}})
    call("POST", f"order/{entered(call, '乙')}/events/remove", {})
    call("POST", f"order/{entered(call, '丑')}/events/change", {"values": {"name": "寅"}})
    for document, values in (("letter", {"order": record}), ("thing", {"name": "箱"})):
        made = call("POST", document, {"values": values}).json["id"]
        for part in ("", "/events", "/history", "/prints"):
            call("GET", f"{document}/{made}{part}")
        etag = call("GET", f"{document}/{made}").headers["ETag"]
        call("PATCH", f"{document}/{made}", {"values": values}, headers={"If-Match": etag})
    letter = entered_letter(call, record)
    call("POST", f"letter/{letter}/events/change", {"values": {"order": record}})
    call("POST", f"letter/{letter}/events/send", {})
    changeable = call("POST", "thing", {"values": {"name": "筐"}}).json["id"]
    call("POST", f"thing/{changeable}/events/change", {"values": {"name": "篮"}})
    for document in ("org", "user"):
        (first, *_) = call("GET", document).json["items"]
        for part in ("", "/events", "/history", "/prints"):
            call("GET", f"{document}/{first['id']}{part}")


def entered_letter(call, order) -> str:
    return call("POST", "letter", {"values": {"order": order}}).json["id"]


def views(call, office):
    """Views of every list."""
    for document in [path.split("/")[1] for path in call.document["paths"] if path.endswith("/views")]:
        view = call("POST", f"{document}/views", {"title": "新的", "sort": "-changed_at", "roles": ["clerk"]}).json[
            "id"
        ]
        call("GET", f"{document}/views")
        call("GET", f"{document}?view={view}")
        call("PATCH", f"{document}/views/{view}", {"title": "最新"})
        call("DELETE", f"{document}/views/{view}")


def papers(call, office):
    """Files, prints, bundles, batches, scans."""
    for path, ways in call.document["paths"].items():
        if "/files/" in path and "{" not in path and not any(one.get("required") for one in ways["post"]["parameters"]):
            stored = call("POST", path.removeprefix("/"), **sent(PDF)).json
    thing = call("POST", "thing", {"values": {"name": "册", "parts": [{"name": "页", "drawing": stored}]}}).json["id"]
    call("GET", f"thing/{thing}/files/{stored['hash']}")
    record = entered(call, "丙")
    made = call("POST", f"order/{record}/prints/slip").headers["Location"]
    call("GET", made.removeprefix("/api/v1/"))
    folder = call("POST", "folder", {"values": {"members": [{"order": record}]}}).json["id"]
    for part in ("", "/events", "/history", "/prints"):
        call("GET", f"folder/{folder}{part}")
    assert call("POST", f"folder/{folder}/prints/all", headers={"Idempotency-Key": "k"}).status_code == 202
    office.deliver()
    bundle = call("POST", f"folder/{folder}/prints/all?again=true")
    assert bundle.status_code == 201
    call("GET", bundle.headers["Location"].removeprefix("/api/v1/"))
    batch = call("POST", "_batches", {"document": "order", "ids": [record], "prints": ["slip"]}).json["id"]
    office.deliver()
    assert call("GET", f"_batches/{batch}").json["file"]
    assert call("GET", f"_batches/{batch}/file").data.startswith(b"%PDF")
    assert {one["id"] for one in call("GET", "_batches").json} >= {batch}
    call("POST", f"folder/{folder}/events/pack", {})
    scans(call, office, record)


def scans(call, office, record):
    """One page that finds its document, two that do not."""
    (token,) = [row["token"] for row in office.all("_paper", record_id=record)][:1]
    lines = ("%PDF-1.7", f"https://office.test/v/{token}", "nothing", "more")
    scan = call("POST", "_scans", **sent("\n".join(lines).encode())).json["id"]
    office.deliver()
    assert [one["state"] for one in call("GET", f"_scans/{scan}").json["pages"]] == ["filed", "unread", "unread"]
    first, second = call("GET", "_scans/pages").json
    call("GET", f"_scans/pages/{first['id']}")
    number = office.values("order", record)["number"]
    assert call("POST", f"_scans/pages/{first['id']}", {"print": "slip", "number": number}).status_code == 204
    assert call("POST", f"_scans/pages/{second['id']}", {"aside": True}).status_code == 204
    assert len(call("GET", "_scans").json) == 1
    scanned = office.values("order", record)["scan"]
    call("GET", f"order/{record}/files/{scanned.hash}")
    other, missing = entered(call, "丁"), {"asked": {"page": None}}
    asked = call("POST", f"order/{other}/events/collect", missing)
    assert asked.json["error"]["findings"][0]["at"] == ["event", "page"]
    upload = call("POST", "order/files/page?event=collect", **sent(b"%PDF-1.7 by hand")).json
    assert call("POST", f"order/{other}/events/collect", {"asked": {"page": upload}}).status_code == 200


def imports(call, office):
    """Sheets: the template, a dry run, the marked workbook, all rows or the good ones, pasted rows."""
    call("GET", "staff/sheets")
    for sheet in ("staff", "changes", "retired"):
        call("GET", f"staff/sheets/{sheet}/template")
        pasted = "姓名\t证号\t离职日期\n甲\tc1\t2026-05-06"
        call("POST", f"staff/sheets/{sheet}/imports", data=pasted, content_type="text/plain")
    content = BOOK.write("职员", HEADS, [["甲", "c1", "汉族"], ["乙", "c2", "无此族"]])
    dry = call("POST", "staff/sheets/staff/imports", **sent(content, "a.xlsx")).json
    assert (dry["status"], dry["good"], dry["bad"]) == ("checked", 1, 1)
    call("GET", f"staff/imports/{dry['id']}")
    call("GET", f"staff/imports/{dry['id']}/marked")
    assert call("POST", f"staff/imports/{dry['id']}/take", {"which": "good"}).json["taken"] == 1
    assert dry["id"] in {one["id"] for one in call("GET", "staff/imports").json}
    assert call("DELETE", f"staff/imports/{call('GET', 'staff/imports').json[0]['id']}").status_code == 204
    (staff,) = call("GET", "staff").json["items"]
    for part in ("", "/events", "/history", "/prints"):
        call("GET", f"staff/{staff['id']}{part}")
    etag = call("GET", f"staff/{staff['id']}").headers["ETag"]
    etag = call("PATCH", f"staff/{staff['id']}", {"values": {"grade": 2}}, headers={"If-Match": etag}).headers["ETag"]
    asked = call("POST", f"staff/{staff['id']}/events/change", {"values": {"grade": 8}})
    assert [(one["code"], one["level"]) for one in asked.json["error"]["findings"]] == [("senior", "confirm")]
    call("POST", f"staff/{staff['id']}/events/change", {"values": {"grade": 8}, "confirmed": ["senior"]})
    gone = {"values": {"name": "丁", "card": "c9"}, "asked": {"on": "2026-05-06"}, "event": "retire"}
    call("POST", "staff", gone)


def account(call, office):
    """Notices, search, free pages."""
    told = {"via": "site", "to": office.people["clerk"].id, "text": "一件"}
    _notify(office.runtime, Effect("1", "notify", "k1", office.clock.at, "order", "x", told))
    (notice,) = call("GET", "_notices?unread=true").json["items"]
    call("POST", f"_notices/{notice['id']}")
    assert call("POST", "_notices/read").json == {"marked": 0}
    call("GET", "_documents")
    assert call("GET", "_search?q=甲").json
    for path in [path for path in call.document["paths"] if path.startswith("/_pages")]:
        call("GET", path.removeprefix("/"))


def tasks(office, program):
    """Signatures of the leader, whom the clerk's orders wait for; calls of both."""
    clerk, leader, second = program("clerk"), program("leader"), program("second")
    for name in ("一", "二", "三", "四"):
        clerk("POST", f"order/{entered(clerk, name)}/events/submit", {})
    one, *rest = [task["id"] for task in leader("GET", "_tasks?limit=100").json]
    assert leader("GET", "_tasks?limit=1").headers["Link"]
    assert leader("GET", f"_tasks/{one}").json["may"] == ["transfer", "delegate", "add_signer"]
    (boss, *_) = leader("GET", f"_tasks/{one}/people?q=boss").json
    for way, task in zip(("transfer", "delegate", "add_signer"), (one, *rest), strict=False):
        assert leader("POST", f"_tasks/{task}/{way}", {"to": boss["id"], "comment": "请办"}).status_code == 204
    assert [task["ok"] for task in leader("POST", "_tasks", {"tasks": [rest[1], "nothing"]}).json] == [True, False]
    assert leader("POST", f"_tasks/{rest[2]}", {"outcome": "agree", "comment": "同意"}).status_code == 200
    refused = second("POST", f"_tasks/{second('GET', '_tasks').json[0]['id']}", {"outcome": "refuse", "comment": "否"})
    assert refused.json["state"] == "refused"
    assert {task["decision"] for task in leader("GET", "_tasks?tab=done").json} == {"agreed"}
    assert clerk("GET", "_tasks?tab=started").json
    return leader, second, clerk


def test_every_operation_answers_as_it_is_told(office, program):
    call = program("clerk")
    call("GET", "openapi.json")
    for part in (documents, views, papers, imports, account):
        part(call, office)
    met = call.met.union(*(one.met for one in tasks(office, program)))
    for method, path in call.operations - met:
        if "/options/" in path and call(method.upper(), path[1:]).status_code == 200:
            met.add((method, path))
    assert call.operations - met == set()
