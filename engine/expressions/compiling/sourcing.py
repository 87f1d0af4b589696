"""How sources and the functions on them are written.

Rows come plain, or with their places (row, parent, index) where a frame reads its parent or number. Rows of a document
type are selected by the part of the condition that a store can answer; the rest is judged row by row.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.expressions import nodes
from engine.expressions.compiling import gathering, runtime
from engine.expressions.compiling.planning import write_plan
from engine.expressions.compiling.writer import (
    NOTHING,
    Writer,
    assign,
    attribute,
    constant,
    function_of,
    is_null,
    load,
    method,
    one_argument,
    tuple_of,
    writes,
)
from engine.expressions.environment import RowsOf
from engine.expressions.kinds import is_loose
from engine.expressions.limits import MAX_ROWS
from engine.expressions.nodes import Node
from engine.expressions.selecting import Group, Plan, Split, Test, TestHolds, TestRow, split
from engine.model.criteria import Order
from engine.model.types import BOOLEAN, Kind

SOURCES = (
    nodes.Table,
    nodes.Referred,
    nodes.Back,
    nodes.Documents,
    nodes.History,
    nodes.Through,
    nodes.Values,
)
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "count": gathering.count,
    "sum": gathering.total,
    "avg": gathering.mean,
    "min": gathering.least,
    "max": gathering.greatest,
    "any": gathering.some,
    "all": gathering.every,
    "one": gathering.one,
    "first": gathering.first,
    "newest": gathering.newest,
    "list": gathering.listed,
    "percentile": gathering.percentile,
}
_VALUED = {"sum", "avg", "min", "max", "all", "newest", "list", "percentile"}


@writes(*SOURCES)
def write_source(writer: Writer, node: Node) -> ast.expr:
    """All rows of a source, as a value."""
    return write_rows(writer, node, wide=False)


def write_rows(writer: Writer, source: Node, *, wide: bool) -> ast.expr:
    """The rows of a source, with their places when `wide`."""
    if isinstance(source, nodes.Through):
        return _through(writer, source, wide=wide)
    if isinstance(source, nodes.Table):
        return _table(writer, source, wide=wide)
    if isinstance(source, nodes.Documents) or (isinstance(source, nodes.Back) and source.field):
        rows = _selected(writer, source, Split(Group(True, ()), ()), (), MAX_ROWS + 1)
    else:
        rows = _other(writer, source)
    return writer.call(gathering.placed, rows, NOTHING) if wide else rows


def _table(writer: Writer, source: nodes.Table, *, wide: bool) -> ast.expr:
    row, name = writer.write(source.row), constant(source.name)
    if not wide:
        return writer.call(runtime.children, row, name)
    kept = writer.temporary()
    rows = writer.call(runtime.children, assign(kept, row), name)
    return writer.call(gathering.placed, rows, load(kept))


def _through(writer: Writer, source: nodes.Through, *, wide: bool) -> ast.expr:
    outer = write_rows(writer, source.outer, wide=source.frame in writer.wide)
    inner = write_rows(writer, source.inner, wide=wide)
    return writer.call(gathering.through, writer.budget, outer, function_of(source.frame, inner))


def _other(writer: Writer, source: Node) -> ast.expr:
    if isinstance(source, nodes.Referred):
        document = constant(source.document)
        return writer.call(runtime.referred, writer.world, document, writer.write(source.references))
    if isinstance(source, nodes.History):
        return _history(writer, source)
    if isinstance(source, nodes.Back):
        name, document = constant(source.name), constant(source.document)
        return _or_none(
            writer,
            source.owner,
            lambda owner: method(writer.world, "rows", writer.call(runtime.back, name, document, owner)),
        )
    assert isinstance(source, nodes.Values)
    return writer.call(runtime.members, writer.write(source.value))


def _history(writer: Writer, source: nodes.History) -> ast.expr:
    if source.record is None:
        return method(writer.world, "rows", writer.refer(RowsOf("history", document=source.document)))
    document = constant(source.document)
    return _or_none(writer, source.record, lambda record: method(writer.world, "history", document, record))


def _or_none(writer: Writer, node: Node, build: Callable[[ast.expr], ast.expr]) -> ast.expr:
    """The rows built from an id, or no rows where the id is null."""
    name = writer.temporary()
    return ast.IfExp(is_null(assign(name, writer.write(node))), tuple_of([]), build(load(name)))


# --- rows of document types ------------------------------------------------------------------------------------------


def _selected(writer: Writer, source: Node, found: Split, order: tuple[Order, ...], limit: int) -> ast.expr:
    """Rows selected by a plan."""
    plan, target = found.plan, ""
    if isinstance(source, nodes.Documents):
        target = source.document
    elif isinstance(source, nodes.Back):
        target = source.target
        plan = Group(True, (_referring(source), plan))
    criterion = write_plan(writer, plan)
    ordered = writer.refer(order)
    rows = method(writer.world, "select", constant(target), criterion, ordered, constant(limit))
    return writer.call(gathering.complete, rows) if limit > MAX_ROWS else rows


def _referring(source: nodes.Back) -> Plan:
    """The records whose field refers to the owner; the field may stand in a child table, or hold several references."""
    owner: Node = source.owner
    table, _, field = source.field.rpartition(".")
    shape = source.type.shape
    if table and shape is not None:
        rows = shape.fields[table].shape
        kind = rows.fields[field].kind if rows is not None else Kind.REF
    else:
        kind = shape.fields[field].kind if shape is not None and field in shape.fields else Kind.REF
    test: Plan = TestHolds((field,), owner, False) if kind is Kind.REFS else Test((field,), "==", owner, known=True)
    return TestRow(table, test, False) if table else test


@writes(nodes.Aggregate)
def write_aggregate(writer: Writer, node: nodes.Aggregate) -> ast.expr:
    wide = node.frame in writer.wide
    source, where, order = node.source, node.where, node.order
    if isinstance(source, nodes.Documents) or (isinstance(source, nodes.Back) and source.field):
        rows, where, order = _asked(writer, node)
        rows = writer.call(gathering.placed, rows, NOTHING) if wide else rows
    else:
        rows = write_rows(writer, source, wide=wide)
    arguments = [writer.budget, rows]
    if node.function in _VALUED:
        arguments.append(_value(writer, node))
    arguments.append(writer.judge(where, node.frame))
    if node.function == "first":
        keys = [tuple_of([writer.value(sort.key, node.frame), constant(sort.descending)]) for sort in order]
        arguments.append(tuple_of(keys))
    if node.function == "percentile":
        arguments.append(NOTHING if node.extra is None else writer.write(node.extra))
    result = _narrowed(writer, node, writer.call(_FUNCTIONS[node.function], *arguments), wide=wide)
    stored = _added_up(writer, node)
    if stored is None:
        return result
    name = writer.temporary()
    return ast.IfExp(is_null(assign(name, stored)), result, load(name))


def _added_up(writer: Writer, node: nodes.Aggregate) -> ast.expr | None:
    """A count, or a sum of a field, where the store answers the whole condition: it works them out by itself."""
    source, value = node.source, node.value
    if not isinstance(source, nodes.Documents) or node.function not in {"count", "sum"} or node.frame in writer.wide:
        return None
    while isinstance(value, nodes.Convert):
        value = value.operand
    if node.function == "sum" and not (value is not None and _is_field(value, node.frame) and _is_number(value)):
        return None
    found = split(node.where, node.frame)
    if found.residual:
        return None
    name = value.name if isinstance(value, nodes.Field) else ""
    return method(writer.world, "added_up", constant(source.document), write_plan(writer, found.plan), constant(name))


def _is_number(node: Node) -> bool:
    return node.type.kind in {Kind.INTEGER, Kind.NUMBER}


def _value(writer: Writer, node: nodes.Aggregate) -> ast.expr:
    """The function that gives each row's value: for numbers of unknown kind, one that leaves out what is none."""
    if node.function == "all":
        return writer.judge(node.value, node.frame)
    if node.value is None or not is_loose(node.value.type) or node.function == "list":
        return writer.value(node.value, node.frame)
    return function_of(node.frame, writer.call(runtime.any_number, writer.write(node.value)))


