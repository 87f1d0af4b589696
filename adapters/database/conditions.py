"""Core expressions of criteria's forms.

In: a `Form` and the tables. Out: a condition and the joins it needs. Values are places, numbered in the order in which
`criteria.Prepared` collected them.
"""

from __future__ import annotations

import operator as operators
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapters.database.criteria import Form, Layouts, column_at, step_into
from adapters.database.engine import ONE, place
from adapters.database.search import Searcher
from adapters.database.tables import RECORD, DocumentLayout, StoredColumn, TableLayout
from engine.model.types import Kind

Condition = sa.ColumnElement[Any]
_OPERATORS: dict[str, Any] = {
    "==": operators.eq,
    "!=": operators.ne,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


@dataclass(slots=True)
class Scope:
    """A table being asked, the references followed from it, and for child rows the scope around."""

    layout: TableLayout
    source: sa.FromClause
    table: str = ""
    outer: Scope | None = None
    joined: dict[tuple[str, ...], sa.FromClause] = field(default_factory=dict)
    origin: sa.FromClause | None = None

    @property
    def outermost(self) -> Scope:
        """The scope of the document's own table."""
        return self if self.outer is None else self.outer.outermost

    @property
    def everything(self) -> sa.FromClause:
        """The FROM clause with all joins so far."""
        return self.source if self.origin is None else self.origin


@dataclass(slots=True)
class Conditions:
    """Builds conditions for one statement; places are numbered through all of its scopes. With `literals` the values
    themselves stand in their places: DDL takes no parameters."""

    layouts: Layouts
    document: DocumentLayout
    postgres: bool
    searcher: Searcher
    numbers: count[int] = field(default_factory=count)
    aliases: int = 0
    literals: Sequence[Any] | None = None

    def scope(self) -> Scope:
        """The scope of the document's own table."""
        return Scope(self.document.main, self.document.main.table.alias("t"))

    def built(self, form: Form, scope: Scope) -> Condition:
        """The condition of a form; joins it needs are added to the scope."""
        return _BUILDERS[form[0]](self, form, scope)

    def place(self, type_: sa.types.TypeEngine[Any]) -> Condition:
        """The next parameter."""
        number = next(self.numbers)
        if self.literals is None:
            return place(number, type_)
        value = self.literals[number]
        return sa.cast(sa.literal(value, sa.Text()), type_) if isinstance(value, str) else sa.literal(value, type_)

    def found(self, path: tuple[str, ...], scope: Scope) -> tuple[sa.FromClause, StoredColumn]:
        """The table and the column that a path ends at, its joins added to the scope."""
        source, layout = scope.source, scope.layout
        for length, step in enumerate(path[:-1], 1):
            layout_before, layout = layout, step_into(self.layouts, layout, step)
            source = self._join(scope, path[:length], source, layout_before, layout)
        return source, column_at(self.layouts, self.document.storage.document, scope.table, path)

    def column(self, path: tuple[str, ...], scope: Scope) -> Condition:
        """What a path is compared by: its column, the blind index of an encrypted one."""
        source, stored = self.found(path, scope)
        return source.c[stored.blind or stored.name]

    def _join(
        self, scope: Scope, path: tuple[str, ...], source: sa.FromClause, before: TableLayout, layout: TableLayout
    ) -> sa.FromClause:
        if path == ("parent",) and scope.outer is not None and "parent" not in before.columns:
            return scope.outer.source
        if path not in scope.joined:
            self.aliases += 1
            target = layout.table.alias(f"j{self.aliases}")
            reference = source.c[before.columns[path[-1]].name]
            scope.joined[path] = target
            scope.origin = scope.everything.outerjoin(target, target.c.id == reference)
        return scope.joined[path]


def _every(made: Conditions, form: Form, scope: Scope) -> Condition:
    return sa.and_(sa.true(), *(made.built(part, scope) for part in form[1:]))


def _some(made: Conditions, form: Form, scope: Scope) -> Condition:
    return sa.or_(sa.false(), *(made.built(part, scope) for part in form[1:]))


def _not(made: Conditions, form: Form, scope: Scope) -> Condition:
    return sa.not_(made.built(form[1], scope))


def _compare(made: Conditions, form: Form, scope: Scope) -> Condition:
    source, stored = made.found(form[1], scope)
    column = source.c[stored.blind or stored.name]
    return _compared(column, form[2], made.place(stored.codec.bind))


def _compared(left: Condition, operator: str, right: Condition) -> Condition:
    condition: Condition = _OPERATORS[operator](left, right)
    return condition


def _fields(made: Conditions, form: Form, scope: Scope) -> Condition:
    left, right = made.found(form[1], scope), made.found(form[3], scope)
    ours, theirs = left[1], right[1]
    if (ours.encrypted or theirs.encrypted) and (ours.context != theirs.context or form[2] not in {"==", "!="}):
        raise ValueError(f"{ours.field} and {theirs.field} cannot be compared: encrypted")
    sides: list[Condition] = [source.c[stored.blind or stored.name] for source, stored in (left, right)]
    if ours.codec.declared != theirs.codec.declared and not made.postgres:
        sides = [_comparable(side, stored) for side, stored in zip(sides, (ours, theirs), strict=True)]
    return _compared(sides[0], form[2], sides[1])


def _comparable(column: Condition, stored: StoredColumn) -> Condition:
    """A column of SQLite in the form that all numbers, or days and moments, have in common."""
    kind = stored.column.type.kind
    if kind is Kind.DATE:
        return column.concat(sa.literal_column("' 00:00:00.000000'"))
    if kind in {Kind.INTEGER, Kind.NUMBER} and not stored.codec.declared.startswith("DECIMAL_TEXT"):
        scale = stored.column.scale if kind is Kind.NUMBER else 0
        return sa.func.guiju_decimal(column, sa.literal_column(str(scale)))
    return column


def _null(made: Conditions, form: Form, scope: Scope) -> Condition:
    return made.column(form[1], scope).is_(None)


def _given(made: Conditions, form: Form, scope: Scope) -> Condition:
    return made.column(form[1], scope).is_not(None)


def _true(made: Conditions, form: Form, scope: Scope) -> Condition:
    column = made.column(form[1], scope)
    return column == sa.type_coerce(column, column.type)  # null where the field is


def _false(made: Conditions, form: Form, scope: Scope) -> Condition:
    column = made.column(form[1], scope)
    return column != sa.type_coerce(column, column.type)


def _unknown(made: Conditions, form: Form, scope: Scope) -> Condition:
    return sa.cast(sa.null(), sa.Boolean())


def _among(made: Conditions, form: Form, scope: Scope) -> Condition:
    _, path, size, null = form
    source, stored = made.found(path, scope)
    column = source.c[stored.blind or stored.name]
    if size:
        inside: Condition = column.in_([made.place(stored.codec.bind) for _ in range(size)])
    elif made.postgres:
        inside = column == sa.any_(made.place(postgresql.ARRAY(stored.codec.bind)))
    else:
        values = sa.func.json_each(made.place(sa.Text())).table_valued("value")
        inside = column.in_(sa.select(values.c.value))
    return sa.or_(inside, sa.cast(sa.null(), sa.Boolean())) if null else inside


def _holds(made: Conditions, form: Form, scope: Scope) -> Condition:
    source, stored = made.found(form[1], scope)
    column = source.c[stored.name]
    if made.postgres:
        return column.contains(made.place(postgresql.JSONB()))
    values = sa.func.json_each(column).table_valued("value")
    inside = sa.exists().where(values.c.value == made.place(sa.Text()))
    return sa.case((column.is_(None), sa.null()), else_=inside)


def _like(made: Conditions, form: Form, scope: Scope) -> Condition:
    source, stored = made.found(form[1], scope)
    column, pattern = source.c[stored.name], made.place(sa.Text())
    return column.ilike(pattern, escape="\\") if made.postgres else column.like(pattern, escape="\\")


def _matches(made: Conditions, form: Form, scope: Scope) -> Condition:
    return made.searcher.condition(made.document, scope.outermost.source, made.place(sa.Text()), few=form[1])


def _texts(made: Conditions, form: Form, scope: Scope) -> Condition:
    row, words = made.searcher.words_of(made.document, scope.outermost.source)
    return sa.exists(row.where(_worded(made, form[1], words)).correlate(scope.outermost.source))


def _worded(made: Conditions, form: Form, words: Condition) -> Condition:
    if form[0] == "phrase":
        return sa.func.instr(words, made.place(sa.Text())) > sa.literal_column("0")
    parts = [_worded(made, part, words) for part in form[1:]]
    return sa.and_(*parts) if form[0] == "every" else sa.or_(*parts)


def _row(made: Conditions, form: Form, scope: Scope) -> Condition:
    layout = made.document.children[form[1]]
    made.aliases += 1
    inner = Scope(layout, layout.table.alias(f"r{made.aliases}"), form[1], scope)
    condition = made.built(form[2], inner)
    found = sa.select(ONE).select_from(inner.everything).where(inner.source.c[RECORD] == scope.source.c.id, condition)
    return sa.exists(found.correlate(scope.source))


_BUILDERS: dict[str, Callable[[Conditions, Form, Scope], Condition]] = {
    "every": _every,
    "some": _some,
    "not": _not,
    "compare": _compare,
    "fields": _fields,
    "null": _null,
    "given": _given,
    "true": _true,
    "false": _false,
    "unknown": _unknown,
    "among": _among,
    "holds": _holds,
    "like": _like,
    "matches": _matches,
    "texts": _texts,
    "row": _row,
}
