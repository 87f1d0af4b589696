"""Runs a declared query: rows of a source, filtered, joined, grouped, with computed columns, sorted.

In: the query, its arguments, a world. Out: rows as mappings; each keeps the rows it was made of under `rows`. Reads
only through the world; everything it computes was checked before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.expressions.environment import Env, Row, World
from engine.model.system import Join, Query
from engine.sources.grouping import grouped
from engine.sources.ordering import in_order
from engine.sources.selection import selected

_NOTHING: Row = {}


def run_query(query: Query, arguments: Mapping[str, object], world: World) -> Sequence[Row]:
    """The rows of a query, in its order. A query of a document type is given the document that asks as `this`."""
    names = dict(arguments)
    outer = Env(_NOTHING, world, this=_record(names.pop("this", None)), names=names)
    rows = list(selected(query.of, None if query.joins else query.where, outer))
    for join in query.joins.values():
        rows = _joined(rows, join, outer)
    if query.joins and query.where is not None:
        rows = [row for row in rows if query.where.holds(outer.inner(row, names=outer.locals))]
    made = _grouped(query, rows, outer) if query.per else [_made(query, row, [row], {}, outer) for row in rows]
    ordered = in_order((outer.inner(row, names=outer.locals) for row in made), query.sort)
    return [env.row for env in ordered]


def _record(given: object) -> Row | None:
    return given if isinstance(given, Mapping) else None


def _joined(rows: list[Row], join: Join, outer: Env) -> list[Row]:
    others = join.to(outer) or []
    assert isinstance(others, list | tuple)
    unmatched = {id(other): other for other in others}
    made: list[Row] = []
    for row in rows:
        matches = []
        for other in others:
            env = outer.inner(row, names={**outer.locals, join.name: other})
            if join.on.holds(env):
                matches.append(other)
                unmatched.pop(id(other), None)
        if join.newest and matches:
            matches = [max(matches, key=lambda one: (one.get(join.newest) is not None, one.get(join.newest)))]
        made.extend({**row, join.name: other} for other in matches)
        if not matches and join.keep in ("left", "both"):
            made.append({**row, join.name: None})
    if join.keep == "both":
        made.extend({join.name: other} for other in unmatched.values())
    return made


def _grouped(query: Query, rows: list[Row], outer: Env) -> list[Row]:
    groups = grouped((outer.inner(row, names=outer.locals) for row in rows), query.per)
    return [_made(query, {}, group.rows, group.names, outer) for group in groups]


def _made(query: Query, row: Row, behind: list[Row], keys: Mapping[str, object], outer: Env) -> Row:
    env = outer.inner({**row, **keys}, names={**outer.locals, **keys, "rows": behind})
    columns = {name: formula(env) for name, formula in query.columns.items()}
    return {**row, **keys, **columns, "rows": behind}
