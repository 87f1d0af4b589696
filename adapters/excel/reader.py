"""Cells of a workbook by python-calamine.

In: the bytes of an inspected workbook. Out: rows of plain values, placed as in the sheet, so that a row and column
number of a finding is the one the person sees. Formulas give the value that was saved with them.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from adapters.excel.behind import Behind, behind_cells
from adapters.excel.guard import is_old
from engine.model.workbooks import Merged, ReadSheet
from engine.ports import Unreadable

_EXACT = 10**15  # Excel keeps 15 digits; beyond, a float says nothing of the ones
_MOST_SHARED = 200_000
_UNREAD = ("工作簿无法读取", "the workbook cannot be read")


def read_sheets(content: bytes) -> dict[str, list[list[object]]]:
    """Every sheet as rows of text, int, Decimal, bool, dates, times and None. Raises Unreadable."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return {name: _rows(book.get_sheet_by_name(name)) for name in book.sheet_names}
    except CalamineError as error:
        raise Unreadable(*_UNREAD) from error


def open_sheets(content: bytes) -> list[ReadSheet]:
    """Every sheet of cells, its rows not yet turned into values. Raises Unreadable."""
    known = {} if is_old(content) else behind_cells(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        kept = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
        sheets = [(one, book.get_sheet_by_name(one.name)) for one in kept]
    except CalamineError as error:
        raise Unreadable(*_UNREAD) from error
    return [_opened(one.visible, sheet, known.get(one.name, Behind())) for one, sheet in sheets]


def _opened(visible: SheetVisibleEnum, sheet: CalamineSheet, behind: Behind) -> ReadSheet:
    merged = tuple(Merged(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in _merged(sheet))
    hidden = visible != SheetVisibleEnum.Visible
    rows = _Rows(sheet, frozenset(row for row, _ in behind.faults))
    return ReadSheet(sheet.name, rows, hidden, behind.hidden_rows, merged, behind.faults)


def _merged(sheet: CalamineSheet) -> Sequence[tuple[tuple[int, int], tuple[int, int]]]:
    return sheet.merged_cell_ranges or ()


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a sheet, each turned into values when it is reached; empty ones are left out unless `kept`."""

    sheet: CalamineSheet
    kept: frozenset[int]

    def __iter__(self) -> Iterator[tuple[int, Sequence[object]]]:
        # The library begins with the first row, but with the first column that holds anything.
        _, left = self.sheet.start or (0, 0)
        before: list[object] = [None] * left
        seen: dict[object, object] = {}
        for number, row in enumerate(self.sheet.iter_rows(), 1):
            cells = [_shared(cell, seen) for cell in row]
            if number in self.kept or any(cell is not None for cell in cells):
                yield number, before + cells


def _rows(sheet: CalamineSheet) -> list[list[object]]:
    rows = [[_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


def _shared(cell: object, seen: dict[object, object]) -> object:
    """The plain value; cells that hold the same share it, which is most of what a large sheet takes in memory."""
    if type(cell) is not str and type(cell) is not float:
        return _plain(cell)
    found = seen.get(cell)
    if found is None:
        found = _plain(cell)
        if len(seen) < _MOST_SHARED:
            seen[cell] = found
    return found


def _plain(cell: object) -> object:
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _EXACT:
            return int(cell)
        return Decimal(f"{cell:.15g}")
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return cell
