"""A message that comes in within a scenario: built by its mapping, landed, understood like any other.

In: a step `receive: {mapping, body}`; `body` is a row of the mapping's names or several. Out: what went otherwise than
told; `gives` says what becomes of the message when that is not `processed`.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.console import say
from engine.documents.malformed import Malformed
from engine.expressions.environment import Env
from engine.mappings.ways import MESSAGE
from engine.mappings.written import typed
from engine.model.system import Definitions
from engine.model.traffic import Arrived
from engine.testing.staging import Stage
from engine.usecases.acting import ENGINE
from engine.usecases.landing import body_of
from engine.usecases.message_mappings import mapping_of
from engine.usecases.steps import Step, StepError
from engine.usecases.taking_in import take_in
from engine.usecases.world import RecordWorld

CHANNEL = "scenario"


def arrive(stage: Stage, step: Step) -> list[str]:
    """Take a message in. Raises StepError for one that cannot be built."""
    runtime, given = stage.runtime, step["receive"]
    name = str(given.get("mapping")) if isinstance(given, Mapping) else str(given)
    if name not in runtime.definitions.mappings:
        raise StepError(say("course.no_mapping", name=name))
    compiled = mapping_of(runtime, name)
    body = given.get("body") if isinstance(given, Mapping) else None
    rows = body if isinstance(body, list) else [body or {}]
    number = runtime.ids.new()
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
        message = {"id": number, "kind": compiled.mapping.kind, "at": runtime.clock.now()}
        try:
            made = [typed(compiled.mapping.tree, _resolved(stage, row)) for row in rows]
        except KeyError as unknown:
            raise StepError(say("course.unread", mapping=name, name=str(unknown.args[0]))) from None
        except Malformed as malformed:
            raise StepError(say("course.unread", mapping=name, name=malformed.text["en"])) from None
        content = compiled.write([Env(row, world, this=row, names={MESSAGE: message}) for row in made])
    landed = body_of(runtime, take_in(runtime, channel_of(runtime.definitions, name), Arrived(content, number, name)))
    assert landed is not None
    values, wanted = landed[0].values, str(step.get("gives") or "processed")
    if values["state"] == wanted:
        return []
    return [say("course.received", state=str(values["state"]), wanted=wanted, told=str(values["told"] or ""))]


def channel_of(definitions: Definitions, mapping: str) -> str:
    """The channel by which messages of a mapping come: one that is listened to for it, where there is any."""
    listening = [one.channel for one in definitions.listens.values() if one.mapping == mapping]
    declared = [key for key, one in definitions.channels.items() if mapping in (one.mapping, one.receipt)]
    answering = [key for key, one in definitions.services.items() if one.receipt == mapping]
    return next(iter((*listening, *declared, *answering)), CHANNEL)


def _resolved(stage: Stage, row: object) -> dict[str, object]:
    """The row with its formulas and names worked out."""
    given = row if isinstance(row, Mapping) else {}
    return {
        name: [_resolved(stage, one) for one in value] if isinstance(value, list) else stage.value(None, value)
        for name, value in given.items()
    }
