"""Systems and what belongs to them beside documents: parameters, code lists, queries, jobs, notices, nodes.

Long because all that a system has beside its documents is named in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from engine.model.access import Grant
from engine.model.actions import Act
from engine.model.documents import Document, Field
from engine.model.envelopes import Envelope
from engine.model.event_rules import EventRule
from engine.model.flows import Flow
from engine.model.formula import DatedSpan, Formula, Sort, Template, Title
from engine.model.free_pages import FreePage
from engine.model.interfaces import DeclaredChannel, Listen, Offer, Service
from engine.model.ledgers import Ledger
from engine.model.licence import LicenceDemand
from engine.model.machines import Machine
from engine.model.messages import MessageLeaf, MessageMapping
from engine.model.node_care import BackupPlan, UpdatePlan
from engine.model.pages import Button, Pages, Panel
from engine.model.prints import PrintForm
from engine.model.sheets import Sheet
from engine.model.tables import DecisionTable
from engine.model.traffic import NOTICES, ChannelBinding, ServiceBinding
from engine.model.types import Shape, Type
from engine.problems import NOWHERE, Span

__all__ = [
    "SHARED", "Accounts", "Calendar", "CodeEntry", "CodeList", "Definitions", "Job", "Join", "MenuEntry", "MessageLeaf",
    "MessageMapping", "NamedAction", "Node", "Notice", "Pages", "Panel", "Parameter", "PrintForm", "Query", "Recipient",
    "Role", "Sheet", "Snapshots", "System",
]  # fmt: skip


SHARED = "shared"
"""The folder beside the systems whose definitions belong to all of them."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One row of a code list; the same code may stand again with other dates."""

    code: str
    columns: Mapping[str, object]
    dated: DatedSpan = DatedSpan()

    @property
    def also(self) -> tuple[str, ...]:
        """What people call it besides its title; column `also`, apart by blanks."""
        return tuple(str(self.columns.get("also") or "").split())


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
    """A value that changes by date, or is set in the administration (`set_by`), `per` unit or device.

    `minimum` and `maximum` bound what may be written or set.
    """

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
    minimum: Decimal | None = None
    maximum: Decimal | None = None


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
    sort: Sort | None = None
    roles: tuple[str, ...] = ()
    position: Span = NOWHERE
    system: str = ""
    document: str = ""
    alias: str = ""
    inner: Query | None = None
    bulk: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedAction:
    """An action made of actions, with parameters."""

    id: str
    takes: Mapping[str, Field]
    do: tuple[Act, ...]
    where: Span = NOWHERE
    system: str = ""
    document: str = ""  # where it belongs to the machine of one document type
    title: Title = Title()


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
    title: Title = Title()


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
    sort: Sort | None = None
    most: int | None = None
    throttle: str = ""
    do: tuple[Act, ...] = ()
    where: Span = NOWHERE
    system: str = ""
    on: str = ""  # day of the month or week
    per: Mapping[str, Formula] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a system."""

    id: str
    title: Title
    key: str = ""  # the kind of signing key needed to act
    rows: Formula | None = None  # a floor under every grant of the role, of the document at hand
    anonymous: bool = False
    where: Span = NOWHERE
    logs: tuple[str, ...] = ()  # logs of the engine that people of the role may read on pages


PARAMETERS, ROLES = "engine.parameters", "engine.roles"
"""Pages of the engine that a menu may name: where parameters are set, and what each role may."""


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A group of the menu with its pages (`document` or `document.page`) and the groups within it; without roles it is
    for everybody."""

    title: Title
    pages: tuple[str, ...]
    where: Span = NOWHERE
    switches: Mapping[str, str] = field(default_factory=dict)  # page -> the parameter that must be true
    roles: tuple[str, ...] = ()
    groups: tuple[MenuEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days: weekdays that are worked (0 is Monday), days off and days worked in spite of it, ISO dates."""

    id: str
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[str] = frozenset()
    working: frozenset[str] = frozenset()
    title: Title = Title()


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
    kiosk: Mapping[str, str] = field(default_factory=dict)
    qualified: bool = False  # whether the keys of its elements always have its name


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
    own_password: bool = False  # who was given a password chooses another one first
    tries: int = 5  # wrong ones in a row before nobody gets in by that login
    lock_minutes: int = 15  # for so long


@dataclass(frozen=True, slots=True)
class Kiosk:
    """What the screen of a node runs: the flow that begins when it starts, and the role in which it reads and shows
    while nobody is signed in. `place` is its name in records of happenings. `waiting` tells how much waits to be sent
    beside messages of channels."""

    flow: str
    role: str = ""
    place: str = "kiosk"
    where: Span = NOWHERE
    waiting: Formula | None = None


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Pictures that are taken when something happens: by which camera, at which happenings, and how many bytes of the
    disk stay free of them: the oldest go first."""

    camera: str
    on: tuple[str, ...]
    free: int = 500 << 20
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Node:
    """Where definitions run: which systems, over which adapters."""

    id: str
    systems: tuple[str, ...]
    title: Title = Title()
    database: str = ""
    accounts: Accounts | None = None
    channels: Mapping[str, ChannelBinding] = field(default_factory=dict)
    calendar: str = ""
    where: Span = NOWHERE
    devices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    services: Mapping[str, ServiceBinding] = field(default_factory=dict)
    licence: LicenceDemand | None = None
    kiosk: Kiosk | None = None
    snapshots: Snapshots | None = None
    simulate: bool = False  # whether its devices stand on simulators
    backup: BackupPlan | None = None
    updates: UpdatePlan | None = None

    @property
    def ways(self) -> tuple[str, ...]:
        """Channels by which notices leave."""
        return tuple(name for name, binding in self.channels.items() if binding.adapter == NOTICES)

    def runs(self, system: str) -> bool:
        """Whether this node does by itself what a system declares: one of its own or what is shared, and all where it
        names none."""
        return not self.systems or system in ("", SHARED, *self.systems)


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
    free_pages: Mapping[str, FreePage] = field(default_factory=dict)
    beside: Mapping[str, FreePage] = field(
        default_factory=dict
    )  # by document type: what its page shows beside its fields
    scenarios: Sequence[Mapping[str, object]] = ()
    warnings: tuple[object, ...] = ()
    sheets: Mapping[str, Sheet] = field(default_factory=dict)
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    envelopes: Mapping[str, Envelope] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    listens: Mapping[str, Listen] = field(default_factory=dict)
    channels: Mapping[str, DeclaredChannel] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    watches: Mapping[str, EventRule] = field(default_factory=dict)

    def accounts_of(self, system: str) -> Accounts | None:
        """The accounts of the nodes that run a system; those of any node for what is shared."""
        declared = [node for node in self.nodes.values() if node.accounts is not None]
        running = [node for node in declared if not node.systems or system in node.systems]
        return next((node.accounts for node in (*running, *declared)), None)
