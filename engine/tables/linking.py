"""Computed cells in the expression language of definitions.

In: the catalog of what is defined, and the scope around the table. Out: a compiler of cells; names in scope are the
inputs of the table and the surroundings. `decide` then has to be given a `World`. Knows nothing of tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.expressions.environment import Env, World
from engine.expressions.expression import Checked, check_expression
from engine.expressions.names import EMPTY, Catalog, Scope
from engine.model.types import Shape, Type
from engine.problems import Problem, Span
from engine.tables.unary import CellCompiler, CellExpression


@dataclass(frozen=True, slots=True, eq=False)
class LinkedCell:
    """A checked expression that sees the inputs of a table as its row."""

    checked: Checked
    names: tuple[str, ...]

    @property
    def type(self) -> Type:
        """Type of the result."""
        return self.checked.type

    def __call__(self, inputs: Mapping[str, object], world: object) -> object:
        """The value; an input that is not given is null. `world` is a `World`, or None where nothing is asked of it."""
        row = {name: inputs.get(name) for name in self.names}
        return self.checked.evaluate(Env(row, _asked(world)))


def linked_cells(catalog: Catalog, scope: Scope | None = None) -> CellCompiler:
    """A compiler of cells. `scope` brings the types of user, org, device and caller; its row is not seen."""
    around = scope or Scope(EMPTY)

    def compile_cell(
        text: str, where: Span, inputs: Mapping[str, Type]
    ) -> tuple[CellExpression | None, tuple[Problem, ...]]:
        checked, problems = check_expression(text, where, replace(around, row=Shape("", inputs)), catalog)
        return (LinkedCell(checked, tuple(inputs)) if checked else None), problems

    return compile_cell


def _asked(world: object) -> World:
    return world  # type: ignore[return-value]  # whoever calls `decide` gives the world that the expressions need
