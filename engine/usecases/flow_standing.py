"""Where a kiosk stands now: the step, what the flow keeps, who is signed in, which orders to devices belong to it.

Plain data for those who show it and those who carry out orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.flow_devices import WAITS, command
from engine.model.flows import Flow, Step
from engine.problems import Finding
from engine.usecases.views import Actor

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Order:
    """What the step asks of a device, the node or a service: begun after the commit, once for each token and name.

    `given` are its arguments as values; for a call they hold what is asked (`engine.usecases.call_bodies`). `name` is
    that of the meeting within its step. `actor` is who stands there.
    """

    token: str
    name: str
    kind: str
    what: str
    given: Mapping[str, object]
    actor: Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a kiosk stands. `memory` has every name that the flow keeps, `form` what was taken in, as values, `raw`
    what was typed on this screen, as texts; `seconds` and `idle` are what is left now. `busy`: an order is under way.
    `refresh`: seconds after which the screen is read anew.
    """

    flow: Flow
    step: Step
    token: str
    memory: Mapping[str, object] = field(default_factory=dict)
    form: Mapping[str, object] = field(default_factory=dict)
    raw: Mapping[str, object] = field(default_factory=dict)
    answer: object = None
    number: str = ""
    user: Actor | None = None
    orders: tuple[Order, ...] = ()
    seconds: float | None = None
    idle: float | None = None
    findings: tuple[Finding, ...] = ()
    busy: bool = False
    notices: tuple[str, ...] = ()
    refresh: float | None = None

    @property
    def row(self) -> Row:
        """The row that expressions of the flow stand in."""
        return row_of(self.flow, self.memory, self.form, self.answer, self.number)


def row_of(flow: Flow, memory: Row, form: Row, answer: object, number: str) -> dict[str, object]:
    """The row that expressions of a flow stand in; what was answered has all names that any meeting of it may give."""
    whole = {**dict.fromkeys(_given_in(flow)), **answer} if isinstance(answer, Mapping) else answer
    return {**memory, "form": dict(form), "answer": whole, "number": number}


def _given_in(flow: Flow) -> Iterator[str]:
    for step in flow.steps.values():
        for meeting in step.meets.values():
            known = command(meeting.what)
            shape = WAITS.get(meeting.what) if known is None else known.gives
            yield from shape.fields if shape is not None else ()
