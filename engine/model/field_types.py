"""Field types that a definition may name, and what expressions see of them.

The one list: the loader accepts these names, `engine.documents.field_kinds` says how each is read and shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.model.types import Kind

FIELD_TYPES: Mapping[str, Kind] = MappingProxyType(
    {
        "text": Kind.TEXT,
        "long_text": Kind.TEXT,
        "rich_text": Kind.TEXT,
        "integer": Kind.INTEGER,
        "decimal": Kind.NUMBER,
        "money": Kind.NUMBER,
        "boolean": Kind.BOOLEAN,
        "date": Kind.DATE,
        "time": Kind.TIME,
        "datetime": Kind.DATETIME,
        "duration": Kind.DURATION,
        "code": Kind.CODE,
        "codes": Kind.CODES,
        "ref": Kind.REF,
        "refs": Kind.REFS,
        "table": Kind.ROWS,
        "file": Kind.FILE,
        "image": Kind.FILE,
        "json": Kind.JSON,
        "counter": Kind.INTEGER,
        "citizen_id": Kind.TEXT,
        "credit_code": Kind.TEXT,
        "mobile": Kind.TEXT,
        "mrz": Kind.TEXT,
        "hs_code": Kind.TEXT,
        "password": Kind.TEXT,
        "signature": Kind.TEXT,
    }
)
"""`file` with `many: true` is of kind FILES."""
