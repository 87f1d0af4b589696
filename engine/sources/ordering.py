"""Rows in the order that a `sort` gives: key by key, what has none last whichever way. Pure.

In: environments of rows and a `Sort`. Out: the same environments in order; rows that no key tells apart stay as they
came.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.expressions.environment import Env
from engine.model.formula import Sort, SortKey


def in_order(inners: Iterable[Env], order: Sort | None) -> list[Env]:
    """The environments in order; as they came where there is none."""
    found = list(inners)
    for key in reversed(order.keys if order is not None else ()):
        found = _by(key, found)
    return found


def _by(key: SortKey, inners: list[Env]) -> list[Env]:
    keyed: list[tuple[Any, Env]] = [(key.formula(inner), inner) for inner in inners]
    known = sorted((pair for pair in keyed if pair[0] is not None), key=lambda pair: pair[0], reverse=key.descending)
    return [inner for _, inner in known] + [inner for value, inner in keyed if value is None]
