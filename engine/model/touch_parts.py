"""Parts of screens that people touch: what is filled in, typed on large keys, searched, tapped, drawn.

Plain values, beside those of free pages: screens of flows have both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.documents import Field
from engine.model.formula import Formula, Given, Title


@dataclass(frozen=True, slots=True)
class Entry:
    """Fields to fill in. Expressions find them as `form.NAME`; `of` is the document type whose fields they are."""

    fields: Mapping[str, Field]
    given: Mapping[str, Given] = field(default_factory=dict)
    of: str = ""


@dataclass(frozen=True, slots=True)
class Keypad:
    """One value typed on large keys: `form.NAME`. `kind` is digits, number, text or letters."""

    field: Field
    kind: str = "digits"
    hidden: bool = False
    default: Given | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A text that narrows what the screen shows while it is typed: `form.NAME`."""

    field: Field


@dataclass(frozen=True, slots=True)
class Pick:
    """Rows may be tapped: the row is kept under `into` and the outcome is `picked`, or it is `form.CHOSEN` and the
    step goes on."""

    into: str = ""
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of the front-end by its name, or a file that an expression gives."""

    name: str = ""
    file: Formula | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """Fields of one row, as titles and values."""

    row: Formula
    columns: tuple[tuple[str, Formula, Title], ...] = ()


TouchPart = Entry | Keypad | Search | Picture | Details
