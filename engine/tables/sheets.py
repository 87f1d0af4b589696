"""Rows of a decision table out of a workbook.

In: the bytes of a workbook, the port that reads it, the columns of the table. Out: rows as written in a definition
file, and problems. Places are `FILE.xlsx!C7` with the row as line and the column as column. The first row of the first
sheet that is not empty has the heads: names or titles of inputs and outputs, `from` and `until`. An empty cell is `-`
in an input, null in an output. Knows nothing of what cells mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal

from engine.loading.nearest import nearest
from engine.model.formula import DatedSpan
from engine.model.tables import Cell, DecisionTable, TableInput, TableOutput, TableRow
from engine.ports import Workbook
from engine.problems import Problem, Span

FROM, UNTIL = "from", "until"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which column of the sheet (from 0) holds what; -1 for dates that are not there."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    start: int
    end: int


def with_sheet(table: DecisionTable, workbook: Workbook, content: bytes) -> tuple[DecisionTable, tuple[Problem, ...]]:
    """The table with the rows of its workbook, `table.sheet` being the file's path; never raises."""
    try:
        sheets = workbook.read(content)
    except ValueError as error:
        return table, (Problem("TAB020", table.where, {"file": table.sheet, "reason": str(error)}),)
    rows = next((rows for rows in sheets.values() if rows), [])
    head = next((number for number, row in enumerate(rows) if not _is_blank(row)), None)
    if head is None:
        return table, (Problem("TAB020", table.where, {"file": table.sheet, "reason": "-"}),)
    layout, problems = _read_head(table, rows[head], head)
    if layout is None:
        return table, tuple(problems)
    found = [_row(table, layout, rows[at], at) for at in range(head + 1, len(rows)) if not _is_blank(rows[at])]
    return replace(table, rows=tuple(found)), tuple(problems)


def _is_blank(row: Sequence[object]) -> bool:
    return all(cell is None or cell == "" for cell in row)


def _read_head(table: DecisionTable, head: Sequence[object], line: int) -> tuple[_Layout | None, list[Problem]]:
    """Columns by their heads; a name that is both an input and an output stands first for the input."""
    wanted: list[TableInput | TableOutput | str] = [*table.inputs, *table.outputs, FROM, UNTIL]
    places: dict[int, int] = {}
    problems = []
    for at, cell in enumerate(head):
        text = cell_text(cell).strip()
        if not text:
            continue
        number = next((n for n, column in enumerate(wanted) if n not in places and text in _heads(column)), None)
        if number is None:
            problems.append(_strange_head(table, wanted, text, _place(table, line, at)))
        else:
            places[number] = at
    for number, column in enumerate(wanted[:-2]):
        if number not in places:
            problems.append(Problem("TAB022", _place(table, line, 0), {"column": next(iter(_heads(column)))}))
    if any(number not in places for number in range(len(wanted) - 2)):
        return None, problems
    columns = [places.get(number, -1) for number in range(len(wanted))]
    count = len(table.inputs)
    return _Layout(tuple(columns[:count]), tuple(columns[count:-2]), columns[-2], columns[-1]), problems


def _heads(column: TableInput | TableOutput | str) -> tuple[str, ...]:
    """What may stand over a column; its name first."""
    if isinstance(column, str):
        return (column,)
    return tuple(dict.fromkeys(text for text in (column.name, column.title.zh, column.title.en) if text))


def _strange_head(
    table: DecisionTable, wanted: Sequence[TableInput | TableOutput | str], text: str, where: Span
) -> Problem:
    known = [head for column in wanted for head in _heads(column)]
    return Problem("TAB021", where, {"head": text, "table": table.id}, "" if text in known else nearest(text, known))


def _row(table: DecisionTable, layout: _Layout, row: Sequence[object], line: int) -> TableRow:
    def cell(at: int, blank: str) -> Cell:
        text = cell_text(row[at]) if at < len(row) else ""
        return Cell(text if text.strip() else blank, _place(table, line, at))

    def dated(at: int) -> str:
        return cell_text(row[at]).strip() if 0 <= at < len(row) else ""

    return TableRow(
        tuple(cell(at, "-") for at in layout.inputs),
        tuple(cell(at, "null") for at in layout.outputs),
        _place(table, line, 0),
        DatedSpan(dated(layout.start), dated(layout.end)),
    )


def cell_text(value: object) -> str:
    """A cell of a workbook as the text that would stand in a definition file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        value = Decimal(f"{value:.15g}")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value == value.to_integral_value() else f"{value:f}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value)


def column_letters(column: int) -> str:
    """A, B, ... Z, AA: the name of a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _place(table: DecisionTable, line: int, column: int) -> Span:
    cell = f"{table.sheet}!{column_letters(column)}{line + 1}"
    return Span(cell, line + 1, column + 1, line + 1, column + 2)
