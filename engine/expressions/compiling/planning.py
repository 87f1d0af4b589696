"""How a plan for a store is written: code that builds the condition out of what is known when it runs."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from engine.expressions import nodes, selecting
from engine.expressions.compiling import conditions, runtime
from engine.expressions.compiling.writer import Writer, constant, tuple_of
from engine.expressions.selecting import Plan
from engine.model.criteria import ALWAYS


def write_plan(writer: Writer, plan: Plan) -> ast.expr:
    """Code that gives a Criterion."""
    if isinstance(plan, selecting.Group):
        if not plan.parts:
            return writer.refer(ALWAYS)
        joined = conditions.every if plan.every else conditions.some
        return writer.call(joined, tuple_of([write_plan(writer, part) for part in plan.parts]))
    return _RULES[type(plan)](writer, plan)


def _path(path: tuple[str, ...]) -> ast.expr:
    return tuple_of([constant(step) for step in path])


def _flag(name: str, value: bool) -> ast.keyword:
    return ast.keyword(name, constant(value))


def _test(writer: Writer, plan: selecting.Test) -> ast.expr:
    path, value = _path(plan.path), writer.write(plan.value)
    strict = writer.strict and plan.operator == "==" and not isinstance(plan.value, nodes.Constant)
    if strict or plan.known:
        return writer.call(conditions.compare_known, path, value)
    return writer.call(conditions.compare, path, constant(plan.operator), value)


def _fields(writer: Writer, plan: selecting.TestFields) -> ast.expr:
    return writer.call(conditions.compare_fields, _path(plan.left), constant(plan.operator), _path(plan.right))


def _among(writer: Writer, plan: selecting.TestAmong) -> ast.expr:
    if plan.container is not None:
        values = writer.call(runtime.members, writer.write(plan.container))
    else:
        values = tuple_of([writer.write(value) for value in plan.values])
    return _flagged(writer.call(conditions.among, _path(plan.path), values), _flag("negated", plan.negated))


def _flagged(call: ast.expr, flag: ast.keyword) -> ast.expr:
    assert isinstance(call, ast.Call)
    call.keywords.append(flag)
    return call


def _holds(writer: Writer, plan: selecting.TestHolds) -> ast.expr:
    call = writer.call(conditions.holds, _path(plan.path), writer.write(plan.value))
    return _flagged(call, _flag("negated", plan.negated))


def _like(writer: Writer, plan: selecting.TestLike) -> ast.expr:
    return _flagged(writer.call(conditions.like, _path(plan.path), writer.write(plan.text)), _flag("start", plan.start))


def _below(writer: Writer, plan: selecting.TestBelow) -> ast.expr:
    document, ancestor = constant(plan.document), writer.write(plan.ancestor)
    call = writer.call(conditions.below, writer.world, _path(plan.path), document, ancestor)
    return _flagged(call, _flag("negated", plan.negated))


def _row(writer: Writer, plan: selecting.TestRow) -> ast.expr:
    call = writer.call(conditions.has_row, constant(plan.table), write_plan(writer, plan.inside))
    return _flagged(call, _flag("negated", plan.negated))


def _when(writer: Writer, plan: selecting.When) -> ast.expr:
    return writer.call(conditions.when, writer.write(plan.condition), constant(plan.wanted))


_RULES: dict[type[object], Callable[[Writer, Any], ast.expr]] = {
    selecting.Test: _test,
    selecting.TestFields: _fields,
    selecting.TestAmong: _among,
    selecting.TestHolds: _holds,
    selecting.TestLike: _like,
    selecting.TestBelow: _below,
    selecting.TestRow: _row,
    selecting.When: _when,
}
