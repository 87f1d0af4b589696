"""What a kiosk's screen is told: one step of a flow as plain data, worded and projected. Nothing here decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import Title
from engine.problems import Finding
from engine.usecases.page_views import ComponentView


@dataclass(frozen=True, slots=True)
class TouchButton:
    """A button: the outcome that it stands for; `confirm` is asked before it counts. With `field` it is there while
    that field can be seen, on the tab that is open; `badge` is the number on it, empty where there is none."""

    outcome: str
    title: Title
    confirm: str = ""
    field: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """A step as it stands. `token` names this very standing: a touch that carries another one is too late.

    `stage` is the place among `stages` (-1: none); `seconds` what is left of the step's time, `idle` until nobody is
    taken to be there; `waits_for` names the devices that the step listens to.
    """

    token: str
    flow: str
    step: str
    title: Title
    stages: tuple[Title, ...] = ()
    stage: int = -1
    body: tuple[ComponentView, ...] = ()
    buttons: tuple[TouchButton, ...] = ()
    back: bool = False
    sound: str = ""
    seconds: float | None = None
    idle: float | None = None
    waits_for: tuple[str, ...] = ()
    user: str = ""
    findings: tuple[Finding, ...] = ()
    busy: bool = False
    given: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    home: bool = False  # nothing else leads away from here
    rest: bool = False  # nobody is there; the whole screen is its button `touch`


@dataclass(frozen=True, slots=True)
class Touch:
    """What people did: a button (`press` with the outcome), the same before its question is asked (`judge`), a row
    tapped (`pick` with path and row), something typed or only that somebody is there (`type`, no step changes), away
    from where nothing leads away (`home`). `form` are raw texts by name; `token` is that of the screen they saw."""

    kind: str
    token: str
    outcome: str = ""
    form: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    row: str = ""
