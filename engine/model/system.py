"""Systems and what belongs to them beside documents: parameters, code lists, queries, pages, prints, jobs, notices.

Long because it is the list of all kinds that a system holds, a few lines each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.access import Grant
from engine.model.actions import Act
from engine.model.documents import Document, Field
from engine.model.formula import DatedSpan, Formula, Given, Template, Title
from engine.model.machines import Machine
from engine.model.tables import DecisionTable
from engine.model.types import Shape, Type
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One row of a code list; the same code may stand again with other dates."""

    code: str
    columns: Mapping[str, object]
    dated: DatedSpan = DatedSpan()


@dataclass(frozen=True, slots=True)
class CodeList:
    """Codes with their titles and any further typed columns."""

    id: str
    columns: Mapping[str, Type]
    entries: Sequence[CodeEntry]
    where: Span = NOWHERE
    by_code: Mapping[str, tuple[CodeEntry, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_code: dict[str, tuple[CodeEntry, ...]] = {}
        for entry in self.entries:
            by_code[entry.code] = (*by_code.get(entry.code, ()), entry)
        object.__setattr__(self, "by_code", by_code)
    system: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that changes by date, or is set in the administration (`set_by`), `per` unit or device."""

    id: str
    title: Title
    type: Type
    value: object = None
    dated: tuple[tuple[DatedSpan, object], ...] = ()
    set_by: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    source: str = ""
    where: Span = NOWHERE
    system: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """Another source beside the rows of a query."""

    name: str
    to: Formula
    on: Formula
    keep: str = "matched"
    newest: str = ""
    where: Formula | None = None
    position: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Query:
    """A named way to read: rows of a source, filtered, joined, grouped, with computed columns.

    `alias` names the rows of `of` where they have a name of their own; `inner` is a query written in place of `of`.
    A query of one document has its type in `document` and reads `this`.
    """

    id: str
    title: Title
    of: Formula
    shape: Shape
    takes: Mapping[str, Field] = field(default_factory=dict)
    joins: Mapping[str, Join] = field(default_factory=dict)
    where: Formula | None = None
    per: Mapping[str, Formula] = field(default_factory=dict)
    columns: Mapping[str, Formula] = field(default_factory=dict)
    titles: Mapping[str, Title] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    sort: tuple[Formula, ...] = ()
    roles: tuple[str, ...] = ()
    position: Span = NOWHERE
    system: str = ""
    document: str = ""
    alias: str = ""
    inner: Query | None = None


@dataclass(frozen=True, slots=True)
class NamedAction:
    """An action made of actions, with parameters."""

    id: str
    takes: Mapping[str, Field]
    do: tuple[Act, ...]
    where: Span = NOWHERE
    system: str = ""
    document: str = ""  # where it belongs to the machine of one document type


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a notice goes: holders of a role within an organisation, or users or numbers given by a formula."""

    role: str = ""
    within: Formula | None = None
    who: Formula | None = None
    when: Formula | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told, and over which ways, in order of preference."""

    id: str
    takes: Mapping[str, Field]
    to: tuple[Recipient, ...]
    text: Template
    via: tuple[str, ...] = ("site",)
    everywhere: bool = False
    where: Span = NOWHERE
    system: str = ""
    quiet: tuple[str, str, Formula | None] = ("", "", None)  # hours of rest, and when they do not count


@dataclass(frozen=True, slots=True)
class Job:
    """Work by the clock."""

    id: str
    title: Title
    every: str
    at: str = ""
    until: str = ""
    calendar: str = ""
    each: Formula | None = None
    condition: Formula | None = None
    sort: Formula | None = None
    most: int | None = None
    throttle: str = ""
    do: tuple[Act, ...] = ()
    where: Span = NOWHERE
    system: str = ""
    on: str = ""  # day of the month or week
    per: Mapping[str, Formula] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BundledPrint:
    """One print of a bundle; `of` leads from the row to the document, empty: the row itself."""

    print: str
    of: Formula | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Several prints as one PDF: for each row of a source, in order."""

    each: Formula
    prints: tuple[BundledPrint, ...]


@dataclass(frozen=True, slots=True)
class PrintForm:
    """What comes on paper. `template` is a file beside the definition, `style` its own CSS."""

    id: str
    title: Title
    document: str
    template: str
    where: Span = NOWHERE
    paper: str = "A4"
    anchors: Mapping[str, Title] = field(default_factory=dict)
    qr: Template | None = None
    folder: str = ""
    source: str = ""  # text of the template
    wording: tuple[DatedSpan, ...] = ()
    system: str = ""
    bundle: Bundle | None = None
    raw: str = ""  # a language of printers instead of PDF
    archive: bool = True
    width: str = ""  # of a roll, where paper has no fixed length
    style: str = ""  # CSS of its own, read from beside the template


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


@dataclass(frozen=True, slots=True)
class MessageLeaf:
    """One element of a message: an expression, or further elements, repeated for each row of a source.

    `also` are spellings accepted on the way in, `wrap` what the value is wrapped in, `size` its width in fixed format,
    `mapping` another mapping whose message it holds.
    """

    name: str
    value: Formula | None = None
    format: str = ""
    each: Formula | None = None
    children: tuple[MessageLeaf, ...] = ()
    also: tuple[str, ...] = ()
    wrap: tuple[str, ...] = ()
    codes: str = ""
    pattern: str = ""
    size: int | None = None
    mapping: str = ""
    attributes: Mapping[str, Formula] = field(default_factory=dict)
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Match:
    """Which document a message belongs to: the one whose fields equal what was parsed."""

    document: str
    by: tuple[str, ...]
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class MessageMapping:
    """A message out or in. What comes in is parsed, matched to a document and raised as its `event`."""

    id: str
    document: str
    format: str
    tree: tuple[MessageLeaf, ...]
    to: str = ""
    kind: str = ""
    where: Span = NOWHERE
    system: str = ""
    envelope: str = ""
    root: str = ""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Formula] = field(default_factory=dict)
    schema: str = ""
    most: int | None = None
    each: str = ""
    match: tuple[Match, ...] = ()
    event: Formula | None = None
    values: Mapping[str, Given] = field(default_factory=dict)
    set: Mapping[str, Given] = field(default_factory=dict)
    sign: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    pad: str = ""
    keep_unmatched: bool = False
    unmatched: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a system."""

    id: str
    title: Title
    key: str = ""  # the kind of signing key needed to act
    rows: Formula | None = None  # a floor under every grant of the role, of the document at hand
    anonymous: bool = False
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A group of the menu with its pages (`document` or `document.page`)."""

    title: Title
    pages: tuple[str, ...]
    where: Span = NOWHERE
    switches: Mapping[str, str] = field(default_factory=dict)  # page -> the parameter that must be true


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days: weekdays that are worked (0 is Monday), days off and days worked in spite of it, ISO dates."""

    id: str
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class System:
    """One system of the catalogue."""

    id: str
    title: Title
    uses: tuple[str, ...] = ()
    catalogue: tuple[str, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    menu: tuple[MenuEntry, ...] = ()
    where: Span = NOWHERE
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounts:
    """Which document holds the people who log in, and which of its fields mean what to the engine."""

    document: str
    login: str
    password: str
    name: str
    roles: str
    org: str = ""
    enabled: str = ""
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Node:
    """Where definitions run: which systems, over which adapters."""

    id: str
    systems: tuple[str, ...]
    title: Title = Title()
    database: str = ""
    accounts: Accounts | None = None
    channels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    calendar: str = ""
    where: Span = NOWHERE
    devices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definitions:
    """Everything in force, checked and linked. Keys are ids as resolved: `name` where unique, else `system.name`."""

    version: str  # digest of all files
    systems: Mapping[str, System]
    documents: Mapping[str, Document]
    machines: Mapping[str, Machine]
    access: Mapping[str, Mapping[str, Grant]]  # document -> role -> grant
    pages: Mapping[str, Pages]
    codes: Mapping[str, CodeList]
    parameters: Mapping[str, Parameter]
    tables: Mapping[str, DecisionTable]
    queries: Mapping[str, Query]
    actions: Mapping[str, NamedAction]
    notices: Mapping[str, Notice]
    jobs: Mapping[str, Job]
    prints: Mapping[str, PrintForm]
    mappings: Mapping[str, MessageMapping]
    calendars: Mapping[str, Calendar]
    nodes: Mapping[str, Node]
    scenarios: Sequence[Mapping[str, object]] = ()
    warnings: tuple[object, ...] = ()


