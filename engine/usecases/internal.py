"""Document types of the engine itself: approval tasks, documents under review, timers, requests answered,
prints archived, filters, notices, drafts, choices, errands, where kiosks stand.

They are stored through the same store as declared ones and never shown as documents. Their ids begin with an
underscore, which no definition may use.
"""

from __future__ import annotations

from engine.model.storage import Column, Storage, Unique
from engine.model.types import BOOLEAN, DATETIME, INTEGER, JSON, TEXT, Kind, Type
from engine.usecases.configured_records import configured_storage
from engine.usecases.landing_records import landing_storages
from engine.usecases.paperwork import paper_storages
from engine.usecases.sheet_records import sheet_storages
from engine.usecases.watch_records import watch_storages

TASK, REVIEW, TIMER, REQUEST, PRINTED, FILTER, NOTICE, TOKEN, SETTING, LOGIN, SESSION, UPLOAD, DRAFT = (
    "_task",
    "_review",
    "_timer",
    "_request",
    "_printed",
    "_filter",
    "_notice",
    "_token",
    "_setting",
    "_login",
    "_session",
    "_upload",
    "_draft",
)
CHOICE, ERRAND, JOB, LIMIT, FLOW, CODE = "_choice", "_errand", "_job", "_limit", "_flow", "_code"

_FILE, _NUMBER = Type(Kind.FILE), Type(Kind.NUMBER)
_ABOUT = {"document": TEXT, "record_id": TEXT}
_COLUMNS: dict[str, dict[str, Type]] = {
    TASK: {
        **_ABOUT,
        "approval": TEXT,
        "round": INTEGER,
        "step": TEXT,
        "assignee": TEXT,
        "role": TEXT,
        "org": TEXT,
        "opinion": TEXT,
        "decided_at": DATETIME,
        "decided_by": TEXT,
        "due": DATETIME,
        "starter": TEXT,
        "status": TEXT,
        "principal": TEXT,  # whose part it is, where somebody else signs it
        "on_behalf": TEXT,  # for whom the assignee signs
        "added_by": TEXT,
    },
    REVIEW: {**_ABOUT, "approval": TEXT, "starter": TEXT, "begun_at": DATETIME, "status": TEXT},
    TIMER: {
        **_ABOUT,
        "name": TEXT,
        "seconds_left": _NUMBER,
        "seconds_total": _NUMBER,
        "running_since": DATETIME,
        "status": TEXT,
    },
    REQUEST: {**_ABOUT, "event": TEXT, "digest": TEXT, "made": JSON},  # by name, what an offer made
    PRINTED: {**_ABOUT, "print": TEXT, "file": _FILE, "of_version": INTEGER, "sights": JSON},
    FILTER: {"owner": TEXT, "document": TEXT, "title": TEXT, "query": TEXT, "shared": BOOLEAN, "roles": JSON},
    NOTICE: {**_ABOUT, "recipient": TEXT, "text": TEXT, "read_at": DATETIME},
    TOKEN: {"owner": TEXT, "title": TEXT, "digest": TEXT, "expires_at": DATETIME, "revoked": BOOLEAN},
    SETTING: {"name": TEXT, "scope": TEXT, "content": JSON},
    LOGIN: {"login": TEXT, "failures": INTEGER, "locked_until": DATETIME, "chosen": TEXT},
    SESSION: {"owner": TEXT, "stamp": TEXT, "expires_at": DATETIME},
    UPLOAD: {"owner": TEXT, "hash": TEXT, "file": _FILE},
    JOB: {"name": TEXT, "moment": TEXT},
    LIMIT: {"due": TEXT},  # to the microsecond
    CHOICE: {"owner": TEXT, "document": TEXT, "content": JSON},
    ERRAND: {
        "owner": TEXT,
        "kind": TEXT,
        "document": TEXT,
        "status": TEXT,
        "total": INTEGER,
        "handled": INTEGER,
        "asked": TEXT,
        "told": TEXT,
        "file": _FILE,
    },
    DRAFT: {**_ABOUT, "owner": TEXT, "event": TEXT, "of_version": INTEGER, "content": TEXT},
    FLOW: {"place": TEXT, "token": TEXT, "content": JSON},
    CODE: {"digest": TEXT, "sent_at": DATETIME, "expires_at": DATETIME, "tries": INTEGER, "used": BOOLEAN},
}
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    TASK: (("document", "record_id"), ("assignee", "status", "created_at"), ("decided_by", "changed_at")),
    REVIEW: (("document", "record_id"), ("starter", "changed_at")),
    TIMER: (("document", "record_id"),),
    PRINTED: (("document", "record_id"),),
    FILTER: (("owner", "document"), ("document", "shared")),
    NOTICE: (("recipient", "read_at"),),
    TOKEN: (("digest",),),
    SETTING: (("name",),),
    LOGIN: (("login",),),
    UPLOAD: (("owner", "hash"),),
    CHOICE: (("owner", "document"),),
    DRAFT: (("owner", "document"),),
}
_ENCRYPTED = {
    (NOTICE, "text"),
    (TASK, "opinion"),
    (REQUEST, "digest"),
    (DRAFT, "content"),
    (ERRAND, "asked"),
    (ERRAND, "told"),
    (FILTER, "query"),
    (FLOW, "content"),
}
"""What says something of values that people typed, protected ones among them."""
_UNIQUES: dict[str, tuple[Unique, ...]] = {
    LOGIN: (Unique(("login",)),),
    JOB: (Unique(("name",)),),
    FLOW: (Unique(("place",)),),
}


def storages() -> tuple[Storage, ...]:
    """What the store must keep for the engine itself."""
    own = (
        Storage(
            name,
            tuple(Column(column, kind, encrypted=(name, column) in _ENCRYPTED) for column, kind in columns.items()),
            indexes=_INDEXES.get(name, ()),
            uniques=_UNIQUES.get(name, ()),
        )
        for name, columns in _COLUMNS.items()
    )
    others = (*paper_storages(), *sheet_storages(), *landing_storages(), *watch_storages(), configured_storage())
    return (*own, *others)


def is_internal(document: str) -> bool:
    """Whether a document type is the engine's own."""
    return document.startswith("_")
