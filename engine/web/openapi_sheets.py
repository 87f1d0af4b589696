"""The doors of imports and saved views as OpenAPI tells them.

In: a document type. Out: paths, none for imports where the account may bring in nothing; schemas.
"""

from __future__ import annotations

from engine.model.documents import Document
from engine.usecases import sheets
from engine.usecases.imports import ALL, GOOD_ONES
from engine.usecases.saved import LONGEST_TITLE
from engine.usecases.sheets import SheetView
from engine.web.openapi_parts import (
    TEXT,
    WHOLE,
    WRITING,
    Json,
    answer,
    body,
    bytes_answer,
    given,
    listed,
    operation,
    ref,
    shape,
)
from engine.web.sheets import WORKBOOK
from engine.web.surroundings import actor, runtime, say, title

_SENT = (400, 403, 404, 413, 422)


def sheet_paths(document: str) -> Json:
    """Sheets, templates, imports: sent and tried out, read, taken, marked, dropped."""
    known = sheets.sheets_of(runtime(), actor(), document)
    if not known:
        return {}
    one = f"/{document}/imports/{{id}}"
    found: Json = {
        f"/{document}/sheets": {"get": _reading(document, "sheets", listed(ref("sheet")))},
        f"/{document}/imports": {"get": _reading(document, "imports", listed(ref("import")))},
        one: {
            "get": _operation(document, "read", {"200": answer(say("rest.sheets.read"), ref("import"))}),
            "delete": _operation(document, "drop", {"204": answer(say("sheets.dropped"))}),
        },
        f"{one}/take": {"post": _take(document)},
        f"{one}/marked": {"get": _operation(document, "marked", _workbook("rest.sheets.marked"))},
    }
    for sheet in known:
        home = f"/{document}/sheets/{sheet.id}"
        found[f"{home}/template"] = {
            "get": operation(
                f"sheets.{sheet.id}.template",
                say("rest.sheets.template"),
                _workbook("rest.sheets.template"),
                tag=document,
            )
        }
        found[f"{home}/imports"] = {"post": _begin(document, sheet)}
    return found


def _reading(document: str, name: str, schema: Json) -> Json:
    summary = say(f"rest.{name}")
    return operation(name, summary, {"200": answer(summary, schema)}, tag=document)


def _operation(document: str, name: str, answers: Json) -> Json:
    summary = next(iter(answers.values()))["description"]
    return operation(f"imports.{name}", summary, answers, tag=document, parameters=given("id"))


def _workbook(key: str) -> Json:
    return {"200": bytes_answer(say(key), WORKBOOK)}


def _begin(document: str, sheet: SheetView) -> Json:
    """A workbook, or rows apart by tabs under the sheet's own heads."""
    heads = "\t".join(one.head for one in sheet.columns)
    file = shape({"file": {"type": "string", "format": "binary"}})
    content = {"multipart/form-data": {"schema": file}, "text/plain": {"schema": TEXT, "example": heads}}
    headers = ("Location",)
    answers = {
        "201": answer(say("rest.sheets.begin"), ref("import"), headers=headers),
        "202": answer(say("rest.sheets.running"), ref("import"), headers=headers),
    }
    summary = " ".join((say("rest.sheets.begin"), title(sheet.title)))
    takes = {"required": True, "content": content}
    return operation(f"sheets.{sheet.id}.begin", summary, answers, tag=document, takes=takes, refusals=_SENT)


def _take(document: str) -> Json:
    takes = body(shape({"which": {"enum": [ALL, GOOD_ONES]}}), {"which": GOOD_ONES})
    answers = {
        "200": answer(say("rest.sheets.take"), ref("import")),
        "202": answer(say("rest.sheets.running"), ref("import")),
    }
    return operation(
        "imports.take",
        say("rest.sheets.take"),
        answers,
        tag=document,
        parameters=given("id"),
        takes=takes,
        refusals=WRITING,
    )


def sheet_schemas() -> Json:
    """Sheets, imports and saved views."""
    place = {"type": ["integer", "null"]}
    cell = {
        "cell": TEXT, "page": {"type": ["string", "null"]}, "row": place, "column": place, "head": TEXT, "code": TEXT,
        "level": {"enum": ["error", "confirm", "warn"]}, "text": TEXT, "value": TEXT,
    }  # fmt: skip
    made = {
        "id": TEXT, "sheet": TEXT, "progress": {"type": "number"}, "findings": listed(shape(cell)),
        "status": {"enum": ["checking", "checked", "taking", "done", "stopped"]},
        **dict.fromkeys(("rows", "good", "found", "known", "bad", "taken", "refused", "findings_total"), WHOLE),
    }  # fmt: skip
    column = shape({"head": TEXT, "required": {"type": "boolean"}})
    sheet = shape({"id": TEXT, "title": ref("title"), "columns": listed(column)})
    return {"sheet": sheet, "import": shape(made), "view": _view_schema()}


# --- saved views -----------------------------------------------------------------------------------------------------


def view_paths(document: Document) -> Json:
    """Views of a list: kept, renamed, shared, forgotten."""
    kept: Json = {
        "title": TEXT | {"maxLength": LONGEST_TITLE},
        "filters": {"type": "object", "additionalProperties": TEXT},
        "q": TEXT, "sort": TEXT, "roles": listed(TEXT),
    }  # fmt: skip
    example = {"title": title(document.title)[:LONGEST_TITLE], "filters": {}, "sort": "-changed_at", "roles": []}
    views = {"200": answer(say("rest.views"), listed(ref("view")))}
    made = {"201": answer(say("rest.view.save"), ref("view"))}
    changed = {"200": answer(say("rest.view.change"), ref("view"))}
    renamed = shape({"title": kept["title"], "roles": kept["roles"]}, ["title", "roles"])
    one, tag = f"/{document.id}/views/{{id}}", document.id
    return {
        f"/{document.id}/views": {
            "get": operation("views", say("rest.views"), views, tag=tag),
            "post": operation(
                "views.save", say("rest.view.save"), made, tag=tag,
                takes=body(shape(kept, set(kept) - {"title"}), example), refusals=WRITING,
            ),
        },
        one: {
            "patch": operation(
                "views.change", say("rest.view.change"), changed, tag=tag,
                parameters=given("id"), takes=body(renamed, {"title": example["title"]}), refusals=WRITING,
            ),
            "delete": operation(
                "views.drop", say("view.dropped"), {"204": answer(say("view.dropped"))}, tag=tag, parameters=given("id")
            ),
        },
    }  # fmt: skip


def _view_schema() -> Json:
    asked = {"filters": {"type": "object", "additionalProperties": TEXT}, "q": TEXT, "sort": TEXT}
    return shape({"id": TEXT, "title": TEXT, **asked, "roles": listed(TEXT), "mine": {"type": "boolean"}})
