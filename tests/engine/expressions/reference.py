"""A second, slow evaluation of checked trees, written from the null table alone, to compare compiled code with."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from engine.expressions import nodes
from engine.expressions.functions import FUNCTIONS
from engine.expressions.limits import CONTEXT

Row = Mapping[str, Any]


class Reference:
    """Evaluates nodes over rows by frame."""

    def __init__(self, row: Row) -> None:
        self.frames: dict[int, Row] = {0: row}
        self.numbers: dict[int, int] = {}

    def value(self, node: Any) -> Any:
        """The node's value."""
        rule: Callable[[Any], Any] = getattr(self, type(node).__name__.lower())
        return rule(node)

    def constant(self, node: nodes.Constant) -> Any:
        return node.value

    def here(self, node: nodes.Here) -> Any:
        return self.frames[node.frame if node.what == "row" else 0]

    def number(self, node: nodes.Number) -> Any:
        return self.numbers[node.frame]

    def field(self, node: nodes.Field) -> Any:
        row = self.value(node.row)
        return None if row is None else row[node.name]

    def operation(self, node: nodes.Operation) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if left is None or right is None:
            return None
        if node.rule == "text":
            return left + right
        if node.operator in "/%" and right == 0:
            return None
        work = {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply, "/": CONTEXT.divide}
        if node.operator != "%":
            return work[node.operator](Decimal(left), Decimal(right))
        rest = CONTEXT.remainder(Decimal(left), Decimal(right))
        return CONTEXT.add(rest, right) if rest and (rest < 0) is not (right < 0) else rest

    def negative(self, node: nodes.Negative) -> Any:
        found = self.value(node.operand)
        return None if found is None else -found

    def compare(self, node: nodes.Compare) -> Any:
        values = [self.value(operand) for operand in node.operands]
        found = [
            _compared(operator, left, right)
            for operator, left, right in zip(node.operators, values, values[1:], strict=False)
        ]
        return _all(found)

    def among(self, node: nodes.Among) -> Any:
        item = self.value(node.item)
        return any(item == self.value(member) for member in node.members) is not node.negated

    def junction(self, node: nodes.Junction) -> Any:
        found = [self.value(part) for part in node.parts]
        if node.operator == "and":
            return _all(found)
        opposite = _all([None if value is None else not value for value in found])
        return None if opposite is None else not opposite

    def not_(self, node: nodes.Not) -> Any:
        found = self.value(node.operand)
        return None if found is None else not found

    def otherwise(self, node: nodes.Otherwise) -> Any:
        return next((found for part in node.parts if (found := self.value(part)) is not None), None)

    def conditional(self, node: nodes.Conditional) -> Any:
        return self.value(node.yes if self.value(node.test) is True else node.no)

    def convert(self, node: nodes.Convert) -> Any:
        return self.value(node.operand)

    def call(self, node: nodes.Call) -> Any:
        values = [None if argument is None else self.value(argument) for argument in node.arguments]
        return FUNCTIONS[node.function].apply(*values)

    def aggregate(self, node: nodes.Aggregate) -> Any:
        source = node.source
        assert isinstance(source, nodes.Table)
        rows = list(enumerate(self.value(source.row)[source.name], 1))
        kept = [place for place in rows if node.where is None or self._inside(node, place, node.where) is True]
        if node.function == "count":
            return len(kept)
        if node.function == "any":
            return bool(kept)
        values = [self._inside(node, place, node.value) for place in kept]
        if node.function == "all":
            return all(value is True for value in values)
        present = [value for value in values if value is not None]
        if node.function == "sum":
            return sum(present, Decimal(0))
        return (max if node.function == "max" else min)(present, default=None)

    def _inside(self, node: nodes.Aggregate, place: tuple[int, Row], inner: Any) -> Any:
        self.numbers[node.frame], self.frames[node.frame] = place
        return self.value(inner)


setattr(Reference, "not", Reference.not_)


def _compared(operator: str, left: Any, right: Any) -> Any:
    if operator in {"==", "!="}:
        return (left == right) is (operator == "==")
    if left is None or right is None:
        return None
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _all(found: list[Any]) -> Any:
    if False in found:
        return False
    return None if None in found else True
