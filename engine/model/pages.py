"""Generated pages: which columns, filters, sections and buttons, in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import Formula, Given, Template, Title
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Button:
    """A button: an event of the document type at hand, or a verb with its subject.

    `verb` is one of raise, create, go, open, start, print, export, import, template.
    """

    verb: str
    subject: str
    title: Title = Title()
    event: str = ""
    values: Mapping[str, Given] = field(default_factory=dict)
    on: Formula | None = None
    per: Mapping[str, Formula] = field(default_factory=dict)
    when: Formula | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Panel:
    """A section of a form."""

    title: Title
    fields: tuple[str, ...]
    show: Formula | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """How the generated pages of a document type are ordered."""

    title: Title = Title()
    columns: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    form: tuple[Panel, ...] = ()
    buttons: tuple[str, ...] = ()
    bulk: tuple[str, ...] = ()
    where: Span = NOWHERE
    system: str = ""
    document: str = ""
    name: str = ""  # empty for the pages that every document type has
    detail: tuple[Panel, ...] = ()
    of: Formula | None = None  # what the list shows, where it is not the document type itself
    filter: Formula | None = None
    cells: Mapping[str, Formula] = field(default_factory=dict)  # columns that are paths or expressions
    acts: tuple[Button, ...] = ()  # all buttons of the list, those that are no event of their own document too
    bulk_acts: tuple[Button, ...] = ()  # the same over a selection
    card_title: Template | None = None
    card: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
