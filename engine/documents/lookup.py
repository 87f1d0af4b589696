"""References that look themselves up: the one record that fits, or the newest of several, or nothing."""

from __future__ import annotations

from engine.expressions.environment import Env
from engine.model.criteria import Order
from engine.model.documents import Field
from engine.sources.criteria import criterion_of, residual_of

_MOST = 1000


def found(field: Field, env: Env) -> object:
    """The id that `find` leads to. Several without `newest` are ambiguous and give nothing."""
    assert field.find is not None
    where = criterion_of(field.find, env, known=True)
    rest = residual_of(field.find, env)
    order = (Order(field.newest, descending=True),) if field.newest else ()
    limit = _MOST if rest is not None else (1 if field.newest else 2)
    rows = [row for row in env.world.select(field.type.of, where, order, limit) if rest is None or rest(row)]
    if not rows or (len(rows) > 1 and not field.newest):
        return None
    return rows[0]["id"]
