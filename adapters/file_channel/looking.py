"""Whether a folder of messages is there and may be used. In: the folder. Out: its place, or why it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

from engine.ports.watching import Probed
from engine.problems import DeliveryError, Incident


def look(folder: Path, wanted: int) -> Probed:
    """`wanted` as for os.access. Raises DeliveryError."""
    if not folder.is_dir():
        raise DeliveryError(Incident(str(folder), "there is no such folder"))
    if not os.access(folder, wanted):
        raise DeliveryError(Incident(str(folder), "permission denied"))
    return Probed(str(folder))
