"""What scenarios showed of the definitions: events that happened, rules that spoke, guards that refused, fields that
roles have seen filled.

In: what each scenario left behind. Out: what no scenario has shown yet. An event without a history (nothing changed, or
the document deleted) still counts where somebody raised it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.model.criteria import ALWAYS, Selection
from engine.model.machines import Event
from engine.model.system import Definitions
from engine.problems import Finding, Refused
from engine.testing.happening import fired
from engine.usecases.accounts import actor_of
from engine.usecases.desk import CHANGE
from engine.usecases.internal import TASK
from engine.usecases.runtime import Runtime
from engine.usecases.world import RecordWorld

Point = tuple[str, str, str]
"""(event | rule | guard | step | field | watch, document type or system, name); that of a field is `field role`."""
_MOST = 100_000


@dataclass(slots=True)
class Shown:
    """What one scenario showed."""

    points: set[Point] = field(default_factory=set)
    stops: set[tuple[str, str]] = field(default_factory=set)
    """Flows and steps at which one stood."""

    def stood(self, flow: str, step: str) -> None:
        """A step of a flow was reached."""
        self.stops.add((flow, step))

    def refused(self, document: str, refused: Refused) -> None:
        """A refusal: rules speak by their ids, guards by their event."""
        for finding in refused.findings:
            self.points |= {("rule", document, finding.code), ("guard", document, finding.code)}

    def happened(self, document: str, event: str) -> None:
        """An event that somebody raised and that was not refused."""
        self.points.add(("event", document, event))

    def noted(self, document: str, notes: Iterable[Finding]) -> None:
        """Findings that came with an event that happened."""
        self.points |= {("rule", document, note.code) for note in notes}

    def confirmed(self, document: str, codes: Iterable[str]) -> None:
        """Findings that were accepted."""
        self.points |= {("rule", document, code) for code in codes}

    def read(self, runtime: Runtime) -> None:
        """Events from the history of all records, deleted ones too, steps of approvals from their tasks."""
        with runtime.store.begin(write=False) as unit:
            for document in runtime.definitions.documents:
                for record in unit.select(Selection(document, ALWAYS, limit=_MOST, deleted=True)):
                    self.points |= {("event", document, entry.event) for entry in unit.history(document, record.id)}
            for task in unit.select(Selection(TASK, ALWAYS, limit=_MOST)):
                values = task.values
                self.points.add(("step", str(values["document"]), f"{values['step']} {values['status']}"))
        self.points |= {("watch", runtime.definitions.watches[rule].system, rule) for rule in fired(runtime)}
        self._see(runtime)

    def _see(self, runtime: Runtime) -> None:
        """Fields that hold something in records that a role may see, through the eyes of every account."""
        accounts = runtime.node.accounts
        if accounts is None:
            return
        with runtime.store.begin(write=False) as unit:
            people = [record.id for record in unit.select(Selection(accounts.document, ALWAYS, limit=_MOST))]
            records = [
                (document, found.values)
                for document in runtime.definitions.documents
                for record in unit.select(Selection(document, ALWAYS, limit=_MOST))
                if (found := unit.fetch(document, record.id)) is not None
            ]
            for actor in filter(None, (actor_of(runtime, account) for account in people)):
                world = RecordWorld(runtime, unit, actor, runtime.clock.now())
                for document, values in records:
                    names = runtime.definitions.documents[document].fields
                    filled = [name for name in names if values.get(name) not in (None, "", [])]
                    for role in actor.roles:
                        rights = runtime.force.rights(document, frozenset({role})).on(values, world)
                        self.points |= {("field", document, f"{name} {role}") for name in filled if rights.reads(name)}


@dataclass(slots=True)
class Coverage:
    """What all scenarios together showed."""

    definitions: Definitions
    points: set[Point] = field(default_factory=set)
    stops: set[tuple[str, str]] = field(default_factory=set)

    def add(self, shown: Shown) -> None:
        """Count what a scenario showed."""
        self.points |= shown.points
        self.stops |= shown.stops

    def stations(self) -> tuple[list[tuple[str, str]], int]:
        """Steps of flows that wait and at which no scenario has stood, and how many there are."""
        steps = [(key, one) for key, flow in self.definitions.flows.items() for one in flow.steps.values()]
        wanted = [(key, one.name) for key, one in steps if one.waits and not one.run]
        return [one for one in wanted if one not in self.stops], len(wanted)

    def wanted(self, document: str) -> list[Point]:
        """Everything there is to show of a document type."""
        machine = self.definitions.machines[document]
        declared = [event for event in machine.events.values() if _is_declared(event)]
        steps = [step.id for approval in machine.approvals.values() for step in approval.steps]
        return [
            *(("event", document, event.name) for event in declared),
            *(("guard", document, event.name) for event in declared if event.when is not None and _by_people(event)),
            *(("rule", document, name) for name in self.definitions.documents[document].rules),
            *(("step", document, f"{step} {outcome}") for step in steps for outcome in ("agreed", "refused")),
        ]

    def missing(self, document: str) -> list[Point]:
        """What no scenario has shown of a document type."""
        return [point for point in self.wanted(document) if point not in self.points]

    def watches(self) -> list[Point]:
        """Rules over events that fired in no scenario."""
        wanted = [("watch", rule.system, rule.id) for rule in self.definitions.watches.values()]
        return [point for point in wanted if point not in self.points]

    def fields(self) -> tuple[list[Point], int]:
        """Fields that a role may see and that no scenario has shown it filled, and how many may be seen in all."""
        wanted = [
            ("field", document, f"{name} {role}")
            for document, grants in self.definitions.access.items()
            for role, grant in grants.items()
            for name in self.definitions.documents[document].fields
            if ("*" in grant.read or name in grant.read) and name not in grant.hide and name not in grant.deny
        ]
        return [point for point in wanted if point not in self.points], len(wanted)

    def share(self) -> tuple[int, int]:
        """How many of all points were shown."""
        wanted = [point for document in self.definitions.documents for point in self.wanted(document)]
        rules = len(self.definitions.watches)
        return sum(point in self.points for point in wanted) + rules - len(self.watches()), len(wanted) + rules


def _is_declared(event: Event) -> bool:
    """Whether the definition says the event; `change` need not be."""
    return event.name != CHANGE or bool(event.by.roles)


def _by_people(event: Event) -> bool:
    return bool(event.by.roles or event.by.formula)
