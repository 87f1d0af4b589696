"""Scopes in queries, and what their rows hold: columns have the type of their expressions.

In: a query and the linker of its system. Out: linked formulas and the shape of a row. A row of the source is at hand,
joined rows by their names; after `per` it is the group, with the rows behind it as `rows`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.checks.linking import UNKNOWN, Linker
from engine.checks.shapes import row_type, rows_type
from engine.expressions.names import Scope
from engine.model.formula import Formula
from engine.model.system import Join, Query
from engine.model.types import ANY, BOOLEAN, Shape, Type


def link_query(linker: Linker, query: Query) -> Shape:
    """Link a query; the shape of its rows."""
    taken: Mapping[str, Type] = linker.types(query.takes)
    outer = linker.surroundings.with_locals(**taken)
    if query.document:
        outer = replace(outer, this=linker.shape(query.document))
    source = link_query(linker, query.inner) if query.inner is not None else linker.source(query.of, outer).row
    if source is UNKNOWN:
        return query.shape
    row = _aliased(source, query.alias)
    for join in query.joins.values():
        row = _joined(linker, join, row, outer)
    one = outer.inner(row, names=taken)
    linker.formula(query.where, one, BOOLEAN)
    keys = linker.formulas(query.per, one)
    made = _columns(linker, query, row, keys, outer)
    linker.order(query.sort, outer.inner(made, names=taken))
    return made


def _aliased(source: Shape, alias: str) -> Shape:
    return Shape(source.name, {**source.fields, alias: row_type(source)}, source.document) if alias else source


def _joined(linker: Linker, join: Join, row: Shape, outer: Scope) -> Shape:
    other = linker.source(join.to, outer).row
    joined = row_type(other) if other is not UNKNOWN else ANY
    if join.newest and other is not UNKNOWN:
        linker.formula(Formula(join.newest, join.position), outer.inner(other))
    scope = outer.inner(row, names={**outer.locals, join.name: joined})
    linker.formula(join.on, scope, BOOLEAN)
    linker.formula(join.where, scope, BOOLEAN)
    return Shape(row.name, {**row.fields, join.name: joined.nullable()}, row.document)


def _columns(linker: Linker, query: Query, row: Shape, keys: Mapping[str, Type], outer: Scope) -> Shape:
    behind = {"rows": rows_type(row)}
    before = Shape(query.id, dict(keys)) if query.per else Shape(query.id, {**row.fields, **keys}, row.document)
    columns = linker.formulas(query.columns, outer.inner(before, names={**outer.locals, **behind}))
    return Shape(query.id, {**before.fields, **columns, **behind}, "" if query.per else row.document)
