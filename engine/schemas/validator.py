"""Validators of JSON Schema, draft 2020-12, compiled once. The one module that imports jsonschema-rs.

In: a schema as data, the pieces that it refers to by address. Out: a validator; its errors tell the keyword
(`kind.name`), what it asked for (`kind.as_dict()`) and where (`instance_path`). References are followed among the
pieces only.
"""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema_rs import Draft202012Validator as Validator
from jsonschema_rs import Registry, ValidationError

__all__ = ["ValidationError", "Validator", "compiled"]

Schema = Mapping[str, object]


def compiled(schema: Schema, pieces: Mapping[str, Schema] | None = None, *, formats: bool = False) -> Validator:
    """The validator of a schema; `formats`: texts are held to their `format`. Raises ValueError for a wrong schema."""
    registry = Registry([(address, dict(piece)) for address, piece in (pieces or {}).items()])
    return Validator(dict(schema), registry=registry, validate_formats=formats)
