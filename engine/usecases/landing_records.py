"""What the engine keeps of messages and of the resources it listens to: storages, states, bodies packed and unpacked.

In: plain data. Out: storages of the engine's own. A small body lies in its row, encrypted; a larger one is a file by
its digest. The unique key is what makes a message land once.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from hashlib import sha256

from engine.documents.field_kinds import is_kept
from engine.model.records import Record
from engine.model.storage import Column, Storage, Unique
from engine.model.traffic import TRY, Outgoing
from engine.model.types import BOOLEAN, DATETIME, INTEGER, JSON, TEXT, Kind, Type
from engine.model.values import StoredFile
from engine.ports import FileStore

MESSAGE, LISTENER = "_message", "_listener"
OUT, IN = "out", "in"
SENDING, AWAITING, SENT, CONFIRMED = "sending", "awaiting", "sent", "confirmed"
ARRIVED, PROCESSED, UNMATCHED, QUARANTINED = "arrived", "processed", "unmatched", "quarantined"
BLOCKED, FAILED, DISCARDED = "blocked", "failed", "discarded"
STATES = (
    SENDING, AWAITING, SENT, CONFIRMED, ARRIVED, PROCESSED, UNMATCHED, QUARANTINED, BLOCKED, FAILED, DISCARDED,
)  # fmt: skip
ABNORMAL = frozenset({UNMATCHED, QUARANTINED, BLOCKED, FAILED})
"""What an operator has to look at."""
INLINE = 16_384
"""Bytes that a row holds itself: files of a few kilobytes would cost more inodes than they are worth."""
_LONGEST_KEY = 500

_COLUMNS: dict[str, dict[str, Type]] = {
    MESSAGE: {
        "direction": TEXT,
        "channel": TEXT,
        "kind": TEXT,
        "title": TEXT,
        "key": TEXT,  # empty of one that came under a number already taken
        "digest": TEXT,
        "size": INTEGER,
        "body": TEXT,
        "file": Type(Kind.FILE),
        "headers": JSON,
        "code": TEXT,
        "told": JSON,
        "tries": INTEGER,
        "resent": INTEGER,
        "repeats": INTEGER,
        "document": TEXT,
        "record_id": TEXT,
        "sent_at": DATETIME,
        "settled_at": DATETIME,
        "reference": TEXT,  # what a receipt that comes later calls it
        "failing": TEXT,  # the event of its document that a receipt raises which refuses it
        "signer": TEXT,
        "because": TEXT,
        "purged_at": DATETIME,
        "archive": TEXT,  # the file that the body went to when it was removed
    },
    LISTENER: {
        "name": TEXT,
        "wanted": BOOLEAN,
        "since": DATETIME,
        "received": INTEGER,
        "last_at": DATETIME,
        "code": TEXT,
        "error": TEXT,
        "error_at": DATETIME,
        "workers": JSON,
    },
}
_ENCRYPTED = {(MESSAGE, "body"), (MESSAGE, "headers"), (MESSAGE, "told")}
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    MESSAGE: (
        ("created_at",),
        ("state", "created_at"),
        ("kind", "created_at"),
        ("kind", "state", "created_at"),
        ("channel", "created_at"),
        ("number", "created_at"),
        ("sent_at",),
        ("reference",),
        ("document", "record_id"),
        ("purged_at", "created_at"),
    ),
    LISTENER: (),
}
_UNIQUES = {MESSAGE: (Unique(("direction", "channel", "key")),), LISTENER: (Unique(("name",)),)}


def landing_storages() -> tuple[Storage, ...]:
    """What the store must keep of messages and listening resources."""
    return tuple(
        Storage(
            name,
            tuple(Column(column, kind, encrypted=(name, column) in _ENCRYPTED) for column, kind in columns.items()),
            indexes=_INDEXES[name],
            uniques=_UNIQUES[name],
        )
        for name, columns in _COLUMNS.items()
    )


def digest_of(body: bytes) -> str:
    """SHA-256, as the file store names it."""
    return sha256(body).hexdigest()


def kept_key(key: str, digest: str) -> str:
    """A message's key as it is stored: what its sender calls it, or its digest where that says nothing or cannot be
    kept."""
    return kept_text(key) or f"sha256:{digest}"


def kept_text(said: object) -> str:
    """What a message says of itself, as it can be stored and looked for: a digest of what is too long for an index, or
    holds signs that no database takes."""
    text = "" if said is None else str(said)
    if len(text) <= _LONGEST_KEY and is_kept(text):
        return text
    return f"key:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def kept_said(texts: Mapping[str, str]) -> dict[str, str]:
    """Headers, or what is told, as they can be stored: signs that no database takes stand there as escapes."""
    return {_escaped(name): _escaped(text) for name, text in texts.items()}


def _escaped(text: str) -> str:
    return text if is_kept(text) else text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def packed(files: FileStore, body: bytes, name: str) -> dict[str, object]:
    """The columns of a body; a large one is put into the file store, before the transaction that refers to it."""
    about: dict[str, object] = {"digest": digest_of(body), "size": len(body), "body": None, "file": None}
    if len(body) > INLINE:
        return {**about, "file": files.put(body, name, "application/octet-stream")}
    return {**about, "body": base64.b64encode(body).decode() if body else ""}


def unpacked(files: FileStore, values: Mapping[str, object]) -> bytes:
    """The body of a landed message. Raises KeyError where its file is lost or damaged."""
    file = values["file"]
    if isinstance(file, StoredFile):
        return files.get(file.hash)
    return base64.b64decode(str(values["body"] or ""))


def outgoing_of(record: Record, content: bytes) -> Outgoing:
    """A landed message as it leaves: with what it is known by, and how often it was sent again on purpose."""
    values = record.values
    carried = values["headers"]
    headers = {"id": record.id, **(carried if isinstance(carried, Mapping) else {})}
    resent = int(str(values["resent"] or 0))
    if resent:
        headers[TRY] = str(resent)
    return Outgoing(content, str(values["key"]), str(values["kind"] or ""), headers)


def renewed(record: Record, now: object, **values: object) -> Record:
    """A record's next version."""
    return Record(record.document, {**record.values, **values, "version": record.version + 1, "changed_at": now})
