"""Cells of a workbook by python-calamine.

In: the bytes of an inspected workbook. Out: rows of plain values, placed as in the sheet, so that a row and column
number of a finding is the one the person sees. Formulas give the value that was saved with them.
"""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

_EXACT = 10**15  # Excel keeps 15 digits; beyond, a float says nothing of the ones


def read_sheets(content: bytes) -> dict[str, list[list[object]]]:
    """Every sheet as rows of text, int, Decimal, bool, dates, times and None. Raises ValueError."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return {name: _rows(book.get_sheet_by_name(name)) for name in book.sheet_names}
    except CalamineError as error:
        raise ValueError("the workbook cannot be read") from error


def _rows(sheet: CalamineSheet) -> list[list[object]]:
    rows = [[_plain(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    return rows


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
