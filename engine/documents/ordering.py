"""Rows in the order that a `sort` gives: by its value, what has none last. Pure.

In: environments of rows and a formula (a minus in it turns numbers round). Out: the same environments in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.expressions.environment import Env
from engine.model.formula import Formula


def in_order(inners: Iterable[Env], order: Formula | None) -> list[Env]:
    """The environments in order; as they came where there is none."""
    if order is None:
        return list(inners)
    keyed: list[tuple[Any, Env]] = [(order(inner), inner) for inner in inners]
    known = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0])
    return [inner for _, inner in known] + [inner for key, inner in keyed if key is None]
