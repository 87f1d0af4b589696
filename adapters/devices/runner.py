"""Whoever runs talks with one device: with it come the port, the turn on it and the health of the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from adapters.devices.line import ignored
from adapters.devices.talk import Talk

Result = TypeVar("Result")


def heard(_: object) -> bool:
    """A talk that came to its end was answered."""
    return False


class Runner(Protocol):
    """Runs talks with one device."""

    def run(
        self,
        talk: Talk[Result],
        aside: Callable[[object], None] = ignored,
        *,
        first: bool = False,
        silent: Callable[[Result], bool] = heard,
    ) -> Result:
        """Run a talk to its end; `first`: before those that only look; `silent`: whether what it came to says that the
        device did not answer. Raises DeviceFault."""
        ...

    def call(self, act: Callable[[], Result]) -> Result:
        """Use a device that has no serial line. Raises DeviceFault."""
        ...
