"""Building of machines: states, events, timers, approvals; and the life of a document type that declares none.

In: entries with the parts' merged in. Out: `engine.model.machines.Machine`. Whether states and events that are named
exist is found by the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_approvals import build_approval
from engine.loading.build_fields import FieldBuilder
from engine.loading.entry import Entry, given_of, text_of
from engine.loading.phrases import read_share
from engine.loading.piece import Piece
from engine.model.actions import Act
from engine.model.formula import Formula, Title
from engine.model.machines import ANY, NEW, Approval, By, Deadline, Event, Machine, State, Timer
from engine.problems import Span

Special = Literal["approval", "timer", "engine", "device", "itself"]
SPECIAL = frozenset({"approval", "timer", "engine", "device", "itself"})
ENTER, CHANGE = "enter", "change"
_ENTER = Title("新建", "Create")
_CHANGE = Title("修改", "Change")


@dataclass(frozen=True, slots=True)
class MachineParts:
    """The merged sections of a machine."""

    states: Mapping[str, Entry]
    events: Mapping[str, Entry]
    timers: Mapping[str, Entry]
    approvals: Mapping[str, Entry]
    late_events: str
    where: Span


@dataclass(frozen=True, slots=True)
class MachineBuilder:
    """Builds the machine of one document type."""

    fields: FieldBuilder
    actions: ActionBuilder

    def machine(self, document: str, parts: MachineParts) -> Machine:
        """The machine, with the events that every one has."""
        states = {name: self._state(name, entry) for name, entry in parts.states.items()} or {"": State("", Title())}
        events = {name: self._event(name, entry) for name, entry in parts.events.items()}
        timers = {name: self._timer(name, entry) for name, entry in parts.timers.items()}
        approvals: dict[str, Approval] = {
            name: build_approval(name, entry, self.actions) for name, entry in parts.approvals.items()
        }
        return Machine(
            document, states, with_given_events(events, next(iter(states)), parts.where), timers, approvals,
            parts.late_events, parts.where,
        )  # fmt: skip

    def _state(self, name: str, entry: Entry) -> State:
        return State(
            name=name,
            title=entry.title(),
            final=entry.flag("final"),
            approval=entry.text("approval"),
            until=_deadline(entry.entry("until", "deadline")),
            enter=self.actions.actions(entry, "enter"),
            leave=self.actions.actions(entry, "leave"),
            where=entry.where,
        )

    def _event(self, name: str, entry: Entry) -> Event:
        if "from" not in entry:
            entry.missing("from")
        return Event(
            name=name,
            title=entry.title(),
            sources=entry.names("from"),
            to=entry.text("to"),
            by=by_of(entry.several("by")),
            when=entry.formula("when"),
            refusal=entry.title("refusal"),
            ask=self.fields.fields(entry.entries("ask", "field")),
            do=self.actions.actions(entry),
            check_all=entry.text("check") == "all",
            sign=entry.text("sign"),
            delete=entry.flag("delete"),
            together=entry.flag("together"),
            failed=entry.text("failed"),
            style=entry.text("style"),
            limit=_limit(entry.entry("limit", "rate_limit")),
            where=entry.where,
        )

    def _timer(self, name: str, entry: Entry) -> Timer:
        warn = entry.piece("warn")
        return Timer(
            name=name,
            title=entry.title(),
            runs=entry.names("runs"),
            stands=entry.names("stands"),
            within=entry.length("within"),
            calendar=entry.text("calendar"),
            met_by=entry.names("met_by"),
            warn=tuple(self._warning(share, piece) for share, piece in (warn.entries() if warn else {}).items()),
            late=self.actions.actions(entry, "late"),
            where=entry.where,
        )

    def _warning(self, text: str, piece: Piece) -> tuple[Decimal, tuple[Act, ...]]:
        acts = (self.actions.action(item) for item in piece.items())
        return read_share(text) or Decimal(1), tuple(act for act in acts if act is not None)


def with_given_events(events: Mapping[str, Event], first: str, where: Span) -> dict[str, Event]:
    """The events, and those that need not be declared: one that creates, and `change`."""
    found = dict(events)
    if not any(NEW in event.sources for event in events.values()):
        enter = Event(ENTER, _ENTER, (NEW,), first, where=where)
        found = {ENTER: enter, **found} if ENTER not in found else {**found, CHANGE + "_" + ENTER: enter}
    if CHANGE not in found:
        found[CHANGE] = Event(CHANGE, _CHANGE, (ANY,), where=where)
    return found


def by_of(pieces: list[Piece]) -> By:
    """Who may raise an event: roles, parts of the engine, an expression behind `=`."""
    roles: list[str] = []
    special: list[str] = []
    formula: Formula | None = None
    for piece in pieces:
        text = text_of(piece)
        if text.startswith("="):
            formula = given_of(piece).formula
        else:
            (special if text in SPECIAL else roles).append(text)
    return By(tuple(roles), formula, tuple(special))


def _deadline(entry: Entry | None) -> Deadline | None:
    if entry is None:
        return None
    return Deadline(entry.text("event"), entry.length("after"), entry.formula("at"), entry.where)


def _limit(entry: Entry | None) -> tuple[str, str]:
    return ("", "") if entry is None else (entry.text("per"), entry.text("rate"))
