"""One transaction over documents in memory: the `Unit` of the ports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Context, Decimal
from functools import cmp_to_key
from hashlib import sha256
from typing import Any

from engine.model.criteria import Criterion, Order, Selection, Tally
from engine.model.records import AuditEntry, Effect, HistoryEntry, Record
from engine.model.storage import Column, Storage
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.model.values import Duration, StoredFile
from engine.ports import Duplicate, Stale
from engine.testing.matching import UNORDERED, Matcher, Row
from engine.testing.memory_state import State, audit_chain
from engine.testing.memory_tallies import tallied

_UNCHANGING = (type(None), str, int, Decimal, date, time, Duration, StoredFile)
_WIDE = Context(prec=120)
_SYSTEM = tuple(Column(name, type_) for name, type_ in SYSTEM_FIELDS.items())


class MemoryUnit:
    """See `engine.ports.Unit` for what each method promises."""

    def __init__(self, state: State, storages: Mapping[str, Storage], *, write: bool) -> None:
        self.state = state
        self._storages = storages
        self._write = write
        self._matcher = Matcher(storages, lambda document, id_: self._records(document).get(id_))

    def fetch(self, document: str, record_id: str, *, lock: bool = False) -> Record | None:
        storage = self._storage(document)
        values = self._records(document).get(record_id)
        return None if values is None else self._record(storage, values, [t.name for t in storage.tables])

    def fetch_many(self, document: str, record_ids: Sequence[str]) -> dict[str, Record]:
        storage, records = self._storage(document), self._records(document)
        return {id_: self._record(storage, records[id_], ()) for id_ in record_ids if id_ in records}

    def fetch_locked(self, document: str, record_ids: Sequence[str]) -> dict[str, Record]:
        self._must_write()
        return self.fetch_many(document, sorted(record_ids))

    def select(self, selection: Selection) -> list[Record]:
        storage = self._storage(selection.document)
        rows = self._matching(selection.document, selection.where, deleted=selection.deleted)
        paging = _Paging(self._matcher, storage, selection.order)
        ordered = sorted(rows, key=paging.place)
        if selection.after is not None:
            sign = -1 if selection.backwards else 1
            ordered = [r for r in ordered if paging.compared(paging.keys(r), selection.after) * sign > 0]
        page = ordered[-selection.limit :] if selection.backwards else ordered[: selection.limit]
        tables = [t.name for t in storage.tables] if selection.tables is None else selection.tables
        return [self._record(storage, values, tables) for values in page]

    def count(self, document: str, where: Criterion, cap: int) -> int:
        return min(cap, len(self._matching(document, where, deleted=False)))

    def tally(
        self,
        document: str,
        where: Criterion,
        by: Sequence[tuple[str, ...]] = (),
        sums: Sequence[str] = (),
        most: int = 10_000,
    ) -> list[Tally]:
        rows = self._matching(document, where, deleted=False)
        return tallied(self._matcher, self._storage(document), rows, by, sums)[:most]

    def insert(self, record: Record) -> None:
        storage = self._storage(record.document)
        records = self._records(record.document)
        if record.id in records:
            raise Duplicate(record.document, ("id",), record.id)
        values = _kept(storage, record.values)
        for table in storage.tables:
            values.setdefault(table.name, [])
        self._refuse_duplicate(storage, values)
        self._writable(record.document)[record.id] = values

    def insert_many(self, records: Sequence[Record]) -> None:
        for record in records:
            self.insert(record)

    def insert_missing(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.id not in self._records(record.document):
                self.insert(record)

    def update_many(self, records: Sequence[Record]) -> None:
        for record in records:
            self.update(record, record.version - 1)

    def update(self, record: Record, expected: int) -> None:
        storage = self._storage(record.document)
        if storage.append_only:
            raise ValueError(f"{record.document} is append-only")
        before = self._records(record.document).get(record.id)
        if before is None or before["version"] != expected:
            raise Stale(f"{record.document} {record.id}")
        values = _kept(storage, record.values)
        for table in storage.tables:
            values.setdefault(table.name, before.get(table.name, []))
        self._refuse_duplicate(storage, values)
        self._writable(record.document)[record.id] = values

    def remove(self, document: str, record_ids: Sequence[str]) -> None:
        records = self._writable(document)
        for record_id in record_ids:
            records.pop(record_id, None)

    def next_number(self, sequence: str) -> int:
        self._must_write()
        self.state.sequences[sequence] = self.state.sequences.get(sequence, 0) + 1
        return self.state.sequences[sequence]

    def append_history(self, entry: HistoryEntry) -> None:
        self._must_write()
        chain = self.state.history.setdefault(f"{entry.document}/{entry.record_id}", [])
        seal = seal_of(chain[-1].seal if chain else "", replace(entry, seal=""))
        chain.append(replace(entry, seal=seal, changes=deepcopy(dict(entry.changes))))
        self.state.seals.append(seal)

    def history(self, document: str, record_id: str) -> list[HistoryEntry]:
        return list(self.state.history.get(f"{document}/{record_id}", []))

    def append_audit(self, entry: AuditEntry) -> None:
        self._must_write()
        chain = [one for one in self.state.audit if audit_chain(one) == audit_chain(entry)]
        seal = seal_of(chain[-1].seal if chain else "", replace(entry, seal=""))
        self.state.audit.append(replace(entry, seal=seal))
        self.state.seals.append(seal)

    def put_effect(self, effect: Effect) -> bool:
        self._must_write()
        if effect.key in self.state.keys:
            return False
        self.state.keys.add(effect.key)
        self.state.effects[effect.id] = replace(effect, payload=deepcopy(dict(effect.payload)))
        if effect.state in {"waiting", "running"}:
            self.state.ready[effect.id] = effect.due
        return True

    def cancel_effects(self, key_prefix: str) -> int:
        self._must_write()
        found = [e for e in self.state.effects.values() if e.state == "waiting" and e.key.startswith(key_prefix)]
        for effect in found:
            self.state.effects[effect.id] = replace(effect, state="cancelled")
            del self.state.ready[effect.id]
        return len(found)

    def seen(self, source: str, message_id: str) -> bool:
        self._must_write()
        known = (source, message_id) in self.state.messages
        self.state.messages.add((source, message_id))
        return known

    def _storage(self, document: str) -> Storage:
        storage = self._storages.get(document)
        if storage is None:
            raise ValueError(f"the store does not know {document}")
        return storage

    def _records(self, document: str) -> Mapping[str, dict[str, Any]]:
        return self.state.documents.get(document, {})

    def _writable(self, document: str) -> dict[str, dict[str, Any]]:
        self._must_write()
        return self.state.documents.setdefault(document, {})

    def _must_write(self) -> None:
        if not self._write:
            raise RuntimeError("this unit only reads")

    def _matching(self, document: str, where: Criterion, *, deleted: bool) -> list[dict[str, Any]]:
        storage = self._storage(document)
        self._matcher.admit(where, storage)  # a criterion that cannot be asked is refused even without rows
        return [
            values
            for values in self._records(document).values()
            if (deleted or not values["deleted"]) and self._matcher.holds(where, Row(storage, values)) is True
        ]

    def _refuse_duplicate(self, storage: Storage, values: dict[str, Any]) -> None:
        for unique in storage.uniques:
            ours = [values.get(name) for name in unique.fields]
            if None in ours or values["deleted"] or self._matcher.holds(unique.when, Row(storage, values)) is not True:
                continue
            for other in self._matching(storage.document, unique.when, deleted=False):
                if other["id"] != values["id"] and [other.get(name) for name in unique.fields] == ours:
                    raise Duplicate(storage.document, unique.fields, other["id"])

    def _record(self, storage: Storage, values: Mapping[str, Any], tables: Iterable[str]) -> Record:
        found = {column.name: _own(values.get(column.name)) for column in (*_SYSTEM, *storage.columns)}
        known = {table.name: table for table in storage.tables}
        for name in tables:
            if name not in known:
                raise ValueError(f"no child table {name}")
            names = ["id", *(column.name for column in known[name].columns)]
            found[name] = [{one: _own(row.get(one)) for one in names} for row in values.get(name, [])]
        return Record(storage.document, found)


class _Paging:
    """Compares rows by sort keys: nulls last, the id behind all, in the direction of the last key."""

    def __init__(self, matcher: Matcher, storage: Storage, order: Sequence[Order]) -> None:
        self._matcher, self._storage = matcher, storage
        self._order = [(tuple(one.field.split(".")), one.descending) for one in order]
        for path, _ in self._order:
            column = matcher.column(Row(storage, {}), path)
            if column.type.kind in UNORDERED or column.encrypted:
                raise ValueError(f"{'.'.join(path)} cannot be sorted by")

    def keys(self, values: Mapping[str, Any]) -> tuple[object, ...]:
        row = Row(self._storage, values)
        return (*(self._matcher.value(row, path) for path, _ in self._order), values["id"])

    def place(self, values: Mapping[str, Any]) -> Any:
        """What `sorted` can order rows by."""
        return cmp_to_key(self.compared)(self.keys(values))

    def compared(self, left: Sequence[Any], right: Sequence[Any]) -> int:
        if len(right) != len(self._order) + 1:
            raise ValueError("after takes a value for each sort key, then the id")
        descending = [one for _, one in self._order]
        for ours, theirs, down in zip(left, right, [*descending, *(descending[-1:] or [False])], strict=True):
            if ours == theirs:
                continue
            if ours is None or theirs is None:
                return 1 if ours is None else -1
            return (1 if ours > theirs else -1) * (-1 if down else 1)
        return 0


def seal_of(previous: str, entry: HistoryEntry | AuditEntry) -> str:
    """A digest over the seal before and all of the entry."""
    return sha256(f"{previous}\n{entry!r}".encode()).hexdigest()


def _kept(storage: Storage, values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the values with declared scales. Raises ValueError for unknown fields and lost digits."""
    tables = {table.name: (Column("id", SYSTEM_FIELDS["id"]), *table.columns) for table in storage.tables}
    columns = (*_SYSTEM, *storage.columns)
    unknown = values.keys() - {column.name for column in columns} - tables.keys()
    if unknown:
        raise ValueError(f"{storage.document} has no {', '.join(sorted(unknown))}")
    found = {column.name: _cell(column, values.get(column.name)) for column in columns}
    for name, own in tables.items():
        if name in values:
            rows = values[name] or []
            found[name] = [{column.name: _cell(column, row.get(column.name)) for column in own} for row in rows]
    return found


def _cell(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.type.kind is Kind.NUMBER and column.scale is not None:
        scaled = Decimal(value).quantize(Decimal(1).scaleb(-column.scale), context=_WIDE)
        if scaled != value or (column.digits and scaled.copy_abs() >= Decimal(10) ** (column.digits - column.scale)):
            raise ValueError(f"a number does not fit {column.digits} digits, {column.scale} of them behind the point")
        return scaled
    if column.type.kind is Kind.INTEGER and not -(2**63) <= value < 2**63:
        raise ValueError("a number is too large")
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise ValueError("moments are stored in civil time, without an offset")
    return _own(value)


def _own(value: Any) -> Any:
    """The value, so that nobody else can change it: what nobody can change is not copied."""
    return value if isinstance(value, _UNCHANGING) else deepcopy(value)
