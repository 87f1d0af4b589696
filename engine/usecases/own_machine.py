"""The machine that a node runs on, as columns of `device`: what is known of a node that has no devices.

In: the port `Host`. Out: shares in per cent and the time it has been up. Who measures where there are devices is no
matter of this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from engine.ports.watching import Host


def machine(host: Host) -> Mapping[str, object]:
    """Shares in per cent, and for how long it has been up. Raises OSError."""
    load = host.load()
    disks = [disk.used / disk.total for disk in load.disks if disk.total]
    memory = load.memory_used / load.memory_total if load.memory_total else None
    shares = {"cpu": load.processor, "memory": memory, "disk": max(disks, default=None)}
    told = {name: None if share is None else Decimal(f"{share * 100:.1f}") for name, share in shares.items()}
    return {**told, "up_seconds": load.up_seconds}


def known_of(host: Host | None) -> Mapping[str, object] | None:
    """What `machine` tells; None where nothing measures or the machine does not say."""
    try:
        return None if host is None else machine(host)
    except OSError:
        return None
