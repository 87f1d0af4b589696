"""A bank of drawers with their bolts and contacts, as a lock board feels it; and what can be wrong with one.

In: pulses, hands. Out: what contacts say. A coil that is energised for longer than it stands is found by whoever counts
the pulses: each is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


def nothing() -> None:
    """Nothing happens."""


@dataclass
class Bank:
    """Drawers 1 to `count`, closed at first."""

    count: int
    open: set[int] = field(default_factory=set)
    items: set[int] = field(default_factory=set)
    stuck: set[int] = field(default_factory=set)
    """Bolts that a pulse does not move."""
    wired: dict[int, int] = field(default_factory=dict)
    """Another drawer that a pulse opens instead."""
    neighbours: dict[int, int] = field(default_factory=dict)
    """Another drawer that a pulse opens too."""
    cooling: set[int] = field(default_factory=set)
    """Coils that the board does not pulse now."""
    pulses: list[int] = field(default_factory=list)
    after_pulse: Callable[[], None] = nothing
    """Happens right after a pulse, before any answer: the current fails, for instance."""

    def pulse(self, lock: int) -> bool:
        """One pulse; whether the board gave it."""
        if lock in self.cooling:
            return False
        self.pulses.append(lock)
        if lock not in self.stuck:
            self.open.add(self.wired.get(lock, lock))
            self.open |= {self.neighbours[lock]} if lock in self.neighbours else set()
        self.after_pulse()
        return True

    def push(self, lock: int) -> None:
        """A hand closes it."""
        self.open.discard(lock)

    def force(self, lock: int) -> None:
        """A hand opens it, with a tool or a key."""
        self.open.add(lock)

    def closed_bits(self, width: int) -> int:
        """A bit for each lock that is closed; the lowest is lock 1."""
        return sum(1 << n for n in range(width) if n + 1 not in self.open)

    def item_bits(self, width: int) -> int:
        """A bit for each drawer with something in it."""
        return sum(1 << n for n in range(width) if n + 1 in self.items)
