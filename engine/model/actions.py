"""Actions: one verb each with its object, the same in events, states, timers, approvals, jobs and named actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import Formula, Given, Sort, Template
from engine.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Repeat:
    """`each`: the action for every row of a source, in order, at most so many."""

    source: Formula
    where: Formula | None = None
    sort: Sort | None = None
    most: int = 1000
    per: Mapping[str, Formula] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Spread:
    """Shares a total over rows in order: `taken` says how much of `take` each row gives. `short`: refuse or less."""

    total: Formula
    take: Formula
    short: str = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What every verb may carry."""

    when: Formula | None = None
    repeat: Repeat | None = None
    spread: Spread | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Act):
    """Fields of this document. `copy` gives many at once: equally named fields of a record or JSON value."""

    values: Mapping[str, Given]
    copy: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Put(Act):
    """A child row: found by key or condition and changed, else added."""

    table: str
    by: tuple[str, ...] = ()
    find: Formula | None = None
    values: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Act):
    """Child rows for which the condition holds."""

    table: str
    find: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Act):
    """A new document through its own creating event. `copy` gives equally named fields of a record or form."""

    document: str
    event: str = ""
    values: Mapping[str, Given] = field(default_factory=dict)
    name: str = "created"
    copy: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raise(Act):
    """An event on other documents (`on`: a source or reference; empty: this document)."""

    event: str
    on: Formula | None = None
    find: Formula | None = None
    values: Mapping[str, Given] = field(default_factory=dict)
    skip: str = ""  # not_allowed: documents that refuse are passed over


@dataclass(frozen=True, slots=True, kw_only=True)
class Print(Act):
    """A print of this document, made after the commit and archived; `again` gives the archived one."""

    print: str
    to: Formula | None = None
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Send(Act):
    """A message by its mapping; `failed` is the event when it could not be delivered for good.

    `of` are the documents that it is made of, as many in one as the mapping allows; without it the document at hand.
    """

    mapping: str
    of: Formula | None = None
    failed: str = ""
    values: Mapping[str, Given] = field(default_factory=dict)
    to: Formula | None = None
    topic: Given | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Act):
    """An outside service, once per key; its answer comes back as event `ok`, a failure as `failed`."""

    service: str
    values: Mapping[str, Given] = field(default_factory=dict)
    key: Given | Template | None = None
    ok: str = ""
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """An account: its keys, or a record or reference that is one (`account: =self`)."""

    keys: Mapping[str, Given] = field(default_factory=dict)
    row: Formula | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(Act):
    """An entry of a ledger. `sides` names the account under "", or two under `from` and `to`; `of` is an event that
    posted: its accounts and, where none are given here, its amounts are taken."""

    ledger: str
    entry: str
    sides: Mapping[str, Side] = field(default_factory=dict)
    amounts: Mapping[str, Given] = field(default_factory=dict)
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care(Act):
    """What the node does for itself, after the commit: `backup.make`, `clock.set` and the like."""

    order: str
    values: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(Act):
    """A notice to people."""

    notice: str
    values: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Do(Act):
    """A named action with its parameters."""

    action: str
    values: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Act):
    """Several actions in order."""

    actions: tuple[Act, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choose(Act):
    """The first branch whose condition holds; a branch without one always does."""

    branches: tuple[Block, ...]
