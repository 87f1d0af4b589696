"""Reads a template into its outline and refuses what prints may not use.

In: the parsed tree of `engine.printing.sandbox`, whose nodes hold offsets. Out: statements of `outline`.
Nodes are told apart by the names of their classes, which Jinja documents, so that one module alone imports it. What is
not listed here does not exist for templates: macros, calls, blocks, imports, captured text, power, joining by `~`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.printing.limits import Limits
from engine.printing.outline import (
    Assigned,
    Choice,
    Combined,
    Compared,
    Constant,
    Expression,
    Filtered,
    Included,
    Loop,
    Member,
    Name,
    Shown,
    Statement,
    Unreadable,
)
from engine.printing.sandbox import TESTS, parse

_PAIRS = {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "And", "Or"}
_SINGLES = {"Not", "Neg", "Pos"}
_WORDS = {
    "Pow": "**",
    "Concat": "~",
    "Call": "( )",
    "Dict": "{ }",
    "Slice": "[ : ]",
    "CallBlock": "call",
    "Scope": "autoescape",
    "FromImport": "from",
    "FilterBlock": "filter",
    "AssignBlock": "set … endset",
}


def read(text: str, limits: Limits) -> tuple[list[Statement], list[Unreadable]]:
    """The outline of a template, and what it uses that prints may not. Raises Unreadable when there is no outline."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader = _Reader(text, limits)
    return reader.statements(parse(text, limits).body, 0), reader.refused


class _Reader:
    def __init__(self, text: str, limits: Limits) -> None:
        self._text, self._limits = text, limits
        self.refused: list[Unreadable] = []

    def statements(self, body: Sequence[Any], depth: int) -> list[Statement]:
        """All statements of a body, in order."""
        if depth > self._limits.blocks:
            raise Unreadable("PRT015", body[0].lineno if body else 0, {"limit": str(self._limits.blocks)})
        return [statement for node in body for statement in self._statement(node, depth)]

    def _statement(self, node: Any, depth: int) -> list[Statement]:
        match type(node).__name__:
            case "Output":
                shown = [part for part in node.nodes if type(part).__name__ != "TemplateData"]
                return [Shown(self._expression(part)) for part in shown]
            case "For" if not node.recursive:
                return [self._loop(node, depth)]
            case "If":
                return [self._choice(node, depth)]
            case "Assign" if type(node.target).__name__ == "Name":
                return [Assigned(node.target.name, self._expression(node.node), node.target.lineno)]
            case "Include" if type(node.template).__name__ == "Const" and not node.ignore_missing and node.with_context:
                return [Included(str(node.template.value), node.template.lineno + 1)]
            case _:
                self._refuse(node)
                return []

    def _loop(self, node: Any, depth: int) -> Loop:
        targets = node.target.items if type(node.target).__name__ == "Tuple" else [node.target]
        return Loop(
            tuple(target.name for target in targets),
            self._expression(node.iter),
            self._expression(node.test) if node.test else None,
            self.statements(node.body, depth + 1),
            self.statements(node.else_, depth + 1),
            node.lineno,
        )

    def _choice(self, node: Any, depth: int) -> Choice:
        branches: list[tuple[Expression | None, Sequence[Statement]]] = [
            (self._expression(each.test), self.statements(each.body, depth + 1)) for each in (node, *node.elif_)
        ]
        if node.else_:
            branches.append((None, self.statements(node.else_, depth + 1)))
        return Choice(branches)

    def _expression(self, node: Any, depth: int = 0) -> Expression:
        if depth > self._limits.depth:
            raise Unreadable("PRT015", node.lineno, {"limit": str(self._limits.depth)})
        depth += 1
        match type(node).__name__:
            case "Name":
                return Name(node.name, node.lineno)
            case "Const":
                return Constant(node.value, node.lineno)
            case "Getattr":
                return Member(self._expression(node.node, depth), node.attr, self._text.find(node.attr, node.lineno))
            case "Getitem":
                return self._item(node, depth)
            case "Filter" if node.node is not None and not node.dyn_args and not node.dyn_kwargs:
                given = [*node.args, *(pair.value for pair in node.kwargs)]
                arguments = tuple(self._expression(each, depth) for each in given)
                return Filtered(self._expression(node.node, depth), node.name, arguments, node.lineno)
            case "Compare":
                return self._comparison(node, depth)
            case _:
                return Combined(tuple(self._expression(part, depth) for part in self._parts(node)), node.lineno)

    def _item(self, node: Any, depth: int) -> Expression:
        of, kind = self._expression(node.node, depth), type(node.arg).__name__
        if kind != "Const":
            self._refuse(node.arg)
            return Combined((of,), node.lineno)
        if isinstance(node.arg.value, str):
            return Member(of, node.arg.value, node.arg.lineno + 1)
        return Filtered(of, "first", (), node.lineno)

    def _comparison(self, node: Any, depth: int) -> Expression:
        sides = [self._expression(each, depth) for each in (node.expr, *(operand.expr for operand in node.ops))]
        pairs = tuple(
            Compared(left, operand.op, right, operand.lineno)
            for left, operand, right in zip(sides, node.ops, sides[1:], strict=False)
        )
        return pairs[0] if len(pairs) == 1 else Combined(pairs, node.lineno)

    def _parts(self, node: Any) -> Sequence[Any]:
        """The parts of an expression that only combines; refuses what is none of these."""
        name = type(node).__name__
        if name in _PAIRS:
            return (node.left, node.right)
        if name in _SINGLES:
            return (node.node,)
        if name == "CondExpr":
            return (node.test, node.expr1, *([node.expr2] if node.expr2 else []))
        if name == "Test" and node.name in TESTS:
            return (node.node, *node.args)
        if name in {"List", "Tuple"} and all(type(item).__name__ == "Const" for item in node.items):
            return list(node.items)
        if name == "Call" and getattr(node.node, "name", "") == "range" and not node.kwargs and not node.dyn_args:
            return list(node.args)
        self._refuse(node)
        return ()

    def _refuse(self, node: Any) -> None:
        name = type(node).__name__
        # A few nodes that Jinja makes up itself have no place.
        self.refused.append(Unreadable("PRT004", node.lineno or 0, {"what": _WORDS.get(name, name.lower())}))
