"""The screen of a flow as it stands: what is shown, what can be pressed, what is waited for, worded and projected.

In: where a flow stands, a language. Out: a `Screen` of what the person may see who is signed in there, or without one
the kiosk's own role. It reads; what a touch does is said elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from engine.documents.rules import condition
from engine.documents.wording import filled
from engine.expressions.environment import Env
from engine.model.flows import BACK, Flow, FlowButton, Step
from engine.model.formula import Title
from engine.model.free_pages import Board, Grid, Table, inside
from engine.model.touch_parts import TouchPart
from engine.problems import Finding
from engine.usecases.acting import Performer
from engine.usecases.bounds import bounded
from engine.usecases.flow_views import Screen, TouchButton
from engine.usecases.presenting import Presenter
from engine.usecases.projected import ProjectedWorld
from engine.usecases.runtime import Runtime
from engine.usecases.touch_reading import TouchReading, Typed, key_of
from engine.usecases.views import Actor
from engine.usecases.work import Work

_LISTENS = frozenset({"read", "wait"})
_FREE = frozenset({BACK, "cancel"})
TOUCH = "touch"
"""The name of a button that is the whole screen, while nobody is there."""


class Stands(Protocol):
    """Where a flow stands. `row` is what its expressions stand in, `form` every input of its screens as a value, `raw`
    what was typed as texts; `seconds` and `idle` are what is left now."""

    @property
    def flow(self) -> Flow: ...
    @property
    def step(self) -> Step: ...
    @property
    def row(self) -> Mapping[str, object]: ...
    @property
    def form(self) -> Mapping[str, object]: ...
    @property
    def raw(self) -> Mapping[str, object]: ...
    @property
    def user(self) -> Actor | None: ...
    @property
    def token(self) -> str: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def idle(self) -> float | None: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    @property
    def busy(self) -> bool: ...
    @property
    def notices(self) -> tuple[str, ...]: ...


def screen_of(runtime: Runtime, standing: Stands, language: str, starts: Mapping[str, int] | None = None) -> Screen:
    """The screen. `starts` are the rows at which tables begin, by the path of their component."""
    with _reading(runtime, standing, language, starts or {}) as reading:
        flow, step = standing.flow, standing.step
        buttons = tuple(_buttons(flow, step, reading.env, language))
        back = flow.leads(step, BACK) is not None and BACK not in step.buttons
        body = reading.bodies(step.screen)
        touched = any(one.pick is not None or isinstance(one.part, TouchPart) for one in inside(step.screen))
        return Screen(
            token=standing.token,
            flow=flow.id,
            step=step.name,
            title=_titled(step.title, flow.title),
            stages=flow.stages,
            stage=_stage(flow, step),
            body=body,
            buttons=buttons,
            back=back,
            sound=step.sound,
            seconds=standing.seconds,
            idle=standing.idle,
            waits_for=tuple(_devices(step)),
            user=standing.user.name if standing.user is not None else "",
            findings=standing.findings,
            busy=standing.busy,
            given={name: str(text) for name, text in standing.raw.items()},
            notices=standing.notices,
            home=not (buttons or back or _leaves(standing) or touched),
            rest=standing.user is None and any(one.outcome == TOUCH for one in buttons),
        )


def picked_row(runtime: Runtime, standing: Stands, path: str, key: str) -> Mapping[str, object] | None:
    """The row that was tapped in a component of the screen; None where the screen has no such row (any more)."""
    component = next((one for one in inside(standing.step.screen) if one.path == path), None)
    if component is None or component.pick is None or not isinstance(component.part, Table | Board | Grid):
        return None
    source = component.part.source
    with _reading(runtime, standing, "zh", {}) as reading:
        return next((inner.row for inner in reading.rows(source) if key_of(inner.row) == key), None)


@contextmanager
def _reading(runtime: Runtime, standing: Stands, language: str, starts: Mapping[str, int]) -> Iterator[TouchReading]:
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor_at(runtime, standing.user, language), Performer())
        world = ProjectedWorld(work.world)
        env = Env(standing.row, world)
        typed = Typed(standing.raw, standing.form, standing.findings)
        yield TouchReading(world, Presenter(work.world), env, {}, lambda button: iter(()), typed, starts)


def actor_at(runtime: Runtime, user: Actor | None, language: str) -> Actor:
    """Who looks at a kiosk's screen: whoever is signed in, else somebody of the kiosk's role without a name."""
    if user is not None:
        return replace(user, language=language)
    kiosk = runtime.node.kiosk
    roles = frozenset({kiosk.role}) if kiosk is not None and kiosk.role else frozenset()
    return Actor(f"kiosk:{kiosk.place if kiosk is not None else ''}", "", roles, language=language)


def _titled(own: Title, otherwise: Title) -> Title:
    return own if own.zh or own.en else otherwise


def _stage(flow: Flow, step: Step) -> int:
    return next((at for at, one in enumerate(flow.stages) if step.stage and step.stage in (one.zh, one.en)), -1)


def _devices(step: Step) -> Iterator[str]:
    for meeting in step.meets.values():
        if meeting.kind in _LISTENS and not meeting.button:
            yield meeting.what.partition(".")[0]


def _leaves(standing: Stands) -> bool:
    """Whether something else than people lead on: time, a device, a flow that runs within."""
    begun = any(not meeting.button for meeting in standing.step.meets.values())
    return standing.seconds is not None or standing.idle is not None or bool(standing.step.run) or begun


def _buttons(flow: Flow, step: Step, env: Env, language: str) -> Iterator[TouchButton]:
    declared = dict(step.buttons)
    for meeting in step.meets.values():
        if meeting.button and meeting.button not in declared:
            declared[meeting.button] = FlowButton(meeting.button, Title(meeting.button))
    for name, button in declared.items():
        if condition(button.show, env, default=True):
            asked = _confirmed(flow, step, name, env, language)
            number = button.badge(env) if button.badge is not None else None
            yield TouchButton(name, button.title, asked, button.field, f"{number}" if number else "")


def _confirmed(flow: Flow, step: Step, name: str, env: Env, language: str) -> str:
    """What is asked before a button counts; what leads back is not asked about unless it is named."""
    free = name in _FREE or (flow.leads(step, name) or BACK) == flow.leads(step, BACK)
    template = step.confirm.get(name) or (None if free else step.confirm.get(""))
    if template is None:
        return ""
    texts = filled(template, env)
    return texts.get(language) or texts["zh"]
