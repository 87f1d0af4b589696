"""Equal happenings that come too fast: the first few are told, the others counted.

In: happenings with the time. Out: those that are to be told now. Pure. A contact that chatters for a night makes a
handful of rows, and none of it is lost: `count` says for how many one stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kiosk.rounds import Heard


@dataclass
class _Run:
    """Equal happenings of one stretch of time."""

    since: float
    told: int = 0
    kept: int = 0
    last: Heard = Heard("")


@dataclass
class Floods:
    """`most` equal ones are told within `within` seconds; then one for all others, when that time is over."""

    most: int = 5
    within: float = 30.0
    _runs: dict[str, _Run] = field(default_factory=dict)

    def take(self, heard: Heard, now: float) -> Sequence[Heard]:
        """What to tell of this one: it, or nothing yet."""
        key = f"{heard.name} {sorted(heard.values.items())}"
        run = self._runs.setdefault(key, _Run(now))
        if run.told >= self.most:
            run.kept, run.last = run.kept + 1, heard
            return ()
        run.told += 1
        return (heard,)

    def due(self, now: float) -> Sequence[Heard]:
        """What was counted in stretches that are over."""
        over = [key for key, run in self._runs.items() if now - run.since >= self.within]
        runs = [self._runs.pop(key) for key in over]
        return [replace(run.last, values={**run.last.values, "count": run.kept}) for run in runs if run.kept]
