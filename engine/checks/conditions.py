"""Conditions of uniqueness as stores judge them: fields of the row itself compared with constants.

In: a linked condition. Out: a criterion, or None where it needs more than the row (other records, the date, the user).
"""

from __future__ import annotations

from engine.expressions import nodes
from engine.expressions.expression import Checked
from engine.expressions.nodes import Node
from engine.expressions.selecting import Group, Plan, Test, TestAmong, TestFields, split
from engine.model.criteria import Among, Compare, CompareFields, Criterion, Every, Not, Some


def constant_criterion(checked: Checked) -> Criterion | None:
    """The criterion of a condition on the row at hand."""
    found = split(checked.node, 0)
    return None if found.residual else _criterion(found.plan)


def _criterion(plan: Plan) -> Criterion | None:
    if isinstance(plan, Test) and len(plan.path) == 1 and isinstance(plan.value, nodes.Constant):
        return Compare(plan.path, plan.operator, plan.value.value)
    if isinstance(plan, TestFields) and len(plan.left) == 1 and len(plan.right) == 1:
        return CompareFields(plan.left, plan.operator, plan.right)
    if isinstance(plan, TestAmong) and len(plan.path) == 1 and plan.container is None:
        return _among(plan.path, plan.values, negated=plan.negated)
    if isinstance(plan, Group):
        return _group(plan)
    return None


def _among(path: tuple[str, ...], members: tuple[Node, ...], *, negated: bool) -> Criterion | None:
    values = tuple(member.value for member in members if isinstance(member, nodes.Constant))
    if len(values) < len(members):
        return None
    return Not(Among(path, values)) if negated else Among(path, values)


def _group(plan: Group) -> Criterion | None:
    parts = tuple(part for part in map(_criterion, plan.parts) if part is not None)
    if len(parts) < len(plan.parts):
        return None
    return Every(parts) if plan.every else Some(parts)
