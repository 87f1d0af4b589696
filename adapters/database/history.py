"""History and audit: append-only entries, each sealed to the one before it in its chain.

In: entries. Out: rows, entries, seals. A record's history is one chain, its audit another; audit entries that concern
no record are chained by who acted. A seal is SHA-256 over the seal before it and the canonical JSON of the row, so a
changed row, a missing one and a changed order are all noticed by `sealing`. Two writers that would continue a chain
at the same step meet in a unique index, and the later one is Stale.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from adapters.database.encoding import dumps, loads
from adapters.database.engine import ONE, Backend, Statement, Transaction, limited, place
from adapters.database.errors import broken_unique
from engine.model.records import AuditEntry, HistoryEntry
from engine.ports import Stale

_ENVELOPE = ("seq", "chain", "step", "seal")


@dataclass(frozen=True, slots=True)
class Ledger:
    """One table of chains and its statements. `columns` are those between `step` and `seal`, in the sealed order."""

    table: sa.Table
    columns: tuple[str, ...]
    insert: Statement
    last: Statement
    chain: Statement

    def append(self, transaction: Transaction, chain: str, cells: Sequence[Any], *, first: bool = False) -> str:
        """Add a row to a chain; `first` where the chain is known to be empty. Returns its seal. Raises Stale when
        another writer continued the chain meanwhile."""
        found = None if first else transaction.row(self.last, [chain])
        step, previous = (1, "") if found is None else (found[0] + 1, found[1])
        seal = seal_of(previous, chain, step, cells)
        try:
            transaction.change(self.insert, [chain, step, *cells, seal])
        except exc.IntegrityError as error:
            if broken_unique(error):
                raise Stale(f"{self.table.name} {chain}") from error
            raise
        return seal


def ledger(table: sa.Table, backend: Backend) -> Ledger:
    """The statements of a table of chains."""
    columns = tuple(column.name for column in table.c if column.name not in _ENVELOPE)
    written = ("chain", "step", *columns, "seal")
    mine = table.c.chain == place(0, sa.Text())
    return Ledger(
        table,
        columns,
        backend.compiled(table.insert().values({n: place(i, table.c[n].type) for i, n in enumerate(written)})),
        backend.compiled(limited(sa.select(table.c.step, table.c.seal).where(mine).order_by(table.c.step.desc()), ONE)),
        backend.compiled(sa.select(*(table.c[n] for n in (*columns, "seal"))).where(mine).order_by(table.c.step)),
    )


def seal_of(previous: str, chain: str, step: int, cells: Sequence[Any]) -> str:
    """The seal of a row after the seal before it (empty for the first)."""
    plain = [_sealed_form(cell) for cell in (chain, step, *cells)]
    return sha256(f"{previous}\n{json.dumps(plain, ensure_ascii=False, separators=(',', ':'))}".encode()).hexdigest()


def _sealed_form(cell: Any) -> Any:
    return cell.isoformat(" ", "microseconds") if isinstance(cell, datetime) else cell


def history_chain(document: str, record_id: str) -> str:
    return f"{document}/{record_id}"


def audit_chain(entry: AuditEntry) -> str:
    return f"{entry.document}/{entry.record_id}" if entry.document else f"@{entry.actor}"


def history_cells(
    entry: HistoryEntry, moment: Callable[[datetime], Any], changes: str, comment: str
) -> tuple[Any, ...]:
    """The sealed columns of a history entry, in the order of the table."""
    return (
        entry.document,
        entry.record_id,
        entry.version,
        moment(entry.at),
        entry.actor,
        entry.event,
        entry.from_state,
        entry.to_state,
        changes,
        comment,
        entry.on_behalf,
        entry.definitions,
    )


def history_entry(
    row: Sequence[Any], opened: Callable[[str], Mapping[str, tuple[Any, Any]]], said: Callable[[str], str]
) -> HistoryEntry:
    """The entry of a row of `Ledger.chain`."""
    document, record, version, at, actor, event, before, after, changes, comment, behalf, definitions, seal = row
    return HistoryEntry(
        document, record, version, read_moment(at), actor, event, before, after, opened(changes), said(comment), behalf,
        definitions, seal,
    )  # fmt: skip


def audit_cells(entry: AuditEntry, moment: Callable[[datetime], Any]) -> tuple[Any, ...]:
    """The sealed columns of an audit entry, in the order of the table."""
    return (
        entry.document, entry.record_id, moment(entry.at), entry.actor, entry.action, dumps(entry.detail), entry.address
    )  # fmt: skip


def audit_entry(row: Sequence[Any]) -> AuditEntry:
    """The entry of a row of all sealed columns and the seal."""
    document, record, at, actor, action, detail, address, seal = row
    found = loads(detail)
    return AuditEntry(
        read_moment(at), actor, action, document, record, found if isinstance(found, dict) else {}, address, seal
    )


def read_moment(cell: Any) -> datetime:
    """A moment as either database hands it over."""
    return cell if isinstance(cell, datetime) else datetime.fromisoformat(cell)
