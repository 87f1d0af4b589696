"""`guiju graph`: a machine or a flow as a diagram in the DOT language."""

from __future__ import annotations

import argparse

from engine.commands import flow_drawing
from engine.commands.composition import Composition
from engine.commands.flow_drawing import quoted
from engine.commands.output import fault, line
from engine.commands.parsers import Verbs, verb
from engine.console import say, spoken
from engine.model.machines import ANY, NEW, Machine
from engine.problems import DefinitionError


def add(verbs: Verbs) -> None:
    """`graph DOCUMENT|FLOW`."""
    parser = verb(verbs, "graph", say("graph.help"), "guiju graph exit_form | dot -Tsvg > form.svg", act)
    parser.add_argument("document")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb."""
    force, problems, _ = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    machine = force.definitions.machines.get(options.document)
    flow = force.definitions.flows.get(options.document)
    if machine is None and flow is None:
        known = sorted({*force.definitions.machines, *force.definitions.flows})
        fault(say("graph.none", name=options.document, known=", ".join(known)))
        return 1
    if machine is not None:
        line(dot(machine))
    elif flow is not None:
        line(flow_drawing.dot(flow))
    return 0


def dot(machine: Machine) -> str:
    """States as boxes, events as arrows; a final state has a double line."""
    rows = [f"digraph {quoted(machine.document)} {{", "  rankdir=LR; node [shape=box, style=rounded];"]
    rows.append('  "·new" [shape=point];')
    for state in machine.states.values():
        lines = 2 if state.final else 1
        label = quoted(state.title.worded(spoken()) or state.name)
        rows.append(f"  {quoted(state.name)} [label={label}, peripheries={lines}];")
        if state.until is not None:
            event = machine.events.get(state.until.event)
            target = (event.to if event is not None else "") or state.name
            rows.append(f"  {quoted(state.name)} -> {quoted(target)} [style=dashed, label=⏱];")
    for event in machine.events.values():
        for source in _sources(machine, event.sources):
            target = event.to or source
            label = quoted(event.title.worded(spoken()) or event.name)
            rows.append(f"  {quoted(source)} -> {quoted(target)} [label={label}];")
    return "\n".join([*rows, "}"])


def _sources(machine: Machine, sources: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for source in sources:
        if source == NEW:
            found.append("·new")
        elif source == ANY:
            found += [state.name for state in machine.states.values() if not state.final]
        else:
            found.append(source)
    return list(dict.fromkeys(found))
