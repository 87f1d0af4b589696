"""Criteria answered in Python: what a store of documents must answer, said without a database.

In: a criterion and the values of a record. Out: True, False, or None for unknown, as SQL's three-valued logic has it.
The in-memory store selects by it, and tests of real stores compare with it.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from engine.model.criteria import (
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    HasRow,
    Holds,
    Like,
    Matches,
    Not,
    Some,
)
from engine.model.storage import Column, Storage
from engine.model.types import SYSTEM_FIELDS, Kind
from engine.testing.wording import found

Values = Mapping[str, Any]
Resolve = Callable[[str, str], Values | None]
"""A document type and an id to the values of that record."""

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
UNORDERED = {Kind.CODES, Kind.REFS, Kind.FILE, Kind.FILES, Kind.JSON, Kind.LIST, Kind.DURATION}


@dataclass(frozen=True, slots=True)
class Row:
    """A row in question: a record, or a child row (`table`) with the record around it."""

    storage: Storage
    values: Values
    table: str = ""
    parent: Values | None = None


class Matcher:
    """Answers criteria; follows references by `resolve`. Raises ValueError for fields that are not stored."""

    __slots__ = ("_known", "_resolve", "_storages")

    def __init__(self, storages: Mapping[str, Storage], resolve: Resolve) -> None:
        self._storages, self._resolve = storages, resolve
        self._known: dict[tuple[int, str], tuple[Storage, dict[str, Column]]] = {}

    def admit(self, criterion: Criterion, storage: Storage) -> None:
        """Raise ValueError for a criterion that cannot be asked, whichever part of it that is and without any row."""
        match criterion:
            case Every(parts) | Some(parts):
                for part in parts:
                    self.admit(part, storage)
            case Not(part):
                self.admit(part, storage)
            case _:
                self.holds(criterion, Row(storage, {}))

    def holds(self, criterion: Criterion, row: Row) -> bool | None:
        """Whether the criterion holds for the row."""
        match criterion:
            case Every(parts):
                return _every(self.holds(part, row) for part in parts)
            case Some(parts):
                return _negated(_every(_negated(self.holds(part, row)) for part in parts))
            case Not(part):
                return _negated(self.holds(part, row))
            case Compare(path, operator, value):
                return self._compare(row, path, operator, value)
            case CompareFields(left, operator, right):
                return _compared(self.value(row, left), operator, self.value(row, right))
            case _:
                return self._special(criterion, row)

    def _special(self, criterion: Criterion, row: Row) -> bool | None:
        match criterion:
            case Among(path, values):
                return self._among(self.value(row, path), values)
            case Holds(path, value):
                self._readable(row, path, {Kind.CODES, Kind.REFS})
                several = self.value(row, path)
                return None if several is None else value in several
            case Like(path, text, start):
                self._readable(row, path, {Kind.TEXT, Kind.CODE, Kind.REF})
                return _like(self.value(row, path), text, start=start)
            case Matches(text):
                return found(row.storage, row.parent if row.parent is not None else row.values, text)
            case HasRow(table, inner):
                rows = self._rows(row, table)
                return any(self.holds(inner, one) is True for one in rows)
        raise ValueError(f"unknown criterion {type(criterion).__name__}")

    def _rows(self, row: Row, table: str) -> Sequence[Row]:
        if row.table or table not in {child.name for child in row.storage.tables}:
            raise ValueError(f"{row.storage.document} has no child table {table}")
        return [Row(row.storage, values, table, row.values) for values in row.values.get(table) or ()]

    def _compare(self, row: Row, path: tuple[str, ...], operator: str, value: object) -> bool | None:
        column = self.column(row, path)
        ours = self.value(row, path)
        if value is None:
            return {"==": ours is None, "!=": ours is not None}.get(operator)
        if operator not in {"==", "!="} and (column.type.kind in UNORDERED or column.encrypted):
            raise ValueError(f"{'.'.join(path)} has no order")
        return _compared(ours, operator, value)

    def _readable(self, row: Row, path: tuple[str, ...], kinds: set[Kind]) -> None:
        column = self.column(row, path)
        if column.encrypted or column.type.kind not in kinds:
            raise ValueError(f"{'.'.join(path)} cannot be looked into")

    def _among(self, ours: Any, values: Sequence[object]) -> bool | None:
        if not values:
            return False
        if ours is None:
            return None
        if any(_compared(ours, "==", value) for value in values if value is not None):
            return True
        return None if any(value is None for value in values) else False

    def value(self, row: Row, path: tuple[str, ...]) -> Any:
        """The value at a path; None behind a reference that leads nowhere."""
        self.column(row, path)
        values: Values | None = row.values
        storage, table = row.storage, row.table
        for step in path[:-1]:
            if step == "parent" and table and step not in self._columns(storage, table):
                values, table = row.parent, ""
                continue
            target = self._columns(storage, table)[step].type.of
            reference = None if values is None else values.get(step)
            values = None if reference is None else self._resolve(target, str(reference))
            storage, table = self._storages[target], ""
        return None if values is None else values.get(path[-1])

    def column(self, row: Row, path: tuple[str, ...]) -> Column:
        """The column that a path ends at. Raises ValueError where there is none."""
        storage, table = row.storage, row.table
        for step in path[:-1]:
            columns = self._columns(storage, table)
            if step == "parent" and table and step not in columns:
                table = ""
                continue
            column = columns.get(step)
            if column is None or column.type.kind is not Kind.REF or column.type.of not in self._storages:
                raise ValueError(f"{storage.document}.{step} does not lead to another document")
            storage, table = self._storages[column.type.of], ""
        found_column = self._columns(storage, table).get(path[-1])
        if found_column is None:
            raise ValueError(f"{storage.document} has no field {path[-1]}")
        return found_column

    def _columns(self, storage: Storage, table: str) -> dict[str, Column]:
        """The columns by their names, gathered once for all rows. The storage is kept so that its id stays its own."""
        known = self._known.get((id(storage), table))
        if known is None:
            known = self._known[id(storage), table] = storage, _columns(storage, table)
        return known[1]


def _columns(storage: Storage, table: str) -> dict[str, Column]:
    if table:
        columns = next(child.columns for child in storage.tables if child.name == table)
        return {"id": Column("id", SYSTEM_FIELDS["id"]), **{column.name: column for column in columns}}
    system = {name: Column(name, type_) for name, type_ in SYSTEM_FIELDS.items()}
    return {**system, **{column.name: column for column in storage.columns}}


def _every(answers: Iterable[bool | None]) -> bool | None:
    """False at the first False: what comes after it is not asked."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def _negated(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def _compared(left: Any, operator: str, right: Any) -> bool | None:
    if left is None or right is None:
        return None
    if isinstance(left, date) and isinstance(right, date):
        left, right = _moment(left), _moment(right)
    return bool(_OPERATORS[operator](left, right))


def _moment(value: date) -> datetime:
    """A day stands for its midnight."""
    return value if isinstance(value, datetime) else datetime.combine(value, time())


def _like(value: Any, text: str, *, start: bool) -> bool | None:
    if value is None:
        return None
    ours, wanted = str(value).translate(_LOWER), text.translate(_LOWER)
    return ours.startswith(wanted) if start else wanted in ours
