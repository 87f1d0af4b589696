"""What the in-memory store keeps, and the copies that make its units all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.model.records import AuditEntry, Effect, HistoryEntry
from engine.model.storage import Storage
from engine.model.types import SYSTEM_FIELDS

Documents = dict[str, dict[str, dict[str, Any]]]


@dataclass(slots=True)
class State:
    """All data. Records are never changed in place, so copies of the maps are enough."""

    documents: Documents = field(default_factory=dict)
    history: dict[str, list[HistoryEntry]] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    seals: list[str] = field(default_factory=list)
    effects: dict[str, Effect] = field(default_factory=dict)
    ready: dict[str, datetime] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    messages: set[tuple[str, str]] = field(default_factory=set)
    sequences: dict[str, int] = field(default_factory=dict)

    def copied(self) -> State:
        """A state that can be changed without changing this one."""
        return replace(
            self,
            documents={name: dict(records) for name, records in self.documents.items()},
            history={chain: list(entries) for chain, entries in self.history.items()},
            audit=list(self.audit),
            seals=list(self.seals),
            effects=dict(self.effects),
            ready=dict(self.ready),
            keys=set(self.keys),
            messages=set(self.messages),
            sequences=dict(self.sequences),
        )

    def audit_chains(self) -> dict[str, list[AuditEntry]]:
        """Audit entries by the record they concern, or by who acted."""
        chains: dict[str, list[AuditEntry]] = {}
        for entry in self.audit:
            chains.setdefault(f"audit {audit_chain(entry)}", []).append(entry)
        return chains

    def rename(self, document: str, table: str, old: str, new: str) -> None:
        """Carry a field's values to its new name, unless that has some."""
        for record in self.documents.get(document, {}).values():
            for values in record.get(table, []) if table else [record]:
                if old in values and new not in values:
                    values[new] = values.pop(old)

    def forget_fields(self, storage: Storage) -> None:
        """Drop what the storage no longer declares."""
        kept = {*SYSTEM_FIELDS, *(c.name for c in storage.columns), *(t.name for t in storage.tables)}
        for record in self.documents.get(storage.document, {}).values():
            for name in record.keys() - kept:
                del record[name]


def audit_chain(entry: AuditEntry) -> str:
    return f"{entry.document}/{entry.record_id}" if entry.document else f"@{entry.actor}"
