"""What every description of a door is made of: operations, parameters, answers, refusals (OpenAPI 3.1.0).

In: names, schemas, statuses. Out: pieces of the description as plain data. Knows no door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.web.surroundings import say

Json = dict[str, Any]
CODES: Mapping[int, tuple[str, ...]] = {
    400: ("bad_request",),
    401: ("unauthorized",),
    403: ("forbidden",),
    404: ("not_found",),
    409: ("not_allowed", "stale", "duplicate"),
    412: ("stale",),
    413: ("request_entity_too_large",),
    415: ("unsupported_media_type",),
    422: ("findings",),
    428: ("precondition_required",),
    429: ("too_many_requests",),
    503: ("unavailable",),
}
"""What a refusal says in `error.code`, by its status."""
ELSEWHERE = ("method_not_allowed", "internal")
"""Codes that belong to no operation: a method that an address does not have, a defect."""
ALWAYS = (401, 429)
READING = (404,)
ASKING = (400, 404, 422)
"""A reading that takes arguments."""
WRITING = (400, 403, 404, 409, 413, 415, 422)
TEXT: Json = {"type": "string"}
WORDS: Json = {"type": ["string", "null"]}
WHOLE: Json = {"type": "integer"}
TITLE: Json = {"$ref": "#/components/schemas/title"}
PDF = "application/pdf"
HEADERS: Mapping[str, Json] = {
    "ETag": {"schema": TEXT},
    "Location": {"schema": {"type": "string", "format": "uri-reference"}},
    "Link": {"schema": TEXT},
    "Retry-After": {"schema": WHOLE},
    "WWW-Authenticate": {"schema": TEXT},
}


def ref(name: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Json) -> Json:
    """An array."""
    return {"type": "array", "items": items}


def shape(properties: Mapping[str, Json], optional: Iterable[str] = ()) -> Json:
    """An object whose properties are all there, except those that may be left out."""
    required = [name for name in properties if name not in set(optional)]
    made: Json = {"type": "object", "properties": dict(properties)}
    return made | {"required": required} if required else made


def paged(items: Json, **further: Json) -> Json:
    """One page of something, and where it goes on."""
    return shape({"items": listed(items), **further, "next": WORDS, "previous": WORDS})


def given(*names: str) -> list[Json]:
    """Parameters that many doors take, by name."""
    return [{"$ref": f"#/components/parameters/{one}"} for one in names]


def path_parameter(name: str, **schema: Any) -> Json:
    """A parameter of a path."""
    return {"name": name, "in": "path", "required": True, "schema": TEXT | schema}


def query(name: str, schema: Json = TEXT, description: str = "", example: str = "") -> Json:
    """An argument."""
    made: Json = {"name": name, "in": "query", "schema": schema}
    told = {"description": description, "example": example}
    return made | {key: text for key, text in told.items() if text}


def answer(text: str, schema: Json | None = None, media: str = "application/json", headers: Sequence[str] = ()) -> Json:
    """A good answer; one without a schema has no body."""
    made: Json = {"description": text}
    if schema is not None:
        made["content"] = {media: {"schema": schema}}
    if headers:
        made["headers"] = {name: HEADERS[name] for name in headers}
    return made


def bytes_answer(text: str, *media: str) -> Json:
    """An answer that is a file."""
    return {"description": text, "content": {one: {"schema": {"type": "string", "format": "binary"}} for one in media}}


def body(schema: Json, example: object = None, *, needed: bool = True) -> Json:
    """A request body of JSON."""
    content: Json = {"schema": schema}
    return {"required": needed, "content": {"application/json": content | ({"example": example} if example else {})}}


def file_body() -> Json:
    """A request body with a file in a part named `file`."""
    schema = shape({"file": {"type": "string", "format": "binary"}})
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def operation(
    name: str,
    summary: str,
    answers: Mapping[str, Json],
    *,
    tag: str,
    parameters: Sequence[Json] = (),
    takes: Json | None = None,
    refusals: Iterable[int] = READING,
) -> Json:
    """One method of one path, `name` being its name within its tag.

    `refusals` are the statuses it may be refused with, beside those of every door.
    """
    told = sorted({*refusals, *ALWAYS})
    made: Json = {
        "operationId": f"{tag}.{name}",
        "summary": summary,
        "tags": [tag],
        "parameters": [*parameters, *given("language")],
        "responses": {
            **answers,
            **{str(one): {"$ref": f"#/components/responses/{one}"} for one in told},
            "default": {"$ref": "#/components/responses/refused"},
        },
    }
    return made if takes is None else made | {"requestBody": takes}


def parameters() -> Json:
    """The parameters that many doors take."""
    header: Mapping[str, tuple[str, Json]] = {
        "if_match": ("If-Match", TEXT),
        "if_none_match": ("If-None-Match", TEXT),
        "key": ("Idempotency-Key", {"type": "string", "maxLength": 200}),
        "language": ("Accept-Language", {"type": "string", "examples": ["zh", "en"]}),
    }
    texts = dict.fromkeys(("q", "after", "before"), TEXT)
    queries = texts | {"limit": {"type": "integer", "minimum": 1, "maximum": 200}}
    return {
        "id": path_parameter("id") | {"description": say("rest.parameter.id")},
        **{
            name: {"name": told, "in": "header", "schema": schema, "description": say(f"rest.parameter.{name}")}
            for name, (told, schema) in header.items()
        },
        **{name: query(name, schema, say(f"rest.parameter.{name}")) for name, schema in queries.items()},
    }


def refusals() -> Json:
    """The refused answers by status, each with an example; `refused` is whatever else went wrong."""
    made = {str(status): _refusal(status, codes) for status, codes in CODES.items()}
    return made | {"refused": answer(say("rest.refused"), ref("error"))}


def _refusal(status: int, codes: tuple[str, ...]) -> Json:
    text = say(f"rest.status.{status}")
    finding = {"at": ["lines", "0", "qty"], "level": "error", "code": "small", "text": say("refused.findings")}
    error = {"code": codes[0], "message": text, "findings": [finding] if status == 422 else []}
    narrowed = shape({"error": {"properties": {"code": {"enum": list(codes)}}}})
    made = answer(text, {"allOf": [ref("error"), narrowed]})
    made["content"]["application/json"]["example"] = {"error": error}
    named = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}.get(status, ())
    return made | ({"headers": {name: HEADERS[name] for name in named}} if named else {})


def error_schema() -> Json:
    """The one shape of every refused answer."""
    codes = list(dict.fromkeys(code for several in (*CODES.values(), ELSEWHERE) for code in several))
    error = shape({"code": {"type": "string", "enum": codes}, "message": TEXT, "findings": listed(ref("finding"))})
    return shape({"error": error})


def title_schema() -> Json:
    """A wording by language."""
    return shape({"zh": TEXT, "en": TEXT})
