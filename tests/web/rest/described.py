"""A program that trusts the description: each call is one of the document, each answer is held to its schema."""

import json
import re
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from werkzeug.test import TestResponse

ROOM = "urn:openapi"


def closed(schema):
    """The same schema, its objects having no property beside those that are told."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: value if key in ("example", "examples", "enum") else closed(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


class Described:
    """Calls of one account. `met` are the operations that have answered well: (method, path) of the document."""

    def __init__(self, client, token: str) -> None:
        self.client, self.headers = client, {"Authorization": f"Bearer {token}"}
        self.document = client.get("/api/v1/openapi.json", headers=self.headers).json
        self.met: set[tuple[str, str]] = set()
        told = Resource.from_contents(closed(self.document), default_specification=DRAFT202012)
        self.registry = Registry().with_resource(ROOM, told)
        self.fits = {
            path: re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))) for path in self.document["paths"]
        }

    def __call__(self, method: str, address: str, body=None, *, headers=None, **keys) -> TestResponse:
        given = {**self.headers, **(headers or {})}
        answer = self.client.open(f"/api/v1/{address}", method=method, json=body, headers=given, **keys)
        self.hold(method.lower(), "/" + urlsplit(address).path, answer)
        return answer

    @property
    def operations(self) -> set[tuple[str, str]]:
        """All that the document has: (method, path)."""
        return {(method, path) for path, ways in self.document["paths"].items() for method in ways}

    def hold(self, method: str, address: str, answer: TestResponse) -> None:
        """Judge an answer by the operation that it belongs to."""
        path = self.path_of(method, address)
        responses = self.document["paths"][path][method]["responses"]
        told = responses.get(str(answer.status_code))
        assert told is not None, f"{method} {path} answers {answer.status_code}: {answer.text[:200]}"
        if "$ref" in told:
            told = self.document["components"]["responses"][told["$ref"].rpartition("/")[2]]
        assert told.get("headers", {}).keys() <= {*answer.headers.keys(), "Link"}, (method, path)
        content = told.get("content")
        if content is None:
            assert not answer.data, (method, path)
        elif answer.mimetype == "application/json" and "application/json" in content:
            self.judge(content["application/json"]["schema"], answer.json, (method, path, answer.status_code))
        else:
            assert {answer.mimetype, "*/*"} & content.keys(), (method, path, answer.mimetype)
        if answer.status_code < 400:
            self.met.add((method, path))

    def path_of(self, method: str, address: str) -> str:
        """The path of the document that an address belongs to; one without places goes before."""
        fitting = [
            path
            for path, ways in self.document["paths"].items()
            if method in ways and self.fits[path].fullmatch(address)
        ]
        assert fitting, f"{method} {address} is not in the document"
        return min(fitting, key=lambda path: path.count("{"))

    def judge(self, schema, value, where) -> None:
        """Hold a value to a schema of the document."""
        told = json.loads(json.dumps(closed(schema)).replace('"#/', f'"{ROOM}#/'))
        faults = sorted(Draft202012Validator(told, registry=self.registry).iter_errors(value), key=str)
        assert not faults, (where, [(one.json_path, one.message[:300]) for one in faults])

    def judge_examples(self) -> None:
        """Hold each example of the document to its schema; bodies of JSON all have one."""
        for method, path in self.operations:
            body = self.document["paths"][path][method].get("requestBody", {})
            for media, content in body.get("content", {}).items():
                if media != "multipart/form-data":
                    self.judge(content["schema"], content["example"], (method, path))
        for status, told in self.document["components"]["responses"].items():
            content = told["content"]["application/json"]
            if status.isdigit():
                self.judge(content["schema"], content["example"], status)
        for name, schema in self.document["components"]["schemas"].items():
            for example in schema.get("examples", ()):
                self.judge(schema, example, name)
