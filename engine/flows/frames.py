"""Where flows stand: one frame for each flow that runs within another, outermost first.

Plain values without a clock or a store. What a frame keeps is only passed on here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow at one of its steps. `memory` is what it keeps, `form` what its screens took in, `answer` what its last
    meeting gave, `number` its own number. `aside` is what was interrupted there, the newest last."""

    flow: str
    step: str
    memory: Mapping[str, object] = field(default_factory=dict)
    form: Mapping[str, object] = field(default_factory=dict)
    answer: object = None
    number: str = ""
    aside: tuple[Aside, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands aside until its interruption is over: the step, and the frames that ran within it."""

    step: str
    within: tuple[Frame, ...] = ()


Frames = tuple[Frame, ...]
"""Outermost first; never empty while a kiosk runs."""
