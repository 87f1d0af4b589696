"""Flows: what people and devices do step by step at a kiosk.

A step does, shows, then meets the world, and leaves by an outcome. What a flow keeps is stored with the step, so that a
power cut loses nothing. Plain values: `engine.flows` says what follows, `engine.usecases` carries it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.model.actions import Act
from engine.model.documents import Document, Field
from engine.model.formula import Formula, Given, Template, Title
from engine.model.free_pages import Component, inside
from engine.model.touch_parts import Entry, Keypad, Search
from engine.model.types import TEXT, Kind, Shape, Type
from engine.problems import NOWHERE, Span

TIMEOUT, BACK, REFUSED, INVALID, PICKED, DONE, FAILED = (
    "timeout",
    "back",
    "refused",
    "invalid",
    "picked",
    "done",
    "failed",
)
"""Outcomes with a meaning of their own: the time is over, people want back, an action was refused, what was typed is
not valid, a row was tapped, it went well, it went wrong in a way the step does not name."""
_KINDS = {PICKED: DONE, "wrong": FAILED, "unsure": FAILED, "silent": FAILED, "gone": FAILED, "unreadable": FAILED}
"""Outcomes that are a kind of another one: who does not name them meets the wider one."""
FAULTS = frozenset({FAILED, *(kind for kind, wider in _KINDS.items() if wider == FAILED)})
"""Outcomes of what went wrong."""
AGAIN = "again"
"""As a target: the step that was interrupted. As `restart`: the step itself."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """One way in which a step meets the world.

    `kind` is read, wait, device or call; `what` a device and its command (`lock.open`), or an outside service. With
    `button` it begins when that button is pressed, else when the step does. What it gives is kept under `into`.
    """

    kind: str
    what: str
    given: Mapping[str, Given] = field(default_factory=dict)
    into: str = ""
    button: str = ""
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Branch:
    """One way out of a step that decides by itself: the first whose condition holds."""

    go: str
    when: Formula | None = None
    do: tuple[Act, ...] = ()
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class FlowButton:
    """What people press; the outcome has its name. With `field` it is there while that field can be seen; `badge` is a
    number on it, where there is something to see behind it."""

    name: str
    title: Title
    show: Formula | None = None
    field: str = ""
    badge: Formula | None = None
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `meets` holds its meetings by name; a step without `race` has at most one, named "".

    With `end` the flow ends with that outcome. `restart` is where it goes on after the process died in it; empty as the
    flow says.
    """

    name: str
    title: Title = Title()
    stage: str = ""
    screen: tuple[Component, ...] = ()
    meets: Mapping[str, Meeting] = field(default_factory=dict)
    run: str = ""
    given: Mapping[str, Given] = field(default_factory=dict)
    into: str = ""
    timeout: Formula | None = None
    refresh: Formula | None = None
    do: tuple[Act, ...] = ()
    choose: tuple[Branch, ...] = ()
    next: str = ""
    on: Mapping[str, str] = field(default_factory=dict)
    buttons: Mapping[str, FlowButton] = field(default_factory=dict)
    confirm: Mapping[str, Template] = field(default_factory=dict)  # by button; "" before any that does not lead back
    sound: str = ""
    restart: str = ""
    end: str = ""
    where: Span = NOWHERE

    @property
    def waits(self) -> bool:
        """Whether the flow stays here until something happens."""
        return bool(self.screen or self.meets or self.run or self.buttons or self.timeout is not None)


@dataclass(frozen=True, slots=True)
class Idle:
    """Where a flow goes when nobody has touched anything for so long."""

    after: Formula
    go: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow. `memory` is what it keeps, as a document type that is never stored as one.

    `always` are outcomes that any step may meet, happenings of devices among them (`lock.forced: alarm`).
    """

    id: str
    title: Title
    system: str
    memory: Document
    steps: Mapping[str, Step]
    start: str
    device: str = "kiosk"
    number: Template | None = None
    stages: tuple[Title, ...] = ()
    idle: Idle | None = None
    always: Mapping[str, str] = field(default_factory=dict)
    restart: str = AGAIN
    where: Span = NOWHERE
    later: tuple[tuple[str, Span], ...] = ()  # what this version does not carry out, with its places

    def leads(self, step: Step, outcome: str) -> str | None:
        """The step that follows an outcome: as the step says, else the flow, else its wider kind; None for none."""
        found = step.on.get(outcome) or self.always.get(outcome)
        wider = _KINDS.get(outcome)
        return found if found is not None or wider is None else self.leads(step, wider)


FORM, ANSWER, NUMBER = "form", "answer", "number"
"""What expressions of a flow know beside what it keeps: what the last screen took in, what the last meeting gave, the
number of this run. With what is kept they are the fields of the flow's one row, so that rows of sources inside find
them as `up.form.x` and may have a `number` of their own."""


def inputs(components: tuple[Component, ...]) -> Iterator[Field]:
    """What a screen takes in by filling and typing."""
    for component in inside(components):
        part = component.part
        if isinstance(part, Entry):
            yield from part.fields.values()
        elif isinstance(part, Keypad | Search):
            yield part.field


def chosen(components: tuple[Component, ...]) -> Iterator[tuple[str, Component]]:
    """What a screen takes in by tapping a row: names in `form`, and where."""
    for component in inside(components):
        if component.pick is not None and component.pick.chosen:
            yield component.pick.chosen, component


def form_names(flow: Flow) -> tuple[str, ...]:
    """All names that `form` may hold, whatever the screen: null where nothing was taken in."""
    names = [
        name
        for step in flow.steps.values()
        for name in (*(one.name for one in inputs(step.screen)), *(name for name, _ in chosen(step.screen)))
    ]
    return tuple(dict.fromkeys(names))


def row_shape(flow: Flow, form: Shape, answer: Type) -> Shape:
    """The row that expressions of a flow stand in."""
    own = {FORM: Type(Kind.ROW, shape=form), ANSWER: answer, NUMBER: TEXT}
    return Shape(flow.id, {**own, **flow.memory.shape.fields}, kept=True)