def _narrowed(writer: Writer, node: nodes.Aggregate, result: ast.expr, *, wide: bool) -> ast.expr:
    """Rows without their places, where rows are the result."""
    if not wide or node.function not in {"one", "first", "newest", "list"} or (node.function == "list" and node.value):
        return result
    return writer.call(gathering.rows_of if node.function == "list" else gathering.row_of, result)


def _asked(writer: Writer, node: nodes.Aggregate) -> tuple[ast.expr, Node | None, tuple[nodes.Sort, ...]]:
    """Rows that a store selects for a function, no more than it needs; and what is left to judge and to sort."""
    found = split(node.where, node.frame)
    left = _conjunction(found.residual)
    order: tuple[Order, ...] = ()
    limit, keys = MAX_ROWS + 1, node.order
    if left is None:
        order, limit, keys = _bounded(node)
    if limit == 0:
        order, limit = (), MAX_ROWS + 1
    return _selected(writer, node.source, found, order, limit), left, keys


def _bounded(node: nodes.Aggregate) -> tuple[tuple[Order, ...], int, tuple[nodes.Sort, ...]]:
    """How many rows are enough, and in which order, when the store answers the whole condition."""
    if node.function == "any":
        return (), 1, ()
    if node.function == "one":
        return (), 2, ()
    if node.function == "first":
        order = tuple(Order(key.key.name, key.descending) for key in node.order if _is_field(key.key, node.frame))  # type: ignore[union-attr]
        return (order, 1, ()) if len(order) == len(node.order) else ((), 0, node.order)
    if node.function == "newest" and node.value is not None and _is_field(node.value, node.frame):
        return (Order(node.value.name, True),), 1, ()  # type: ignore[union-attr]
    return (), 0, ()


