"""Criteria to SQL, in two steps: what changes from call to call is taken out first, the rest is built once.

In: a `Criterion` over a document type. Out: a `Form` (a hashable tree without values) with its driver values, and Core
expressions of a form. The same form gives the same statement text, so statements are kept by their forms.

A path goes through references by outer joins, so that a missing reference makes everything behind it null, as in
expressions. `parent` leads from a child row to its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.database.encoding import dumps
from adapters.database.engine import Transaction
from adapters.database.queries import form, padded
from adapters.database.search import Searcher
from adapters.database.tables import DocumentLayout, StoredColumn, TableLayout
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
from engine.model.types import Kind

Form = tuple[Any, ...]
Layouts = Mapping[str, DocumentLayout]
LIST_FROM = 64
"""From this many values on, `Among` hands them over as one parameter."""


@dataclass(slots=True)
class Prepared:
    """Collects the driver values of a criterion while its form is made; searches need a transaction to look ahead."""

    layouts: Layouts
    document: str
    postgres: bool
    searcher: Searcher
    transaction: Transaction | None = None
    values: list[Any] = field(default_factory=list)

    def form(self, criterion: Criterion, table: str = "") -> Form:
        """The form of a criterion over the document, or over rows of one of its child tables.

        Raises ValueError for a field, reference or comparison that the store does not have.
        """
        match criterion:
            case Every(parts):
                return ("every", *(self.form(part, table) for part in parts))
            case Some(parts):
                return ("some", *(self.form(part, table) for part in parts))
            case Not(part):
                return ("not", self.form(part, table))
            case Compare(path, operator, value):
                return self._compare(path, operator, value, table)
            case CompareFields(left, operator, right):
                return ("fields", left, operator, right)
            case Among(path, values):
                return self._among(path, values, table)
            case _:
                return self._special(criterion, table)

    def _special(self, criterion: Criterion, table: str) -> Form:
        match criterion:
            case Holds(path, value):
                self._readable(path, table, {Kind.CODES, Kind.REFS})
                self.values.append(dumps([value]) if self.postgres else value)
                return ("holds", path)
            case Like(path, text, start):
                self._readable(path, table, {Kind.TEXT, Kind.CODE, Kind.REF})
                escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
                self.values.append(f"{escaped}%" if start else f"%{escaped}%")
                return ("like", path)
            case Matches(text):
                return self._matches(text)
            case HasRow(name, inner):
                if table or name not in self.layouts[self.document].children:
                    raise ValueError(f"{table or self.document} has no child table {name}")
                return ("row", name, self.form(inner, name))
        raise ValueError(f"unknown criterion {type(criterion).__name__}")

    def _matches(self, text: str) -> Form:
        layout = self.layouts[self.document]
        query = self.searcher.query(layout, text)
        if query is None:
            return ("every",)
        if self.transaction is None:
            raise ValueError("a uniqueness cannot search")
        few = self.searcher.finds_few(self.transaction, layout, query)
        if few or self.postgres:
            self.values.append(self.searcher.spoken(query))
            return ("matches", few)
        self.values += padded(query)
        return ("texts", form(query))

    def _compare(self, path: tuple[str, ...], operator: str, value: object, table: str) -> Form:
        if value is None:
            return ({"==": "null", "!=": "given"}.get(operator, "unknown"), path)
        stored = self._stored(path, table)
        if operator not in {"==", "!="} and not stored.codec.ordered and not stored.encrypted:
            raise ValueError(f"{'.'.join(path)} has no order")
        operator, operand = stored.codec.operand(operator, value)
        if operator in {"true", "false"}:
            return (operator, path)
        self.values.append(operand)
        return ("compare", path, operator)

    def _among(self, path: tuple[str, ...], values: tuple[object, ...], table: str) -> Form:
        stored = self._stored(path, table)
        found = []
        for value in values:
            if value is not None:
                operator, operand = stored.codec.operand("==", value)
                found += [operand] if operator == "==" else []
        null = any(value is None for value in values)
        if not values:
            return ("some",)
        if not found:
            return ("unknown" if null else "false", path)
        return ("among", path, self._listed(found), null)

    def _listed(self, found: list[Any]) -> int:
        """Keep the values; how many places they take (a power of two, so that few statements serve), 0 for one list."""
        if len(found) >= LIST_FROM:
            self.values.append(found if self.postgres else dumps(found))
            return 0
        size = 1 << (len(found) - 1).bit_length()
        self.values += found + found[-1:] * (size - len(found))
        return size

    def _readable(self, path: tuple[str, ...], table: str, kinds: set[Kind]) -> None:
        stored = self._stored(path, table)
        if stored.encrypted or stored.column.type.kind not in kinds:
            raise ValueError(f"{'.'.join(path)} cannot be looked into")

    def _stored(self, path: tuple[str, ...], table: str) -> StoredColumn:
        return column_at(self.layouts, self.document, table, path)


def column_at(layouts: Layouts, document: str, table: str, path: tuple[str, ...]) -> StoredColumn:
    """The column that a path ends at. Raises ValueError where there is none."""
    layout = layouts[document].children[table] if table else layouts[document].main
    *steps, last = path
    for step in steps:
        layout = step_into(layouts, layout, step)
    return layout.field(last)


def step_into(layouts: Layouts, layout: TableLayout, step: str) -> TableLayout:
    """The table that a reference leads to. Raises ValueError where it leads nowhere."""
    if step == "parent" and layout.parent and step not in layout.columns:
        return layouts[layout.parent].main
    target = layout.field(step).column.type
    if target.kind is not Kind.REF or target.of not in layouts:
        raise ValueError(f"{layout.name}.{step} does not lead to another document")
    return layouts[target.of].main
