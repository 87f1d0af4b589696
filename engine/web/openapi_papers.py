"""The doors of paper and files as OpenAPI tells them: prints, attachments, batches of prints, scans that come back.

In: a document type and the rights of whoever asks; for batches and scans the account alone. Out: paths and schemas.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.access.rights import RecordRights
from engine.documents.json_schema import FILE
from engine.model.documents import Document, Field
from engine.model.prints import PrintForm
from engine.model.types import Kind
from engine.usecases import scans
from engine.web.openapi_documents import events_of
from engine.web.openapi_examples import ID
from engine.web.openapi_parts import (
    PDF,
    TEXT,
    WHOLE,
    WORDS,
    WRITING,
    Json,
    answer,
    body,
    bytes_answer,
    file_body,
    given,
    listed,
    operation,
    path_parameter,
    query,
    ref,
    shape,
)
from engine.web.surroundings import actor, runtime, say, title

BATCHES, SCANS = "_batches", "_scans"
_FILES = ("file", "image")
_CHOSEN = {Kind.CODE, Kind.CODES, Kind.REF, Kind.REFS}
_AGAIN = {"name": "again", "in": "query", "schema": {"type": "boolean"}}


# --- prints and files of a document type -----------------------------------------------------------------------------


def paper_paths(document: Document, rights: RecordRights) -> Json:
    """Prints, files and choices of a document type."""
    one = f"/{document.id}/{{id}}"
    forms = [form for form in prints_of(document) if rights.prints_form(form.id)]
    found: Json = {f"{one}/prints": {"get": _prints(document)}}
    for form in forms:
        found[f"{one}/prints/{form.id}"] = {"post": _print(document, form)}
    uploads, choices = _paths_of(document, rights)
    if forms or any(field.kind in _FILES for _, field in _fields(document, rights)):
        found[f"{one}/files/{{hash}}"] = {"get": _file(document)}
    for path, (field, events) in uploads.items():
        found[f"/{document.id}/files/{path}"] = {"post": _upload(document, path, field, events)}
    for path, (field, events) in choices.items():
        found[f"/{document.id}/options/{path}"] = {"get": _options(document, path, field, events)}
    return found


Asked = dict[str, tuple[Field, list[str]]]
"""Fields by the name that they have in addresses, with the events that ask for one of that name; "" is the record."""


def _paths_of(document: Document, rights: RecordRights) -> tuple[Asked, Asked]:
    """The fields that files are taken in for, and those that are chosen."""
    uploads: Asked = {}
    choices: Asked = {}
    known = [(path, field, "") for path, field in _fields(document, rights)]
    known += [(name, field, one.name) for one in events_of(document, rights) for name, field in one.ask.items()]
    for path, field, event in known:
        if field.kind in _FILES and (event or rights.create or rights.edits(path.partition(".")[0])):
            uploads.setdefault(path, (field, []))[1].append(event)
        if field.type.kind in _CHOSEN:
            choices.setdefault(path, (field, []))[1].append(event)
    return uploads, choices


def _event(events: list[str]) -> list[Json]:
    """The argument that says which event asks; needed where the record has no field of the name."""
    named = [one for one in events if one]
    if not named:
        return []
    made = query("event", {"type": "string", "enum": named}, say("rest.parameter.event"))
    return [made | {"required": "" not in events}]


def prints_of(document: Document) -> list[PrintForm]:
    """The prints that a document type has."""
    return [form for form in runtime().definitions.prints.values() if form.document == document.id]


def _fields(document: Document, rights: RecordRights) -> Iterator[tuple[str, Field]]:
    """The fields that may be read, those of child tables as `table.column`."""
    for name, field in document.fields.items():
        if rights.reads(name):
            yield name, field
            yield from ((f"{name}.{one.name}", one) for one in field.fields.values())


def _prints(document: Document) -> Json:
    items = shape({"id": TEXT, "title": ref("title")})
    answers = {"200": answer(say("rest.prints"), listed(items))}
    return operation("prints", say("rest.prints"), answers, tag=document.id, parameters=given("id"))


def _print(document: Document, form: PrintForm) -> Json:
    answers = {"201": answer(title(form.title), ref("file"), headers=("Location",))}
    if form.bundle is not None:
        answers["202"] = answer(say("rest.batch"), ref("batch"), headers=("Location",))
    asked = [*given("id", *(("key",) if form.bundle is not None else ())), _AGAIN]
    return operation(
        f"print.{form.id}",
        title(form.title),
        answers,
        tag=document.id,
        parameters=asked,
        refusals=(403, 404, 409, 422, 503),
    )


def _file(document: Document) -> Json:
    asked = [*given("id"), path_parameter("hash")]
    answers = {"200": bytes_answer(say("rest.file"), "*/*")}
    return operation("file", say("rest.file"), answers, tag=document.id, parameters=asked)


def _upload(document: Document, path: str, field: Field, events: list[str]) -> Json:
    summary = " ".join((say("rest.upload"), title(field.title)))
    answers = {"201": answer(summary, ref("file"))}
    return operation(
        f"upload.{path}",
        summary,
        answers,
        tag=document.id,
        parameters=_event(events),
        takes=file_body(),
        refusals=(400, 403, 404, 413, 422),
    )


def _options(document: Document, path: str, field: Field, events: list[str]) -> Json:
    summary = " ".join((say("rest.options"), title(field.title)))
    answers = {"200": answer(summary, listed(shape({"value": TEXT, "title": TEXT, "note": TEXT})))}
    stands = query("id", TEXT, say("rest.parameter.of"))
    asked = [*given("q"), stands, *_event(events)]
    return operation(f"options.{path}", summary, answers, tag=document.id, parameters=asked, refusals=(400, 404))


# --- batches ---------------------------------------------------------------------------------------------------------


def batch_paths() -> Json:
    """Batches of prints: begun, watched, taken away."""
    chosen = {"document": TEXT, "ids": listed(TEXT), "prints": listed(TEXT)}
    takes = body(shape(chosen, ["prints"]), {"document": "order", "ids": [ID], "prints": []} | _example())
    begun = {"202": answer(say("rest.batch.begin"), ref("batch"), headers=("Location",))}
    own = {"200": answer(say("rest.batch"), ref("batch"))}
    mine = {"200": answer(say("rest.batches"), listed(ref("batch")))}
    file = {"200": bytes_answer(say("rest.batch.file"), PDF)}
    return {
        "/_batches": {
            "get": operation("list", say("rest.batches"), mine, tag=BATCHES, refusals=()),
            "post": operation(
                "begin",
                say("rest.batch.begin"),
                begun,
                tag=BATCHES,
                parameters=given("key"),
                takes=takes,
                refusals=WRITING,
            ),
        },
        "/_batches/{id}": {"get": operation("get", say("rest.batch"), own, tag=BATCHES, parameters=given("id"))},
        "/_batches/{id}/file": {
            "get": operation("file", say("rest.batch.file"), file, tag=BATCHES, parameters=given("id"))
        },
    }


def _example() -> Json:
    """A print that there is, where there is one that the account may have."""
    for form in runtime().definitions.prints.values():
        if form.template and runtime().rights(form.document, actor()).in_general().prints_form(form.id):
            return {"document": form.document, "prints": [form.id]}
    return {}


# --- scans -----------------------------------------------------------------------------------------------------------


def scan_paths() -> Json:
    """Paper that comes back; none for whoever files no paper."""
    if not scans.scanned_forms(runtime(), actor()):
        return {}
    brought = {"202": answer(say("rest.scan.bring"), ref("scan"), headers=("Location",))}
    lists = {name: {"200": answer(say(f"rest.{name}"), listed(ref(name.rstrip("s"))))} for name in ("scans", "papers")}
    one = {"200": answer(say("rest.scan"), ref("scan"))}
    by_hand = {
        "oneOf": [shape({"print": TEXT, "number": TEXT}), shape({"aside": {"const": True}})],
    }
    filed = {"204": answer(say("rest.paper.file"))}
    picture = {"200": bytes_answer(say("rest.paper"), "image/jpeg")}
    asked = given("id")
    return {
        "/_scans": {
            "get": operation("list", say("rest.scans"), lists["scans"], tag=SCANS, refusals=()),
            "post": operation(
                "bring", say("rest.scan.bring"), brought, tag=SCANS, takes=file_body(), refusals=(400, 403, 413, 422)
            ),
        },
        "/_scans/pages": {"get": operation("pages", say("rest.papers"), lists["papers"], tag=SCANS, refusals=())},
        "/_scans/pages/{id}": {
            "get": operation("picture", say("rest.paper"), picture, tag=SCANS, parameters=asked),
            "post": operation(
                "file", say("rest.paper.file"), filed, tag=SCANS,
                parameters=asked, takes=body(by_hand, {"aside": True}), refusals=WRITING,
            ),
        },
        "/_scans/{id}": {"get": operation("get", say("rest.scan"), one, tag=SCANS, parameters=asked)},
    }  # fmt: skip


def paper_schemas() -> Json:
    """Files, batches, scans and their pages."""
    left_out = shape({"reason": TEXT, "count": WHOLE})
    batch = {
        "id": TEXT, "title": TEXT, "state": {"enum": ["printing", "done", "failed"]}, "total": WHOLE, "done": WHOLE,
        "left_out": listed(left_out), "file": WORDS,
    }  # fmt: skip
    paper = {
        "id": TEXT, "page": WHOLE, "state": {"enum": ["filed", "unread", "refused", "aside"]}, "reason": WORDS,
        "print": WORDS, "document": WORDS, "record": WORDS, "label": TEXT,
    }  # fmt: skip
    scan = {
        "id": TEXT, "name": TEXT, "state": {"enum": ["waiting", "done", "failed"]}, "trouble": WORDS,
        "pages": listed(ref("paper")),
    }  # fmt: skip
    return {"file": FILE, "batch": shape(batch), "paper": shape(paper), "scan": shape(scan)}
