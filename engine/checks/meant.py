"""A machine as it is probably meant: names that nothing answers to stand for the nearest that there is.

In: a machine as written. Out: the same with misspelt states, events and approvals put right, for the checks of its
course, and what cannot be said of a course some of whose names are near to none. What is misspelt is told by the checks
of names, and nothing that follows from it. Knows no places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from engine.loading.nearest import nearest
from engine.model.machines import ANY, NEW, Approval, Event, Machine, State

_WAYS = ("MAC001", "MAC002", "MAC003", "MAC004", "MAC007", "MAC012")
_RAISED = ("MAC005", "MAC006", "MAC009", "MAC010")
_HELD = ("MAC008",)
COURSE = frozenset((*_WAYS, *_RAISED, *_HELD))
"""What is said of the course that states and events make, which follows from their names."""


def as_meant(machine: Machine) -> tuple[Machine, frozenset[str]]:
    """The machine without misspelt names, and the codes of what is unknown because a name could be anything."""
    reader = _Reader(machine)
    read = replace(
        machine,
        events={name: reader.event(event) for name, event in machine.events.items()},
        states={name: reader.state(state) for name, state in machine.states.items()},
        approvals={name: reader.approval(approval) for name, approval in machine.approvals.items()},
    )
    return read, frozenset(reader.unknown)


@dataclass
class _Reader:
    machine: Machine
    unknown: set[str] = field(default_factory=set)

    def _name(self, name: str, known: Iterable[str], follows: tuple[str, ...]) -> str:
        names = list(known)
        found = name if not name or name in names else nearest(name, names)
        if name and not found:
            self.unknown.update(follows)
        return found or name

    def event(self, event: Event) -> Event:
        """An event between states that are there."""
        states = self.machine.states
        sources = tuple(self._name(source, [*states, NEW, ANY], _WAYS) for source in event.sources)
        return replace(event, sources=sources, to=self._name(event.to, states, _WAYS))

    def state(self, state: State) -> State:
        """A state whose approval and deadline are there."""
        until = state.until and replace(state.until, event=self._raised(state.until.event))
        return replace(state, approval=self._name(state.approval, self.machine.approvals, _HELD), until=until)

    def approval(self, approval: Approval) -> Approval:
        """An approval whose outcomes are there."""
        return replace(
            approval,
            agreed=self._raised(approval.agreed),
            refused=self._raised(approval.refused),
            return_event=self._raised(approval.return_event),
            withdraw_event=self._raised(approval.withdraw_event),
        )

    def _raised(self, event: str) -> str:
        return self._name(event, self.machine.events, _RAISED)
