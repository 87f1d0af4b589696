"""Compilation of a decision table: parse, lint, index.

In: a `DecisionTable` as written and a compiler for the expressions in its cells. Out: a `CompiledTable` and all
problems found, sorted by place; no table when one of them is an error. Knows no files, no catalog and no world.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.tables import DecisionTable, TableInput
from engine.problems import Problem
from engine.tables.axes import EVERYTHING, UNORDERED, Region, region_of, stretch
from engine.tables.compiled import CompiledRow, CompiledTable, Plan
from engine.tables.index import Lookup, column_lookup
from engine.tables.lint import lint_rows
from engine.tables.parsing import ParsedTable, has_errors, input_kind, parse_table
from engine.tables.unary import MANY, CellCompiler, UnaryTests


def compile_table(table: DecisionTable, cells: CellCompiler) -> tuple[CompiledTable | None, tuple[Problem, ...]]:
    """A table that can decide, or None when it has errors; warnings come along with the table."""
    parsed, problems = parse_table(table, cells)
    if not has_errors(problems):
        problems += lint_rows(parsed)
    compiled = None if has_errors(problems) else index_table(parsed)
    return compiled, tuple(sorted(problems, key=lambda problem: (problem.where, problem.code)))


def index_table(parsed: ParsedTable) -> CompiledTable:
    """The table with its index; the rows must be free of errors."""
    asked: dict[int, list[tuple[str, UnaryTests]]] = {}
    lookups: list[tuple[str, Lookup]] = []
    for number, column in enumerate(parsed.table.inputs):
        cells = [row.conditions[number] for row in parsed.rows]
        lookup, left = _index_column(column, cells)
        if lookup is not None:
            lookups.append((column.name, lookup))
        for row in left:
            asked.setdefault(row, []).append((column.name, cells[row]))
    plan = Plan(tuple(lookups), _index_dates(parsed.rows), {row: tuple(cells) for row, cells in asked.items()})
    return CompiledTable(parsed.table, parsed.rows, plan, parsed.defaults, parsed.priorities)


def _index_column(column: TableInput, cells: Sequence[UnaryTests]) -> tuple[Lookup | None, list[int]]:
    """The lookup of a column, and the rows whose cell must be asked itself."""
    unordered = input_kind(column) in UNORDERED
    regions = [None if unordered and not cell.is_any else region_of(cell) for cell in cells]
    lookup = column_lookup(regions, many=column.type.kind in MANY)
    if lookup is None:
        return None, [row for row, cell in enumerate(cells) if not cell.is_any]
    return lookup, [row for row, region in enumerate(regions) if region is None]


def _index_dates(rows: Sequence[CompiledRow]) -> Lookup | None:
    """The rows in force on a date; None where no row has dates. Without a date only rows without dates are in force."""
    regions: list[Region | None] = [
        EVERYTHING if row.start is None and row.end is None else stretch(row.start, row.end) for row in rows
    ]
    return column_lookup(regions)
