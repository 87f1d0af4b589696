"""How names and paths are written: rows by frame, fields, references followed, columns of code lists, parameters."""

from __future__ import annotations

import ast
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.expressions import nodes
from engine.expressions.checking.paths import LOOSE_ROW
from engine.expressions.compiling import runtime
from engine.expressions.compiling.writer import (
    NOTHING,
    Writer,
    assign,
    attribute,
    constant,
    is_null,
    item,
    load,
    method,
    row_name,
    writes,
)
from engine.expressions.functions.dates import day_of, moment_of
from engine.expressions.kinds import LOOSE
from engine.model.types import Kind


@writes(nodes.Constant)
def write_constant(writer: Writer, node: nodes.Constant) -> ast.expr:
    if node.value is None or isinstance(node.value, str | bool | int):
        return constant(node.value)
    return writer.refer(node.value)


def env_of(writer: Writer, frame: int) -> ast.expr:
    """The environment of frame 0 or one further out."""
    if frame == 0:
        return load("env")
    return writer.set_up(f"e{-frame}", lambda: attribute(env_of(writer, frame + 1), "up"))


@writes(nodes.Here)
def write_here(writer: Writer, node: nodes.Here) -> ast.expr:
    frame = node.frame
    if frame > 0:
        row = load(row_name(frame))
        if node.what == "parent":
            return item(row, constant(1))
        return item(row, constant(0)) if frame in writer.wide else row
    name = f"{node.what[0]}{-frame}"
    return writer.set_up(name, lambda: attribute(env_of(writer, frame), node.what))


@writes(nodes.Number)
def write_number(writer: Writer, node: nodes.Number) -> ast.expr:
    frame = node.frame
    if frame > 0:
        return ast.BinOp(item(load(row_name(frame)), constant(2)), ast.Add(), constant(1))

    def numbered() -> ast.expr:
        name = writer.temporary()
        index = attribute(env_of(writer, frame), "index")
        return ast.IfExp(is_null(assign(name, index)), NOTHING, ast.BinOp(load(name), ast.Add(), constant(1)))

    return writer.set_up(f"n{-frame}", numbered)


@writes(nodes.Surrounding)
def write_surrounding(writer: Writer, node: nodes.Surrounding) -> ast.expr:
    word = node.word
    if word in {"this", "event"}:
        return writer.set_up(word, lambda: attribute(load("env"), word))
    return attribute(writer.world, word)


@writes(nodes.Local)
def write_local(writer: Writer, node: nodes.Local) -> ast.expr:
    names = writer.set_up(f"l{-node.frame}", lambda: attribute(env_of(writer, node.frame), "locals"))
    return method(names, "get", constant(node.name))


@writes(nodes.Parameter)
def write_parameter(writer: Writer, node: nodes.Parameter) -> ast.expr:
    return method(writer.world, "parameter", constant(node.name))


@writes(nodes.Field)
def write_field(writer: Writer, node: nodes.Field) -> ast.expr:
    name = constant(node.name)
    row = node.row.type
    if row.kind in LOOSE or row.kind is Kind.FILE or row.shape is None or row.shape is LOOSE_ROW:
        return writer.guarded([node.row], lambda row: writer.call(runtime.part, row[0], name))
    if node.sure:
        return writer.guarded([node.row], lambda row: item(row[0], name))
    if isinstance(node.row, nodes.Surrounding):  # an event or a user need not be there, whatever its type says
        kept = writer.temporary()
        test = is_null(assign(kept, writer.write(node.row)))
        return ast.IfExp(test, NOTHING, method(load(kept), "get", name))
    return writer.guarded([node.row], lambda row: method(row[0], "get", name))


@writes(nodes.Follow)
def write_follow(writer: Writer, node: nodes.Follow) -> ast.expr:
    if not node.document:
        return writer.guarded([node.reference], lambda ref: writer.call(runtime.follow_any, writer.world, ref[0]))
    document = constant(node.document)
    return writer.guarded([node.reference], lambda ref: method(writer.world, "follow", document, ref[0]))


@writes(nodes.CodeColumn)
def write_code_column(writer: Writer, node: nodes.CodeColumn) -> ast.expr:
    list_id, column = constant(node.list_id), constant(node.column)
    return writer.guarded([node.code], lambda code: method(writer.world, "code", list_id, code[0], column))


def _prefixed(prefix: str, value: ast.expr) -> ast.expr:
    return ast.BinOp(constant(f"{prefix}:"), ast.Add(), value)


@writes(nodes.Identity)
def write_identity(writer: Writer, node: nodes.Identity) -> ast.expr:
    def identified(row: ast.expr) -> ast.expr:
        found = item(row, constant("id"))
        return _prefixed(node.prefix, found) if node.prefix else found

    if isinstance(node.row, nodes.Surrounding) and node.row.word != "this":
        kept = writer.temporary()
        return ast.IfExp(is_null(assign(kept, writer.write(node.row))), NOTHING, identified(load(kept)))
    return writer.guarded([node.row], lambda row: identified(row[0]))


@writes(nodes.Qualified)
def write_qualified(writer: Writer, node: nodes.Qualified) -> ast.expr:
    return writer.guarded([node.reference], lambda reference: _prefixed(node.prefix, reference[0]))


_CONVERSIONS: dict[Kind, Callable[..., Any]] = {
    Kind.DATE: day_of,
    Kind.DATETIME: moment_of,
    Kind.INTEGER: runtime.whole,
    Kind.NUMBER: runtime.decimal,
}


@writes(nodes.Convert)
def write_convert(writer: Writer, node: nodes.Convert) -> ast.expr:
    if node.to is Kind.REFS:
        return writer.call(runtime.references, writer.write(node.operand))
    operand = node.operand
    if isinstance(operand, nodes.Constant) and isinstance(operand.value, int) and node.to is Kind.NUMBER:
        return writer.refer(Decimal(operand.value))
    return writer.guarded([operand], lambda value: writer.call(_CONVERSIONS[node.to], value[0]))
