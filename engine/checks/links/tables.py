"""Decision tables compiled: expressions in cells see the inputs of their table, and nothing of any document.

In: tables and the linker of their system. Out: compiled tables. An input of a code list has the codes of that list.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from engine.checks.linking import Linker
from engine.model.tables import DecisionTable, TableInput, TableOutput
from engine.model.types import Kind
from engine.tables.compile import compile_table
from engine.tables.compiled import CompiledTable
from engine.tables.linking import linked_cells

Column = TypeVar("Column", TableInput, TableOutput)


def link_table(linker: Linker, table: DecisionTable) -> CompiledTable | None:
    """Compile a table; None where it has errors."""
    cells = linked_cells(linker.catalog, linker.surroundings)
    compiled, problems = compile_table(_with_codes(linker, table), cells)
    linker.problems.extend(problems)
    return compiled


def _with_codes(linker: Linker, table: DecisionTable) -> DecisionTable:
    """The table whose code columns know their codes."""
    inputs = tuple(
        replace(_listed(linker, column), parents=_parents(linker, column.type.of)) for column in table.inputs
    )
    outputs = tuple(_listed(linker, column) for column in table.outputs)
    return replace(table, inputs=inputs, outputs=outputs)


def _listed(linker: Linker, column: Column) -> Column:
    codes = linker.shared.codes.get(column.type.of) if column.type.kind in (Kind.CODE, Kind.CODES) else None
    if codes is None or column.allowed:
        return column
    return replace(column, allowed=tuple(codes))


def _parents(linker: Linker, codes: str) -> dict[str, str]:
    """For each code the one it stands under, where the list has a column `parent`."""
    found = linker.shared.definitions.codes.get(codes)
    entries = found.entries if found is not None else ()
    return {entry.code: str(entry.columns["parent"]) for entry in entries if entry.columns.get("parent")}
