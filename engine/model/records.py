"""What a store gives and takes: records, history, effects. Plain data; no definition, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Record:
    """One document as stored.

    `values` holds every declared field and the system fields of `engine.model.types.SYSTEM_FIELDS`; a child table is a
    list of dictionaries, each with its row's `id`. Times are civil time of the node's zone.
    """

    document: str
    values: dict[str, object]

    @property
    def id(self) -> str:
        """The record's own id."""
        return str(self.values["id"])

    @property
    def version(self) -> int:
        """Counts up with every change; the optimistic lock."""
        version = self.values["version"]
        assert isinstance(version, int)
        return version


ENGINE_PARTS = ("engine", "itself", "timer", "approval")
"""Who acts in history where nobody did: parts of the engine."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One step in a document's life. `changes` maps a path to (before, after), protected values encrypted by the store.

    `seal` chains the entry to the one before it: SHA-256 over both; the store computes it.
    """

    document: str
    record_id: str
    version: int
    at: datetime
    actor: str
    event: str
    from_state: str | None
    to_state: str | None
    changes: Mapping[str, tuple[object, object]] = field(default_factory=dict)
    comment: str = ""
    on_behalf: str = ""
    definitions: str = ""
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """Something to be done after the commit that caused it: a print, a message, a notice, a timer, a look again.

    `key` makes it happen once: an effect whose key is already known is not stored again. `due` is when it may start.
    """

    id: str
    kind: str
    key: str
    due: datetime
    document: str = ""
    record_id: str = ""
    payload: Mapping[str, object] = field(default_factory=dict)
    attempts: int = 0
    state: str = "waiting"  # waiting | running | done | failed | cancelled
    error: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did or read what at which door; chained like history. `detail` holds names of fields, never their values."""

    at: datetime
    actor: str
    action: str
    document: str = ""
    record_id: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
    address: str = ""
    seal: str = ""
