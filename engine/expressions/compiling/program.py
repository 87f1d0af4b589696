"""From a checked node to a function: the written tree is compiled when it is first asked for, and kept.

Around each evaluation the Decimal context of the language is in force; what the caller had is put back.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from decimal import DecimalException, getcontext, setcontext
from types import CodeType, FunctionType
from typing import Any

from engine.expressions.compiling import operating, reading, sourcing
from engine.expressions.compiling.planning import write_plan
from engine.expressions.compiling.sourcing import write_rows
from engine.expressions.compiling.writer import Writer, load, one_argument
from engine.expressions.limits import CONTEXT, Exhausted
from engine.expressions.nodes import Node
from engine.expressions.selecting import Plan

Run = Callable[[Any], Any]
STAGES = (operating, reading, sourcing)
"""The modules that say how nodes are written; importing them registers their rules."""


def value_program(node: Node) -> Run:
    """A function of an environment that gives the node's value."""
    writer = Writer(node)
    return _function(writer, writer.write(node))


def rows_program(source: Node) -> Run:
    """A function that gives the rows of a source with their places: (row, parent, index)."""
    writer = Writer(source)
    return _function(writer, write_rows(writer, source, wide=True))


def plan_program(condition: Node, plan: Plan, *, strict: bool) -> Run:
    """A function that gives the condition for a store."""
    writer = Writer(condition, strict=strict)
    return _function(writer, write_plan(writer, plan))


def judge_program(condition: Node, frame: int) -> Run:
    """A function of an environment that gives a function of a row of an inner frame: whether the condition holds."""
    writer = Writer(condition)
    return _function(writer, writer.judge(condition, frame))


def _function(writer: Writer, body: ast.expr) -> Run:
    statements: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], value) for name, value in writer.prelude.items()
    ]
    statements.append(ast.Return(body))
    return _compiled(_in_context(statements), writer.objects)


def _in_context(statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statements with the language's Decimal context around them."""
    saved = ast.Assign([ast.Name("outer", ast.Store())], ast.Call(load("getcontext"), [], []))
    begin, end = _switch("CONTEXT"), _switch("outer")
    too_large = ast.Raise(ast.Call(load("Exhausted"), [ast.Constant("number")], []), ast.Constant(None))
    handler = ast.ExceptHandler(load("DecimalException"), None, [too_large])
    return [saved, begin, ast.Try(statements, [handler], [], [end])]


def _switch(to: str) -> ast.stmt:
    """Another context put in force, unless the language's own was so before."""
    other = ast.Compare(load("outer"), [ast.IsNot()], [load("CONTEXT")])
    return ast.If(other, [ast.Expr(ast.Call(load("setcontext"), [load(to)], []))], [])


def _compiled(body: list[ast.stmt], objects: dict[str, Any]) -> Run:
    function = ast.FunctionDef("expression", one_argument("env"), body, [], None)
    module = ast.fix_missing_locations(ast.Module([function], []))
    code = compile(module, "<expression>", "exec")
    inner = next(part for part in code.co_consts if isinstance(part, CodeType))
    known = {
        "getcontext": getcontext,
        "setcontext": setcontext,
        "CONTEXT": CONTEXT,
        "DecimalException": DecimalException,
        "Exhausted": Exhausted,
        "__builtins__": {"AssertionError": builtins.AssertionError},
    }
    return FunctionType(inner, {**known, **objects})
