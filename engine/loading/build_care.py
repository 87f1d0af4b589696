"""Building what a node file says of its care: where copies go, whose versions are taken.

In: entries judged by their schema. Out: plans; defaults are those of the model.
"""

from __future__ import annotations

from engine.loading.entry import Entry
from engine.model.node_care import KEPT, BackupPlan, UpdatePlan

_ON = {"week": "sunday", "month": "1"}
_AT = "03:30"


def backup_plan(entry: Entry | None) -> BackupPlan | None:
    """Where copies go and when they are made."""
    if entry is None:
        return None
    every = entry.text("every", "week")
    on = entry.text("on", _ON.get(every, ""))
    at = entry.text("at", "" if every == "hour" else _AT)
    also = tuple(one for one in map(backup_plan, entry.each("also", "node_backup")) if one is not None)
    return BackupPlan(entry.names("folders"), entry.whole("keep") or KEPT, every, on, at, entry.where, also)


def update_plan(entry: Entry | None) -> UpdatePlan | None:
    """Whose versions are taken."""
    return None if entry is None else UpdatePlan(entry.text("signer"), entry.text("signer_from"))
