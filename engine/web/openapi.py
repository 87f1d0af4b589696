"""OpenAPI 3.1 of the REST door, generated from what the account may see of the definitions; and a page to read it.

Stages: `engine.web.schemas` gives the JSON Schema of each document, this module the paths around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template

from engine.access.rights import RecordRights
from engine.model.documents import Document
from engine.model.machines import NEW, Event
from engine.usecases import listing
from engine.web.bearer import recognise_token, unknown
from engine.web.doors import recognise, signed_in
from engine.web.rest_notices import notice_paths
from engine.web.rest_sheets import import_schema, sheet_paths
from engine.web.schemas import COMMON_SCHEMAS, column_schema, reading_schema, values_of, writing_schema
from engine.web.surroundings import actor, runtime, say, title

blueprint = Blueprint("openapi", __name__)
Json = dict[str, Any]
PARAMETERS: Mapping[str, Json] = {
    "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
    "if_match": {"name": "If-Match", "in": "header", "schema": {"type": "string"}},
    "key": {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}},
    "q": {"name": "q", "in": "query", "schema": {"type": "string"}},
    "sort": {"name": "sort", "in": "query", "schema": {"type": "string"}},
    "after": {"name": "after", "in": "query", "schema": {"type": "string"}},
    "before": {"name": "before", "in": "query", "schema": {"type": "string"}},
    "limit": {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200}},
}


@blueprint.get("/api/v1/openapi.json")
def description() -> Response:
    """The description, projected by whoever asks: a token, or a session."""
    if not recognise_token() and not recognise():
        return unknown()
    return make_response(jsonify(openapi()))


@blueprint.get("/api")
@signed_in
def docs() -> str:
    """The description as a page."""
    return render_template("api.html", api=openapi(), doors=doors())


def doors() -> list[tuple[Document, RecordRights]]:
    """Document types that the actor may read, with the rights in general."""
    found = []
    for document in runtime().definitions.documents.values():
        rights = listing.document_rights(runtime(), actor(), document).in_general()
        if rights.any:
            found.append((document, rights))
    return found


def openapi() -> Json:
    """The whole description (OpenAPI Specification 3.1.0)."""
    paths: Json = {**_common_paths(), **notice_paths()}
    schemas: Json = {**COMMON_SCHEMAS, "import": import_schema()}
    tags = []
    for document, rights in doors():
        tags.append({"name": document.id, "description": title(document.title)})
        schemas[document.id] = reading_schema(document, rights)
        schemas[f"{document.id}.columns"] = column_schema(document, rights)
        schemas[f"{document.id}.values"] = writing_schema(document, rights)
        paths.update(_document_paths(document, rights))
        paths.update(sheet_paths(document.id))
    return {
        "openapi": "3.1.0",
        "info": {"title": say("product.rest"), "version": runtime().definitions.version},
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "parameters": dict(PARAMETERS),
            "schemas": schemas,
            "responses": {"refused": _answer(say("rest.refused"), {"$ref": "#/components/schemas/error"})},
        },
    }


def _document_paths(document: Document, rights: RecordRights) -> Json:
    one, events = f"/{document.id}/{{id}}", _events(document, rights)
    creating = [event for event in events if NEW in event.sources]
    found: Json = {f"/{document.id}": {"get": _list_operation(document, rights)}}
    if creating and rights.create:
        found[f"/{document.id}"]["post"] = _create_operation(document, creating)
    found[one] = {"get": _operation(document, "get", say("rest.get"), reply=_ref(document.id), parameters=["id"])}
    if rights.everything or rights.edit:
        found[one]["patch"] = _operation(
            document, "change", say("rest.change"), body=_body(document, None), parameters=["id", "if_match", "key"]
        )
    for event in events:
        if NEW not in event.sources:
            found[f"{one}/events/{event.name}"] = {"post": _event_operation(document, event)}
    for form in runtime().definitions.prints.values():
        if form.document == document.id and rights.prints_form(form.id):
            found[f"{one}/prints/{form.id}"] = {
                "post": _operation(
                    document, f"print.{form.id}", title(form.title), reply=_ref("file"), status=201, parameters=["id"]
                )
            }
    return found


def _events(document: Document, rights: RecordRights) -> list[Event]:
    machine = runtime().definitions.machines.get(document.id)
    found = [] if machine is None else list(machine.events.values())
    return [one for one in found if rights.raises(one.name) or (NEW in one.sources and rights.create)]


def _list_operation(document: Document, rights: RecordRights) -> Json:
    page = {
        "type": "object",
        "required": ["items", "total", "more", "next", "previous"],
        "properties": {
            "items": {"type": "array", "items": _ref(f"{document.id}.columns")},
            "total": {"type": "integer"},
            "more": {"type": "boolean"},
            "next": {"type": ["string", "null"]},
            "previous": {"type": ["string", "null"]},
        },
    }
    made = _operation(
        document, "list", say("rest.list"), reply=page, parameters=["q", "sort", "after", "before", "limit"]
    )
    for name in listing.filters_of(runtime(), document, rights):
        for ending in ("", ".from", ".to"):
            made["parameters"].append({"name": name + ending, "in": "query", "schema": {"type": "string"}})
    return made


def _create_operation(document: Document, creating: list[Event]) -> Json:
    body = _body(document, None)
    body["properties"] |= {
        "event": {"type": "string", "enum": [event.name for event in creating]},
        "asked": {"type": "object"},
    }
    return _operation(document, "create", say("rest.create"), body=body, status=201, parameters=["key"])


def _event_operation(document: Document, event: Event) -> Json:
    return _operation(
        document, f"event.{event.name}", title(event.title) or event.name, body=_body(document, event),
        parameters=["id", "if_match", "key"],
    )  # fmt: skip


def _body(document: Document, event: Event | None) -> Json:
    made: Json = {
        "type": "object",
        "properties": {
            "values": _ref(f"{document.id}.values"),
            "confirmed": {"type": "array", "items": {"type": "string"}},
            "comment": {"type": "string"},
        },
    }
    if event is not None and event.ask:
        made["properties"]["asked"] = values_of(event.ask.values())
    return made


def _operation(
    document: Document,
    name: str,
    summary: str,
    *,
    reply: Json | None = None,
    body: Json | None = None,
    status: int = 200,
    parameters: list[str],
) -> Json:
    made: Json = {
        "operationId": f"{document.id}.{name}",
        "summary": summary,
        "tags": [document.id],
        "parameters": [{"$ref": f"#/components/parameters/{one}"} for one in parameters],
        "responses": {
            str(status): _answer(summary, reply or _ref("outcome")),
            "default": {"$ref": "#/components/responses/refused"},
        },
    }
    if body is not None:
        made["requestBody"] = {"content": {"application/json": {"schema": body}}}
    return made


def _common_paths() -> Json:
    def reading(name: str, summary: str, *parameters: str) -> Json:
        return {
            "get": {
                "operationId": name,
                "summary": summary,
                "parameters": [{"$ref": f"#/components/parameters/{one}"} for one in parameters],
                "responses": {
                    "200": _answer(summary, {"type": "array", "items": {"type": "object"}}),
                    "default": {"$ref": "#/components/responses/refused"},
                },
            }
        }

    return {
        "/_documents": reading("documents", say("rest.documents")),
        "/_tasks": reading("tasks", say("rest.tasks")),
        "/_search": reading("search", say("rest.search"), "q"),
    }


def _answer(text: str, schema: Json) -> Json:
    return {"description": text, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