def _is_field(node: Node, frame: int) -> bool:
    """Whether a node is just a field of the frame's row, so that a store can sort by it."""
    return isinstance(node, nodes.Field) and isinstance(node.row, nodes.Here) and node.row.frame == frame


def _conjunction(parts: tuple[Node, ...]) -> Node | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return nodes.Junction(BOOLEAN, replace(parts[0].at, end=parts[-1].at.end), "and", parts)


@writes(nodes.Share)
def write_share(writer: Writer, node: nodes.Share) -> ast.expr:
    parent = writer.temporary()
    children = writer.call(runtime.children, load(parent), constant(node.table.name))
    rows = writer.call(gathering.placed, children, load(parent)) if node.frame in writer.wide else children
    return writer.call(
        gathering.share,
        writer.budget,
        attribute(load("env"), "memo"),
        writer.refer(node, "s") if _is_shared(node) else NOTHING,
        writer.write(node.total),
        writer.write(node.table.row),
        ast.Lambda(one_argument(parent), rows),
        writer.value(node.by, node.frame),
        writer.judge(node.where, node.frame),
        writer.write(node.own),
        constant(node.digits),
    )


def _is_shared(node: nodes.Share) -> bool:
    """Whether the weights depend on the table's own rows alone, so that all rows have the same parts in common."""
    parts = [node.by, *([node.where] if node.where is not None else [])]
    inside = [inner for part in parts for inner in nodes.walk(part)]
    opened = {node.frame, *(inner.frame for inner in inside if isinstance(inner, nodes.Aggregate | nodes.Through))}
    read = {inner.frame for inner in inside if isinstance(inner, nodes.Here | nodes.Number | nodes.Local)}
    own = node.own.frame if isinstance(node.own, nodes.Number) else 0
    return all(frame in opened or (frame < 0 and own == 0) for frame in read)
