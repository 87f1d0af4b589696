"""Conditions on rows of a document type, as a store answers them: filters of references and lists, access, `find`.

In: a checked condition whose row at hand is the record to be selected, and the environment it is asked from, which the
condition sees as `up`. Out: a `Criterion`, and what the store cannot judge. Knows no store.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.expressions import nodes
from engine.expressions.compiling.program import plan_program, value_program
from engine.expressions.environment import Env, Row, World
from engine.expressions.expression import Checked, Lazy
from engine.expressions.nodes import Node
from engine.expressions.selecting import Path, depends, equalities, split
from engine.model.criteria import Criterion
from engine.model.formula import Formula, NotLinked
from engine.model.types import BOOLEAN

_NO_ROW: Row = {}
_RECORD = 0
"""The frame of the record to be selected: the row at hand of the condition."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A condition taken apart.

    `criterion(env)` is wider than the condition or equal to it; where `residual` is given, a row must pass it as well.
    `known(env)` differs in one point: an equality with a value that is missing holds for no row, as `find` wants it.
    `equalities` are the fields that are equal to something known: the heads of an index.
    """

    criterion: Callable[[Any], Criterion] = field(compare=False)
    known: Callable[[Any], Criterion] = field(compare=False)
    residual: Callable[[Any], Any] | None = field(compare=False)
    equalities: frozenset[Path]


def selector(checked: Checked) -> Selector:
    """The selector of a condition; made once."""
    return _selector(checked)


@lru_cache(maxsize=4_096)
def _selector(checked: Checked) -> Selector:
    node = checked.node
    found = split(node, _RECORD)
    left = _all_of(found.residual, node)
    return Selector(
        criterion=Lazy(lambda: plan_program(node, found.plan, strict=False)),
        known=Lazy(lambda: plan_program(node, found.plan, strict=True)),
        residual=None if left is None else Lazy(lambda: value_program(left)),
        equalities=equalities(found.plan),
    )


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
    return (found.known if known else found.criterion)(env.inner(_NO_ROW))


def residual_of(formula: Formula, env: Env) -> Callable[[Row], bool] | None:
    """The part that is judged row by row, where there is one. Raises NotLinked."""
    rest = selector(checked_of(formula)).residual
    if rest is None:
        return None
    return lambda row: rest(env.inner(row)) is True


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
    """Whether a condition speaks of the record alone, in a form that a store can answer."""
    outside = (nodes.Surrounding, nodes.Parameter, nodes.Invoke, nodes.Under, nodes.Local)
    reads_others = any(isinstance(node, outside) for node in nodes.walk(checked.node))
    further = any(isinstance(node, nodes.Here) and node.frame < _RECORD for node in nodes.walk(checked.node))
    return not reads_others and not further and not split(checked.node, _RECORD).residual


def is_exact(checked: Checked) -> bool:
    """Whether a store answers the whole condition, so that it may count and page by it."""
    return not split(checked.node, _RECORD).residual


def speaks_of_record(checked: Checked) -> bool:
    """Whether the condition depends on the record at all."""
    return depends(checked.node, _RECORD)
