"""Splitting a condition on rows of a document type: what a store can answer, and what is left to be judged row by row.

In: a checked condition and the frame of the row. Out: a plan, whose parts are fields of the row on one side and, on the
other, nodes that do not depend on the row; and the conditions that the plan does not cover exactly. A plan may be wider
than the condition, never narrower. Knows no store and no values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from engine.expressions import nodes
from engine.expressions.kinds import MOMENTS, NUMBERS
from engine.expressions.nodes import Comparing, Node
from engine.model.types import BOOLEAN, Kind

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """`path` compared with a value of outside; `known`: an equality with null holds for no row."""

    path: Path
    operator: Comparing
    value: Node
    known: bool = False


@dataclass(frozen=True, slots=True)
class TestFields:
    """Two fields of the row compared."""

    left: Path
    operator: Comparing
    right: Path


@dataclass(frozen=True, slots=True)
class TestAmong:
    """`path` is one of `values`, or a member of what `container` gives."""

    path: Path
    values: tuple[Node, ...]
    container: Node | None
    negated: bool


@dataclass(frozen=True, slots=True)
class TestHolds:
    """A field of several has a value of outside."""

    path: Path
    value: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class TestLike:
    """A text field contains or begins with a text of outside."""

    path: Path
    text: Node
    start: bool


@dataclass(frozen=True, slots=True)
class TestBelow:
    """A reference stands in a tree under a record of outside."""

    path: Path
    document: str
    ancestor: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class TestRow:
    """A child table has such a row."""

    table: str
    inside: Plan
    negated: bool


@dataclass(frozen=True, slots=True)
class When:
    """A condition that does not depend on the row."""

    condition: Node
    wanted: bool


@dataclass(frozen=True, slots=True)
class Group:
    """All parts hold, or one of them."""

    every: bool
    parts: tuple[Plan, ...]


Plan = Test | TestFields | TestAmong | TestHolds | TestLike | TestBelow | TestRow | When | Group
Found = tuple[Plan, bool] | None
"""A plan and whether it is exact; None where nothing can be asked of a store."""

EVERYTHING = Group(every=True, parts=())
_ORDERED_ALIKE = NUMBERS | MOMENTS | {Kind.TIME}
_OPPOSITE: dict[Comparing, Comparing] = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MIRRORED: dict[Comparing, Comparing] = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Split:
    """The plan for a store and what it leaves: every condition of `residual` must be judged as well."""

    plan: Plan
    residual: tuple[Node, ...]


def split(condition: Node | None, frame: int) -> Split:
    """Split the condition on the row of a frame."""
    if condition is None:
        return Split(EVERYTHING, ())
    plans, residual = [], []
    for part in _conjuncts(condition):
        found = _Splitter(frame).true(part)
        if found is not None:
            plans.append(found[0])
        if found is None or not found[1]:
            residual.append(part)
    return Split(plans[0] if len(plans) == 1 else Group(every=True, parts=tuple(plans)), tuple(residual))


def _conjuncts(condition: Node) -> Iterator[Node]:
    if isinstance(condition, nodes.Junction) and condition.operator == "and":
        for part in condition.parts:
            yield from _conjuncts(part)
    else:
        yield condition


def equalities(plan: Plan) -> frozenset[Path]:
    """Fields that every row of the plan has equal to something known beforehand: the heads of a useful index."""
    if isinstance(plan, Group) and plan.every:
        return frozenset[Path]().union(*(equalities(part) for part in plan.parts))
    if isinstance(plan, Test) and plan.operator == "==":
        return frozenset({plan.path})
    if isinstance(plan, TestAmong) and not plan.negated:
        return frozenset({plan.path})
    return frozenset()


def depends(node: Node, frame: int) -> bool:
    """Whether a node reads the row of a frame, its parent or number; values named beside it are the same for all."""
    own = nodes.Here | nodes.Number
    return any(isinstance(inner, own) and inner.frame == frame for inner in nodes.walk(node))


def path_of(node: Node, frame: int) -> Path | None:
    """The path of fields that a node reads from the row of a frame, and nothing else; None for any other node."""
    return _Splitter(frame).path(node)


@dataclass(frozen=True, slots=True)
class _Splitter:
    frame: int

    def path(self, node: Node) -> Path | None:
        """The path of fields that a node reads from the row."""
        if isinstance(node, nodes.Field) and node.row.type.kind is Kind.ROW:
            if isinstance(node.row, nodes.Here):
                return (node.name,) if self._is_row(node.row) else None
            if isinstance(node.row, nodes.Follow) and node.row.document:
                base = self.path(node.row.reference)
                return (*base, node.name) if base is not None else None
        if isinstance(node, nodes.Identity) and not node.prefix and isinstance(node.row, nodes.Here):
            return ("id",) if self._is_row(node.row) else None
        if isinstance(node, nodes.Convert) and node.to in {Kind.INTEGER, Kind.NUMBER}:
            return self.path(node.operand)
        return None

    def _is_row(self, node: nodes.Here) -> bool:
        return node.what == "row" and node.frame == self.frame

    def true(self, node: Node) -> Found:
        """The plan of the rows for which the node is true."""
        return self._plan(node, wanted=True)

    def false(self, node: Node) -> Found:
        """The plan of the rows for which the node is false."""
        return self._plan(node, wanted=False)

    def _plan(self, node: Node, *, wanted: bool) -> Found:
        if not depends(node, self.frame):
            return When(node, wanted), True
        rule = _RULES.get(type(node))
        return rule(self, node, wanted) if rule is not None else None

    def field(self, node: nodes.Field, wanted: bool) -> Found:
        path = self.path(node)
        if path is None or node.type.kind is not Kind.BOOLEAN:
            return None
        return Test(path, "==", nodes.Constant(BOOLEAN.required(), node.at, wanted)), True

    def negation(self, node: nodes.Not, wanted: bool) -> Found:
        return self._plan(node.operand, wanted=not wanted)

    def junction(self, node: nodes.Junction, wanted: bool) -> Found:
        every = (node.operator == "and") is wanted
        found = [self._plan(part, wanted=wanted) for part in node.parts]
        return _group(found, every=every)

    def comparison(self, node: nodes.Compare, wanted: bool) -> Found:
        if node.loose:
            return None
        pairs = zip(node.operators, node.operands, node.operands[1:], strict=False)
        found = [self._pair(op if wanted else _OPPOSITE[op], left, right) for op, left, right in pairs]
        return _group(found, every=wanted)

    def _pair(self, operator: Comparing, left: Node, right: Node) -> Found:
        if operator not in {"==", "!="} and not {left.type.kind, right.type.kind} <= _ORDERED_ALIKE:
            return None  # stores order texts by their own collation
        one, other = self.path(left), self.path(right)
        if one is not None and other is not None:
            return TestFields(one, operator, other), True
        if one is not None and not depends(right, self.frame):
            return Test(one, operator, right), True
        if other is not None and not depends(left, self.frame):
            return Test(other, _MIRRORED[operator], left), True
        return None

    def among(self, node: nodes.Among, wanted: bool) -> Found:
        negated = node.negated is wanted
        path = self.path(node.item)
        if node.container is not None:
            held = self.path(node.container)
            if held is not None and not depends(node.item, self.frame):
                return TestHolds(held, node.item, negated), True
        outside = (*node.members, *([node.container] if node.container is not None else []))
        if path is None or any(depends(member, self.frame) for member in outside):
            return None
        return TestAmong(path, node.members, node.container, negated), True

    def call(self, node: nodes.Call, wanted: bool) -> Found:
        if node.function not in {"contains", "starts"} or not wanted:
            return None
        value, text = node.arguments[0], node.arguments[1]
        path = self.path(value) if value is not None else None
        if path is None or text is None or depends(text, self.frame):
            return None
        return TestLike(path, text, node.function == "starts"), False

    def under(self, node: nodes.Under, wanted: bool) -> Found:
        path = self.path(node.record)
        if path is None or not node.document or depends(node.ancestor, self.frame):
            return None
        return TestBelow(path, node.document, node.ancestor, not wanted), True

    def aggregate(self, node: nodes.Aggregate, wanted: bool) -> Found:
        table = node.source
        if node.function != "any" or not isinstance(table, nodes.Table) or not isinstance(table.row, nodes.Here):
            return None
        if not self._is_row(table.row) or (node.where is not None and depends(node.where, self.frame)):
            return None
        inside = split(node.where, node.frame)
        exact = not inside.residual
        return (TestRow(table.name, inside.plan, not wanted), exact) if exact or wanted else None


def _group(found: list[Found], *, every: bool) -> Found:
    """Parts joined. Of several that must all hold, those that no store can answer may be left out."""
    known = [part for part in found if part is not None]
    if not known or (not every and len(known) < len(found)):
        return None
    exact = len(known) == len(found) and all(part[1] for part in known)
    plans = tuple(part[0] for part in known)
    return (plans[0] if len(plans) == 1 else Group(every, plans)), exact


_RULES: dict[type[object], Callable[..., Found]] = {
    nodes.Field: _Splitter.field,
    nodes.Not: _Splitter.negation,
    nodes.Junction: _Splitter.junction,
    nodes.Compare: _Splitter.comparison,
    nodes.Among: _Splitter.among,
    nodes.Call: _Splitter.call,
    nodes.Under: _Splitter.under,
    nodes.Aggregate: _Splitter.aggregate,
}
