"""Checks of scenarios: documents, fields, events, roles and states that an example names exist; names are given first.

In: scenarios as data, with their places. Out: problems. What an example comes to is found by running it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.checks.literals import misfit
from engine.checks.subject import Subject, unknown
from engine.model.documents import Field
from engine.model.happenings import HAPPENINGS
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.problems import Problem, Severity, Span

SPECIAL = frozenset({"approval", "timer", "engine", "device", "itself"})
_REFERENCES = frozenset({Kind.REF, Kind.REFS, Kind.FILE, Kind.FILES, Kind.JSON, Kind.ROWS})
_LEDGER = "ledger "
Keys = tuple[str | int, ...]


def check_scenarios(subject: Subject) -> Iterator[Problem]:
    """All scenarios."""
    for scenario in subject.definitions.scenarios:
        where, system = scenario["where"], scenario["system"]
        if isinstance(where, Span) and isinstance(system, str):
            yield from _Story(subject, where, system).problems(scenario)


@dataclass
class _Story:
    """One scenario as it is told: `names` are the documents that it has named so far."""

    subject: Subject
    where: Span
    system: str
    names: dict[str, str] = field(default_factory=dict)

    def problems(self, scenario: Mapping[str, object]) -> Iterator[Problem]:
        """Problems of what is given and of each step, in order."""
        given = scenario.get("given")
        for name, said in given.items() if isinstance(given, dict) else ():
            for document, values in said.items() if isinstance(said, dict) else ():
                yield from self._given(("given", name, document), str(name), str(document), values)
        steps = scenario.get("steps")
        for index, step in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(step, dict):
                yield from self._step(("steps", index), step)
        yield from self._expected(("expect",), scenario.get("expect"))

    def _place(self, *keys: str | int) -> Span:
        return self.subject.places.value(self.where, *keys)

    def _key(self, *keys: str | int) -> Span:
        return self.subject.places.key(self.where, *keys)

    def _document(self, name: str) -> str | None:
        """The document type of a name; None where there is none, empty where it is there and could not be built."""
        key = self.subject.names.key("document", name, self.system)
        return key if key is None or key in self.subject.definitions.documents else ""

    def _given(self, keys: Keys, name: str, document: str, values: object) -> Iterator[Problem]:
        if document.startswith(_LEDGER):
            yield from self._accounts(keys, document, values)
            return
        key = self._document(document)
        if key is None:
            yield unknown("REF001", document, self.subject.known("document", self.system), self._key(*keys))
            return
        self.names[name] = key
        if key:
            yield from self._values(keys, key, values)

    def _accounts(self, keys: Keys, written: str, accounts: object) -> Iterator[Problem]:
        """Accounts of a ledger, with the keys and amounts that are told of each."""
        name = written.removeprefix(_LEDGER).strip()
        key = self.subject.names.key("ledger", name, self.system) or ""
        if key not in self.subject.definitions.ledgers:
            yield unknown("LED001", name, self.subject.known("ledger", self.system), self._key(*keys))
            return
        for index, one in enumerate(accounts if isinstance(accounts, list) else ()):
            yield from self._values((*keys, index), key, one)

    def _values(self, keys: Keys, document: str, values: object) -> Iterator[Problem]:
        """Fields of a document with the values that they have."""
        fields = self.subject.fields(document)
        for name, value in values.items() if isinstance(values, dict) else ():
            if name == "state":
                yield from self._state((*keys, name), document, value)
            elif name not in fields and name not in SYSTEM_FIELDS:
                yield unknown("REF002", str(name), fields, self._key(*keys, str(name)), owner=document)
            elif name in fields:
                yield from self._value((*keys, str(name)), fields[str(name)], value)

    def _value(self, keys: Keys, declared: Field, value: object) -> Iterator[Problem]:
        if declared.is_table:
            for index, row in enumerate(value if isinstance(value, list) else ()):
                yield from self._row((*keys, index), declared, row)
        elif declared.type.kind not in _REFERENCES and not (isinstance(value, str) and "{" in value):
            wrong = misfit(self.subject, declared, value)
            if wrong is not None:
                values = {"name": declared.name, "reason_zh": wrong.zh, "reason_en": wrong.en}
                yield Problem("SCN002", self._place(*keys), values, wrong.suggestion, Severity.WARNING)

    def _row(self, keys: Keys, table: Field, row: object) -> Iterator[Problem]:
        for name, value in row.items() if isinstance(row, dict) else ():
            column = table.fields.get(str(name))
            if column is None:
                yield unknown("REF002", str(name), table.fields, self._key(*keys, str(name)), owner=table.name)
            else:
                yield from self._value((*keys, str(name)), column, value)

    def _state(self, keys: Keys, document: str, value: object) -> Iterator[Problem]:
        machine = self.subject.machine(document)
        if machine is not None and value is not None and str(value) not in machine.states:
            yield unknown("REF005", str(value), machine.states, self._place(*keys), document=document)

    # --- steps -------------------------------------------------------------------------------------------------------

    def _step(self, keys: Keys, step: Mapping[str, object]) -> Iterator[Problem]:
        yield from self._actor(keys, step)
        at_once = step.get("at_once")
        for index, inner in enumerate(at_once if isinstance(at_once, list) else ()):
            if isinstance(inner, dict):
                yield from self._step((*keys, "at_once", index), inner)
        if "event" in step:
            yield from self._event(keys, step)
        elif "create" in step:
            yield from self._created(keys, step)
        elif "happens" in step:
            yield from self._happening(keys, step)
        elif "import" in step:
            sheets = self.subject.definitions.sheets
            if self.subject.names.key("sheet", str(step["import"]), self.system) not in sheets:
                yield unknown("SHT011", str(step["import"]), sheets, self._place(*keys, "import"))
        elif "name" in step:
            self.names[str(step["name"])] = ""
        if "request" not in step:
            yield from self._expected((*keys, "expect"), step.get("expect"))

    def _name(self, step: Mapping[str, object], document: str) -> None:
        if "name" in step:
            self.names[str(step["name"])] = document

    def _actor(self, keys: Keys, step: Mapping[str, object]) -> Iterator[Problem]:
        role = step.get("as")
        if not isinstance(role, str) or role in SPECIAL or role in self.names:
            return
        roles = {one: None for system in self.subject.definitions.systems.values() for one in system.roles}
        if role not in roles:
            yield unknown("REF006", role, [*roles, *self.names], self._place(*keys, "as"))

    def _event(self, keys: Keys, step: Mapping[str, object]) -> Iterator[Problem]:
        event = str(step["event"])
        target = step.get("on")
        document = self._target(str(target)) if target is not None else self._creator(event)
        if document is None:
            known = [*self.names, *self.subject.known("document", self.system)]
            yield unknown("SCN001", str(target), known, self._place(*keys, "on"))
            return
        self._name(step, document)
        machine = self.subject.machine(document)
        if machine is None:
            return
        declared = machine.events.get(event)
        if declared is None:
            yield unknown("REF004", event, machine.events, self._place(*keys, "event"), document=document)
            return
        fields = {**self.subject.fields(document), **declared.ask}
        values = step.get("with")
        for name, value in values.items() if isinstance(values, dict) else ():
            if name not in fields:
                where = self._key(*keys, "with", str(name))
                yield unknown("REF021", str(name), fields, where, owner=f"{document}.{event}")
            elif "expect_refused" not in step:
                yield from self._value((*keys, "with", str(name)), fields[str(name)], value)

    def _created(self, keys: Keys, step: Mapping[str, object]) -> Iterator[Problem]:
        name = str(step["create"])
        key = self._document(name)
        if key is None:
            known = self.subject.known("document", self.system)
            yield unknown("REF001", name, known, self._place(*keys, "create"))
        else:
            self._name(step, key)
            yield from self._values((*keys, "with"), key, step.get("with") if key else None)

    def _happening(self, keys: Keys, step: Mapping[str, object]) -> Iterator[Problem]:
        """What devices or the node tell, with the values that it holds."""
        name, values = str(step["happens"]), step.get("with")
        if name not in HAPPENINGS:
            yield unknown("WAT001", name, HAPPENINGS, self._place(*keys, "happens"))
            return
        held = HAPPENINGS[name].fields
        for one in values if isinstance(values, dict) else ():
            if one not in held:
                yield unknown("REF021", str(one), held, self._key(*keys, "with", str(one)), owner=name)

    def _target(self, name: str) -> str | None:
        """The document type of a name or of itself; empty where it is known only when the example runs."""
        first = name.replace("[", ".").split(".")[0]
        if name in self.names:
            return self.names[name]
        if first in self.names:
            return ""
        return self._document(name)

    def _creator(self, event: str) -> str:
        """The only document type in reach that has the event; empty when there is none or more than one."""
        machines = self.subject.definitions.machines.items()
        found = [key for key, machine in machines if any(one.name == event for one in machine.creating())]
        return found[0] if len(found) == 1 else ""

    # --- results -----------------------------------------------------------------------------------------------------

    def _expected(self, keys: Keys, expected: object) -> Iterator[Problem]:
        for name, values in expected.items() if isinstance(expected, dict) else ():
            here = (*keys, str(name))
            if name in self.names and self.names[str(name)]:
                yield from self._values(here, self.names[str(name)], values)
            elif str(name).startswith(_LEDGER):
                yield from self._accounts(here, str(name), values)
            elif name == "one_of":
                for index, one in enumerate(values if isinstance(values, list) else ()):
                    yield from self._expected((*here, index), one)
            elif str(name).startswith("count(") and str(name).endswith(")"):
                yield from self._counted(here, str(name)[6:-1])
            elif name == "printed":
                yield from self._printed(here, values)

    def _counted(self, keys: Keys, document: str) -> Iterator[Problem]:
        if self._document(document) is None:
            yield unknown("REF001", document, self.subject.known("document", self.system), self._key(*keys))

    def _printed(self, keys: Keys, prints: object) -> Iterator[Problem]:
        for index, name in enumerate(prints if isinstance(prints, list) else ()):
            if self.subject.names.key("print", str(name), self.system) is None:
                known = self.subject.known("print", self.system)
                yield unknown("REF008", str(name), known, self._place(*keys, index))
