"""Selections: pages of records and capped counts.

In: a `Selection` or a criterion. Out: rows. Statements are built once for each form of condition, order and page and
kept; what changes from call to call is only bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapters.database.conditions import Conditions, Scope
from adapters.database.criteria import Form, Layouts, Prepared, column_at
from adapters.database.encoding import dumps
from adapters.database.engine import ONE, Backend, Statement, Transaction, limited, place
from adapters.database.paging import Ordered, Piece, key_of, never_null, pieces
from adapters.database.search import Searcher
from adapters.database.tables import POSITION, RECORD, DocumentLayout, StoredColumn, TableLayout
from engine.model.criteria import Criterion, Selection, Tally
from engine.model.types import Kind

_KEPT = 2_000
_GROUPED = {
    Kind.TEXT, Kind.CODE, Kind.REF, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME, Kind.TIME,
}  # fmt: skip
_CHUNK = 1_000


class Selector:
    """Asks one kind of database about documents; holds the statements, no connection."""

    def __init__(self, backend: Backend, layouts: Layouts, searcher: Searcher) -> None:
        self._backend, self._layouts, self._searcher = backend, layouts, searcher
        self._statements: dict[object, Statement] = {}

    def forget(self) -> None:
        """Drop all statements: the document types have changed."""
        self._statements.clear()

    def page(self, transaction: Transaction, selection: Selection) -> list[dict[str, Any]]:
        """The values of one page, without child tables. Raises ValueError for what cannot be asked."""
        layout = self._layouts[selection.document]
        prepared, form = self._prepared(transaction, layout, selection.where)
        stored = [self._column(layout, order.field) for order in selection.order]
        keys = tuple(key_of(order, column) for order, column in zip(selection.order, stored, strict=True))
        after = self._after(stored, selection.after)
        given = bool(keys) and never_null(form, keys[0].path)
        rows: list[Sequence[Any]] = []
        for piece in pieces(keys, after, given=given, backwards=selection.backwards):
            statement = self._page(layout, form, piece, selection.deleted)
            values = [*prepared.values, *(self._seen(piece, after)), selection.limit - len(rows)]
            rows += transaction.rows(statement, values)
            if len(rows) >= selection.limit:
                break
        if selection.backwards:
            rows.reverse()
        return [layout.main.values(row) for row in rows]

    def count(self, transaction: Transaction, document: str, where: Criterion, cap: int) -> int:
        """How many records match, looking at no more than `cap`."""
        layout = self._layouts[document]
        prepared, form = self._prepared(transaction, layout, where)
        row = transaction.row(self._count(layout, form), [*prepared.values, cap])
        return int(row[0]) if row else 0

    def tally(
        self,
        transaction: Transaction,
        document: str,
        where: Criterion,
        by: Sequence[tuple[str, ...]],
        sums: Sequence[str],
        most: int,
    ) -> list[Tally]:
        """Groups of records, counted and added up. Raises ValueError for what cannot be grouped or added up."""
        layout = self._layouts[document]
        paths = (*by, *((name,) for name in sums))
        stored = [column_at(self._layouts, document, "", path) for path in paths]
        for column in stored[: len(by)]:
            refuse_group(column)
        for column in stored[len(by) :]:
            refuse_sum(column)
        prepared, form = self._prepared(transaction, layout, where)
        statement = self._tally(layout, form, tuple(by), tuple(sums))
        rows = transaction.rows(statement, [*prepared.values, most])
        return [_told(row, stored, len(by)) for row in rows]

    def by_ids(
        self, transaction: Transaction, layout: TableLayout, ids: Sequence[str], *, locked: bool = False
    ) -> list[Sequence[Any]]:
        """Rows of a document's table by id, `locked` in the order of their ids; of a child table by its record's id,
        led by that and in order."""
        found: list[Sequence[Any]] = []
        for start in range(0, len(ids), _CHUNK):
            chunk = list(ids[start : start + _CHUNK])
            found += transaction.rows(self._by_ids(layout, locked), [chunk if self._backend.postgres else dumps(chunk)])
        return found

    def _column(self, layout: DocumentLayout, name: str) -> Any:
        return column_at(self._layouts, layout.storage.document, "", tuple(name.split(".")))

    def _after(self, stored: Sequence[Any], after: Sequence[Any] | None) -> list[Any] | None:
        if after is None:
            return None
        if len(after) != len(stored) + 1:
            raise ValueError("after takes a value for each sort key, then the id")
        cells = [None if v is None else s.codec.operand("==", v)[1] for s, v in zip(stored, after, strict=False)]
        return [*cells, after[-1]]

    def _seen(self, piece: Piece, after: Sequence[Any] | None) -> list[Any]:
        return [] if piece.after is None or after is None else [value for value in after if value is not None]

    def _prepared(self, transaction: Transaction, layout: DocumentLayout, where: Criterion) -> tuple[Prepared, Form]:
        document, postgres = layout.storage.document, self._backend.postgres
        prepared = Prepared(self._layouts, document, postgres, self._searcher, transaction)
        return prepared, prepared.form(where)

    def _keep(self, key: object, clause: sa.sql.ClauseElement) -> Statement:
        if len(self._statements) >= _KEPT:
            self._statements.clear()
        return self._statements.setdefault(key, self._backend.compiled(clause))

    def _conditions(self, layout: DocumentLayout) -> tuple[Conditions, Scope]:
        made = Conditions(self._layouts, layout, self._backend.postgres, self._searcher)
        return made, made.scope()

    def _page(self, layout: DocumentLayout, form: Form, piece: Piece, deleted: bool) -> Statement:
        key = (layout.main.name, form, piece, deleted)
        if (known := self._statements.get(key)) is not None:
            return known
        made, scope = self._conditions(layout)
        condition = made.built(form, scope)
        ordered = Ordered(made, scope, piece)
        rest = ordered.condition()
        query = sa.select(*layout.main.selected(scope.source)).select_from(scope.everything)
        query = query.where(condition, rest).order_by(*ordered.order())
        if not deleted:
            query = query.where(self._living(scope))
        return self._keep(key, limited(query, made.place(sa.Integer())))

    def _count(self, layout: DocumentLayout, form: Form) -> Statement:
        key = (layout.main.name, form)
        if (known := self._statements.get(key)) is not None:
            return known
        made, scope = self._conditions(layout)
        condition = made.built(form, scope)
        query = sa.select(ONE.label("one")).select_from(scope.everything)
        some = limited(query.where(self._living(scope), condition), made.place(sa.Integer())).subquery()
        return self._keep(key, sa.select(sa.func.count()).select_from(some))

    def _tally(
        self, layout: DocumentLayout, form: Form, by: tuple[tuple[str, ...], ...], sums: tuple[str, ...]
    ) -> Statement:
        key = (layout.main.name, form, by, sums)
        if (known := self._statements.get(key)) is not None:
            return known
        made, scope = self._conditions(layout)
        condition = made.built(form, scope)
        found = [made.found(path, scope) for path in by]
        keys = [source.c[stored.name] for source, stored in found]
        added = [_added(scope, layout.main.field(name)) for name in sums]
        query = sa.select(*keys, sa.func.count(), *added).select_from(scope.everything)
        query = query.where(condition, self._living(scope)).group_by(*keys)
        return self._keep(key, limited(query, made.place(sa.Integer())))

    def _by_ids(self, layout: TableLayout, locked: bool = False) -> Statement:
        key = (layout.name, locked)
        if (known := self._statements.get(key)) is not None:
            return known
        table = layout.table
        column = table.c[RECORD] if layout.parent else table.c.id
        if self._backend.postgres:
            inside = column == sa.any_(place(0, postgresql.ARRAY(sa.Text())))
        else:
            values = sa.func.json_each(place(0, sa.Text())).table_valued("value")
            inside = column.in_(sa.select(values.c.value))
        selected = layout.selected(table)
        if not layout.parent:
            found = sa.select(*selected).where(inside)
            return self._keep(key, found.order_by(column).with_for_update() if locked else found)
        query = sa.select(column, *selected).where(inside)
        return self._keep(key, query.order_by(column, table.c[POSITION]))

    def _living(self, scope: Scope) -> sa.ColumnElement[bool]:
        """The condition of the partial indexes: rows that are not deleted."""
        return scope.source.c.deleted == sa.literal_column("false" if self._backend.postgres else "0")


def refuse_group(stored: StoredColumn) -> None:
    """Raise ValueError for a column whose values cannot be told apart by the database."""
    if stored.encrypted or stored.column.type.kind not in _GROUPED:
        raise ValueError(f"{stored.field} cannot be grouped by")


def refuse_sum(stored: StoredColumn) -> None:
    """Raise ValueError for a column that the database cannot add up exactly."""
    if stored.encrypted or stored.column.type.kind not in {Kind.INTEGER, Kind.NUMBER}:
        raise ValueError(f"{stored.field} cannot be added up")


def _added(scope: Scope, stored: StoredColumn) -> sa.ColumnElement[Any]:
    """The exact sum of a column; numbers that SQLite keeps as text have an aggregate of their own."""
    column = scope.source.c[stored.name]
    summed = sa.func.guiju_sum if stored.codec.declared.startswith("DECIMAL_TEXT") else sa.func.sum
    return summed(column)


def _told(row: Sequence[Any], stored: Sequence[StoredColumn], keys: int) -> Tally:
    """A group as values: cells of keys, the count, then sums."""
    cells = [*row[:keys], *row[keys + 1 :]]
    values = [_value(cell, one) for cell, one in zip(cells, stored, strict=True)]
    return Tally(tuple(values[:keys]), int(row[keys]), tuple(values[keys:]))


def _value(cell: Any, stored: StoredColumn) -> object:
    if cell is None:
        return None
    if stored.column.type.kind is Kind.INTEGER:
        return int(cell)
    return cell if stored.codec.read is None else stored.codec.read(cell)
