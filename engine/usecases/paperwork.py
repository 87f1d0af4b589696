"""What the engine keeps of paper: papers that went out, batches of prints in pieces, scans that came in, their pages.

Out: storages of document types of the engine's own. `engine.usecases.internal` adds them to the rest.
"""

from __future__ import annotations

from engine.model.storage import Column, Storage, Unique
from engine.model.types import DATETIME, INTEGER, JSON, TEXT, Kind, Type

PAPER, BATCH, PIECE, SCAN, PAGE = "_paper", "_batch", "_piece", "_scan", "_page"

_FILE = Type(Kind.FILE)
_ABOUT = {"document": TEXT, "record_id": TEXT, "print": TEXT}
_HELD = {"state": TEXT, "held_until": DATETIME, "tries": INTEGER}
_COLUMNS: dict[str, dict[str, Type]] = {
    PAPER: {**_ABOUT, "token": TEXT, "of_version": INTEGER, "digest": TEXT, "sights": JSON},
    BATCH: {
        **_ABOUT,
        **_HELD,
        "owner": TEXT,
        "title": TEXT,
        "of_version": INTEGER,
        "total": INTEGER,
        "file": _FILE,
        "left_out": JSON,
    },
    PIECE: {
        **_HELD,
        "batch": TEXT,
        "place": INTEGER,
        "items": JSON,
        "file": _FILE,
        "marks": JSON,
        "left_out": JSON,
        "sights": JSON,
    },
    SCAN: {**_HELD, "owner": TEXT, "org": TEXT, "file": _FILE, "trouble": JSON},
    PAGE: {
        **_ABOUT,
        "state": TEXT,
        "scan": TEXT,
        "owner": TEXT,
        "org": TEXT,
        "place": INTEGER,
        "picture": _FILE,
        "small": _FILE,
        "token": TEXT,
        "trouble": JSON,
    },
}
_ENCRYPTED = {"title", "left_out", "marks", "trouble"}
"""What names documents, or tells what their rules said of them."""
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    PAPER: (("token",), ("document", "record_id")),
    BATCH: (("state", "held_until"), ("owner",)),
    PIECE: (("batch",), ("state", "held_until")),
    SCAN: (("state", "held_until"), ("owner",)),
    PAGE: (("scan",), ("owner", "state"), ("org", "state")),
}


def paper_storages() -> tuple[Storage, ...]:
    """What the store must keep of paper."""
    return tuple(
        Storage(
            name,
            tuple(Column(column, kind, encrypted=column in _ENCRYPTED) for column, kind in columns.items()),
            indexes=_INDEXES[name],
            uniques=(Unique(("batch", "place")),) if name == PIECE else (),
        )
        for name, columns in _COLUMNS.items()
    )
