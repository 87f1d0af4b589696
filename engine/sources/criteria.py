"""Conditions on rows of a document type, as a store answers them: filters of references and lists, access, `find`.

In: a checked condition whose row at hand is the record to be selected, and the environment it is asked from, which the
condition sees as `up`. Out: a `Criterion`, and what the store cannot judge. Knows no store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from engine.expressions import nodes
from engine.expressions.compiling.program import judge_program, plan_program, value_program
from engine.expressions.environment import Env, Row, World
from engine.expressions.expression import Checked, Lazy
from engine.expressions.nodes import Node
from engine.expressions.selecting import Path, depends, equalities, split
from engine.model.criteria import NEVER, Criterion
from engine.model.formula import Formula, NotLinked
from engine.model.types import BOOLEAN
from engine.problems import Problem

_NO_ROW: Row = {}
_RECORD = 0
"""The frame of the record to be selected, where it is the row at hand of the condition."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A condition taken apart; its functions are asked from an environment that the condition sees as `up`.

    `criterion` is wider than the condition or equal to it; where `residual` is given, it gives a test that a row must
    pass as well. `known` differs from `criterion` in one point: an equality with a value that is missing holds for no
    row, as `find` wants it. `equalities` are the fields that are equal to something known: the heads of an index.
    """

    criterion: Callable[[Env], Criterion] = field(compare=False)
    known: Callable[[Env], Criterion] = field(compare=False)
    residual: Callable[[Env], Callable[[Row], object] | None] | None = field(compare=False)
    equalities: frozenset[Path]


def selector(checked: Checked) -> Selector:
    """The selector of a condition on a record, or of a function on a document type (`one(document, …)`); made once."""
    return _selector(checked)


@lru_cache(maxsize=4_096)
def _selector(checked: Checked) -> Selector:
    condition, frame = _condition(checked.node)
    found = split(condition, frame)
    whole = condition if condition is not None else checked.node
    left = _all_of(found.residual, whole)
    loose = Lazy(lambda: plan_program(whole, found.plan, strict=False))
    strict = Lazy(lambda: plan_program(whole, found.plan, strict=True))
    return Selector(_asked(loose, frame), _asked(strict, frame), _judge(left, frame), equalities(found.plan))


def _condition(node: Node) -> tuple[Node | None, int]:
    """The condition and the frame of its record: that of a function on a document type, else the row at hand."""
    inner = node
    while isinstance(inner, nodes.Identity | nodes.Qualified | nodes.Convert):
        inner = next(nodes.children(inner))
    if isinstance(inner, nodes.Aggregate) and isinstance(inner.source, nodes.Documents):
        return inner.where, inner.frame
    return node, _RECORD


def _asked(program: Lazy, frame: int) -> Callable[[Env], Criterion]:
    """The program, one scope further in where the record is the row at hand."""
    return program if frame != _RECORD else lambda env: program(_within(env, _NO_ROW))


def _judge(left: Node | None, frame: int) -> Callable[[Env], Callable[[Row], object] | None] | None:
    if left is None:
        return None
    if frame != _RECORD:
        return Lazy(judge_program, left, frame)
    value, free = Lazy(value_program, left), _free_of(left, frame)

    def judge(env: Env) -> Callable[[Row], object] | None:
        if free is not None and free(_within(env, _NO_ROW)) is True:
            return None  # whatever the row
        return lambda row: value(_within(env, row))

    return judge


def _free_of(left: Node, frame: int) -> Lazy | None:
    """Of what is judged row by row the part that is the same for every row, where the whole holds when that does:
    `nothing was asked or name contains what was asked`."""
    if not isinstance(left, nodes.Junction) or left.operator != "or":
        return None
    parts = tuple(part for part in left.parts if not depends(part, frame))
    if not parts:
        return None
    whole = parts[0] if len(parts) == 1 else nodes.Junction(BOOLEAN, left.at, "or", parts)
    return Lazy(value_program, whole)


def _within(env: Env, row: Row) -> Env:
    """The place of a record that a condition speaks of; what is named outside, as by a query, is named there."""
    return env.inner(row, names=env.locals)


def _all_of(parts: tuple[Node, ...], whole: Node) -> Node | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return nodes.Junction(BOOLEAN, whole.at, "and", parts)


def checked_of(formula: Formula) -> Checked:
    """What a formula was linked to. Raises NotLinked."""
    if not isinstance(formula.linked, Checked):
        raise NotLinked(f"{formula.where}: {formula.text}")
    return formula.linked


def criterion_of(formula: Formula, env: Env, *, known: bool = False) -> Criterion:
    """The part of a condition that a store can answer, asked from `env`.

    With `known`, an equality with a missing value holds for no row. Raises NotLinked.
    """
    found = selector(checked_of(formula))
    return (found.known if known else found.criterion)(env)


def exact_criterion_of(formula: Formula, env: Env) -> Criterion:
    """The condition where a store can answer all of it, and otherwise one that no row meets: for rights, which must
    never let through more than is said. Raises NotLinked.
    """
    found = selector(checked_of(formula))
    return NEVER if found.residual is not None else found.criterion(env)


def residual_of(formula: Formula, env: Env) -> Callable[[Row], bool] | None:
    """The part that is judged row by row, where there is one. Raises NotLinked."""
    rest = selector(checked_of(formula)).residual
    if rest is None:
        return None
    judge = rest(env)
    return None if judge is None else lambda row: judge(row) is True


class _Nowhere:
    """A world that nothing is asked of."""

    def __getattr__(self, name: str) -> object:
        raise LookupError(f"a constant condition asks for {name}")


def constant_criterion(formula: Formula) -> Criterion:
    """A condition on the record alone, such as `when` of a unique key.

    Raises NotLinked; ValueError when it is not one that a store can answer by itself.
    """
    checked = checked_of(formula)
    found = selector(checked)
    if found.residual is not None or not is_constant(checked):
        raise ValueError(f"{formula.where}: {formula.text}")
    world: World = _Nowhere()  # type: ignore[assignment]
    return found.criterion(Env(_NO_ROW, world))


def is_constant(checked: Checked) -> bool:
    """Whether a condition on the row at hand speaks of it alone, in a form that a store can answer."""
    outside = (nodes.Surrounding, nodes.Parameter, nodes.Invoke, nodes.Under, nodes.Local)
    reads_others = any(isinstance(node, outside) for node in nodes.walk(checked.node))
    further = any(isinstance(node, nodes.Here) and node.frame < _RECORD for node in nodes.walk(checked.node))
    return not reads_others and not further and not split(checked.node, _RECORD).residual


def store_problems(checked: Checked) -> tuple[Problem, ...]:
    """What keeps a store from answering a condition, where it must answer all of it: rights on rows, paged lists."""
    return tuple(
        Problem("EXP046", checked.where.shifted(part.at.start, part.at.end), {"part": _written(checked, part)})
        for part in split(*_condition(checked.node)).residual
    )


def _written(checked: Checked, part: Node) -> str:
    return checked.source[part.at.start : part.at.end]


def is_exact(checked: Checked) -> bool:
    """Whether a store answers the whole condition, so that it may count and page by it."""
    return not split(*_condition(checked.node)).residual
