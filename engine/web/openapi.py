"""OpenAPI 3.1 of the REST door, generated from what the account may see of the definitions; and a page to read it.

Stages: `engine.web.schemas` gives the JSON Schema of each document, the `openapi_*` modules the doors of each kind;
this module puts them together.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, jsonify, make_response, render_template

from engine.access.rights import RecordRights
from engine.model.documents import Document
from engine.usecases import listing
from engine.web.bearer import limited, recognise_token, unknown
from engine.web.doors import recognise, signed_in
from engine.web.openapi_documents import document_paths, life_schemas
from engine.web.openapi_examples import record_example
from engine.web.openapi_offers import OFFERS, offer_paths, shadowed
from engine.web.openapi_pages import PAGES, page_paths, page_schemas
from engine.web.openapi_papers import BATCHES, SCANS, batch_paths, paper_paths, paper_schemas, scan_paths
from engine.web.openapi_parts import answer, error_schema, operation, parameters, refusals, title_schema
from engine.web.openapi_sheets import sheet_paths, sheet_schemas, view_paths
from engine.web.openapi_tasks import FINDING as SEARCH
from engine.web.openapi_tasks import NOTICES, TASKS, account_paths, account_schemas, task_paths
from engine.web.schemas import FINDING, column_schema, reading_schema, writing_schema
from engine.web.surroundings import actor, runtime, say, title

blueprint = Blueprint("openapi", __name__)
Json = dict[str, Any]
OF_THE_ACCOUNT = (SEARCH, TASKS, NOTICES, BATCHES, SCANS, PAGES)
"""Kinds of doors that belong to no document type; each is a tag."""


@blueprint.get("/api/v1/openapi.json")
def description() -> Response:
    """The description, projected by whoever asks: a token, or a session."""
    if recognise_token():
        return limited() or make_response(jsonify(openapi()))
    return make_response(jsonify(openapi())) if recognise() else unknown()


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
    paths: Json = {"/openapi.json": {"get": _own_operation()}}
    paths |= {**account_paths(), **task_paths(), **batch_paths(), **scan_paths(), **page_paths()}
    schemas = _schemas()
    used = {operation["tags"][0] for ways in paths.values() for operation in ways.values()}
    kinds = [name for name in OF_THE_ACCOUNT if name in used]
    tags = [{"name": name, "description": say(f"rest.tag.{name.lstrip('_')}")} for name in kinds]
    for document, rights in doors():
        tags.append({"name": document.id, "description": title(document.title)})
        for name, made in (("", reading_schema(document, rights)), (".columns", column_schema(document, rights))):
            schemas[document.id + name] = made | {"examples": [record_example(document, made, rights.masked)]}
        schemas[f"{document.id}.values"] = writing_schema(document, rights)
        for part in (document_paths(document, rights), paper_paths(document, rights), view_paths(document)):
            paths |= part
        paths |= sheet_paths(document.id)
    paths = shadowed(paths)
    doors_of_others = offer_paths(paths)
    if doors_of_others:
        tags.append({"name": OFFERS, "description": say("rest.tag.offers")})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": say("product.rest"),
            "version": runtime().definitions.version,
            "description": say("rest.about"),
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths | doors_of_others,
        "components": {
            "securitySchemes": _security(),
            "parameters": parameters(),
            "schemas": schemas,
            "responses": refusals(),
        },
    }


def _schemas() -> Json:
    """Schemas that belong to no document type."""
    made: Json = {"finding": FINDING, "error": error_schema(), "title": title_schema()}
    for part in (life_schemas(), paper_schemas(), account_schemas(), sheet_schemas(), page_schemas()):
        made |= part
    return made


def _own_operation() -> Json:
    """This description; the one door that a session opens too, for the page that shows it."""
    made = answer(say("rest.description"), {"type": "object"})
    told = operation("description", say("rest.description"), {"200": made}, tag=SEARCH, refusals=())
    return told | {"security": [{"token": []}, {"session": []}]}


def _security() -> Json:
    """A token acts in its owner's name and has no scopes of its own: what it may do are the owner's rights."""
    return {
        "token": {"type": "http", "scheme": "bearer", "description": say("rest.token")},
        "session": {"type": "apiKey", "in": "cookie", "name": current_app.config["SESSION_COOKIE_NAME"]},
    }
