"""An uninterruptible supply that speaks Megatec's text: mains that fail, a battery that empties.

In: bytes. Out: answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from adapters.devices import ups
from adapters.devices.framing import Scanner


@dataclass
class Unit:
    """A standby unit of 12 V; `knows_closing`: it carries out `S` and `C`; `closing` is what it was told last."""

    mains: bool = True
    battery_volt: Decimal = Decimal("13.6")
    testing: bool = False
    knows_closing: bool = True
    closing: ups.Close | None = None
    _ear: Scanner = field(default_factory=ups.requests)

    def hear(self, data: bytes) -> list[bytes]:
        """The answers to what just came."""
        return [answer for event in self._ear.feed(data) for answer in self._answers(event)]

    def _answers(self, event: object) -> list[bytes]:
        match event:
            case ups.Command("Q1"):
                return [ups.encode(self._status())]
            case ups.Command("F"):
                return [ups.encode(ups.Rating(Decimal(12), 8, Decimal(12), Decimal(0)))]
            case ups.Command("I"):
                return [ups.encode(ups.Identity("SIMULATED", "12V8A", "1.0"))]
            case ups.Close() if self.knows_closing:
                self.closing = event
                return []
            case ups.Command("C") if self.knows_closing:
                self.closing = None
                return []
            case ups.Command() | ups.Close():
                return [ups.encode(event)]  # says back what it does not know
        return []

    def _status(self) -> ups.Status:
        volt = Decimal("221.3") if self.mains else Decimal(0)
        hz = Decimal(50) if self.mains else Decimal(0)
        told = {
            "utility_fail": not self.mains, "battery_low": self.battery_volt < 11, "standby_type": True,
            "test_running": self.testing, "shutdown_active": self.closing is not None, "beeper_on": True,
        }  # fmt: skip
        flags = tuple(name for name in ups.FLAGS if told.get(name))
        return ups.Status(volt, volt, Decimal("12.1"), 45, hz, self.battery_volt, Decimal("28.5"), flags)
