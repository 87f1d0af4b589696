"""Rows of a source that meet a condition, read with no more than is needed.

In: a checked source and condition as they stand beside each other (`of` and `where` of a query, `each` and `where` of a
job), and the environment that they are asked from. Out: rows. Of a document type the store answers what it can.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.expressions import nodes
from engine.expressions.compiling.gathering import complete
from engine.expressions.environment import Env, Row
from engine.expressions.limits import MAX_ROWS, arithmetic
from engine.model.criteria import ALWAYS, Order
from engine.model.formula import Formula
from engine.sources.criteria import checked_of, criterion_of, residual_of


def selected(source: Formula, where: Formula | None, env: Env, order: Sequence[Order] = ()) -> Sequence[Row]:
    """The rows for which the condition holds; the condition sees `env` as `up`, and what is named there by its name.

    `order` is asked of the store for a document type, and passed over otherwise. Raises NotLinked, Exhausted.
    """
    node = checked_of(source).node
    if isinstance(node, nodes.Documents):
        criterion = ALWAYS if where is None else criterion_of(where, env)
        rows = complete(env.world.select(node.document, criterion, order, MAX_ROWS + 1))
        judge = None if where is None else residual_of(where, env)
        return rows if judge is None else [row for row in rows if judge(row)]
    with arithmetic():
        places = checked_of(source).rows(env)
        return [
            row
            for row, parent, index in places
            if where is None or where.holds(env.inner(row, parent=parent, index=index, names=env.locals))
        ]
