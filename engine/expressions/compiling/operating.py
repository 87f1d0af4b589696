"""How operators, conditions and calls are written."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expressions import nodes
from engine.expressions.compiling import runtime
from engine.expressions.compiling.writer import (
    NOTHING,
    Writer,
    any_of,
    assign,
    constant,
    is_null,
    item,
    lifts,
    load,
    method,
    negation,
    tuple_of,
    writes,
)
from engine.expressions.functions import FUNCTIONS
from engine.expressions.kinds import is_loose
from engine.expressions.nodes import Node
from engine.model.types import Kind

_INLINE: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult()}
_HELPED = {"/": runtime.divide, "%": runtime.modulo}
_COMPARISONS: dict[str, ast.cmpop] = {
    "==": ast.Eq(), "!=": ast.NotEq(), "<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE(),
}  # fmt: skip


def decimal_beside(node: Node, other: Node) -> Node:
    """A whole constant beside a number, as Decimal: the two are then compared without conversion."""
    if isinstance(node, nodes.Constant) and isinstance(node.value, int) and other.type.kind is Kind.NUMBER:
        return replace(node, value=Decimal(node.value)) if node.type.kind is Kind.INTEGER else node
    return node


@writes(nodes.Operation)
def write_operation(writer: Writer, node: nodes.Operation) -> ast.expr:
    tests: list[ast.expr] = []
    if (plain := lift_operation(writer, node, tests)) is not None:
        return ast.IfExp(any_of(tests), NOTHING, plain) if tests else plain
    return writer.guarded([node.left, node.right], lambda parts: _operation(writer, node, parts[0], parts[1]))


@lifts(nodes.Operation)
def lift_operation(writer: Writer, node: nodes.Operation, tests: list[ast.expr]) -> ast.expr | None:
    """Arithmetic on numbers that is one operator of Python, and null only where an operand is."""
    if node.rule != "number" or (node.operator == "*" and node.type.kind is Kind.INTEGER):
        return None
    left, right = decimal_beside(node.left, node.right), decimal_beside(node.right, node.left)
    if node.operator in _INLINE:
        return ast.BinOp(writer.tested(left, tests), _INLINE[node.operator], writer.tested(right, tests))
    if node.operator == "/" and isinstance(right, nodes.Constant) and right.value:
        divisor = writer.refer(Decimal(str(right.value)))
        return ast.BinOp(writer.tested(left, tests), ast.Div(), divisor)
    return None


def _operation(writer: Writer, node: nodes.Operation, left: ast.expr, right: ast.expr) -> ast.expr:
    rule, operator = node.rule, node.operator
    if rule == "any":
        return writer.call(runtime.any_arithmetic, writer.world, left, constant(operator), right)
    if rule == "number":
        return _number(writer, node, left, right)
    if rule == "text":
        return writer.call(runtime.concatenate, left, right)
    if rule == "moments":
        return writer.call(runtime.between, left, right)
    if rule == "scale":
        return _scaled(writer, node, left, right)
    opposite = ast.UnaryOp(ast.USub(), right) if operator == "-" else right
    if rule == "duration":
        return writer.call(runtime.added, left, opposite)
    if node.left.type.kind is Kind.DURATION:
        left, opposite = right, left
    return writer.call(runtime.later, writer.world, left, opposite)


def _number(writer: Writer, node: nodes.Operation, left: ast.expr, right: ast.expr) -> ast.expr:
    helped = _HELPED.get(node.operator, runtime.times)
    return writer.call(helped, left, right)


def _scaled(writer: Writer, node: nodes.Operation, left: ast.expr, right: ast.expr) -> ast.expr:
    if node.operator == "/":
        return writer.call(runtime.divided, left, right)
    duration, by = (left, right) if node.left.type.kind is Kind.DURATION else (right, left)
    return writer.call(runtime.scaled, duration, by)


@writes(nodes.Negative)
def write_negative(writer: Writer, node: nodes.Negative) -> ast.expr:
    if is_loose(node.operand.type):
        return writer.call(runtime.any_negative, writer.write(node.operand))
    return writer.guarded([node.operand], lambda parts: ast.UnaryOp(ast.USub(), parts[0]))


def condition(writer: Writer, node: Node) -> ast.expr:
    """A condition in three values."""
    written = writer.write(node)
    return writer.call(runtime.truth, written) if is_loose(node.type) else written


@writes(nodes.Not)
def write_not(writer: Writer, node: nodes.Not) -> ast.expr:
    if not node.operand.type.optional:
        return negation(writer.write(node.operand))
    name = writer.temporary()
    return ast.IfExp(is_null(assign(name, condition(writer, node.operand))), NOTHING, negation(load(name)))


@writes(nodes.Junction)
def write_junction(writer: Writer, node: nodes.Junction) -> ast.expr:
    parts = [(condition(writer, part), part.type.optional) for part in node.parts]
    return _joined(writer, parts, every=node.operator == "and")


def _joined(writer: Writer, parts: Sequence[tuple[ast.expr, bool]], *, every: bool) -> ast.expr:
    """Three-valued `and` (every) or `or`: one deciding part decides, else a null makes it null."""
    if not any(optional for _, optional in parts):
        return ast.BoolOp(ast.And() if every else ast.Or(), [written for written, _ in parts])
    deciding, tests, nulls = constant(not every), [], []
    for written, optional in parts:
        if not optional:
            tests.append(negation(written) if every else written)
            continue
        name = writer.temporary()
        nulls.append(is_null(load(name)))
        tests.append(ast.Compare(assign(name, written), [ast.Is()], [deciding]))
    rest = ast.IfExp(any_of(nulls), NOTHING, constant(every))
    return ast.IfExp(any_of(tests), deciding, rest)


@writes(nodes.Otherwise)
def write_otherwise(writer: Writer, node: nodes.Otherwise) -> ast.expr:
    written = writer.write(node.parts[-1])
    for part in reversed(node.parts[:-1]):
        name = writer.temporary()
        value = assign(name, writer.write(part))
        written = ast.IfExp(ast.Compare(value, [ast.IsNot()], [NOTHING]), load(name), written)
    return written


@writes(nodes.Conditional)
def write_conditional(writer: Writer, node: nodes.Conditional) -> ast.expr:
    return ast.IfExp(writer.truth(node.test), writer.write(node.yes), writer.write(node.no))


@writes(nodes.Compare)
def write_compare(writer: Writer, node: nodes.Compare) -> ast.expr:
    if len(node.operators) == 1:
        return _pair(writer, node, node.operators[0], node.operands[0], node.operands[1])
    return _chain(writer, node)


def _pair(writer: Writer, node: nodes.Compare, operator: str, left: Node, right: Node) -> ast.expr:
    if operator in {"==", "!="}:
        return _equality(writer, operator, left, right, loose=node.loose)
    if node.loose or Kind.DURATION in (left.type.kind, right.type.kind):
        return writer.call(runtime.ordered, writer.write(left), constant(operator), writer.write(right))
    sign = _COMPARISONS[operator]
    left, right = decimal_beside(left, right), decimal_beside(right, left)
    return writer.guarded([left, right], lambda parts: ast.Compare(parts[0], [sign], [parts[1]]))


def _equality(writer: Writer, operator: str, left: Node, right: Node, *, loose: bool) -> ast.expr:
    null = next((side for side in (left, right) if side.type.kind is Kind.NULL), None)
    if null is not None:
        other = right if null is left else left
        test = ast.Is() if operator == "==" else ast.IsNot()
        return ast.Compare(writer.write(other), [test], [NOTHING])
    if loose:
        equal = writer.call(runtime.same, writer.write(left), writer.write(right))
        return equal if operator == "==" else negation(equal)
    return ast.Compare(writer.write(left), [_COMPARISONS[operator]], [writer.write(right)])


def _chain(writer: Writer, node: nodes.Compare) -> ast.expr:
    """Every operand once, into a name; then the pairs, joined as by `and`."""
    names = [writer.temporary() for _ in node.operands]
    values = [assign(name, writer.write(operand)) for name, operand in zip(names, node.operands, strict=True)]
    parts = []
    for index, operator in enumerate(node.operators):
        left, right = load(names[index]), load(names[index + 1])
        parts.append((_named_pair(writer, node, operator, left, right), operator not in {"==", "!="}))
    joined = _joined(writer, parts, every=True)
    return item(tuple_of([*values, joined]), constant(len(values)))


def _named_pair(writer: Writer, node: nodes.Compare, operator: str, left: ast.expr, right: ast.expr) -> ast.expr:
    if operator in {"==", "!="}:
        equal = writer.call(runtime.same, left, right)
        return equal if operator == "==" else negation(equal)
    if node.loose or any(operand.type.kind is Kind.DURATION for operand in node.operands):
        return writer.call(runtime.ordered, left, constant(operator), right)
    test = any_of([is_null(left), is_null(right)])
    return ast.IfExp(test, NOTHING, ast.Compare(left, [_COMPARISONS[operator]], [right]))


@writes(nodes.Among)
def write_among(writer: Writer, node: nodes.Among) -> ast.expr:
    loose = is_loose(node.item.type, *(member.type for member in node.members))
    if node.container is not None:
        loose = loose or is_loose(node.container.type)
        members: ast.expr = ast.BoolOp(ast.Or(), [writer.write(node.container), tuple_of([])])
    else:
        members = tuple_of([writer.write(member) for member in node.members])
    found = writer.write(node.item)
    if loose:
        inside = writer.call(runtime.among, found, members)
        return negation(inside) if node.negated else inside
    return ast.Compare(found, [ast.NotIn() if node.negated else ast.In()], [members])


@writes(nodes.Call)
def write_call(writer: Writer, node: nodes.Call) -> ast.expr:
    function = FUNCTIONS[node.function]
    arguments = [NOTHING if argument is None else writer.write(argument) for argument in node.arguments]
    if function.world:
        arguments.insert(0, writer.world)
    if is_loose(*(argument.type for argument in node.arguments if argument is not None)):
        return writer.call(runtime.any_call, writer.refer(function.apply, "f"), *arguments)
    return writer.call(function.apply, *arguments)


@writes(nodes.Under)
def write_under(writer: Writer, node: nodes.Under) -> ast.expr:
    document = constant(node.document)
    return writer.guarded(
        [node.record, node.ancestor], lambda parts: method(writer.world, "under", document, parts[0], parts[1])
    )


@writes(nodes.Invoke)
def write_invoke(writer: Writer, node: nodes.Invoke) -> ast.expr:
    keys: list[ast.expr | None] = [constant(name) for name, _ in node.arguments]
    arguments = ast.Dict(keys, [writer.write(value) for _, value in node.arguments])
    return method(writer.world, "call", constant(node.name), arguments)
