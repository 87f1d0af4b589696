"""What stands at the head of the kiosk's page: climate, network, power, what waits to be sent, the node's name.

In: the runtime. Out: a plain view; what nothing measures is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from engine.usecases.runtime import Runtime


@dataclass(frozen=True, slots=True)
class State:
    """What a node says of itself. Texts are empty, and facts None, where nothing tells them."""

    node: str
    temperature: str = ""
    humidity: str = ""
    online: bool | None = None
    mains: bool | None = None
    waiting: int = 0


def state_of(runtime: Runtime, language: str) -> State:
    """The state of this node."""
    measured: Mapping[str, object] = runtime.measured() if runtime.measured is not None else {}
    return State(
        runtime.node.title.worded(language),
        _number(measured.get("temperature"), "°C"),
        _number(measured.get("humidity"), "%"),
        _fact(measured.get("online")),
        _fact(measured.get("mains")),
        _count(measured.get("waiting")),
    )


def _number(value: object, unit: str) -> str:
    return f"{value:.0f}{unit}" if isinstance(value, int | float | Decimal) else ""


def _fact(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
