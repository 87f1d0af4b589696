"""Happenings of a scenario: what devices and the node would tell, and the moments at which absences are certain.

In: a step `happens: NAME` with values `with`. Out: a happening that waits for the rules that listen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from engine.console import say
from engine.model.criteria import ALWAYS, Selection
from engine.model.happenings import HAPPENINGS
from engine.testing.staging import Stage
from engine.usecases.happenings import tell
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Step, StepError
from engine.usecases.watch_firing import FIRING
from engine.usecases.watch_records import RULE_STATE

_MOST = 10_000


def happen(stage: Stage, step: Step) -> tuple[str, dict[str, object]]:
    """Tell a happening; its name and values. Raises StepError for one that nothing tells."""
    name, given = str(step["happens"]), step.get("with")
    if name not in HAPPENINGS:
        raise StepError(say("course.no_happening", name=name))
    told = given if isinstance(given, Mapping) else {}
    values = {str(key): _value(stage, value) for key, value in told.items()}
    if unknown := values.keys() - HAPPENINGS[name].fields.keys():
        raise StepError(say("course.keys", names=", ".join(sorted(unknown))))
    tell(stage.runtime, name, values)
    return name, values


def _value(stage: Stage, value: object) -> object:
    """A value as written; a name of the scenario stands for its record."""
    return stage.names[value][1] if isinstance(value, str) and value in stage.names else stage.value(None, value)


def hearing(runtime: Runtime, system: object) -> Runtime:
    """The node of a scenario also runs the rules and jobs of the system that the scenario stands in, and of those that
    run beside it on the nodes that are declared."""
    node = runtime.node
    if not node.systems or not system or system in node.systems:
        return runtime
    beside = (one.systems for one in runtime.definitions.nodes.values() if system in one.systems)
    systems = dict.fromkeys((*node.systems, str(system), *chain.from_iterable(beside)))
    return replace(runtime, node=replace(node, systems=tuple(systems)))


def absences(runtime: Runtime) -> set[datetime]:
    """When absences will be certain."""
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(RULE_STATE, ALWAYS, limit=_MOST))
    return {datetime.fromisoformat(str(one.values["due"])) for one in found if one.values["due"]}


def fired(runtime: Runtime) -> set[str]:
    """The rules over events that fired."""
    return {str(one.payload["rule"]) for one in runtime.store.effects(state="done", limit=_MOST) if one.kind == FIRING}
