"""What a kiosk's screen is told: one step of a flow as plain data, worded and projected. Nothing here decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.model.formula import Title
from engine.problems import Finding
from engine.usecases.page_views import ComponentView
from engine.usecases.views import FieldView


@dataclass(frozen=True, slots=True)
class TouchButton:
    """A button: the outcome that it stands for; `confirm` is asked before it counts."""

    outcome: str
    title: Title
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class EntryView:
    """Fields to fill in, with what was filled in so far."""

    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class KeypadView:
    """One value typed on large keys."""

    field: FieldView
    kind: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class SearchView:
    """A text that narrows what is shown."""

    field: FieldView


@dataclass(frozen=True, slots=True)
class PictureView:
    """A drawing by its name, or the address of a picture."""

    name: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class DetailsView:
    """Titles and values of one row."""

    rows: tuple[tuple[Title, str], ...]


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


@dataclass(frozen=True, slots=True)
class Touch:
    """What people did: a button (`press` with the outcome), a row tapped (`pick` with path and row), or something
    typed (`type`, no step changes). `form` are raw texts by name; `token` is that of the screen they saw."""

    kind: str
    token: str
    outcome: str = ""
    form: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    row: str = ""
