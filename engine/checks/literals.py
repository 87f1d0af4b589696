"""Whether a value that is written out fits where it stands: read exactly as the same value would be in a form.

In: a field (or a type) and a literal of a definition. Out: what is wrong with it, worded, with the nearest code.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.checks.subject import Subject
from engine.documents.field_kinds import FIELD_KINDS, parse
from engine.documents.malformed import Malformed
from engine.loading.nearest import nearest
from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.types import Kind, Type


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit."""

    zh: str
    en: str
    suggestion: str = ""


PLAIN_FIELDS: Mapping[Kind, str] = {
    Kind.TEXT: "long_text",
    Kind.INTEGER: "integer",
    Kind.NUMBER: "decimal",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DATETIME: "datetime",
    Kind.DURATION: "duration",
    Kind.CODE: "code",
    Kind.CODES: "codes",
}


def misfit(subject: Subject, field: Field, literal: object) -> Misfit | None:
    """What is wrong with a literal for a field; None when nothing is, or when the field holds no literals."""
    if literal is None or field.kind not in FIELD_KINDS or field.type.kind in (Kind.FILE, Kind.FILES):
        return None
    if field.type.kind is Kind.BOOLEAN and not isinstance(literal, bool):
        return Misfit("应为 true 或 false", "must be true or false")
    try:
        value = parse(literal, field)
    except Malformed as fault:
        return Misfit(fault.text["zh"], fault.text["en"])
    return _too_much(field, value) or _not_listed(subject, field.type, value)


def misfit_of_type(
    subject: Subject, kind: Type, literal: object, least: Decimal | None = None, most: Decimal | None = None
) -> Misfit | None:
    """The same for a bare type, between bounds."""
    if kind.kind not in PLAIN_FIELDS:
        return None
    field = Field("", Title(), PLAIN_FIELDS[kind.kind], kind, minimum=least, maximum=most)
    return misfit(subject, field, literal)


def _too_much(field: Field, value: object) -> Misfit | None:
    if isinstance(value, bool):
        return None
    size = Decimal(len(value)) if isinstance(value, str) else value
    if not isinstance(size, int | Decimal):
        return None
    if isinstance(field.maximum, Decimal) and size > field.maximum:
        return Misfit(f"超过上限{field.maximum}", f"is above the maximum {field.maximum}")
    if isinstance(field.minimum, Decimal) and size < field.minimum:
        return Misfit(f"低于下限{field.minimum}", f"is below the minimum {field.minimum}")
    return None


def _not_listed(subject: Subject, kind: Type, value: object) -> Misfit | None:
    known = subject.shared.codes.get(kind.of) if kind.kind in (Kind.CODE, Kind.CODES) else None
    if known is None:
        return None
    for code in _codes(value):
        if code not in known:
            return Misfit(
                f"“{code}”不在码表“{kind.of}”中", f"{code!r} is not in code list {kind.of!r}", nearest(code, known)
            )
    return None


def _codes(value: object) -> Iterable[str]:
    return (str(code) for code in value) if isinstance(value, tuple) else (str(value),)
