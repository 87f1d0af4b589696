"""Looking up what a `find` names: the newest matching record, the only one, or all of them.

In: the checked function on a document type that a `find` stands for (`one(document, …)`) and the environment of the
record that looks. Out: ids. An equality with a missing value matches nothing: who has no owner is not found by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.expressions.environment import Env, Row
from engine.expressions.expression import Checked
from engine.model.criteria import Order
from engine.sources.criteria import selector

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Lookup:
    """Evaluates one `find`. `newest` is the field whose greatest value decides; `many` gives all."""

    checked: Checked
    document: str
    newest: str = ""
    many: bool = False

    def __call__(self, env: Env) -> object:
        """The id, or None where there is none or more than one; a tuple of ids, or None, for `many`."""
        ids = (str(row["id"]) for row in self._rows(env))
        if self.many:
            return tuple(ids) or None
        found = next(ids, None)
        return found if self.newest or next(ids, None) is None else None

    def _rows(self, env: Env) -> Iterator[Row]:
        chosen = selector(self.checked)
        order = (Order(self.newest, descending=True),) if self.newest else ()
        wanted = 1 if self.newest else 2
        limit = _MOST if self.many or chosen.residual is not None else wanted
        judge = chosen.residual(env) if chosen.residual is not None else None
        for row in env.world.select(self.document, chosen.known(env), order, limit):
            if judge is None or judge(row) is True:
                yield row
