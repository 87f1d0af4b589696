"""A reader of zones: waits for a document to be laid on it.

In: blocks of lines. Out: talks. Nothing is asked: the reader speaks when something lies on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from adapters.devices.framing import Damaged
from adapters.devices.talk import Listen, Talk
from adapters.devices.zones.blocks import Block, BlockEar
from adapters.devices.zones.mending import mended
from engine.model.devices import DeviceFault, ReadText, Trouble

IDLE = 0.2
"""A reader that sends plain lines has ended when it is silent for so long."""


@dataclass(frozen=True, slots=True)
class ZoneReader:
    """One reader on a serial line."""

    def forget(self) -> Talk[None]:
        """What was laid on it before now is not read."""
        yield Listen(BlockEar, lambda one: False, 0.0, afresh=True)

    def read(self, within: float, today: date) -> Talk[ReadText | None]:
        """What was laid on it within this time; None for nothing. Raises DeviceFault: unreadable where what came
        has the shape of no zone, cut short where it never ended."""
        event = yield Listen(BlockEar, lambda one: isinstance(one, Block), within, IDLE)
        if event is None:
            return None
        if isinstance(event, Damaged):
            raise DeviceFault(Trouble.CUT_SHORT)
        assert isinstance(event, Block)
        text = mended(event.lines, today)
        if text is None:
            raise DeviceFault(Trouble.UNREADABLE, " ".join(str(len(line)) for line in event.lines))
        return text
