"""Turns on a port: one talk at a time, and who orders goes before who only looks.

In: threads. Out: their turns. Whoever has the turn may take it again. Nobody who has begun is interrupted: an order
waits for the one question that is on the wire, never for those that wait too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, get_ident


@dataclass
class Turns:
    """May be used by several threads."""

    _changed: Condition = field(default_factory=Condition)
    _owner: int = 0
    _depth: int = 0
    _orders: int = 0
    """How many wait who go first."""

    @contextmanager
    def taken(self, *, first: bool = False) -> Iterator[None]:
        """Have the turn; `first`: before all who are not."""
        self._take(first)
        try:
            yield
        finally:
            self._give()

    def _take(self, first: bool) -> None:
        me = get_ident()
        with self._changed:
            if self._owner != me:
                self._orders += first
                self._changed.wait_for(lambda: not self._owner and (first or not self._orders))
                self._orders -= first
            self._owner, self._depth = me, self._depth + 1

    def _give(self) -> None:
        with self._changed:
            self._depth -= 1
            if not self._depth:
                self._owner = 0
                self._changed.notify_all()
