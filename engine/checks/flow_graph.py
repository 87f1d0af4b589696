"""The course of flows as a graph: steps that nothing leads to, circles that never wait, flows that run each other.

In: flows. Out: steps and flows by name. Pure; words no problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.checks.flow_ways import Flows, passed, restarts, targets
from engine.model.flows import REFUSED, Flow, Step

Edges = Mapping[str, Iterable[str]]


def closure(edges: Edges, starts: Iterable[str]) -> set[str]:
    """What is reached from the starts, themselves included."""
    seen = set(starts)
    edge = list(seen)
    while edge:
        for following in edges.get(edge.pop(), ()):
            if following not in seen:
                seen.add(following)
                edge.append(following)
    return seen


def reached(flow: Flow) -> set[str]:
    """Steps that some course leads to: from the start, when nobody acts, by what may happen anywhere, after the process
    died."""
    edges = {step.name: [*targets(step), restarts(flow, step)] for step in flow.steps.values()}
    idle = [flow.idle.go] if flow.idle is not None else []
    return closure(edges, [flow.start, *idle, *flow.always.values(), restarts(flow, Step(flow.start))])


def interrupting(flow: Flow) -> set[str]:
    """Steps that something leads to which may happen at any step: from there `again` goes back."""
    return closure({step.name: list(targets(step)) for step in flow.steps.values()}, flow.always.values())


# --- circles ---------------------------------------------------------------------------------------------------------


def endless(flow: Flow) -> Iterator[list[str]]:
    """Circles of steps that never wait and can not end: none of them leads out, or none does anything between two
    rounds. A refused action leads out."""
    passing = {step.name: step for step in flow.steps.values() if not step.waits and not step.end}
    edges = {name: set(passed(step)) for name, step in passing.items()}
    still = {name: [one for one in edges[name] if not _acts(passing.get(one))] for name in passing}
    still = {name: following for name, following in still.items() if not _acts(passing[name])}
    told: set[frozenset[str]] = set()
    for name in passing:
        circle = circle_of(still, name)
        if not circle:
            knot = _knot(edges, name)
            leads_out = any(edges[one] - knot or REFUSED in passing[one].on for one in knot)
            circle = circle_of(edges, name) if knot and not leads_out else []
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield circle


def _acts(step: Step | None) -> bool:
    return step is None or bool(step.do or any(branch.do for branch in step.choose))


def _knot(edges: Edges, name: str) -> set[str]:
    """What is reached from a step and leads back to it; empty where it is in no circle."""
    ahead = closure(edges, edges.get(name, ()))
    return {one for one in ahead if name in closure(edges, [one])} if name in ahead else set()


def circle_of(edges: Edges, start: str) -> list[str]:
    """The shortest way from a name back to it; empty when there is none."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for following in edges.get(way[-1], ()):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def run_in_circles(flows: Flows) -> Iterator[list[str]]:
    """Flows that run each other in a circle."""
    edges = {flow.id: {step.run for step in flow.steps.values() if step.run in flows} for flow in flows.values()}
    told: set[frozenset[str]] = set()
    for name in edges:
        circle = circle_of(edges, name)
        if circle and frozenset(circle) not in told:
            told.add(frozenset(circle))
            yield circle
