"""Whether a folder of messages is there and may be used: a probe is written, read and removed.

In: the folder. Out: its place, or why it cannot be used.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident

_PROBE = b"probe"


def look(folder: Path, wanted: int) -> Probed:
    """`wanted` as for os.access. Raises DeliveryError."""
    if not folder.is_dir():
        raise DeliveryError(Incident(str(folder), "there is no such folder"))
    if not os.access(folder, wanted):
        raise DeliveryError(Incident(str(folder), "permission denied"))
    probe = folder / f"{secrets.token_hex(8)}.part"  # readers leave such files alone
    try:
        probe.write_bytes(_PROBE)
        came_back = probe.read_bytes() == _PROBE
    except OSError as fault:
        raise DeliveryError(Incident(str(folder), fault.strerror or type(fault).__name__)) from None
    finally:
        probe.unlink(missing_ok=True)
    return Probed(str(folder), probed=came_back)
