"""What an event would do, before anything is stored: rights, binding, computing, checking, obstacles.

In: a working record, an event, what came with it. Out: typed answers and findings; only the working copy changes. Both
previews and real events stand on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.documents import compute as computing
from engine.documents.bind import Bound, Typed, bind
from engine.documents.passwords import KIND as PASSWORD
from engine.documents.passwords import weak_passwords
from engine.documents.rules import check, check_fields
from engine.expressions.environment import Env
from engine.machines.step import Obstacle, obstacle
from engine.model.documents import Document, Field
from engine.model.machines import Event, Machine
from engine.model.types import Kind
from engine.ports import Unit
from engine.problems import Finding, Refused
from engine.usecases.rounds import is_too_late
from engine.usecases.runtime import Runtime
from engine.usecases.vetting import Given, asked_values, given_values, outside_choices, strange_files, without_masks
from engine.usecases.views import Actor
from engine.usecases.world import RecordWorld

Values = dict[str, object]


@dataclass(slots=True)
class Working:
    """A record that this transaction works on: as it was stored, as it is now.

    `settled`: what the engine gives has been computed since the values last changed. What is kept
    `elsewhere`, such as the memory of a flow, is changed like a record and never saved as one.
    """

    document: Document
    values: Values
    before: Values | None
    dirty: bool = False
    derived: Values | None = None  # what it was when it was last computed: copies are taken only from what is new
    settled: bool = False
    notes: list[Finding] = field(default_factory=list)
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Inputs:
    """What comes with an event: raw field values, answers to what it asks, confirmed findings, a comment.

    `renewed` are fields just changed by the person: what is copied from them is copied anew. `on_behalf` is the account
    for whom somebody else signs. What is rejected may be `incomplete`: required fields are not asked for. What comes
    `by_system` was not typed by anybody: it also fills what nobody may edit, though never what the engine works out.
    """

    raw: Mapping[str, object] = field(default_factory=dict)
    asked: Mapping[str, object] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    comment: str = ""
    renewed: frozenset[str] = frozenset()
    on_behalf: str = ""
    incomplete: bool = False
    by_system: bool = False


NO_INPUTS = Inputs()


class Desk:
    """One actor before one transaction's documents."""

    def __init__(self, runtime: Runtime, unit: Unit, actor: Actor) -> None:
        self.runtime, self.unit, self.actor = runtime, unit, actor
        self.now: datetime = runtime.clock.now()
        self.world = RecordWorld(runtime, unit, actor, self.now)
        self._typed: Typed = {}

    def rights(self, document: str, values: Mapping[str, object] | None, actor: Actor) -> RecordRights:
        """What the actor may do with a record; None: in general."""
        held = self.runtime.rights(document, actor)
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

    def prepare(
        self,
        working: Working,
        event: Event,
        actor: Actor,
        inputs: Inputs,
        *,
        checked: bool = True,
        opened: frozenset[str] | None = None,
    ) -> tuple[Values, list[Finding]]:
        """Bind, compute and check, without changing the state or storing: a preview, and how `apply` begins.

        Gives the typed answers to what the event asks, and all findings; unless `checked`, none of the document's own.
        `opened` are fields that may be changed instead of those that access grants, as far as they are seen.
        """
        document = working.document
        rights = self.rights(document.id, None if working.before is None else working.before, actor)
        if opened is not None:
            rights = replace(rights, edit=opened)
        raw, bound = self.fill_in(working, rights, inputs)
        answers, faults = self.answers_to(event, inputs.asked, working)
        findings = [*bound.findings, *faults]
        findings += weak_passwords(document, bound.values)
        if not actor.special:
            findings += self._vetted(working, raw, bound.values)
            asked = asked_values(self.world, document, event, answers, working.values, inputs.asked)
            findings += [finding for one in asked for finding in self._judged(one)]
        if not checked:
            return answers, findings
        named = {finding.at for finding in findings}
        judged = check(
            document,
            working.values,
            world=self.world.as_of(self.day_of(working)),
            event=event.name,
            day=self.day_of(working),
            event_values=answers,
            told=self._told(working),
        )
        return answers, findings + [finding for finding in judged if finding.at not in named or not finding.at]

    def fill_in(self, working: Working, rights: RecordRights, inputs: Inputs) -> tuple[Mapping[str, object], Bound]:
        """Bind what was typed where it may be, give defaults and compute: the raw values that counted, and bound."""
        document = working.document
        raw = without_masks(self.world, document, working.before, inputs.raw, rights)
        bound = bind(
            document.fields,
            raw,
            may_set=cache(lambda path: self._may_set(document, working, rights, path, inputs)),
            exists=self.exists,
            new_id=self.runtime.ids.new,
            rows_before=working.before,  # type: ignore[arg-type]
            typed=self._typed,
        )
        for name in [n for n, v in bound.values.items() if v is None and document.fields[n].kind == PASSWORD]:
            del bound.values[name]  # a secret that was left empty stays what it is
        working.values.update(bound.values)
        given = frozenset(name for name, value in bound.values.items() if value is not None)
        try:
            self.derive(working, given, inputs.renewed, frozenset(bound.values), frozenset(bound.emptied))
        except Refused as refused:  # a number beyond its field: told with all the rest
            bound.findings.extend(refused.findings)
        return raw, bound

    def _vetted(self, working: Working, raw: Mapping[str, object], bound: Mapping[str, object]) -> Iterator[Finding]:
        """What a person must not give although its type is right."""
        for given in given_values(self.world, working.document, working.values, working.before, raw, bound):
            yield from self._judged(given)

    def _judged(self, given: Given) -> Iterator[Finding]:
        yield from outside_choices(self.world, given)
        yield from strange_files(self.unit, self.actor.id, given)

    def _told(self, working: Working) -> Values | None:
        """The values as messages may quote them to whoever acts, who may have set off what the engine then does."""
        document, values = working.document, working.values
        rights = self.rights(document.id, working.before, self.actor)
        kept = [name for name in document.fields if not rights.reads(name) or name in rights.masked]
        if rights.everything or not kept:
            return None
        return {**values, **{name: _quoted(document.fields[name], values.get(name), rights) for name in kept}}

    def derive(
        self,
        working: Working,
        given: frozenset[str] = frozenset(),
        renewed: frozenset[str] = frozenset(),
        defaults: frozenset[str] | None = None,
        emptied: frozenset[tuple[str, ...]] = frozenset(),
    ) -> None:
        """Defaults of new records and rows, then everything computed, in order."""
        document, values = working.document, working.values
        world = self.world.as_of(self.day_of(working))
        if working.before is None and defaults is not None:
            computing.give_defaults(document.fields, values, Env(values, world, this=values), defaults)
        for name, declared in document.fields.items():
            if declared.is_table and defaults is not None and any(one.default for one in declared.fields.values()):
                rows = computing.rows_of(values, name)
                for row, env in zip(rows, computing.row_envs(rows, values, world), strict=True):
                    computing.give_defaults(declared.fields, row, env)
        program, new_id = self.runtime.force.programs[document.id], self.runtime.ids.new
        before = working.derived or working.before
        computing.Computation(document, program, world, new_id, before, given, renewed, emptied).fill(values)
        working.derived, working.settled = computing.snapshot(document, values), True

    def _may_set(
        self, document: Document, working: Working, rights: RecordRights, path: tuple[str, ...], inputs: Inputs
    ) -> bool:
        declared = document.field_at(path)
        if inputs.by_system:
            return declared is not None and not declared.is_engines_own
        if declared is None or not self.is_editable(document, declared, working.values, path):
            return False
        if working.before is None:
            return rights.everything or (rights.create and (rights.reads(path[0])))
        return rights.edits(path[0])

    def is_editable(self, document: Document, declared: Field, values: Values, path: tuple[str, ...]) -> bool:
        """Whether a person may set the field at all, whoever it is."""
        if declared.edit is False or declared.is_engines_own:
            return False
        if len(path) == 2:
            return self.is_editable(document, document.fields[path[0]], values, path[:1])
        if declared.edit is None or declared.edit is True:
            return True
        return declared.edit.holds(Env(values, self.world, this=values))

    def answers_to(self, event: Event, asked: Mapping[str, object], working: Working) -> tuple[Values, list[Finding]]:
        """What an event asks, typed, with defaults, and what is wrong with it."""
        bound = bind(event.ask, asked, may_set=lambda path: True, exists=self.exists, new_id=self.runtime.ids.new)
        answers: Values = {**computing.blank(event.ask), **bound.values}
        env = Env(working.values, self.world, this=working.values, event=answers)
        computing.give_defaults(event.ask, answers, env, asked)
        missing = check_fields(event.ask, answers, env, ())
        findings = [*bound.findings, *missing]
        return answers, [Finding(f.code, f.text, ("event", *f.at), f.level, f.where) for f in findings]

    def exists(self, declared: Field, value: str) -> bool:
        """Whether a code or reference may be chosen: known today, and within the actor's rows for a person."""
        if declared.kind in ("code", "codes"):
            return self.world.has_code(declared.type.of, value)
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
        found = obstacle(machine, event, state, roles=actor.roles, user=actor.id, special=actor.special, env=env)
        if found is None and not actor.special and is_too_late(machine, event, working.values, self.unit):
            return Obstacle.GUARD
        return found

    def machine(self, document: str) -> Machine:
        """The machine of a document type."""
        return self.runtime.definitions.machines[document]


def _quoted(field: Field, value: object, rights: RecordRights) -> object:
    """A value that is not seen in the clear, as a message may quote it: masked where it is text, else not at all."""
    shown = isinstance(value, str) and field.type.kind is Kind.TEXT and rights.reads(field.name)
    return masked(str(value), field.mask) if shown else None


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
