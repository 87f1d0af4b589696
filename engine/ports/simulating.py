"""The door to a simulated cabinet: for pages and tests that play the hands."""

from __future__ import annotations

from typing import Protocol


class Simulated(Protocol):
    """Devices that are simulated, and the world around them."""

    def ask(self, order: str) -> str:
        """One order as JSON (`{"act": "state"}`), and how everything stands as JSON; `wrong` says what was not
        understood. Raises OSError where nobody answers."""
        ...
