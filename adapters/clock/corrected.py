"""The machine's clock with a correction: the port `Clock` where the system's clock may be wrong and may not be set.

In: the machine's clock, a file that all processes of a node share. Out: civil time; seconds are added that somebody's
calibration found. A clock that jumps is noticed against one that never does (CLOCK_BOOTTIME): once it was calibrated
the jump is taken back, else what it says is followed and not trusted until somebody calibrates it. After a start it
never stands before what was seen last. Time-outs do not come here: they count by clocks that never jump.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from adapters.clock.system import ZONE
from engine.model.node_care import ClockState

JUMP = 2.0
"""Seconds that two clocks may drift apart between two looks."""
LEAST = 1.0
"""A correction below this is not worth one."""
_FRESH = 1.0
_KEPT_EVERY = 60.0


def _steady() -> float:
    """Seconds since the machine was begun, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class CorrectedClock:
    """Safe across threads; processes of one node agree within a second."""

    def __init__(
        self,
        file: Path,
        zone: str = ZONE,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = _steady,
    ) -> None:
        """Raises zoneinfo.ZoneInfoNotFoundError for a zone that the machine does not know."""
        self._file, self._zone, self._wall, self._steady = file, ZoneInfo(zone), wall, steady
        self._lock = Lock()
        self._told: Mapping[str, object] = {}
        self._read_at = -_FRESH
        self._between: float | None = None
        self._kept_at = 0.0

    def now(self) -> datetime:
        """The present moment in the zone, without offset."""
        moment = datetime.fromtimestamp(self.seconds(), UTC)
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def seconds(self) -> float:
        """The present moment as POSIX counts it, corrected."""
        return self._wall() + self.state().offset

    def milliseconds(self) -> int:
        """The same for identifiers that sort by time."""
        return int(self.seconds() * 1000)

    def state(self) -> ClockState:
        """How it stands."""
        told = self._known()
        offset, jumps = told.get("offset", 0.0), told.get("jumps", 0)
        assert isinstance(offset, int | float)
        assert isinstance(jumps, int)
        return ClockState(float(offset), told.get("trusted") is not False, jumps)

    def set(self, moment: datetime) -> float:
        """What a clock that is right says now; the seconds that are added from here on."""
        wanted = moment.replace(tzinfo=self._zone).timestamp() - self._wall()
        state = self.state()
        with self._lock:
            offset = state.offset if abs(wanted - state.offset) < LEAST else round(wanted, 3)
            self._write(offset, jumps=state.jumps, trusted=True, calibrated=True)
        return offset

    def was_set(self) -> None:
        """The machine's own clock was put right: nothing is added any more."""
        with self._lock:
            self._between = None
            self._write(0.0, jumps=self.state().jumps, trusted=True, calibrated=True)

    def look(self) -> float:
        """Look whether the machine's clock has jumped since the last look, which one process of a node does every few
        seconds; by how many seconds, 0 where it has not."""
        wall, steady = self._wall(), self._steady()
        state, told = self.state(), self._known()
        with self._lock:
            before, self._between = self._between, wall - steady
            jump = self._since_last(wall, state) if before is None else self._between - before
            if abs(jump) <= JUMP:
                if steady - self._kept_at > _KEPT_EVERY:
                    self._kept_at = steady
                    self._write(state.offset, jumps=state.jumps, trusted=state.trusted, calibrated=self._calibrated())
                return 0.0
            trusted = told.get("calibrated") is True and before is not None
            offset = round(state.offset - jump, 3) if trusted or before is None else state.offset
            self._write(offset, jumps=state.jumps + 1, trusted=trusted, calibrated=self._calibrated())
        return jump

    def _since_last(self, wall: float, state: ClockState) -> float:
        """At a start: how far the clock stands before what was seen last; a clock that went on says nothing."""
        last = self._told.get("last", 0.0)
        assert isinstance(last, int | float)
        return min(0.0, wall + state.offset - last)

    def _calibrated(self) -> bool:
        return self._told.get("calibrated") is True

    def _known(self) -> Mapping[str, object]:
        steady = self._steady()
        if steady - self._read_at >= _FRESH:
            self._read_at = steady
            with suppress(OSError, ValueError):
                found = json.loads(self._file.read_bytes())
                self._told = found if isinstance(found, dict) else {}
        return self._told

    def _write(self, offset: float, *, jumps: int, trusted: bool, calibrated: bool) -> None:
        last = self._wall() + offset
        self._told = {"offset": offset, "trusted": trusted, "jumps": jumps, "calibrated": calibrated, "last": last}
        with suppress(OSError):  # a disk that is full keeps no clock from going
            fresh = self._file.with_name(f".{self._file.name}-{os.getpid()}")
            fresh.write_text(json.dumps(self._told), "ascii")
            fresh.rename(self._file)
