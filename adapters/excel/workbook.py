"""Spreadsheets: the port `Workbook`, put together from the guard, the reader and the writer of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from adapters.excel.guard import Limits, inspect
from adapters.excel.reader import read_sheets
from adapters.excel.writer import write_sheet


class ExcelWorkbook:
    """Reads and writes .xlsx (ECMA-376). Holds no state: safe across threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def read(self, content: bytes) -> Mapping[str, list[list[object]]]:
        """Every sheet as rows of cells, empty ones None. Raises ValueError, worded for the person who uploaded it."""
        inspect(content, self._limits)
        return read_sheets(content)

    def write(self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
        """A workbook of one sheet with a frozen head; text stays text, whatever it begins with."""
        return write_sheet(title, head, rows)
