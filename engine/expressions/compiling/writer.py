"""Writing Python's syntax tree for checked nodes: names, null checks, and the rules for each kind of node.

In: typed nodes. Out: `ast.expr`, and the objects that the code refers to. Null checks are written in line: where an
operand may be null it is put into a name and tested, so that arithmetic costs no call. Knows no text of a user: names
of fields come in as constants.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from engine.expressions import nodes
from engine.expressions.limits import Budget
from engine.expressions.nodes import Node
from engine.model.types import Kind

Rule = Callable[["Writer", Any], ast.expr]
_RULES: dict[type[object], Rule] = {}
Decorated = TypeVar("Decorated", bound=Rule)

Lift = Callable[["Writer", Any, list[ast.expr]], "ast.expr | None"]
_LIFTED: dict[type[object], Lift] = {}
Lifting = TypeVar("Lifting", bound=Lift)

NOTHING = ast.Constant(None)


def writes(*kinds: type[object]) -> Callable[[Decorated], Decorated]:
    """Registers what writes these kinds of nodes."""

    def registered(rule: Decorated) -> Decorated:
        for kind in kinds:
            _RULES[kind] = rule
        return rule

    return registered


def lifts(kind: type[object]) -> Callable[[Lifting], Lifting]:
    """Registers what writes nodes of a kind without their null tests, where it can."""

    def registered(rule: Lifting) -> Lifting:
        _LIFTED[kind] = rule
        return rule

    return registered


class Writer:
    """Writes one function. `objects` are what its code refers to by name, `prelude` what it sets up first.

    `wide` holds the frames whose rows come with their places, because their parent or number is read. `strict` makes
    equalities of conditions for a store false where the value is missing.
    """

    def __init__(self, root: Node, *, strict: bool = False) -> None:
        self.objects: dict[str, Any] = {}
        self.prelude: dict[str, ast.expr] = {}
        self.strict = strict
        self.wide = _read_places(root)
        self._names: dict[int, str] = {}
        self._temporary = 0

    def write(self, node: Node) -> ast.expr:
        """The expression that gives the node's value."""
        return _RULES[type(node)](self, node)

    def refer(self, value: Any, hint: str = "k") -> ast.expr:
        """The name under which the code finds an object."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"{hint}{len(self.objects)}"
            self.objects[name] = value
        return load(name)

    def call(self, function: Callable[..., Any], *arguments: ast.expr) -> ast.expr:
        """A call of an object."""
        return ast.Call(self.refer(function, "f"), list(arguments), [])

    def set_up(self, name: str, value: Callable[[], ast.expr]) -> ast.expr:
        """A name that the function sets before anything else."""
        if name not in self.prelude:
            self.prelude[name] = value()
        return load(name)

    @property
    def world(self) -> ast.expr:
        """The world of the evaluation."""
        return self.set_up("w", lambda: attribute(load("env"), "world"))

    @property
    def budget(self) -> ast.expr:
        """The rows that may still be visited."""
        return self.set_up("b", lambda: self.call(Budget))

    def temporary(self) -> str:
        """A fresh name."""
        self._temporary += 1
        return f"t{self._temporary}"

    def guarded(self, operands: Sequence[Node], build: Callable[[Sequence[ast.expr]], ast.expr]) -> ast.expr:
        """What is built of the operands, or null when one of them is."""
        tests: list[ast.expr] = []
        built = build([self.tested(operand, tests) for operand in operands])
        return ast.IfExp(any_of(tests), NOTHING, built) if tests else built

    def tested(self, node: Node, tests: list[ast.expr]) -> ast.expr:
        """The node's value where it is not null; whether it is comes to the tests, which are made first.

        Of plain arithmetic the operands are tested: a sum of many terms has a test for each of them, not for each sum.
        """
        lifted = _LIFTED.get(type(node))
        if lifted is not None and (found := lifted(self, node, tests)) is not None:
            return found
        written = self.write(node)
        if not node.type.optional:
            return written
        name = self.temporary()
        tests.append(is_null(assign(name, written)))
        return load(name)

    def truth(self, node: Node) -> ast.expr:
        """An expression that counts as true just where the condition is true; its null may stay null."""
        if isinstance(node, nodes.Junction):
            operator = ast.And() if node.operator == "and" else ast.Or()
            return ast.BoolOp(operator, [self.truth(part) for part in node.parts])
        if isinstance(node, nodes.Not):
            written = self.write(node.operand)
            optional = node.operand.type.optional
            return ast.Compare(written, [ast.Is()], [constant(value=False)]) if optional else negation(written)
        written = self.write(node)
        if node.type.kind is Kind.BOOLEAN:
            return written
        return ast.Compare(written, [ast.Is()], [ast.Constant(True)])

    def judge(self, node: Node | None, frame: int) -> ast.expr:
        """A function of a row that says whether the condition holds; null when there is none."""
        return NOTHING if node is None else function_of(frame, self.truth(node))

    def value(self, node: Node | None, frame: int) -> ast.expr:
        """A function of a row that gives the value."""
        return NOTHING if node is None else function_of(frame, self.write(node))


def _read_places(root: Node) -> set[int]:
    """Frames whose parent or number is read."""
    found = set()
    for node in nodes.walk(root):
        if isinstance(node, nodes.Number) or (isinstance(node, nodes.Here) and node.what == "parent"):
            found.add(node.frame)
    return found


# --- small pieces of syntax ------------------------------------------------------------------------------------------


def load(name: str) -> ast.expr:
    """A name that is read."""
    return ast.Name(name, ast.Load())


def assign(name: str, value: ast.expr) -> ast.expr:
    """A value that is kept under a name on the way."""
    return ast.NamedExpr(ast.Name(name, ast.Store()), value)


def attribute(base: ast.expr, name: str) -> ast.expr:
    """`base.name`; the name is one of ours."""
    return ast.Attribute(base, name, ast.Load())


def method(base: ast.expr, name: str, *arguments: ast.expr) -> ast.expr:
    """A call of a method; the name is one of ours."""
    return ast.Call(attribute(base, name), list(arguments), [])


def item(base: ast.expr, key: ast.expr) -> ast.expr:
    """`base[key]`."""
    return ast.Subscript(base, key, ast.Load())


def constant(value: str | int | bool | None) -> ast.expr:
    """A constant that Python itself can hold."""
    return ast.Constant(value)


def tuple_of(members: Sequence[ast.expr]) -> ast.expr:
    """A tuple."""
    return ast.Tuple(list(members), ast.Load())


def is_null(value: ast.expr) -> ast.expr:
    """`value is None`."""
    return ast.Compare(value, [ast.Is()], [NOTHING])


def any_of(tests: Sequence[ast.expr]) -> ast.expr:
    """Tests joined by `or`."""
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), list(tests))


def negation(value: ast.expr) -> ast.expr:
    """`not value`."""
    return ast.UnaryOp(ast.Not(), value)


def function_of(frame: int, body: ast.expr) -> ast.expr:
    """A function of a row of a frame."""
    return ast.Lambda(one_argument(row_name(frame)), body)


def one_argument(name: str) -> ast.arguments:
    """The arguments of a function that takes one thing."""
    return ast.arguments([], [ast.arg(name)], None, [], [], None, [])


def row_name(frame: int) -> str:
    """Under what name the code finds the row of an inner frame, or the row with its place."""
    return f"i{frame}"
