"""Texts with formulas in braces, filled: messages, numbers, notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.documents.durations import duration_text
from engine.expressions.environment import Env
from engine.expressions.showing import shown
from engine.model.formula import Template
from engine.model.values import Duration


def plain(value: object, form: str = "") -> str:
    """A value inside a text; `form` is a format such as %Y%m%d for dates, 06 or ,.2 for numbers."""
    if form:
        return shown(value, form)
    for kind, word in _WORDS:
        if isinstance(value, kind):
            return word(value)
    return "" if value is None else str(value)


_WORDS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "是" if value else "否"),
    (Decimal, lambda value: f"{value:f}"),
    (datetime, lambda value: value.strftime("%Y-%m-%d %H:%M")),
    (Duration, duration_text),
    (tuple, lambda value: "、".join(map(plain, value))),
    (list, lambda value: "、".join(map(plain, value))),
    (Mapping, lambda value: str(value.get("number") or value.get("id") or "")),
)


def fill(template: Template, env: Env) -> str:
    """The text, every formula replaced by its value."""
    return "".join(piece if isinstance(piece, str) else plain(piece[0](env), piece[1]) for piece in template.pieces)


def filled(template: Template, env: Env) -> Mapping[str, str]:
    """The text per language; where there is one wording only, it serves both."""
    text = fill(template, env)
    return {"zh": text, "en": text} | {language: fill(other, env) for language, other in template.others.items()}
