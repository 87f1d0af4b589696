"""Whoever runs talks with one device: with it come the port, the turn on it and the health of the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from adapters.devices.line import ignored
from adapters.devices.talk import Talk
from engine.model.devices import Trouble

Result = TypeVar("Result")


class Runner(Protocol):
    """Runs talks with one device."""

    def run(self, talk: Talk[Result], aside: Callable[[object], None] = ignored, *, first: bool = False) -> Result:
        """Run a talk to its end; `first`: before those that only look. Raises DeviceFault."""
        ...

    def call(self, act: Callable[[], Result]) -> Result:
        """Use a device that has no serial line. Raises DeviceFault."""
        ...

    def silent(self, trouble: Trouble) -> None:
        """A talk ended well that says that the device did not answer."""
        ...
