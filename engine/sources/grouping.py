"""Rows in groups: those for which all keys are equal, in the order in which the first of each came. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.expressions.environment import Env, Row
from engine.model.formula import Formula


@dataclass(frozen=True, slots=True)
class Group:
    """The values of the keys, by their names too, and the rows behind."""

    key: tuple[object, ...]
    names: Mapping[str, object]
    rows: list[Row] = field(default_factory=list)


def grouped(inners: Iterable[Env], per: Mapping[str, Formula]) -> list[Group]:
    """The groups of rows, each row in its scope."""
    groups: dict[tuple[object, ...], Group] = {}
    for inner in inners:
        key = tuple(formula(inner) for formula in per.values())
        found = groups.setdefault(key, Group(key, dict(zip(per, key, strict=True))))
        found.rows.append(inner.row)
    return list(groups.values())
