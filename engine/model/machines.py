"""Machines: states, events, timers and approvals of one document type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from engine.model.actions import Act
from engine.model.documents import Field
from engine.model.formula import Formula, Title
from engine.problems import NOWHERE, Span

NEW, ANY = "new", "any"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A state's `until`: after a duration or at a moment, the event that then happens."""

    event: str
    after: Formula | None = None
    at: Formula | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class State:
    """Where a document stands."""

    name: str
    title: Title
    final: bool = False
    approval: str = ""
    until: Deadline | None = None
    enter: tuple[Act, ...] = ()
    leave: tuple[Act, ...] = ()
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class By:
    """Who may raise an event: roles, an expression naming a user, or a part of the engine.

    `special` is a subset of approval, timer, engine, device, itself.
    """

    roles: tuple[str, ...] = ()
    formula: Formula | None = None
    special: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What can happen to a document. `sources` are states, `new` or `any`; no `to`: the state stays."""

    name: str
    title: Title
    sources: tuple[str, ...]
    to: str = ""
    by: By = By()
    when: Formula | None = None
    refusal: Title = Title()
    ask: Mapping[str, Field] = field(default_factory=dict)
    do: tuple[Act, ...] = ()
    check_all: bool = False
    sign: str = ""
    delete: bool = False  # the document leaves lists and references; it and its history stay in the store
    together: bool = False
    failed: str = ""
    style: str = ""  # primary | danger, how a button looks
    limit: tuple[str, str] = ("", "")  # holds back the public: per what (address), and how often (3/minute)
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Timer:
    """A limit across states: runs in some, stands still in others; warns at shares of it, acts when late."""

    name: str
    title: Title
    runs: tuple[str, ...]
    stands: tuple[str, ...] = ()
    within: Formula | None = None
    calendar: str = ""
    met_by: tuple[str, ...] = ()
    warn: tuple[tuple[Decimal, tuple[Act, ...]], ...] = ()  # share of the limit, 0..1, and what to do then
    late: tuple[Act, ...] = ()
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Participants:
    """Who signs: holders of a role, within an organisation given by a formula, or users given by a formula."""

    role: str = ""
    within: Formula | None = None
    users: Formula | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Escalation:
    """What happens when a step is late: remind, or actions after a further time."""

    after: Formula | None = None
    remind: bool = False
    do: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an approval. `sign`: one, any, all, in_order, or the share that must agree (Decimal 0..1)."""

    id: str
    title: Title
    who: Participants
    sign: Literal["one", "any", "all", "in_order"] | Decimal = "any"
    when: Formula | None = None
    due: Formula | None = None
    late: tuple[Escalation, ...] = ()
    may: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    edit: tuple[str, ...] = ()
    comment: str = ""  # required_to_refuse | required | ""
    veto: bool = False  # one refusal ends the step
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Nobody:
    """What happens when nobody can be found for a step: agree, refuse, or ask someone else."""

    outcome: Literal["agree", "refuse", "to"] = "refuse"
    to: Participants | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """Steps in order; the events that follow their agreement or refusal."""

    id: str
    title: Title
    steps: tuple[Step, ...]
    agreed: str
    refused: str
    return_to: str = ""  # starter | previous | any_passed | a step
    return_event: str = ""
    resume: Literal["redo", "continue_here"] = "redo"
    withdraw_until: str = ""
    withdraw_event: str = ""
    nobody: Nobody = Nobody()
    same_as_starter: Literal["", "skip", "allow"] = ""
    repeated: Literal["", "agree_once"] = ""
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Machine:
    """The life of a document type; a document without one has the single state "" and the events enter and change."""

    document: str
    states: Mapping[str, State]
    events: Mapping[str, Event]
    timers: Mapping[str, Timer] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    late_events: str = ""
    where: Span = NOWHERE

    def creating(self) -> tuple[Event, ...]:
        """Events that make a new document."""
        return tuple(event for event in self.events.values() if NEW in event.sources)
