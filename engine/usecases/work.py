"""One transaction of the engine: events on documents, with everything that belongs to the same commit.

In: a unit of the store, who acts, the moment. Out: records saved, history written, effects queued; or `Refused`, and
then the caller's transaction rolls everything back. Nothing slow or remote happens here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from engine.access.rights import RecordRights, rights_of
from engine.documents import compute as computing
from engine.documents.bind import bind
from engine.documents.changes import changes
from engine.documents.rules import check, check_fields, refusing
from engine.expressions.environment import Env
from engine.machines.step import Obstacle, Step, obstacle, step
from engine.model.actions import Act
from engine.model.documents import Document, Field
from engine.model.machines import Event, Machine
from engine.model.records import Effect, HistoryEntry, Record
from engine.ports import Duplicate, Unit
from engine.problems import Finding, Refused
from engine.usecases.numbering import number_of
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.world import RecordWorld

Values = dict[str, object]
DEEPEST = 20


@dataclass(slots=True)
class Working:
    """A record that this transaction works on: as it was stored, as it is now."""

    document: Document
    values: Values
    before: Values | None
    dirty: bool = False
    notes: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What comes with an event: raw field values, answers to what it asks, confirmed findings, a comment.

    `renewed` are fields just changed by the person: what is copied from them is copied anew.
    """

    raw: Mapping[str, object] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    comment: str = ""
    renewed: frozenset[str] = frozenset()


NO_INPUTS = Inputs()


@dataclass(slots=True)
class Applied:
    """One event being applied; what actions and history need to know of it."""

    working: Working
    event: Event
    state_before: str | None
    asked: Values
    actor: Actor
    comment: str = ""
    names: dict[str, object] = field(default_factory=dict)
    effects: int = 0


class Perform(Protocol):
    """What a step sets going; implemented by `engine.usecases.acting.Performer`."""

    def actions(self, work: Work, applied: Applied, actions: Sequence[Act]) -> None:
        """Carry out actions in order."""
        ...

    def state_changed(self, work: Work, applied: Applied, moved: Step) -> None:
        """Start and stop timers and approvals."""
        ...

    def changed(self, work: Work, applied: Applied) -> None:
        """Queue looks at events that happen by themselves."""
        ...


