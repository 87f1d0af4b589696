"""Sheets: how rows of a workbook become documents, and what a template to be filled in looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import Title
from engine.problems import NOWHERE, Span

ASKED = "event"
"""First step of a path that leads to what the event asks for."""


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column. `path`: a field, a table and its column, a reference and a field by which it is found, or `event` and
    a question; `also` are other heads that are understood, never written."""

    path: tuple[str, ...]
    head: str
    also: tuple[str, ...] = ()
    width: int | None = None
    where: Span = NOWHERE

    @property
    def name(self) -> str:
        """The path as it is written."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows in: each one document made by `event`; with `group`, rows with the same value of that field are one.

    `examples` are rows of cells by column, as the template shows them. With `match`, a row whose fields are those of a
    record that there is raises `found` on it; without `found` it is left out.
    """

    id: str
    title: Title
    document: str
    event: str
    columns: Mapping[str, SheetColumn] = field(default_factory=dict)
    group: str = ""
    match: tuple[str, ...] = ()
    found: str = ""
    examples: tuple[Mapping[str, str], ...] = ()
    where: Span = NOWHERE
    system: str = ""
    page: str = ""  # what the page of the template is called; its title where this is empty
    tags: bool = False  # whether the template says names of fields above its heads, and rules beneath
