"""Texts with formulas in braces, filled: messages, numbers, notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from engine.documents.field_kinds import duration_text
from engine.expressions.environment import Env
from engine.model.formula import Template
from engine.model.values import Duration


def plain(value: object, form: str = "") -> str:
    """A value inside a text; `form` is a format such as %Y%m%d for dates or 06 for numbers."""
    if value is None:
        return ""
    if isinstance(value, date | time) and form:
        return value.strftime(form)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | Decimal):
        return f"{int(value) if form.isdigit() else value:{form or 'f' if isinstance(value, Decimal) else form}}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, tuple | list):
        return "、".join(plain(part) for part in value)
    if isinstance(value, Mapping):
        return str(value.get("number") or value.get("id") or "")
    return str(value)


def fill(template: Template, env: Env) -> str:
    """The text, every formula replaced by its value."""
    return "".join(piece if isinstance(piece, str) else plain(piece[0](env), piece[1]) for piece in template.pieces)


def filled(template: Template, env: Env) -> Mapping[str, str]:
    """The text per language (a template has one wording, shown in both)."""
    text = fill(template, env)
    return {"zh": text, "en": text}
