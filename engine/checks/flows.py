"""Checks of flows: every step is led to and leads somewhere, nobody is kept waiting, no lock is opened unseen.

In: flows after linking. Out: problems. What flows name is checked by `engine.checks.flow_names`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.checks.flow_graph import endless, interrupting, reached, run_in_circles
from engine.checks.flow_locks import Locks
from engine.checks.flow_names import check_names
from engine.checks.flow_ways import Catalogue, Flows, Ways, goes_on, happens, outer_flows, passed, ways
from engine.checks.subject import Subject, problem, unknown
from engine.model.device_kinds import classes
from engine.model.flow_devices import CALL, DEVICE
from engine.model.flows import AGAIN, BACK, FAULTS, INVALID, REFUSED, TIMEOUT, Flow, Meeting, Step
from engine.problems import Problem, Span

_ANY_STEP = Step("")


def check_flows(subject: Subject) -> Iterator[Problem]:
    """All flows."""
    flows = subject.definitions.flows
    for flow in flows.values():
        catalogue = catalogue_of(subject, flow.system)
        yield from check_names(subject, flow, flows, catalogue)
        yield from _course(subject, flow, flows, catalogue)
    for circle in run_in_circles(flows):
        flow = flows[circle[0]]
        following = circle[1] if len(circle) > 1 else circle[0]
        step = next(one for one in flow.steps.values() if one.run == following)
        place = subject.places.value(step.where, "run")
        yield problem("FLW014", place, circle=" → ".join([*circle, circle[0]]))
    for culprit, name in Locks(flows, catalogue_of(subject, "")).unseen():
        step = flows[culprit].steps[name]
        yield problem("FLW011", subject.name_of(step.where, name), step=name)


def catalogue_of(subject: Subject, system: str) -> Catalogue:
    """What flows of a system can ask: devices of the nodes that run it."""
    accounts = subject.definitions.accounts_of(system)
    nodes = [
        one for one in subject.definitions.nodes.values() if not system or not one.systems or system in one.systems
    ]
    kinds = {name: kind for node in nodes for name, kind in classes(node.devices).items()}
    return Catalogue(accounts.document if accounts is not None else "", kinds)


@dataclass(frozen=True, slots=True)
class _Outer:
    """The flows that run one: they may take over outcomes, and mind that nobody acts."""

    flows: list[Flow]

    def takes(self, outcome: str) -> bool:
        """Whether one of them says of any step where an outcome leads."""
        return any(flow.leads(_ANY_STEP, outcome) is not None for flow in self.flows)

    @property
    def idle(self) -> bool:
        """Whether one of them goes on when nobody acts."""
        return any(flow.idle is not None for flow in self.flows)


def _course(subject: Subject, flow: Flow, flows: Flows, catalogue: Catalogue) -> Iterator[Problem]:
    """Where steps lead. Where a name is misspelt nothing is said of what follows from it."""
    misspelt = list(_targets(subject, flow))
    yield from misspelt
    outer = _Outer(outer_flows(flow, flows))
    found = {name: ways(step, flows, catalogue) for name, step in flow.steps.items()}
    for name, step in flow.steps.items():
        yield from _step(subject, flow, step, found[name], outer, catalogue)
    known = {outcome for one in found.values() for outcome in one.may} | {BACK}
    if any(step.run for step in flow.steps.values()):  # of what flows within it do not name themselves
        known |= FAULTS | {TIMEOUT, REFUSED, INVALID}
    if all(one.sure for one in found.values()):
        for outcome in flow.always:
            if outcome not in known and not happens(outcome, catalogue):
                yield unknown("FLW005", outcome, known, subject.places.key(flow.where, "always", outcome), step=flow.id)
    if not misspelt:
        there = reached(flow)
        for name, step in flow.steps.items():
            if name not in there:
                yield problem("FLW012", subject.name_of(step.where, name), step=name)
        for circle in endless(flow):
            first = flow.steps[circle[0]]
            where = subject.name_of(first.where, first.name)
            yield problem("FLW013", where, circle=" → ".join([*circle, circle[0]]))


# --- targets ---------------------------------------------------------------------------------------------------------


def _targets(subject: Subject, flow: Flow) -> Iterator[Problem]:
    """Names of steps."""
    at, steps = subject.places.value, flow.steps
    named = [(flow.start, at(flow.where, "start"))]
    named += [(target, at(flow.where, "always", outcome)) for outcome, target in flow.always.items()]
    if flow.idle is not None:
        named.append((flow.idle.go, at(flow.where, "idle", "go")))
    if flow.restart != AGAIN:
        named.append((flow.restart, at(flow.where, "restart")))
    for name, place in named:
        if name not in steps:
            yield unknown("FLW001", name, steps, place)
    interrupt = interrupting(flow)
    for step in steps.values():
        yield from _next(subject, flow, step, interrupts=step.name in interrupt)


def _next(subject: Subject, flow: Flow, step: Step, *, interrupts: bool) -> Iterator[Problem]:
    """Names of steps in one step; `again` where it comes from what may happen anywhere."""
    known = [*flow.steps, AGAIN] if interrupts else list(flow.steps)
    for name, place in _led(subject, step):
        if name == AGAIN and not interrupts and name not in known:
            yield problem("FLW016", place, step=step.name)
        elif name not in known:
            yield unknown("FLW001", name, known, place)
    if step.restart not in ("", AGAIN, *flow.steps):
        place = subject.places.value(step.where, "restart")
        yield unknown("FLW001", step.restart, [*flow.steps, AGAIN], place)


def _led(subject: Subject, step: Step) -> Iterator[tuple[str, Span]]:
    """Steps that a step names, with their places."""
    at = subject.places.value
    for branch in step.choose:
        yield branch.go, at(branch.where, "go")
    if step.next:
        yield step.next, at(step.where, "next")
    for outcome, target in step.on.items():
        yield target, at(step.where, "on", outcome)


# --- one step --------------------------------------------------------------------------------------------------------


def _step(
    subject: Subject, flow: Flow, step: Step, found: Ways, outer: _Outer, catalogue: Catalogue
) -> Iterator[Problem]:
    name = subject.name_of(step.where, step.name)
    if step.end:
        if step.waits or step.on or any(True for _ in passed(step)):
            yield problem("FLW024", subject.places.value(step.where, "end"), step=step.name)
        return
    always = [index for index, branch in enumerate(step.choose) if branch.when is None]
    if always and always[0] < len(step.choose) - 1:
        yield problem("MAC022", step.choose[always[0] + 1].where, related=(step.choose[always[0]].where,))
    if not step.waits and not any(True for _ in passed(step)):
        yield problem("FLW007", name, step=step.name)
    elif step.choose and not always:
        yield problem("FLW023", subject.places.key(step.where, "choose"), step=step.name)
    if not found.sure:
        return
    yield from _outcomes(subject, flow, step, found, outer, catalogue)
    yield from _kept_waiting(subject, flow, step, outer, catalogue)
    yield from _restart(subject, flow, step, catalogue)


def _outcomes(
    subject: Subject, flow: Flow, step: Step, found: Ways, outer: _Outer, catalogue: Catalogue
) -> Iterator[Problem]:
    """What comes about leads somewhere, and what is named comes about."""
    for outcome in step.on:
        if outcome not in found.may and not happens(outcome, catalogue):
            place = subject.places.key(step.where, "on", outcome)
            yield unknown("FLW005", outcome, sorted(found.may), place, step=step.name)
    lost = [
        outcome
        for outcome in found.must
        if flow.leads(step, outcome) is None and not goes_on(step, outcome) and not outer.takes(outcome)
    ]
    if lost and step.run:
        place = subject.places.value(step.where, "run")
        yield problem("FLW015", place, step=step.name, flow=step.run, outcomes=", ".join(lost))
    elif lost:
        place = subject.name_of(step.where, step.name)
        yield problem("FLW006", place, step=step.name, outcomes=", ".join(lost))


def _kept_waiting(subject: Subject, flow: Flow, step: Step, outer: _Outer, catalogue: Catalogue) -> Iterator[Problem]:
    """A meeting without an end of its own, and a screen that nobody gets away from."""
    leads_back = flow.leads(step, BACK) is not None or outer.takes(BACK)
    idle = flow.idle is not None or outer.idle
    touched = bool(step.buttons) or leads_back
    if step.timeout is None:
        for meeting in step.meets.values():
            bounded = meeting.kind not in (DEVICE, CALL) and step.screen and touched and idle
            if not bounded and not _at_once(meeting, catalogue):
                place = subject.places.value(meeting.where, meeting.kind)
                yield problem("FLW008", place, step=step.name, what=meeting.what)
                return
    shown = any(button.show is None for button in step.buttons.values())
    if step.screen and not step.meets and not (shown or leads_back or step.timeout or idle or step.run):
        yield problem("FLW009", subject.name_of(step.where, step.name), step=step.name)


def _at_once(meeting: Meeting, catalogue: Catalogue) -> bool:
    """Whether a meeting is over within the transaction of its step."""
    found = None if meeting.kind == CALL else catalogue.command(meeting.what)
    return found is not None and found.internal and not found.beside


def _restart(subject: Subject, flow: Flow, step: Step, catalogue: Catalogue) -> Iterator[Problem]:
    """What must not be done twice is not done again because the process died: the step says where to look first."""
    target = step.restart or (flow.restart if flow.restart != AGAIN else "")
    for meeting in step.meets.values():
        found = catalogue.command(meeting.what) if meeting.kind == DEVICE else None
        blind = found is not None and found.moves and target in ("", AGAIN, step.name)
        if blind or (meeting.kind == CALL and not target):
            place = subject.places.value(meeting.where, meeting.kind)
            yield problem("FLW010", place, step=step.name, what=meeting.what)
