"""Locks that flows open: orders behind which a flow may end, or begin anew, and nobody has seen the lock closed.

It is seen by waiting for it, by looking at it, or by people who were asked and said so (`confirm`). Where a flow that
opened a lock ends before that, it is for whoever ran it to see. What may lead away from any step (nobody acts,
something else happens) is left out: what watches every lock tells of those left open.

In: flows and what devices can be asked. Out: flows and steps by name. Pure; words no problem.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.flow_graph import closure
from engine.checks.flow_ways import Catalogue, Flows, given, passed
from engine.model.flow_devices import DEVICE, WAIT
from engine.model.flows import BACK, DONE, TIMEOUT, Flow, Meeting, Step

OPEN, STATE, CLOSED = "lock.open", "lock.state", "lock.closed"
_STILL_OPEN = "open"
_OPENED = frozenset({"wrong", "unsure"})
"""Outcomes of an order, where they are named, behind which some lock may be open: another one, or nobody knows."""
Culprit = tuple[str, str]
"""Flow and step that opened a lock."""


class Locks:
    """One look at all flows."""

    def __init__(self, flows: Flows, catalogue: Catalogue) -> None:
        self.flows = flows
        self.catalogue = catalogue
        self._run = {step.run for flow in flows.values() for step in flow.steps.values()}
        self._loose: dict[str, dict[str, Culprit]] = {}  # by flow that ends so: its outcome, and who opened
        self._found: dict[Culprit, None] = {}

    def unseen(self) -> list[Culprit]:
        """Every order behind which nobody may look."""
        while any(self._follow(flow) for flow in self.flows.values()):
            pass
        return list(self._found)

    def _follow(self, flow: Flow) -> bool:
        """Go after the orders of a flow; whether one of its ends leaves a lock open that did not before."""
        before = len(self._loose.get(flow.id, {}))
        for step in flow.steps.values():
            for outcome, culprit in self._opening(flow, step):
                target = flow.leads(step, outcome)
                self._go(flow, [target] if target is not None else list(passed(step)), culprit)
        return len(self._loose.get(flow.id, {})) > before

    def _opening(self, flow: Flow, step: Step) -> Iterator[tuple[str, Culprit]]:
        """Outcomes of a step after which a lock is open, and who opened it."""
        for name, meeting in step.meets.items():
            if meeting.kind == DEVICE and self._what(meeting) == OPEN:
                yield from ((one, (flow.id, step.name)) for one in (name or DONE, *(_OPENED & step.on.keys())))
        yield from self._loose.get(step.run, {}).items()

    def _go(self, flow: Flow, starts: list[str], culprit: Culprit) -> None:
        edges = {step.name: list(self._unseeing(step)) for step in flow.steps.values()}
        after = closure(edges, starts)
        if flow.start in after:
            self._found[culprit] = None
        for name in after & flow.steps.keys():
            if not flow.steps[name].end:
                continue
            if flow.id in self._run:
                self._loose.setdefault(flow.id, {}).setdefault(flow.steps[name].end, culprit)
            else:
                self._found[culprit] = None

    def _unseeing(self, step: Step, *, deep: bool = True) -> Iterator[str]:
        """Steps that follow without a lock having been seen closed; `deep` looks into flows that the step runs."""
        seen = set(self._seeing(step, deep=deep))
        yield from (target for outcome, target in step.on.items() if outcome not in seen)
        if seen <= step.on.keys():
            yield from passed(step)

    def _seeing(self, step: Step, *, deep: bool) -> Iterator[str]:
        """Outcomes by which a lock was seen closed, or cannot be looked at, or people said that it is closed."""
        for name, meeting in step.meets.items():
            what = self._what(meeting)
            if meeting.kind == WAIT and meeting.what == CLOSED:
                yield name or DONE
            elif meeting.kind != WAIT and what == STATE:
                yield from (one for one in (*(given(meeting, self.catalogue) or ()), TIMEOUT) if one != _STILL_OPEN)
        for button in step.buttons:
            if button in step.confirm or ("" in step.confirm and button not in (BACK, "cancel")):
                yield button
        if deep and step.run in self.flows:
            yield from self._closing(self.flows[step.run])

    def _closing(self, flow: Flow) -> set[str]:
        """Ends of a flow that no course reaches without a look."""
        edges = {step.name: list(self._unseeing(step, deep=False)) for step in flow.steps.values()}
        blind = closure(edges, [flow.start])
        return {step.end for step in flow.steps.values()} - {flow.steps[one].end for one in blind & flow.steps.keys()}

    def _what(self, meeting: Meeting) -> str:
        device, _, order = meeting.what.rpartition(".")
        return f"{self.catalogue.kinds.get(device, device)}.{order}"
