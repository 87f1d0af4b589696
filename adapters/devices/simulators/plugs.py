"""Plugs: simulated ports under names that stay, to be pulled and put back.

In: models on their lines, a folder. Out: paths for a rack. Behind a path is a pseudo-terminal; who pulls the plug takes
it away, and who puts it back makes another one under the same name, as with devices on a bus that is numbered anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from adapters.devices.simulators.faults import Faults
from adapters.devices.simulators.terminal import Model, Terminal


@dataclass
class Plug:
    """One line; `faults` and whether it `has_power` outlive the terminal."""

    model: Model
    link: Path
    faults: Faults = field(default_factory=Faults)
    terminal: Terminal | None = None

    def __post_init__(self) -> None:
        self.put_in()

    def put_in(self) -> None:
        """Put the plug in."""
        if self.terminal is None:
            self.terminal = Terminal(self.model, self.faults)
            fresh = self.link.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self.terminal.path)
            fresh.replace(self.link)

    def pull(self) -> None:
        """Pull it: whoever reads finds the port gone."""
        if self.terminal is not None:
            self.link.unlink(missing_ok=True)
            self.terminal.close()
            self.terminal = None

    def say(self, data: bytes) -> None:
        """Speak unasked; without a plug nobody hears."""
        if self.terminal is not None and self.terminal.has_power:
            self.terminal.say(data)
