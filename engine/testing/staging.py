"""What a scenario begins with: records put in place as they are told, and somebody for every role.

In: a runtime and a scenario. Out: a `Stage`, a script whose names are those of `given` and of the roles. Records are
stored without their events, so that a scenario may begin in the middle of a life; the clocks and the approval of their
state start now.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass

from engine.documents.bind import bind
from engine.machines.step import Step as Moved
from engine.model.records import Record
from engine.ports import Duplicate
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.numbering import number_of
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Script, Step, StepError
from engine.usecases.views import Actor
from engine.usecases.work import Applied, Work

Given = Mapping[str, object]
_SYSTEM = ("state", "number")


@dataclass(slots=True)
class Stage(Script):
    """A script with its beginning in place."""

    @classmethod
    def prepared(cls, runtime: Runtime, scenario: Mapping[str, object]) -> Stage:
        """The stage of a scenario. Raises StepError."""
        stage = cls(runtime)
        given = scenario.get("given") or {}
        if not isinstance(given, Mapping):
            raise StepError("`given` is no mapping")
        entries = [(str(name), *_entry(one)) for name, one in given.items()]
        units = stage._unit_document()
        for name, document, values in entries:
            if document == units:
                stage.put(name, document, values)
        stage._cast(entries)
        for name, document, values in entries:
            if document != units:
                stage.put(name, document, values)
        return stage

    def document_of(self, step: Step) -> str:
        """The document type that a step is about."""
        on = str(step.get("on") or step.get("create") or "")
        return self.names[on][0] if on in self.names else on

    def _unit_document(self) -> str:
        accounts = self.runtime.node.accounts
        if accounts is None or not accounts.org:
            return ""
        return self.runtime.definitions.documents[accounts.document].fields[accounts.org].type.of

    def _cast(self, entries: list[tuple[str, str, Given]]) -> None:
        """An account for every role that nobody given has, in the first unit; it bears the role's name.

        None where something given bears that name already.
        """
        accounts = self.runtime.node.accounts
        if accounts is None:
            return
        units = self._unit_document()
        if units and not any(document == units for document, _ in self.names.values()):
            self.put("unit", units, {})
        unit = next((name for name, (document, _) in self.names.items() if document == units), "")
        people = [values for _, document, values in entries if document == accounts.document]
        held = {role for values in people for role in _words(values.get(accounts.roles))}
        taken = {name for name, _, _ in entries} | {str(values.get(accounts.login)) for values in people}
        roles = {role for system in self.runtime.definitions.systems.values() for role in system.roles}
        for role in sorted(roles - held - taken):
            values: dict[str, object] = {accounts.login: role, accounts.name: role, accounts.roles: [role]}
            if accounts.org and unit:
                values[accounts.org] = unit
            self.put(role, accounts.document, values)

    def put(self, name: str, document: str, values: Given) -> None:
        """Store a record as it is told; what is not told is given as ever. Raises StepError."""
        if document not in self.runtime.definitions.documents:
            raise StepError(f"{name}: there is no document type {document!r}")
        try:
            record_id = in_work(self.runtime, self._giver(), lambda work: self._stored(work, name, document, values))
        except Duplicate as fault:
            raise StepError(f"{name}: another {document} has the same {', '.join(fault.fields)}") from fault
        self.names[name] = (document, record_id)

    def _giver(self) -> Actor:
        """The engine, on behalf of the first account, so that defaults of its unit hold."""
        accounts = self.runtime.node.accounts
        first = next((name for name, (one, _) in self.names.items() if accounts and one == accounts.document), None)
        if first is None:
            return ENGINE
        found = self.actor(first)
        return Actor(ENGINE.id, ENGINE.name, found.roles, found.org, found.values, special=ENGINE.special)

    def _stored(self, work: Work, name: str, document: str, values: Given) -> str:
        working = work.blank(document)
        fields = working.document.fields
        raw = {key: self.value(fields.get(key), one) for key, one in values.items() if key not in _SYSTEM}
        new_id = self.runtime.ids.new
        bound = bind(fields, raw, may_set=lambda _path: True, exists=work.exists, new_id=new_id)
        if bound.findings:
            raise StepError(f"{name}: " + "; ".join(f"{'.'.join(f.at)}: {f.text['en']}" for f in bound.findings))
        creating = work.machine(document).creating()
        working.values.update(bound.values, state=values.get("state") or (creating[0].to if creating else ""))
        given = frozenset(bound.values)
        work.derive(working, given, defaults=given)
        if working.document.number is not None:
            number = values.get("number")
            working.values["number"] = number or number_of(working.document, working.values, work.world, work.unit)
        working.values["version"] = 1
        work.unit.insert(Record(document, working.values))
        working.before = deepcopy(working.values)
        self._started(work, working)
        return str(working.values["id"])

    def _started(self, work: Work, working: Working) -> None:
        """Start the clocks and the approval of the state that the record stands in."""
        machine = work.machine(working.document.id)
        state = str(working.values["state"] or "")
        event = next(iter(machine.events.values()))
        moved = Moved(event, "", state, None, machine.states.get(state))
        Performer().state_changed(work, Applied(working, event, None, {}, work.actor), moved)


def _entry(one: object) -> tuple[str, Given]:
    """`{order: {name: …}}`: the document type and its values."""
    if not isinstance(one, Mapping) or len(one) != 1:
        raise StepError("an entry of `given` is one document type with its values")
    ((document, values),) = one.items()
    return str(document), values if isinstance(values, Mapping) else {}


def _words(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
