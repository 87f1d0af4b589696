"""What use cases take and give back: plain data between the engine and its doors. Nothing here reads or decides.

Long because it is one vocabulary: whoever writes a door looks here for all that comes and goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from engine.model.documents import Field
from engine.model.formula import Title
from engine.problems import Finding


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `values` is the account's own record (never its password); `special` is set for the engine's parts."""

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    org: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    special: str = ""  # engine | timer | approval | itself | device
    address: str = ""
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class EventRequest:
    """Raise an event. `raw` holds field values as they came (text, JSON scalars, lists of row mappings).

    `raw` may name the document's fields that the event lets change, and the fields the event asks for (`asked`).
    `version` is the version the person saw. `confirmed` are codes of confirm-level findings that were accepted.
    `key` makes a repeated request (double click, network retry) harmless: the first answer is given again.
    """

    document: str
    event: str
    record_id: str | None = None
    version: int | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    key: str = ""
    comment: str = ""
    changed: tuple[str, ...] = ()
    """Fields the person has just changed (live preview): what is copied from them is copied anew."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a signer decides: agree, refuse or return; his opinion, and what he fills in (`raw`).

    `to` is the step that a return leads to, "" the starter, None the only or nearest one. `version` and `confirmed` are
    those of an EventRequest.
    """

    outcome: str
    comment: str = ""
    version: int | None = None
    raw: Mapping[str, object] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """An event happened. `notes` are findings of level warn.

    `others` are (document, id) of records that were made or changed along with it, `prints` (document, id, print) of
    what was sent to be printed; only whoever asked first with a key is told them.
    """

    document: str
    record_id: str
    number: str
    state: str
    version: int
    notes: tuple[Finding, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    prints: tuple[tuple[str, str, str], ...] = ()


class FieldView(NamedTuple):
    """One field as a page shows it. `value` is typed, `text` worded for people (masked where it must be).

    `link` is (document, id) of a reference the actor may open. `rows` are the rows of a child table, each a mapping of
    field name to FieldView; `columns` its fields without values. `findings` belong to this field.

    A tuple: pages have hundreds of them, and a frozen dataclass costs four times as much to make.
    """

    name: str
    field: Field
    value: object = None
    text: str = ""
    shown: bool = True
    required: bool = False
    editable: bool = False
    masked: bool = False
    link: tuple[str, str] | None = None
    columns: tuple[FieldView, ...] = ()
    rows: tuple[Mapping[str, FieldView], ...] = ()
    row_ids: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def title(self) -> Title:
        """The field's title."""
        return self.field.title


@dataclass(frozen=True, slots=True)
class SectionView:
    """A panel of a form or detail page."""

    title: Title
    fields: tuple[FieldView, ...]
    shown: bool = True


@dataclass(frozen=True, slots=True)
class EventView:
    """An event the actor could raise now. `allowed` is false when a guard refuses; `refusal` says why."""

    name: str
    title: Title
    allowed: bool = True
    refusal: str = ""
    ask: tuple[FieldView, ...] = ()
    edits: bool = False  # opens the form: creates, or changes fields
    style: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """A form: to create (`record_id` None), to change, or posted back with findings."""

    document: str
    title: Title
    event: EventView
    sections: tuple[SectionView, ...]
    record_id: str | None = None
    version: int | None = None
    state: str = ""
    findings: tuple[Finding, ...] = ()
    formulas: Mapping[str, object] = field(default_factory=dict)
    """Expressions the browser may evaluate by itself, as JSON trees of engine.expressions:
    {"value": {field: tree}, "show": {field: tree}, "required": {field: tree}, "check": [...],
     "tables": {table: {"value": {field: tree}, …}}, "codes": {list: {code: {column: value}}}}"""
    label: str = ""


@dataclass(frozen=True, slots=True)
class HistoryView:
    """One step of a document's life, worded. `changes` are (field title, before, after), already projected."""

    at: datetime
    who: str
    event: Title
    from_state: Title | None
    to_state: Title | None
    changes: tuple[tuple[Title, str, str], ...] = ()
    comment: str = ""
    on_behalf: str = ""


@dataclass(frozen=True, slots=True)
class TaskView:
    """An approval task that waits for a signature."""

    id: str
    document: str
    record_id: str
    number: str
    label: str
    step: Title
    assignee: str
    since: datetime
    due: datetime | None = None
    state: str = "open"
    opinion: str = ""
    decided_at: datetime | None = None
    comment_required: bool = False
    kind: Title = Title()  # of the document
    document_state: Title = Title()
    document_state_name: str = ""
    version: int = 0
    alone: bool = False  # has to be signed by itself: an opinion or fields are asked for
    on_behalf: str = ""
    round: int = 1  # of the approval: a return begins the next one
    summary: tuple[tuple[Title, str], ...] = ()  # what the document says of itself in a list


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """Something that runs for a document: what it is called, when it falls due; without a moment it stands still."""

    title: Title
    due: datetime | None


@dataclass(frozen=True, slots=True)
class PrintView:
    """A print the actor may have of a document; `archived` are the hashes of files made before."""

    id: str
    title: Title
    archived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DetailView:
    """One document, read."""

    document: str
    record_id: str
    title: Title
    label: str
    number: str
    version: int
    state: str
    state_title: Title
    final: bool
    sections: tuple[SectionView, ...]
    events: tuple[EventView, ...] = ()
    prints: tuple[PrintView, ...] = ()
    history: tuple[HistoryView, ...] = ()
    tasks: tuple[TaskView, ...] = ()
    related: tuple[tuple[Title, str, Sequence[tuple[str, str]]], ...] = ()  # title, document, (id, label)
    deadlines: tuple[DeadlineView, ...] = ()
    summary: tuple[tuple[Title, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a list shall show. `filters` map a field (or `field.from`, `field.to`) to raw text; `after` is a cursor.

    `columns` are those a person has chosen; none: as the definition has them.
    """

    document: str
    filters: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    sort: str = ""  # `field` or `-field`
    after: str = ""
    backwards: bool = False
    limit: int = 50
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of documents. `total` is capped: with `more` true it means "at least".

    Rows have a cell for each column, and one for `changed_at` whether it is a column or not. `choices` are all fields
    that could be columns, `sortable` the columns that it can be sorted by, `slow` those that a list this long cannot,
    `bulk` the events for several records at once, `prints` the prints of which several can be had as one.
    """

    document: str
    title: Title
    columns: tuple[FieldView, ...]
    rows: tuple[Mapping[str, FieldView], ...]
    ids: tuple[str, ...]
    states: tuple[Title, ...]
    total: int
    more: bool
    next: str = ""
    previous: str = ""
    filters: tuple[FieldView, ...] = ()
    creating: tuple[EventView, ...] = ()
    sort: str = ""
    state_names: tuple[str, ...] = ()
    choices: tuple[FieldView, ...] = ()
    sortable: frozenset[str] = frozenset()
    bulk: tuple[EventView, ...] = ()
    slow: frozenset[str] = frozenset()
    prints: tuple[tuple[str, Title], ...] = ()

    @property
    def picks(self) -> bool:
        """Whether records can be selected: there is something to do with several."""
        return bool(self.bulk or self.prints)


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a picker."""

    value: str
    title: str
    note: str = ""
    keys: str = ""  # what else finds it, apart by blanks: pinyin initials, whole pinyin, further names
    named: bool = False  # what was typed is a name of this one alone


@dataclass(frozen=True, slots=True)
class MenuView:
    """A group of the menu: (title, document id, page), and groups within it; a free page has no document."""

    system: str
    title: Title
    entries: tuple[tuple[Title, str, str], ...]
    groups: tuple[MenuView, ...] = ()

    @property
    def documents(self) -> tuple[str, ...]:
        """Document types of the group and of those within it, in the order of the menu."""
        own = tuple(document for _, document, _ in self.entries if document)
        return (*own, *(document for group in self.groups for document in group.documents))

    def holds(self, document: str, page: str) -> bool:
        """Whether a page stands in the group or in one within it."""
        here = any((document, page) == (one, name) or (document and one == document) for _, one, name in self.entries)
        return here or any(group.holds(document, page) for group in self.groups)
