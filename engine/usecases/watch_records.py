"""What the engine keeps of events that rules listen to: happenings that wait, and how far each rule is at each key.

In: plain data. Out: storages of the engine's own. Moments are texts, exact to the microsecond and in order. What
happened may hold anybody's values, so it is encrypted.
"""

from __future__ import annotations

from datetime import datetime

from engine.model.storage import Column, Storage
from engine.model.types import JSON, TEXT, Type

HAPPENING, RULE_STATE, TURN = "_happening", "_rule_state", "_watch_turn"
_COLUMNS: dict[str, dict[str, Type]] = {
    HAPPENING: {"name": TEXT, "at": TEXT, "alike": TEXT, "content": JSON},
    RULE_STATE: {"rule": TEXT, "due": TEXT, "until": TEXT, "content": JSON},
    TURN: {"node": TEXT},
}
_ENCRYPTED = {(HAPPENING, "content"), (RULE_STATE, "content")}
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    HAPPENING: (("at",), ("alike",)),
    RULE_STATE: (("due",), ("rule", "until")),
    TURN: (),
}


def moment_text(moment: datetime) -> str:
    """A moment as it is kept: texts of moments are in their order."""
    return moment.isoformat(timespec="microseconds")


def watch_storages() -> tuple[Storage, ...]:
    """What the store must keep of events and of rules over them."""
    return tuple(
        Storage(
            name,
            tuple(Column(column, kind, encrypted=(name, column) in _ENCRYPTED) for column, kind in columns.items()),
            indexes=_INDEXES[name],
        )
        for name, columns in _COLUMNS.items()
    )
