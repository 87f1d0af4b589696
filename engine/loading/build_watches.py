"""Building of rules over streams of events.

In: entries judged by the schema. Out: `engine.model.event_rules.EventRule`. Events of documents are named by the keys
of their document types; whether there are such events and keys is found by the checks.
"""

from __future__ import annotations

from engine.loading.build_actions import ActionBuilder
from engine.loading.entry import Entry, text_of
from engine.loading.names import Names
from engine.loading.piece import is_mapping
from engine.model.event_rules import Absent, EventRule
from engine.model.formula import Formula
from engine.model.happenings import HAPPENINGS


def build_watch(name: str, entry: Entry, names: Names, actions: ActionBuilder) -> EventRule:
    """One rule."""
    return EventRule(
        id=name,
        title=entry.title(),
        system=entry.origin.system,
        on=_events(entry, names),
        same=entry.names("same"),
        per=entry.names("per"),
        when=entry.formula("when"),
        times=entry.whole("times") or 1,
        within=entry.length("within"),
        in_a_row=entry.whole("in_a_row") or 0,
        then_not=_absent(entry.entry("then_not", "absence"), names),
        not_after=_absent(entry.entry("not_after", "absence"), names),
        do=actions.actions(entry),
        where=entry.where,
    )


def _events(entry: Entry, names: Names) -> dict[str, str]:
    piece = entry.piece("on")
    if piece is not None and is_mapping(piece.value):
        return {role: _event(text_of(one), entry, names) for role, one in piece.entries().items()}
    return {"": _event(entry.text("on"), entry, names)}


def _event(written: str, entry: Entry, names: Names) -> str:
    document, _, event = written.rpartition(".")
    if written in HAPPENINGS or not document:
        return written
    key = names.resolve("document", document, entry.origin.system, entry.where, entry.origin.problems)
    return f"{key}.{event}"


def _absent(entry: Entry | None, names: Names) -> Absent | None:
    if entry is None:
        return None
    return Absent(_event(entry.text("event"), entry, names), entry.length("within") or Formula("null", entry.where))
