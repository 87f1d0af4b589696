"""What a program's request must pass before a transaction begins: its JSON has the types that the description says.

In: who asks, a request as it came. Out: findings, only of fields that the actor may know of; what else is wrong with a
request is found by the event itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.problems import Finding
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest


def mistyped(runtime: Runtime, actor: Actor, request: EventRequest) -> tuple[Finding, ...]:
    """All mistyped values of a request, those that its event asks for under `event`."""
    if request.document not in runtime.definitions.documents:
        return ()
    rights = runtime.rights(request.document, actor).in_general()
    if not rights.any:
        return ()
    found = runtime.force.validation(request.document).findings(request.raw) if request.raw else []
    return (*(one for one in found if not one.at or rights.reads(one.at[0])), *_mistyped_answers(runtime, request))


def _mistyped_answers(runtime: Runtime, request: EventRequest) -> Iterator[Finding]:
    event = runtime.definitions.machines[request.document].events.get(request.event)
    if event is None or not request.asked:
        return
    for one in runtime.force.validation(request.document, event).findings(request.asked):
        yield replace(one, at=("event", *one.at))
