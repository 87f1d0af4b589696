"""Doors that others prescribe: what a system offers, calls and listens to, and its channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.actions import Act
from engine.model.documents import Field
from engine.model.formula import Formula, Given, Sort, Title
from engine.model.guards import NONE, Limit
from engine.problems import NOWHERE, Span

CALLER, BODY, RAW, ROWS = "caller", "body", "raw", "rows"
"""Names in an offer: who calls, what came within its fields, the same as a file, the rows of its query."""


@dataclass(frozen=True, slots=True)
class BodyField:
    """One field of a body; `also` are other spellings of its name, `second` a name that stands twice and means this
    field the second time, `format` is that of its dates, `wrap` what it is wrapped in, `mapping` another mapping whose
    message it holds."""

    field: Field
    also: tuple[str, ...] = ()
    format: str = ""
    wrap: tuple[str, ...] = ()
    mapping: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What stands under one name of an answer: a value, an object, or a list with an object for each row."""

    value: Given | None = None
    each: Formula | None = None
    parts: Mapping[str, Part] = field(default_factory=dict)
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Later:
    """The deferred answer: an event of what the offer creates sends the mapping within a time."""

    mapping: str
    channel: str = ""
    topic: Given | None = None
    event: str = ""
    within: Formula | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Offer:
    """A door of HTTP.

    Who may come in: whom the envelope proves, holders of a token with one of `roles`, or anybody where it is `public`.
    A query reads with `roles` where its caller has none of an account.
    """

    id: str
    title: Title
    path: str
    also: tuple[str, ...] = ()
    method: str = "POST"
    envelope: str = NONE
    roles: tuple[str, ...] = ()
    public: bool = False
    limit: Limit | None = None
    log: tuple[str, ...] = ()
    body: Mapping[str, BodyField] = field(default_factory=dict)
    mapping: str = ""
    once: Given | None = None
    do: tuple[Act, ...] = ()
    of: Formula | None = None
    filter: Formula | None = None
    sort: Sort | None = None
    answer: Mapping[str, Part] = field(default_factory=dict)
    form: str = ""  # the field of a form (application/x-www-form-urlencoded) that holds the message
    otherwise: Mapping[str, Part] = field(default_factory=dict)  # the answer to a call that was refused, status 200
    later: Later | None = None
    file: Formula | None = None  # what is answered in the place of data
    where: Span = NOWHERE
    system: str = ""

    @property
    def seconds(self) -> Mapping[str, str]:
        """Names that may stand twice in its body, and the field that the second one is."""
        return {one.second: name for name, one in self.body.items() if one.second}

    @property
    def is_bare(self) -> bool:
        """Whether its messages come without an envelope."""
        return self.envelope == NONE


@dataclass(frozen=True, slots=True)
class Service:
    """An outside service that `call` asks: `to` is what a node binds; `values` go as JSON unless a mapping says
    otherwise; `receipt` understands the answer; `partner` is how the envelope knows it."""

    id: str
    title: Title
    to: str
    path: str = ""
    method: str = "POST"
    mapping: str = ""
    envelope: str = NONE
    partner: Given | None = None
    values: Mapping[str, Given] = field(default_factory=dict)
    timeout: float = 0.0
    receipt: str = ""
    form: str = ""
    where: Span = NOWHERE
    system: str = ""


@dataclass(frozen=True, slots=True)
class Listen:
    """What comes by a channel, under a topic where one is told, is read by a mapping."""

    id: str
    title: Title
    channel: str
    mapping: str
    topic: Given | None = None
    where: Span = NOWHERE
    system: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredChannel:
    """A channel as a system declares it; nodes bind it. `mapping` and `receipt` read what comes by it, `envelope` opens
    it; `refused` is done about what cannot be understood at all."""

    id: str
    title: Title
    kind: str = ""
    topics: str = ""
    keep: str = ""
    delivery: str = ""
    name: str = ""
    checksum: str = ""
    receipt: str = ""
    mapping: str = ""
    envelope: str = ""
    refused: tuple[Act, ...] = ()
    where: Span = NOWHERE
    system: str = ""
