"""Unary tests: what a parsed input cell is, and the plain way to ask whether a value passes it.

In: operands and tests put together by `engine.tables.cells`. Out: true or false for one value. The index of
`engine.tables.index` must always agree with what is said here; it knows nothing of the order of rows or of results.

Standard: FEEL unary tests (DMN 1.x, 10.3.1.2, grammar rules 7 to 18), null as in three-valued logic: an order
comparison with null is null, and a cell holds only where it is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from engine.model.types import Kind, Type
from engine.model.values import Duration, Scalar
from engine.problems import Problem, Span

MANY = frozenset({Kind.CODES, Kind.REFS, Kind.FILES, Kind.LIST, Kind.ANY, Kind.JSON})
"""Kinds whose values may be several at once: then the cell asks whether one of the members passes."""


class CellExpression(Protocol):
    """A checked expression of a cell."""

    @property
    def type(self) -> Type:
        """Type of the result."""
        ...

    def __call__(self, inputs: Mapping[str, object], world: object) -> object:
        """The value for these inputs; `world` is whatever the caller of `decide` gave."""
        ...


class CellCompiler(Protocol):
    """Turns the text of an expression into something that can be evaluated."""

    def __call__(
        self, text: str, where: Span, inputs: Mapping[str, Type]
    ) -> tuple[CellExpression | None, tuple[Problem, ...]]:
        """The expression, or None with the problems; the names in scope are `inputs` and the surroundings."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the cell."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that is computed at each evaluation; two are the same when their texts are."""

    text: str
    run: CellExpression = field(compare=False)


Operand = Literal | Computed


@dataclass(frozen=True, slots=True)
class Equals:
    """The value is the operand, or one of its members where the operand is a list.

    An expression that gives true or false in a column of another kind is a condition and decides by itself.
    """

    operand: Operand
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """`< <= > >=` and the operand."""

    operator: str
    operand: Operand


@dataclass(frozen=True, slots=True)
class Within:
    """An interval; `high` None means open to the top (used for beginnings of texts)."""

    low: Operand
    low_closed: bool
    high: Operand | None
    high_closed: bool


Test = Equals | Compare | Within


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """One input cell: it holds when one of the tests is true, or, negated, when all are false; no tests: always."""

    tests: tuple[Test, ...] = ()
    negated: bool = False
    many: bool = False

    @property
    def is_any(self) -> bool:
        """Whether the cell is `-`."""
        return not self.tests

    @property
    def is_static(self) -> bool:
        """Whether nothing in it is computed."""
        return all(isinstance(operand, Literal) for test in self.tests for operand in operands(test))

    def holds(self, value: object, inputs: Mapping[str, object], world: object) -> bool:
        """Whether a value passes."""
        if not self.tests:
            return True
        if self.many and isinstance(value, tuple | list | frozenset):
            return self.negated is not any(self._verdict(one, inputs, world) is True for one in value)
        return self._verdict(value, inputs, world) is (not self.negated)

    def _verdict(self, value: object, inputs: Mapping[str, object], world: object) -> bool | None:
        """One true: true; else one null: null; else false."""
        unknown = False
        for test in self.tests:
            verdict = judge(test, value, inputs, world)
            if verdict:
                return True
            unknown = unknown or verdict is None
        return None if unknown else False


ANY_VALUE = UnaryTests()


def operands(test: Test) -> tuple[Operand, ...]:
    """The operands of a test."""
    if isinstance(test, Within):
        return (test.low,) if test.high is None else (test.low, test.high)
    return (test.operand,)


def judge(test: Test, value: object, inputs: Mapping[str, object], world: object) -> bool | None:
    """True, false or null (not known)."""
    if isinstance(test, Equals):
        wanted = _given(test.operand, inputs, world)
        if test.conditional and isinstance(wanted, bool):
            return wanted
        if test.conditional and wanted is None and _is_condition(test.operand):
            return None
        if isinstance(wanted, tuple | list | frozenset):
            return value in wanted
        return value == wanted
    if isinstance(test, Compare):
        return compare(test.operator, value, _given(test.operand, inputs, world))
    low = compare(">=" if test.low_closed else ">", value, _given(test.low, inputs, world))
    if test.high is None or low is False:
        return low
    high = compare("<=" if test.high_closed else "<", value, _given(test.high, inputs, world))
    return high if low or high is False else None


def _is_condition(operand: Operand) -> bool:
    """Whether nothing but true, false and null can come out."""
    return isinstance(operand, Computed) and operand.run.type.kind is Kind.BOOLEAN


def _given(operand: Operand, inputs: Mapping[str, object], world: object) -> object:
    return operand.value if isinstance(operand, Literal) else operand.run(inputs, world)


ORDERS: Mapping[str, Callable[[Any, Any], object]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def compare(sign: str, left: object, right: object) -> bool | None:
    """An order comparison; null where a side is null or the two have no order (text and number, month and hour)."""
    if left is None or right is None:
        return None
    if isinstance(left, Duration) and isinstance(right, Duration):
        return _compare_durations(sign, left, right)
    try:
        return bool(ORDERS[sign](left, right))
    except TypeError:
        return None


def _compare_durations(sign: str, left: Duration, right: Duration) -> bool | None:
    units = {unit for duration in (left, right) for unit, amount in _amounts(duration).items() if amount}
    if len(units) > 1:
        return None
    unit = units.pop() if units else "seconds"
    return bool(ORDERS[sign](_amounts(left)[unit], _amounts(right)[unit]))


def _amounts(duration: Duration) -> dict[str, Decimal]:
    return {
        "months": Decimal(duration.months),
        "seconds": duration.seconds,
        "working_days": Decimal(duration.working_days),
    }
