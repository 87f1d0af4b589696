"""Cursors: where a page of a list ends, as opaque text in an address, and back to typed values.

In: a record and the order of the list. Out: text that names the sort values and the id; read back, every value is of
its field's kind, or the text is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from engine.documents.field_kinds import is_kept
from engine.model.criteria import Order
from engine.model.documents import Document
from engine.model.records import Record
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.problems import Finding, Refused


def cursor_text(record: Record, order: tuple[Order, ...]) -> str:
    """Where the page that ends with a record goes on."""
    values = [plain_json(record.values[part.field]) for part in order]
    return base64.urlsafe_b64encode(json.dumps([*values, record.id]).encode()).decode()


def plain_json(value: object) -> object:
    """A system field's value as JSON carries it."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def cursor_of(text: str, order: tuple[Order, ...], document: Document | None) -> tuple[object, ...] | None:
    """The position behind a text; None for none. Raises Refused for one that this list did not give."""
    if not text:
        return None
    try:
        *sorted_by, record_id = json.loads(base64.urlsafe_b64decode(text.encode()))
        pairs = zip(sorted_by, order, strict=True)
        return (*(_typed(value, _kind(document, part.field)) for value, part in pairs), _kept_text(record_id))
    except (ValueError, TypeError, ArithmeticError, RecursionError):
        raise Refused((Finding("cursor", {"zh": "翻页位置无效", "en": "the cursor is not valid"}),)) from None


def _kind(document: Document | None, name: str) -> Kind:
    if name in SYSTEM_FIELDS:
        return SYSTEM_FIELDS[name].kind
    if document is None:  # records of the engine's own are ordered by system fields and moments alone
        return Kind.DATETIME
    return document.fields[name].type.kind


def _typed(value: object, kind: Kind) -> object:
    """A sort value of a cursor. Raises ValueError, TypeError, ArithmeticError for one that is forged."""
    if value is None:
        return None
    if kind in (Kind.INTEGER, Kind.BOOLEAN):
        if not isinstance(value, int) or not -(2**63) <= value < 2**63:
            raise ValueError(value)
        return value
    read = _READ.get(kind, str)(_kept_text(value))
    if isinstance(read, datetime | time) and read.tzinfo is not None:
        raise ValueError(value)
    if isinstance(read, Decimal) and not (read.is_finite() and abs(read.adjusted()) < 100):
        raise ValueError(value)
    return read


_READ: Mapping[Kind, Callable[[str], object]] = {
    Kind.DATETIME: datetime.fromisoformat,
    Kind.DATE: date.fromisoformat,
    Kind.TIME: time.fromisoformat,
    Kind.NUMBER: Decimal,
}


def _kept_text(value: object) -> str:
    if not isinstance(value, str) or not is_kept(value):
        raise TypeError(value)
    return value
