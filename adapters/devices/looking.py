"""What answers on the serial ports of this machine: discovery over real ports. In: paths, or none for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.devices.discovery import find
from adapters.devices.serial_wire import open_wire, port_paths
from engine.model.devices import FoundDevice


def found(ports: Sequence[str], within: float) -> list[FoundDevice]:
    """What answers."""
    return find(ports or port_paths(), open_wire, within=within)
