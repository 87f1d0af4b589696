"""The doors of an account as OpenAPI tells them: signatures, notices, search, the document types that there are.

In: nothing but who asks. Out: paths and schemas.
"""

from __future__ import annotations

from engine.usecases import handing
from engine.usecases.task_lists import TABS, reviewed_documents
from engine.web.openapi_examples import ID
from engine.web.openapi_parts import (
    TEXT,
    WHOLE,
    WORDS,
    WRITING,
    Json,
    answer,
    body,
    given,
    listed,
    operation,
    paged,
    path_parameter,
    query,
    ref,
    shape,
)
from engine.web.surroundings import runtime, say

TASKS, NOTICES, FINDING = "_tasks", "_notices", "_search"
WAYS = tuple(handing.HANDED)
_FLAG: Json = {"type": "boolean"}


# --- signatures ------------------------------------------------------------------------------------------------------


def task_paths() -> Json:
    """Lists of tasks, one task, its decision, handing it over."""
    return {
        "/_tasks": {"get": _tasks(), "post": _agree()},
        "/_tasks/{id}": {"get": _task(), "post": _sign()},
        **{f"/_tasks/{{id}}/{way}": {"post": _hand(way)} for way in WAYS},
        "/_tasks/{id}/people": {"get": _people()},
    }


def _tasks() -> Json:
    reviewed = list(reviewed_documents(runtime()))
    asked = [
        query("tab", {"type": "string", "enum": list(TABS), "default": TABS[0]}),
        query("document", {"type": "string"} | ({"examples": reviewed} if reviewed else {})),
        *given("after", "before", "limit"),
    ]
    found = {"200": answer(say("rest.tasks"), listed({"anyOf": [ref("task"), ref("started")]}), headers=("Link",))}
    return operation("list", say("rest.tasks"), found, tag=TASKS, parameters=asked, refusals=(400, 422))


def _agree() -> Json:
    one = {"oneOf": [TEXT, shape({"id": TEXT, "version": WHOLE}, ["version"])]}
    takes = body(shape({"tasks": listed(one)}), {"tasks": [{"id": ID, "version": 3}]})
    found = {"200": answer(say("rest.tasks.agree"), listed(ref("signed")))}
    return operation("agree", say("rest.tasks.agree"), found, tag=TASKS, takes=takes, refusals=(400, 413, 415, 422))


def _task() -> Json:
    found = {"200": answer(say("rest.task"), ref("open_task"))}
    return operation("get", say("rest.task"), found, tag=TASKS, parameters=given("id"))


def _sign() -> Json:
    taken: Json = {
        "outcome": {"enum": ["agree", "refuse", "return"]},
        "comment": TEXT,
        "values": {"type": "object"},
        "confirmed": listed(TEXT),
        "to": TEXT | {"description": say("rest.task.to")},
        "version": WHOLE,
    }
    takes = body(shape(taken, set(taken) - {"outcome"}), {"outcome": "agree", "version": 3})
    found = {"200": answer(say("rest.task.sign"), ref("decided"))}
    return operation(
        "sign", say("rest.task.sign"), found, tag=TASKS, parameters=given("id"), takes=takes, refusals=WRITING
    )


def _hand(way: str) -> Json:
    summary = say(f"rest.task.{way}")
    takes = body(shape({"to": TEXT, "comment": TEXT}, ["comment"]), {"to": ID})
    return operation(
        way, summary, {"204": answer(summary)}, tag=TASKS, parameters=given("id"), takes=takes, refusals=WRITING
    )


def _people() -> Json:
    found = {"200": answer(say("rest.task.people"), listed(shape({"id": TEXT, "name": TEXT})))}
    return operation("people", say("rest.task.people"), found, tag=TASKS, parameters=given("id", "q"))


# --- notices, search, document types ---------------------------------------------------------------------------------


def account_paths() -> Json:
    """Notices, search, and what there is at all."""
    page = paged(ref("notice"), unread=WHOLE | {"minimum": 0})
    marked = shape({"marked": WHOLE})
    kinds = listed(shape({"document": TEXT, "title": ref("title")}))
    hits = listed(shape({"document": TEXT, "id": TEXT, "label": TEXT, "number": TEXT}))
    asked = [*given("after", "before", "limit"), query("unread", _FLAG)]
    notice = [path_parameter("notice")]
    return {
        "/_documents": {"get": operation("documents", *_read("documents", kinds), tag=FINDING, refusals=())},
        "/_search": {
            "get": operation("search", *_read("search", hits), tag=FINDING, parameters=given("q"), refusals=(400,))
        },
        "/_notices": {
            "get": operation("list", *_read("notices", page), tag=NOTICES, parameters=asked, refusals=(400, 422))
        },
        "/_notices/read": {"post": operation("read_all", *_read("notices_read", marked), tag=NOTICES, refusals=())},
        "/_notices/{notice}": {
            "post": operation("read", *_read("notice_read", ref("notice")), tag=NOTICES, parameters=notice)
        },
    }


def _read(key: str, schema: Json) -> tuple[str, Json]:
    summary = say(f"rest.{key}")
    return summary, {"200": answer(summary, schema)}


def account_schemas() -> Json:
    """Tasks, decisions and notices."""
    about = {"document": TEXT, "record_id": TEXT, "number": TEXT, "label": TEXT, "state": TEXT}
    task = {
        "id": TEXT, **about, "version": WHOLE, "step": ref("title"), "since": TEXT, "due": WORDS,
        "comment_required": _FLAG, "alone": _FLAG, "on_behalf": TEXT,
        "summary": listed(shape({"title": ref("title"), "text": TEXT})),
        "decision": TEXT, "opinion": TEXT, "decided_at": WORDS,
    }  # fmt: skip
    back = shape({"to": TEXT, "title": ref("title")})
    opened = {"fill": listed(TEXT), "back": listed(back), "may": listed({"enum": list(WAYS)})}
    words = {"anyOf": [ref("title"), {"type": "null"}]}
    started = {**about, "since": TEXT, "step": words, "waits_for": listed(TEXT), "due": WORDS}
    decided = {"document": TEXT, "id": TEXT, "state": TEXT, "version": WHOLE, "notes": listed(ref("finding"))}
    signed = {"task": TEXT, "ok": _FLAG, **decided, "code": TEXT, "findings": listed(ref("finding"))}
    notice = {"id": TEXT, "text": TEXT, "at": TEXT, "document": WORDS, "record_id": WORDS, "read": _FLAG}
    later = ("decision", "opinion", "decided_at")
    return {
        "task": shape(task, later),
        "open_task": shape(task | opened, later),
        "started": shape(started),
        "decided": shape(decided),
        "signed": shape(signed, set(signed) - {"task", "ok"}),
        "notice": shape(notice),
    }
