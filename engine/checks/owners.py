"""Where actions stand: the lists of actions of machines, jobs and named actions, and the actions inside actions.

In: linked definitions. Out: lists with the document type that they change. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.checks.links.actions import document_of
from engine.checks.subject import Subject
from engine.model import actions as verbs
from engine.model.documents import Document
from engine.model.machines import Machine


@dataclass(frozen=True, slots=True)
class Owner:
    """A list of actions: `document` is the type that they change, empty where there is none; `memory` what a flow
    keeps, which its actions set."""

    acts: tuple[verbs.Act, ...]
    document: str
    system: str
    memory: Document | None = None


def owners(subject: Subject) -> Iterator[Owner]:
    """Everything that does something."""
    yield from _inner(subject)
    yield from _outer(subject)


def _inner(subject: Subject) -> Iterator[Owner]:
    definitions = subject.definitions
    for machine in definitions.machines.values():
        document = definitions.documents.get(machine.document)
        system = document.system if document is not None else ""
        for acts in machine_acts(machine):
            yield Owner(acts, machine.document, system)
    for action in definitions.actions.values():
        yield Owner(action.do, action.document, action.system)
    for job in definitions.jobs.values():
        linked = job.each.linked if job.each is not None and not job.per else None
        yield Owner(job.do, document_of(linked.type) if linked is not None else "", job.system)
    for rule in definitions.watches.values():
        yield Owner(rule.do, "", rule.system)
    for flow in definitions.flows.values():
        for step in flow.steps.values():
            for acts in (step.do, *(branch.do for branch in step.choose)):
                yield Owner(acts, "", flow.system, flow.memory)


def _outer(subject: Subject) -> Iterator[Owner]:
    """Doors to the outside."""
    definitions = subject.definitions
    for offer in definitions.offers.values():
        yield Owner(offer.do, "", offer.system)
    for mapping in definitions.mappings.values():
        yield Owner((*mapping.unmatched, *mapping.refused), "", mapping.system)
    for channel in definitions.channels.values():
        yield Owner(channel.refused, "", channel.system)


def machine_acts(machine: Machine) -> Iterator[tuple[verbs.Act, ...]]:
    """All lists of actions of a machine."""
    for event in machine.events.values():
        yield event.do
    for state in machine.states.values():
        yield state.enter
        yield state.leave
    for timer in machine.timers.values():
        yield timer.late
        yield from (acts for _, acts in timer.warn)
    for approval in machine.approvals.values():
        yield from (late.do for step in approval.steps for late in step.late)


def every_act(acts: Iterable[verbs.Act]) -> Iterator[verbs.Act]:
    """Actions with those inside them."""
    for act in acts:
        yield act
        if isinstance(act, verbs.Block):
            yield from every_act(act.actions)
        elif isinstance(act, verbs.Choose):
            yield from every_act(act.branches)
