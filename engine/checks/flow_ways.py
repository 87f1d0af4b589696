"""Ways out of the steps of a flow: which outcomes a step may have, where each leads, which ones lead nowhere.

In: a flow, the others, and what devices can be asked. Out: outcomes and steps by name. Pure; words no problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.flow_devices import CALL, CLASSES, WAIT, Command, command
from engine.model.flows import (
    AGAIN,
    BACK,
    DONE,
    FAILED,
    FAULTS,
    INVALID,
    PICKED,
    REFUSED,
    TIMEOUT,
    Flow,
    Meeting,
    Step,
    inputs,
)
from engine.model.free_pages import inside
from engine.model.happenings import HAPPENINGS

Flows = Mapping[str, Flow]
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What steps can ask: the document type of accounts, and the class of each device that nodes name."""

    accounts: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)

    def command(self, what: str) -> Command | None:
        """The command of a device or a class; None where there is none."""
        return command(what, self.accounts, self.kinds)

    @property
    def devices(self) -> frozenset[str]:
        """Names that may stand before the dot."""
        return CLASSES | set(self.kinds)


@dataclass(frozen=True, slots=True)
class Ways:
    """Outcomes of a step: those that come about and so must lead somewhere, and all that it may name. `sure` is false
    where it asks for something unknown, of which nothing can be said."""

    must: tuple[str, ...] = ()
    may: frozenset[str] = frozenset()
    sure: bool = True


def ways(step: Step, flows: Flows, catalogue: Catalogue) -> Ways:
    """The outcomes of one step."""
    asked = {name: given(meeting, catalogue) for name, meeting in step.meets.items()}
    sure = all(found is not None for found in asked.values()) and (not step.run or step.run in flows)
    met = [_named(name, outcome) for name, found in asked.items() for outcome in found or ()]
    begins = {meeting.button for meeting in step.meets.values()}
    if len(asked) > 1 or "" not in asked:  # of several one may fail, the others go on
        met = [outcome for outcome in met if outcome not in FAULTS]
    pressed = [name for name in step.buttons if name not in begins]
    timed = [TIMEOUT] if step.timeout is not None else []
    tapped = [PICKED] if picks(step) else []
    ended = list(ends(flows[step.run])) if step.run in flows else []
    faults = {outcome for found in asked.values() for outcome in found or () if outcome in FAULTS}
    must = tuple(dict.fromkeys([*met, *ended, *pressed, *tapped, *timed]))
    return Ways(must, frozenset({*must, *faults, *_besides(step)}), sure)


def _besides(step: Step) -> Iterator[str]:
    """Outcomes that a step may name and that have somewhere to go without it."""
    if step.screen or step.buttons:
        yield BACK
    if step.do or step.meets:
        yield REFUSED
    if step.screen and any(True for _ in inputs(step.screen)):
        yield INVALID
    if picks(step) or not step.waits:
        yield DONE
    if any(meeting.kind != WAIT for meeting in step.meets.values()):
        yield FAILED


def _named(name: str, outcome: str) -> str:
    """The outcome of one of several meetings: what went well goes by its name."""
    return name if name and outcome == DONE else outcome


def given(meeting: Meeting, catalogue: Catalogue) -> tuple[str, ...] | None:
    """Outcomes of a meeting; None where nothing is known of what it asks."""
    if meeting.kind == WAIT:
        return (DONE,)
    if meeting.kind == CALL:
        return (DONE, FAILED)
    found = catalogue.command(meeting.what)
    return found.outcomes if found is not None else None


def picks(step: Step) -> bool:
    """Whether a tap on a row leads on."""
    return any(one.pick is not None and one.pick.into for one in inside(step.screen))


def ends(flow: Flow) -> tuple[str, ...]:
    """The outcomes with which a flow ends."""
    return tuple(dict.fromkeys(step.end for step in flow.steps.values() if step.end))


def happens(outcome: str, catalogue: Catalogue) -> bool:
    """Whether an outcome is something that devices tell: a happening, or a device that is gone."""
    device, _, what = outcome.rpartition(".")
    return outcome in HAPPENINGS or (what == GONE and device in catalogue.devices)


def goes_on(step: Step, outcome: str) -> bool:
    """Whether `choose` and `next` of the step follow an outcome that it does not name."""
    return bool(step.choose or step.next) and outcome not in FAULTS and outcome not in (REFUSED, INVALID, BACK)


def passed(step: Step) -> Iterator[str]:
    """Steps that a step goes on to by itself."""
    yield from (branch.go for branch in step.choose)
    if step.next:
        yield step.next
    if not step.waits and DONE in step.on:
        yield step.on[DONE]


def targets(step: Step) -> Iterator[str]:
    """Steps that a step names as what follows."""
    yield from passed(step)
    yield from step.on.values()


def outer_flows(flow: Flow, flows: Flows) -> list[Flow]:
    """The flows that run this one, at any depth."""
    seen, edge = {flow.id}, [flow.id]
    while edge:
        inner = edge.pop()
        for outer in flows.values():
            if outer.id not in seen and any(step.run == inner for step in outer.steps.values()):
                seen.add(outer.id)
                edge.append(outer.id)
    return [flows[one] for one in seen - {flow.id}]


def restarts(flow: Flow, step: Step) -> str:
    """The step at which a flow goes on after the process died in this one."""
    target = step.restart or flow.restart
    return step.name if target == AGAIN else target
