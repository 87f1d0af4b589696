"""Spreadsheets: the port `Workbook`, put together from the guard, the reader and the writer of this folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any

from adapters.excel.guard import Limits, inspect
from adapters.excel.reader import open_sheets, read_sheets
from engine.model.workbooks import CellForm, MarkedPage, ReadSheet, TemplateColumn


class ExcelWorkbook:
    """Reads .xlsx (ECMA-376) and .xls ([MS-XLS]), writes .xlsx. Holds no state: safe across threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()

    def read(self, content: bytes) -> Mapping[str, list[list[object]]]:
        """Every sheet as rows of cells, empty ones None. Raises Unreadable."""
        inspect(content, self._limits)
        return read_sheets(content)

    def open(self, content: bytes) -> Sequence[ReadSheet]:
        """Every sheet with what its cells alone do not tell: hidden rows, merged cells, faulty formulas."""
        inspect(content, self._limits)
        return open_sheets(content)

    def write(
        self, title: str, head: Sequence[str], rows: Iterable[Sequence[object]], forms: Sequence[CellForm] = ()
    ) -> bytes:
        """A workbook of one sheet with a frozen head; text stays text, whatever it begins with."""
        made: bytes = self._writer.write_sheet(title, head, rows, forms)
        return made

    def template(self, title: str, columns: Sequence[TemplateColumn], examples: str = "") -> bytes:
        """A sheet to be filled in; needed heads stand out, codes are offered as lists, examples stand beside it."""
        made: bytes = self._writer.write_template(title, columns, examples)
        return made

    def marked(self, pages: Iterable[MarkedPage]) -> bytes:
        """Rows at the places that they came from; marked cells are coloured and say why."""
        made: bytes = self._writer.write_marked(pages)
        return made

    @cached_property
    def _writer(self) -> Any:
        """Loaded when something is first written: what never writes does without."""
        return import_module("adapters.excel.writer")