class Work:
    """Applies events within one unit of work. `perform` carries out actions: `engine.usecases.acting`."""

    def __init__(self, runtime: Runtime, unit: Unit, actor: Actor, perform: Perform) -> None:
        self.runtime, self.unit, self.actor = runtime, unit, actor
        self.now: datetime = runtime.clock.now()
        self.world = RecordWorld(runtime, unit, actor, self.now)
        self.touched: dict[tuple[str, str], Working] = {}
        self._perform = perform
        self._depth = 0

    # --- records -----------------------------------------------------------------------------------------------

    def open(self, document: str, record_id: str) -> Working:
        """A record to work on, locked until the commit. Raises Refused when there is none."""
        key = (document, record_id)
        if key not in self.touched:
            record = self.unit.fetch(document, record_id, lock=True)
            if record is None or record.values.get("deleted"):
                raise Refused((), kind="not_found")
            declared = self.runtime.definitions.documents[document]
            self._hold(Working(declared, record.values, deepcopy(record.values)))
        return self.touched[key]

    def blank(self, document: str) -> Working:
        """A new record, not yet stored."""
        declared = self.runtime.definitions.documents[document]
        values: Values = computing.blank(declared.fields)
        values.update(
            id=self.runtime.ids.new(),
            number=None,
            state=None,
            version=0,
            created_at=self.now,
            created_by=self.actor.id,
            changed_at=self.now,
            changed_by=self.actor.id,
            deleted=False,
            frozen=False,
        )
        working = Working(declared, values, None)
        self._hold(working)
        return working

    def _hold(self, working: Working) -> None:
        key = (working.document.id, str(working.values["id"]))
        self.touched[key] = working
        self.world.put(key[0], working.values)

    def rights(self, document: str, values: Mapping[str, object] | None, actor: Actor) -> RecordRights:
        """What the actor may do with a record; None: in general."""
        definitions = self.runtime.definitions
        held = rights_of(
            definitions.documents[document],
            definitions.access.get(document, {}),
            actor.roles,
            everything=bool(actor.special),
        )
        return held.in_general() if values is None else held.on(values, self.world)

    def day_of(self, working: Working) -> date:
        """The business date by which a document is judged."""
        formula = working.document.business_date
        if formula is not None:
            day = formula(Env(working.values, self.world, this=working.values))
            if isinstance(day, datetime):
                return day.date()
            if isinstance(day, date):
                return day
        return self.now.date()

    # --- events ------------------------------------------------------------------------------------------------

    def prepare(
        self,
        working: Working,
        event: Event,
        actor: Actor,
        inputs: Inputs,
    ) -> tuple[Values, list[Finding]]:
        """Bind, compute and check, without changing the state or storing: a preview, and how `apply` begins.

        Gives the typed answers to what the event asks, and all findings.
        """
        document = working.document
        rights = self.rights(document.id, None if working.before is None else working.before, actor)
        bound = bind(
            document.fields,
            inputs.raw,
            may_set=lambda path: self._may_set(document, working, event, rights, path),
            exists=self.exists,
            new_id=self.runtime.ids.new,
            rows_before=working.before,  # type: ignore[arg-type]
        )
        working.values.update(bound.values)
        given = frozenset(name for name, value in bound.values.items() if value is not None)
        self.derive(working, given, inputs.renewed, defaults=frozenset(bound.values))
        answers, faults = self._bind_asked(event, inputs.asked, working)
        findings = [*bound.findings, *faults]
        named = {finding.at for finding in findings}
        judged = check(
            document,
            working.values,
            world=self.world.as_of(self.day_of(working)),
            event=event.name,
            day=self.day_of(working),
            event_values=answers,
        )
        return answers, findings + [finding for finding in judged if finding.at not in named or not finding.at]

    def derive(
        self,
        working: Working,
        given: frozenset[str] = frozenset(),
        renewed: frozenset[str] = frozenset(),
        defaults: frozenset[str] | None = None,
    ) -> None:
        """Defaults of new records and rows, then everything computed, in order."""
        document, values = working.document, working.values
        world = self.world.as_of(self.day_of(working))
        if working.before is None and defaults is not None:
            computing.give_defaults(document.fields, values, Env(values, world, this=values), defaults)
        for name, declared in document.fields.items():
            if declared.is_table and defaults is not None:
                for index, row in enumerate(computing.rows_of(values, name)):
                    computing.give_defaults(declared.fields, row, computing.row_env(row, values, index, world))
        program, new_id = self.runtime.force.programs[document.id], self.runtime.ids.new
        computing.Computation(document, program, world, new_id, working.before, given, renewed).fill(values)

    def _may_set(
        self, document: Document, working: Working, event: Event, rights: RecordRights, path: tuple[str, ...]
    ) -> bool:
        declared = document.field_at(path)
        if declared is None or not self.is_editable(document, declared, working.values, path):
            return False
        if working.before is None:
            return rights.everything or (rights.create and (rights.reads(path[0])))
        return rights.edits(path[0])

    def is_editable(self, document: Document, declared: Field, values: Values, path: tuple[str, ...]) -> bool:
        """Whether a person may set the field at all, whoever it is."""
        if declared.edit is False or (declared.edit is None and (declared.is_derived or declared.copied is not None)):
            return False
        if len(path) == 2:
            return self.is_editable(document, document.fields[path[0]], values, path[:1])
        if declared.edit is None or declared.edit is True:
            return True
        return declared.edit.holds(Env(values, self.world, this=values))

    def _bind_asked(self, event: Event, asked: Mapping[str, object], working: Working) -> tuple[Values, list[Finding]]:
        bound = bind(event.ask, asked, may_set=lambda path: True, exists=self.exists, new_id=self.runtime.ids.new)
        answers: Values = {**computing.blank(event.ask), **bound.values}
        env = Env(answers, self.world, this=working.values, event=answers)
        computing.give_defaults(event.ask, answers, env, asked)
        missing = check_fields(event.ask, answers, env, ())
        findings = [*bound.findings, *missing]
        return answers, [Finding(f.code, f.text, ("event", *f.at), f.level, f.where) for f in findings]

    def exists(self, declared: Field, value: str) -> bool:
        """Whether a code or reference may be chosen: known today, and within the actor's rows for a person."""
        if declared.kind in ("code", "codes"):
            return self.world.code(declared.type.of, value, "code") is not None
        document, record_id = declared.type.of, value
        if not document:
            document, _, record_id = value.partition(":")
        if document not in self.runtime.definitions.documents:
            return False
        row = self.world.follow(document, record_id)
        return row is not None and not row.get("deleted") and self.rights(document, row, self.actor).any

    def obstacle_to(
        self, working: Working, event: Event, actor: Actor, answers: Values | None = None
    ) -> Obstacle | None:
        """What keeps the actor from raising the event on the record as it is now."""
        machine = self.machine(working.document.id)
        stored = None if working.before is None else working.before
        rights = self.rights(working.document.id, stored, actor)
        if not actor.special and not may_raise(rights, event, new=stored is None):
            return Obstacle.WHO
        env = Env(working.values, self.world, this=working.values, event=answers)
        state = None if stored is None else str(working.values["state"] or "")
        return obstacle(machine, event, state, roles=actor.roles, user=actor.id, special=actor.special, env=env)

    def machine(self, document: str) -> Machine:
        """The machine of a document type."""
        return self.runtime.definitions.machines[document]

    def apply(self, working: Working, event_name: str, actor: Actor, inputs: Inputs = NO_INPUTS) -> Working:
        """Apply one event: bind, compute, check, step, act, save. Raises Refused."""
        if self._depth >= DEEPEST:
            raise Refused((_finding("too_deep", f"事件嵌套超过{DEEPEST}层", f"events nest deeper than {DEEPEST}"),))
        machine = self.machine(working.document.id)
        event = machine.events.get(event_name)
        if event is None:
            raise Refused(
                (_finding("unknown_event", f"没有事件“{event_name}”", f"no event {event_name!r}"),), kind="not_allowed"
            )
        self._refuse_obstacle(machine, event, self._first_obstacle(working, event, actor))
        answers, findings = self.prepare(working, event, actor, inputs)
        refused = refusing(findings, inputs.confirmed)
        if refused:
            raise Refused(findings)
        self._refuse_obstacle(machine, event, self.obstacle_to(working, event, actor, answers))
        working.notes.extend(findings)
        self._depth += 1
        try:
            state = None if working.before is None else str(working.values["state"] or "")
            self._step(Applied(working, event, state, answers, actor, inputs.comment))
        finally:
            self._depth -= 1
        return working

    def _first_obstacle(self, working: Working, event: Event, actor: Actor) -> Obstacle | None:
        """State and rights before any input is looked at; the guard is judged on the values as they will be."""
        found = self.obstacle_to(working, event, actor)
        return None if found is Obstacle.GUARD else found

    def _refuse_obstacle(self, machine: Machine, event: Event, found: Obstacle | None) -> None:
        if found is None:
            return
        if found is Obstacle.GUARD:
            text = (
                event.refusal.texts()
                if event.refusal.zh
                else {
                    "zh": f"条件不满足，不能{event.title.zh}",
                    "en": f"{event.title.worded('en')} is not possible: its condition does not hold",
                }
            )
            raise Refused(
                (Finding(event.name, text, where=event.when.where if event.when else event.where),), kind="not_allowed"
            )
        if found is Obstacle.STATE:
            raise Refused(
                (
                    _finding(
                        "state",
                        f"当前状态不能{event.title.zh}",
                        f"{event.title.worded('en')} is not possible in this state",
                    ),
                ),
                kind="not_allowed",
            )
        raise Refused(
            (_finding("forbidden", f"您不能{event.title.zh}", f"you may not {event.title.worded('en')}"),),
            kind="forbidden",
        )

    def _step(self, applied: Applied) -> None:
        working, event = applied.working, applied.event
        machine = self.machine(working.document.id)
        new = working.before is None
        moved = step(machine, event, None if new else str(working.values["state"] or ""))
        working.values["state"] = moved.to
        working.values["frozen"] = bool(working.values["frozen"]) or event.name in working.document.freeze.on
        working.dirty = True
        actions = [
            *(moved.left.leave if moved.left else ()),
            *event.do,
            *(moved.entered.enter if moved.entered else ()),
        ]
        if new and working.document.number is not None:
            working.values["number"] = number_of(working.document, working.values, self.world, self.unit)
        self._perform.actions(self, applied, actions)
        self.save(applied)
        if moved.left is not None or moved.entered is not None or new:
            self._perform.state_changed(self, applied, moved)
        self._perform.changed(self, applied)

    def save(self, applied: Applied) -> None:
        """Store the record and its history entry, where anything changed since it was last stored."""
        working = applied.working
        if not working.dirty:
            return
        document, values = working.document, working.values
        self.derive(working)
        values["version"] = int(str(values["version"])) + 1
        values["changed_at"], values["changed_by"] = self.now, applied.actor.id
        record = Record(document.id, values)
        try:
            if working.before is None:
                self.unit.insert(record)
            else:
                self.unit.update(record, int(str(values["version"])) - 1)
        except Duplicate as duplicate:
            raise Refused(tuple(self._duplicate(document, duplicate)), kind="duplicate") from None
        self.unit.append_history(self._entry(applied))
        working.before, working.dirty = deepcopy(values), False

    def _entry(self, applied: Applied) -> HistoryEntry:
        working = applied.working
        return HistoryEntry(
            working.document.id,
            str(working.values["id"]),
            int(str(working.values["version"])),
            self.now,
            applied.actor.id,
            applied.event.name,
            applied.state_before,
            str(working.values["state"] or ""),
            changes(working.document.fields, working.before, working.values),
            applied.comment,
            definitions=self.runtime.definitions.version,
        )

    def _duplicate(self, document: Document, duplicate: Duplicate) -> list[Finding]:
        titles = "、".join(document.fields[n].title.zh if n in document.fields else n for n in duplicate.fields)
        text = {"zh": f"{titles}已经有了，不能重复", "en": f"{', '.join(duplicate.fields)}: already taken"}
        return [Finding("duplicate", text, (name,)) for name in duplicate.fields if name in document.fields] or [
            Finding("duplicate", text)
        ]

    # --- effects -----------------------------------------------------------------------------------------------

    def effect(
        self,
        kind: str,
        key: str,
        payload: Mapping[str, object],
        *,
        document: str = "",
        record_id: str = "",
        due: datetime | None = None,
    ) -> None:
        """Queue something for after the commit, once per key."""
        self.unit.put_effect(
            Effect(
                self.runtime.ids.new(), kind, key, due or self.now, document, record_id, payload, created_at=self.now
            )
        )

    def effect_of(self, applied: Applied, kind: str, payload: Mapping[str, object]) -> None:
        """Queue an effect of one event; its key is the record, its version and its place among the event's effects."""
        values = applied.working.values
        applied.effects += 1
        place = (
            kind,
            applied.working.document.id,
            values["id"],
            values["version"],
            applied.event.name,
            applied.effects,
        )
        self.effect(
            kind, ":".join(map(str, place)), payload, document=applied.working.document.id, record_id=str(values["id"])
        )


def may_raise(rights: RecordRights, event: Event, *, new: bool) -> bool:
    """Whether access grants the event: creating events go with `create`, `change` with any field to edit."""
    if rights.everything:
        return True
    if new:
        return rights.create and event.name not in rights.denied
    if event.name == CHANGE:
        return rights.any and bool(rights.edit) and event.name not in rights.denied
    return rights.any and rights.raises(event.name)


CHANGE = "change"


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
