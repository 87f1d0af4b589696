"""From a table as written to parsed columns and rows.

In: a `DecisionTable`, a compiler for expressions. Out: `ParsedTable` and problems of single cells, rows and columns.
Knows nothing of how rows relate to each other (`engine.tables.lint`) or of how they are found (`engine.tables.index`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.model.tables import Cell, DecisionTable, HitPolicy, TableInput, TableOutput, TableRow
from engine.model.types import Kind
from engine.problems import Problem, Severity
from engine.tables.axes import Region, region_of
from engine.tables.cells import read_condition, read_result
from engine.tables.compiled import CompiledRow
from engine.tables.literals import NUMBERS, UNTYPED
from engine.tables.operands import Grammar, element_kind
from engine.tables.unary import CellCompiler, Literal, Operand, UnaryTests

AGGREGATES = frozenset({HitPolicy.SUM, HitPolicy.MIN, HitPolicy.MAX})
RANKED = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})
COMPARABLE = NUMBERS | {Kind.DATE, Kind.DATETIME, Kind.TIME} | UNTYPED


@dataclass(frozen=True, slots=True)
class ParsedTable:
    """Rows with their cells parsed; per input the declared domain, per output its default and order of values."""

    table: DecisionTable
    rows: tuple[CompiledRow, ...]
    domains: tuple[Region | None, ...]
    defaults: tuple[Operand | None, ...]
    priorities: tuple[tuple[object, ...], ...]


def parse_table(
    table: DecisionTable, cells: CellCompiler, *, bare_names: bool = False
) -> tuple[ParsedTable, list[Problem]]:
    """Read every cell. Rows with cells that cannot be read are left out of the result."""
    grammar = Grammar(cells, {column.name: column.type for column in table.inputs}, bare_names)
    grammar.problems.extend(_column_problems(table))
    reader = _RowReader(table, grammar)
    rows = [row for row in map(reader.read, table.rows) if row is not None]
    domains = tuple(_domain(grammar, column) for column in table.inputs)
    defaults = tuple(
        read_result(grammar, output.default, output) if output.default else None for output in table.outputs
    )
    priorities = tuple(
        tuple(found.value for cell in output.values if isinstance(found := read_result(grammar, cell, output), Literal))
        for output in table.outputs
    )
    return ParsedTable(table, tuple(rows), domains, defaults, priorities), grammar.problems


def _column_problems(table: DecisionTable) -> list[Problem]:
    """What is wrong with the columns as a whole."""
    problems = []
    if not table.outputs or not table.rows:
        missing = "outputs" if not table.outputs else "rows"
        problems.append(Problem("TAB019", table.where, {"table": table.id, "missing": missing}))
    if table.outputs and table.hit in RANKED and not any(output.values for output in table.outputs):
        problems.append(Problem("TAB014", table.where, {"hit": table.hit.value}))
    if table.hit in AGGREGATES:
        wanted = NUMBERS | UNTYPED if table.hit is HitPolicy.SUM else COMPARABLE
        problems += [_no_amount(table, output) for output in table.outputs if output.type.kind not in wanted]
    return problems


def _no_amount(table: DecisionTable, output: TableOutput) -> Problem:
    values = {"column": output.name, "hit": table.hit.value, "kind": output.type.kind.value}
    return Problem("TAB015", output.where, values)


def _domain(grammar: Grammar, column: TableInput) -> Region | None:
    """The declared range of an input; None where there is none that could be told."""
    if column.within is None:
        return None
    parsed = read_condition(grammar, column.within, column)
    return None if parsed is None else region_of(parsed)


class _RowReader:
    """Reads rows; a cell that was read without problems is not read again where its text stands again."""

    def __init__(self, table: DecisionTable, grammar: Grammar) -> None:
        self.table, self.grammar = table, grammar
        self.conditions: dict[tuple[int, str], UnaryTests] = {}
        self.results: dict[tuple[int, str], Operand] = {}

    def read(self, row: TableRow) -> CompiledRow | None:
        """The row, or None when it has problems."""
        if not self._has_all_cells(row):
            return None
        start, end = self._dates(row)
        conditions = [self._condition(number, cell) for number, cell in enumerate(row.when)]
        results = [self._result(number, cell) for number, cell in enumerate(row.then)]
        found = tuple(cell for cell in conditions if cell is not None)
        values = tuple(operand for operand in results if operand is not None)
        if len(found) < len(conditions) or len(values) < len(results):
            return None
        return CompiledRow(found, values, row.where, tuple(cell.where for cell in row.when), start, end)

    def _has_all_cells(self, row: TableRow) -> bool:
        wanted = len(self.table.inputs), len(self.table.outputs)
        found = len(row.when), len(row.then)
        if wanted == found:
            return True
        extra = self._first_extra(row)
        counts = {"found": sum(found), "expected": sum(wanted), "inputs": wanted[0], "outputs": wanted[1]}
        values = {name: str(count) for name, count in counts.items()}
        self.grammar.problems.append(Problem("TAB001", extra.where if extra else row.where, values))
        return False

    def _first_extra(self, row: TableRow) -> Cell | None:
        """The first cell that has no column."""
        extra = (*row.when[len(self.table.inputs) :], *row.then[len(self.table.outputs) :])
        return extra[0] if extra else None

    def _condition(self, number: int, cell: Cell) -> UnaryTests | None:
        key = number, cell.text
        found = self.conditions.get(key)
        if found is None:
            found = read_condition(self.grammar, cell, self.table.inputs[number])
            if found is not None:
                self.conditions[key] = found
        return found

    def _result(self, number: int, cell: Cell) -> Operand | None:
        key = number, cell.text
        found = self.results.get(key)
        if found is None:
            found = read_result(self.grammar, cell, self.table.outputs[number])
            if found is not None:
                self.results[key] = found
        return found

    def _dates(self, row: TableRow) -> tuple[date | None, date | None]:
        start = self._date(row, row.dated.start)
        end = self._date(row, row.dated.end)
        if start is not None and end is not None and start > end:
            self.grammar.problems.append(
                Problem("TAB006", row.where, {"from": row.dated.start, "until": row.dated.end})
            )
        return start, end

    def _date(self, row: TableRow, text: str) -> date | None:
        if not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.grammar.problems.append(Problem("TAB005", row.where, {"text": text}))
            return None


def has_errors(problems: Sequence[Problem]) -> bool:
    """Whether one of the problems keeps the table from being put in force."""
    return any(problem.severity is Severity.ERROR for problem in problems)


def input_kind(column: TableInput) -> Kind:
    """Kind of the values that the cells of a column are about."""
    return element_kind(column.type)
