"""One transaction of the engine: events on documents, with everything that belongs to the same commit.

In: a unit of the store, who acts, the moment. Out: records saved, history written, effects queued; or `Refused`, and
then the caller's transaction rolls everything back. Nothing slow or remote happens here.
Long because what one transaction does with an event is read in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.documents import compute as computing
from engine.documents.changes import changes
from engine.documents.passwords import given_passwords
from engine.documents.repeated import repeated
from engine.documents.rules import refusing
from engine.machines.step import Obstacle, Step, step
from engine.model.actions import Act
from engine.model.machines import Event, Machine
from engine.model.records import Effect, HistoryEntry, Record
from engine.ports import Duplicate, Unit
from engine.problems import Finding, Refused
from engine.usecases.desk import NO_INPUTS, Desk, Inputs, Values, Working
from engine.usecases.happenings import tell_event
from engine.usecases.numbering import number_of
from engine.usecases.postings import Postings
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

DEEPEST = 20


@dataclass(slots=True)
class Applied:
    """One event being applied; what actions and history need to know of it.

    `occasion` tells apart doings that change no version: the run of a job, the share of a timer. `on_behalf` is for
    whom the actor signs.
    """

    working: Working
    event: Event
    state_before: str | None
    asked: Values
    actor: Actor
    comment: str = ""
    names: dict[str, object] = field(default_factory=dict)
    effects: int = 0
    occasion: str = ""
    on_behalf: str = ""
    posting: str = ""  # what its entries in ledgers have in common


class Perform(Protocol):
    """What a step sets going; implemented by `engine.usecases.acting.Performer`."""

    def actions(self, work: Work, applied: Applied, actions: Sequence[Act]) -> None:
        """Carry out actions in order."""
        ...

    def state_changed(self, work: Work, applied: Applied, moved: Step) -> None:
        """Start and stop timers and approvals."""
        ...

    def changed(self, work: Work, applied: Applied, before: Values | None) -> None:
        """Queue looks at events that happen by themselves; `before` is the record as it was."""
        ...

    def posted(self, work: Work, ledger: str, account: Values) -> None:
        """Queue looks at documents that read an account."""
        ...


class Work(Desk):
    """Applies events within one unit of work. `perform` carries out actions: `engine.usecases.acting`."""

    def __init__(self, runtime: Runtime, unit: Unit, actor: Actor, perform: Perform) -> None:
        super().__init__(runtime, unit, actor)
        self.touched: dict[tuple[str, str], Working] = {}
        self.prints: list[tuple[str, str, str]] = []
        self.postings = Postings(self)
        self.world.settling = self.postings
        self._perform = perform
        self.depth = 0  # of events within events

    # --- records -----------------------------------------------------------------------------------------------

    def open(self, document: str, record_id: str) -> Working:
        """A record to work on, locked until the commit. Raises Refused when there is none."""
        key = (document, record_id)
        if key not in self.touched:
            record = self.unit.fetch(document, record_id, lock=True)
            if record is None or record.values.get("deleted"):
                raise Refused((), kind="not_found")
            declared = self.runtime.definitions.documents[document]
            self._hold(Working(declared, record.values, computing.snapshot(declared, record.values)))
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

    # --- events ------------------------------------------------------------------------------------------------

    def apply(self, working: Working, event_name: str, actor: Actor, inputs: Inputs = NO_INPUTS) -> Working:
        """Apply one event: bind, compute, check, step, act, save. Raises Refused."""
        if self.depth >= DEEPEST:
            raise Refused((_finding("too_deep", f"事件嵌套超过{DEEPEST}层", f"events nest deeper than {DEEPEST}"),))
        event, answers, findings = self.admit(working, event_name, actor, inputs)
        for name, password in given_passwords(working.document, {n: working.values.get(n) for n in inputs.raw}):
            if inputs.raw[name]:
                working.values[name] = self.runtime.passwords.hash(password)
        working.notes.extend(findings)
        self.depth += 1
        try:
            state = None if working.before is None else str(working.values["state"] or "")
            self._step(Applied(working, event, state, answers, actor, inputs.comment, on_behalf=inputs.on_behalf))
        finally:
            self.depth -= 1
        if not self.depth:
            self.settle()
        return working

    def settle(self) -> None:
        """Write what was posted, judge it, and let those who watch accounts look again. Raises Refused."""
        for ledger, account in self.postings.finish():
            self._perform.posted(self, ledger, account)

    def admit(
        self, working: Working, event_name: str, actor: Actor, inputs: Inputs
    ) -> tuple[Event, Values, list[Finding]]:
        """What comes before anything happens: the event, what was asked for it, and findings that keep nothing out.

        The values of `working` are bound and computed by then, refused or not. Raises Refused.
        """
        machine = self.machine(working.document.id)
        event = machine.events.get(event_name)
        if event is None:
            raise Refused(
                (_finding("unknown_event", f"没有事件“{event_name}”", f"no event {event_name!r}"),), kind="not_allowed"
            )
        self._refuse_obstacle(machine, event, self._first_obstacle(working, event, actor))
        answers, findings = self.prepare(working, event, actor, inputs)
        if inputs.incomplete:
            findings = [finding for finding in findings if finding.code != "required"]
        refused = refusing(findings, inputs.confirmed)
        if refused:
            raise Refused(findings)
        if not actor.special and not self._keeps_in_sight(working, event, actor):
            text = "您不能为此范围新建记录", "you may not create records there"
            raise Refused((_finding("out_of_rows", *text),), kind="forbidden")
        self._refuse_obstacle(machine, event, self.obstacle_to(working, event, actor, answers))
        return event, answers, findings

    def _keeps_in_sight(self, working: Working, event: Event, actor: Actor) -> bool:
        """Whether a new record lies within the rows for which its maker may create."""
        if working.before is not None:
            return True
        return self.rights(working.document.id, {**working.values, "state": event.to}, actor).create

    def _first_obstacle(self, working: Working, event: Event, actor: Actor) -> Obstacle | None:
        """State and rights before any input is looked at; the guard is judged on the values as they will be."""
        found = self.obstacle_to(working, event, actor)
        return None if found is Obstacle.GUARD else found

    def _refuse_obstacle(self, machine: Machine, event: Event, found: Obstacle | None) -> None:
        if found is None:
            return
        name = {"zh": event.title.zh, "en": event.title.worded("en")}
        if found is Obstacle.GUARD:
            text = event.refusal.texts()
            if not event.refusal.zh:
                zh, en = f"条件不满足，不能{name['zh']}", f"{name['en']} is not possible: its condition does not hold"
                text = {"zh": zh, "en": en}
            where = event.when.where if event.when else event.where
            raise Refused((Finding(event.name, text, where=where),), kind="not_allowed")
        if found is Obstacle.STATE:
            told = f"当前状态不能{name['zh']}", f"{name['en']} is not possible in this state"
            raise Refused((_finding("state", *told),), kind="not_allowed")
        # Whoever may not raise an event is not told what it is called.
        raise Refused((_finding("forbidden", "您不能进行此操作", "you may not do this"),), kind="forbidden")

    def _step(self, applied: Applied) -> None:
        working, event = applied.working, applied.event
        machine = self.machine(working.document.id)
        before, new = working.before, working.before is None
        moved = step(machine, event, None if new else str(working.values["state"] or ""))
        working.values["state"] = moved.to
        working.values["frozen"] = bool(working.values["frozen"]) or event.name in working.document.freeze.on
        working.values["deleted"] = bool(working.values["deleted"]) or event.delete
        working.dirty = True
        working.settled = working.settled and not self.runtime.force.programs[working.document.id].reads_system
        actions = [
            *(moved.left.leave if moved.left else ()),
            *event.do,
            *(moved.entered.enter if moved.entered else ()),
        ]
        if new and working.document.number is not None:
            working.values["number"] = number_of(working.document, working.values, self.world, self.unit)
        self._perform.actions(self, applied, actions)
        self.save(applied)
        if moved.left is not None or moved.entered is not None or new or event.delete:
            self._perform.state_changed(self, applied, moved)
        self._perform.changed(self, applied, before)
        tell_event(self, working, event.name, applied.asked)

    def save(self, applied: Applied) -> None:
        """Store the record and its history entry, where anything changed since it was last stored."""
        working = applied.working
        if not working.dirty or working.elsewhere:
            return
        document, values = working.document, working.values
        values["version"] = int(str(values["version"])) + 1
        values["changed_at"], values["changed_by"] = self.now, applied.actor.id
        if not working.settled:
            self.derive(working)
        record = Record(document.id, values)
        try:
            if working.before is None:
                self.unit.insert(record)
            else:
                self.unit.update(record, int(str(values["version"])) - 1)
        except Duplicate as duplicate:
            raise Refused(repeated(document, duplicate), kind="duplicate") from None
        self.unit.append_history(self._entry(applied))
        working.before, working.dirty = computing.snapshot(document, values), False

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
            on_behalf=applied.on_behalf,
            definitions=self.runtime.definitions.version,
        )

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

    def effect_of(
        self, applied: Applied, kind: str, payload: Mapping[str, object], due: datetime | None = None
    ) -> None:
        """Queue an effect of one event; its key is the record, its version and its place among the event's effects."""
        values, said = applied.working.values, [applied.occasion] if applied.occasion else []
        applied.effects += 1
        place = (
            kind,
            applied.working.document.id,
            values["id"],
            values["version"],
            applied.event.name,
            applied.effects,
            *said,
        )
        key, document = ":".join(map(str, place)), applied.working.document.id
        self.effect(kind, key, payload, document=document, record_id=str(values["id"]), due=due)


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
