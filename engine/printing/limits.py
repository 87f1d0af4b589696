"""What one print may cost, and the purse it is paid from.

In: limits. Out: `PrintRefused` as soon as a template goes beyond. Steps are counted, so the same template fails at the
same place on every machine; the seconds are a second fence, read from a timer that the composition root hands in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.problems import Problem


class PrintRefused(Exception):
    """A print could not be made; the problem names the template and the line."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.where}: {problem.code} {dict(problem.values)}")


class Exhausted(Exception):
    """A limit was reached; `limit` names it. Turned into `PrintRefused` where the place is known."""

    def __init__(self, limit: str, allowed: float) -> None:
        self.limit, self.allowed = limit, allowed
        super().__init__(f"{limit}: {allowed}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one print may cost."""

    template: int = 200_000  # characters of a template
    blocks: int = 12  # loops and conditions within each other
    depth: int = 40  # parts of an expression within each other
    steps: int = 200_000  # rounds of loops
    output: int = 4_000_000  # characters of HTML
    text: int = 100_000  # characters of one computed text
    rows: int = 1_000  # of `range` and of padding
    seconds: float = 5.0


class Purse:
    """What is left for one print."""

    def __init__(self, limits: Limits, timer: Callable[[], float] | None = None) -> None:
        self._limits, self._timer = limits, timer
        self._steps, self._output = limits.steps, limits.output
        self._until = timer() + limits.seconds if timer else 0.0

    def step(self) -> None:
        """Pay for one round of a loop. Raises Exhausted."""
        self._steps -= 1
        if self._steps < 0:
            raise Exhausted("steps", self._limits.steps)
        if self._timer and not self._steps % 64 and self._timer() > self._until:
            raise Exhausted("seconds", self._limits.seconds)

    def text(self, size: int) -> None:
        """Pay for characters of the page. Raises Exhausted."""
        self._output -= size
        if self._output < 0:
            raise Exhausted("output", self._limits.output)
