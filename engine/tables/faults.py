"""Faults of cells: what goes wrong while one cell is read, its exact place and the nearest right spelling.

In: offsets inside a cell. Out: problems for the configurator. Knows nothing of how cells are read.
"""

from __future__ import annotations

from engine.model.tables import Cell
from engine.problems import Problem, Span

_FULL_WIDTH = str.maketrans(
    {
        "，": ",", "（": "(", "）": ")", "＞": ">", "＜": "<", "＝": "=", "≥": ">=", "≤": "<=", "“": '"', "”": '"',
        "［": "[", "］": "]", "－": "-", "。": ".", "、": ",", "【": "[", "】": "]", "：": ":",
    }
)  # fmt: skip


class Fault(Exception):
    """Reading a cell cannot go on; without a code its problems are noted already."""

    def __init__(self, code: str, start: int, end: int, suggestion: str = "", **values: str) -> None:
        super().__init__(code)
        self.code, self.start, self.end, self.suggestion, self.values = code, start, end, suggestion, values

    def problem(self, cell: Cell) -> Problem:
        """The problem, at its place in the definitions."""
        values = {"text": cell.text, **self.values}
        return Problem(self.code, place(cell, self.start, self.end), values, self.suggestion)


def place(cell: Cell, start: int, end: int) -> Span:
    """A part of a cell in its file; a cell of a workbook has no finer place than itself."""
    return cell.where if in_workbook(cell.where) else cell.where.shifted(start, end)


def in_workbook(where: Span) -> bool:
    """Whether a place is a cell of a workbook, written `FILE.xlsx!C7`."""
    return "!" in where.file


def typed_ascii(text: str) -> str:
    """The text with ASCII signs where full-width ones were typed; empty when there were none."""
    plain = text.translate(_FULL_WIDTH)
    return plain if plain != text else ""
