"""Decision tables compiled: expressions in cells see the inputs of their table, and nothing of any document.

In: tables and the linker of their system. Out: compiled tables. An input of a code list has the codes of that list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.checks.linking import Linker
from engine.expressions.environment import Env
from engine.expressions.expression import Checked, check_expression
from engine.model.tables import DecisionTable, TableInput, TableOutput
from engine.model.types import Kind, Shape, Type
from engine.problems import Problem, Span
from engine.tables.compile import compile_table
from engine.tables.compiled import CompiledTable

Column = TypeVar("Column", TableInput, TableOutput)


@dataclass(frozen=True, slots=True)
class CellFormula:
    """An expression in a cell; a `engine.tables.unary.CellExpression`."""

    checked: Checked

    @property
    def type(self) -> Type:
        """Type of the result."""
        return self.checked.type

    def __call__(self, inputs: Mapping[str, object], world: object) -> object:
        """The value for these inputs."""
        return self.checked.evaluate(Env(inputs, world))  # type: ignore[arg-type]


def link_table(linker: Linker, table: DecisionTable) -> CompiledTable | None:
    """Compile a table; None where it has errors."""

    def cells(text: str, where: Span, inputs: Mapping[str, Type]) -> tuple[CellFormula | None, tuple[Problem, ...]]:
        scope = replace(linker.surroundings, row=Shape(table.id, inputs))
        checked, problems = check_expression(text, where, scope, linker.catalog)
        return (CellFormula(checked) if checked is not None else None), tuple(problems)

    compiled, problems = compile_table(_with_codes(linker, table), cells)
    linker.problems.extend(problems)
    return compiled


def _with_codes(linker: Linker, table: DecisionTable) -> DecisionTable:
    """The table whose code columns know their codes."""
    inputs = tuple(_listed(linker, column) for column in table.inputs)
    outputs = tuple(_listed(linker, column) for column in table.outputs)
    return replace(table, inputs=inputs, outputs=outputs)


def _listed(linker: Linker, column: Column) -> Column:
    codes = linker.shared.codes.get(column.type.of) if column.type.kind in (Kind.CODE, Kind.CODES) else None
    if codes is None or column.allowed:
        return column
    return replace(column, allowed=tuple(codes))
