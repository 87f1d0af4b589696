"""What a scenario begins with: records put in place as they are told, and somebody for every role.

In: a runtime and a scenario. Out: a `Stage`, a script whose names are those of `given` and of the roles. Records are
stored without their events, so that a scenario may begin in the middle of a life; the clocks and the approval of their
state start now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.console import say
from engine.usecases.acting import ENGINE
from engine.usecases.placing import Given, entries_of, on_behalf_of, place
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Script, Step
from engine.usecases.views import Actor


@dataclass(slots=True)
class Stage(Script):
    """A script with its beginning in place. `holders` are those given who hold a role, by the role."""

    holders: dict[str, str] = field(default_factory=dict)

    @classmethod
    def prepared(cls, runtime: Runtime, scenario: Mapping[str, object]) -> Stage:
        """The stage of a scenario. Raises StepError."""
        stage = cls(runtime, system=str(scenario.get("system") or ""))
        told = entries_of(scenario.get("given") or {})
        entries = [(name, stage.key(document), values) for name, document, values in told]
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
        return self.names[on][0] if on in self.names else self.key(on)

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
        people = {name: values for name, document, values in entries if document == accounts.document}
        self.holders = {role: name for name, values in people.items() for role in _words(values.get(accounts.roles))}
        taken = {name for name, _, _ in entries} | {str(values.get(accounts.login)) for values in people.values()}
        roles = {role for system in self.runtime.definitions.systems.values() for role in system.roles}
        for role in sorted(roles - self.holders.keys() - taken):
            values: dict[str, object] = {accounts.login: role, accounts.name: role, accounts.roles: [role]}
            if accounts.org and unit:
                values[accounts.org] = unit
            self.put(role, accounts.document, values)

    def put(self, name: str, document: str, values: Given) -> None:
        """Store a record as it is told, on behalf of the first account. Raises StepError."""
        place(self, self._giver(), [(name, document, values)])

    def _nobody(self, who: str) -> str:
        """That there is no such account; of a role that somebody given holds, why it has none of its name."""
        if who in self.holders:
            return say("course.held", name=who, holder=self.holders[who])
        return say("course.account", name=who)

    def _giver(self) -> Actor:
        accounts = self.runtime.node.accounts
        first = next((name for name, (one, _) in self.names.items() if accounts and one == accounts.document), None)
        return ENGINE if first is None else on_behalf_of(self.actor(first))


def _words(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []
