"""Building of flows: what is kept, steps with their screens and meetings, and the ways out.

In: a `flow` file judged by its schema; document types as built. Out: `engine.model.flows.Flow`. Whether steps, devices
and outcomes exist is found by the checks. What this version does not carry out is noted with its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.loading.build_actions import ActionBuilder
from engine.loading.build_fields import RECORD, FieldBuilder
from engine.loading.build_touch_parts import TouchRoom
from engine.loading.entry import Entry, template_of, text_of, title_of
from engine.loading.phrases import read_type
from engine.loading.piece import Piece, is_mapping
from engine.model.actions import Act
from engine.model.documents import Document, Field
from engine.model.flow_devices import CALL, DEVICE, READ, READINGS, WAIT
from engine.model.flows import AGAIN, Branch, Flow, FlowButton, Idle, Meeting, Step
from engine.model.formula import Template, Title
from engine.model.free_pages import Component
from engine.model.types import Kind, Shape, Type
from engine.problems import Span

KIOSK = "kiosk"
_MEETINGS = (READ, WAIT, DEVICE, CALL)
_LANGUAGES = frozenset({"zh", "en"})
_LATER = ("scan", "offline")


@dataclass(slots=True)
class FlowBuilder:
    """Builds flows with the names and document types that are in reach."""

    fields: FieldBuilder
    documents: Mapping[str, Document]
    later: list[tuple[str, Span]] = field(default_factory=list)

    def flow(self, key: str, entry: Entry) -> Flow:
        """One flow."""
        self.later = []
        device = entry.text("device", KIOSK)
        if device != KIOSK:
            self.later.append((f"device: {device}", entry.at("device")))
        idle, steps = entry.entry("idle", "idle"), entry.entries("steps", "flow_step")
        after = None if idle is None else idle.length("after")
        return Flow(
            id=key,
            title=entry.title(),
            system=entry.origin.system,
            memory=self._memory(key, entry),
            steps={name: self._step(name, one) for name, one in steps.items()},
            start=entry.text("start"),
            device=device,
            number=entry.template("number"),
            stages=tuple(title_of(piece) for piece in entry.several("stages")),
            idle=None if idle is None or after is None else Idle(after, idle.text("go")),
            always=_leads(entry, "always"),
            restart=entry.text("restart", AGAIN),
            where=entry.where,
            later=tuple(self.later),
        )

    def _memory(self, key: str, entry: Entry) -> Document:
        """What is kept, as a document type; nothing of it has to be there."""
        found = self.fields.parameters(entry, "keep")
        piece = entry.piece("keep")
        for name, one in (piece.entries() if piece is not None else {}).items():
            if (reading := _reading(name, one)) is not None:
                found[name] = reading
        kept = {name: replace(one, required=False, type=one.type.nullable()) for name, one in found.items()}
        shape = Shape(key, {name: one.type for name, one in kept.items()})
        return Document(key, entry.origin.system, entry.title(), kept, shape, entry.at("keep"))

    # --- steps -------------------------------------------------------------------------------------------------------

    def _step(self, name: str, entry: Entry) -> Step:
        self.later += [(key, entry.at(key)) for key in _LATER if key in entry]
        run = self._key("flow", entry, "run")
        if not any(key in entry for key in (*_MEETINGS, "run")):
            for key in ("with", "into"):
                if (piece := entry.piece(key)) is not None:
                    entry.report("FLW029", piece.key_where, key=key)
        return Step(
            name=name,
            title=entry.title(),
            stage=entry.text("stage"),
            screen=self._screen(entry),
            meets=self._meets(entry),
            run=run,
            given=entry.givens("with") if run else {},
            into=entry.text("into") if run else "",
            timeout=entry.length("timeout"),
            refresh=entry.length("refresh"),
            do=self._actions(entry),
            choose=tuple(self._branch(one) for one in entry.each("choose", "flow_branch")),
            next=entry.text("next"),
            on=_leads(entry, "on"),
            buttons=_buttons(entry),
            confirm=_confirm(entry.piece("confirm")),
            sound=entry.text("sound"),
            restart=entry.text("restart"),
            end=entry.text("end"),
            where=entry.where,
        )

    def _screen(self, entry: Entry) -> tuple[Component, ...]:
        room = TouchRoom(fields=self.fields, documents=self.documents)
        found = room.body(entry, "screen", "")
        self.later += room.later
        return found

    def _actions(self, entry: Entry) -> tuple[Act, ...]:
        return ActionBuilder(self.fields.names, {}).actions(entry)

    def _branch(self, entry: Entry) -> Branch:
        return Branch(entry.text("go"), entry.formula("when"), self._actions(entry), entry.where)

    def _meets(self, entry: Entry) -> dict[str, Meeting]:
        """The step's one meeting under no name, or those that race by theirs."""
        own = self._meeting(entry)
        raced = {name: self._meeting(one) for name, one in entry.entries("race", "flow_meeting").items()}
        return {name: one for name, one in {"": own, **raced}.items() if one is not None}

    def _meeting(self, entry: Entry) -> Meeting | None:
        kind = next((kind for kind in _MEETINGS if kind in entry), "")
        if not kind:
            return None
        what = self._key("call", entry, CALL) if kind == CALL else entry.text(kind)
        button = entry.text("button") if entry.shape == "flow_meeting" else ""
        return Meeting(kind, what, entry.givens("with"), entry.text("into"), button, entry.where)

    def _key(self, kind: str, entry: Entry, key: str) -> str:
        piece = entry.piece(key)
        if piece is None or piece.value is None:
            return ""
        names = self.fields.names
        return names.resolve(kind, text_of(piece), piece.origin.system, piece.where, piece.origin.problems)


def _reading(name: str, piece: Piece) -> Field | None:
    """What a reader gives, where a phrase names one: `record zone`."""
    phrase = None if is_mapping(piece.value) else read_type(text_of(piece))
    shape = READINGS.get(phrase.of) if phrase is not None and phrase.kind == RECORD else None
    if shape is None:
        return None
    return Field(name, Title(), RECORD, Type(Kind.ROW, shape.name, shape=shape), piece.where)


def _leads(entry: Entry, key: str) -> dict[str, str]:
    """Steps by outcome."""
    piece = entry.piece(key)
    return {} if piece is None else {outcome: text_of(one) for outcome, one in piece.entries().items()}


def _buttons(entry: Entry) -> dict[str, FlowButton]:
    piece = entry.piece("buttons")
    return {} if piece is None else {name: _button(name, one) for name, one in piece.entries().items()}


def _button(name: str, piece: Piece) -> FlowButton:
    if not is_mapping(piece.value):
        return FlowButton(name, title_of(piece), where=piece.where)
    entry = Entry.of(piece, "flow_button")
    worded = Title(entry.text("zh"), entry.text("en"))
    title = entry.title() if "title" in entry else worded
    return FlowButton(
        name, title, entry.formula("show"), entry.text("field"), entry.formula("badge"), where=piece.where
    )


def _confirm(piece: Piece | None) -> dict[str, Template]:
    """A question before every button, or one for each of some."""
    if piece is None or piece.value is None:
        return {}
    if is_mapping(piece.value) and not piece.entries().keys() <= _LANGUAGES:
        return {name: template_of(one) for name, one in piece.entries().items()}
    return {"": template_of(piece)}
