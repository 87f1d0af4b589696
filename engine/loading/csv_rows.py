"""Reading of comma-separated files: rows of cells, each with its place.

In: the text of a file (RFC 4180: quotes around cells that hold commas, quotes or line breaks, doubled quotes inside).
Out: rows, or problems. Knows nothing of code lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.problems import Problem, Span

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cell texts without surrounding blanks, and the columns they begin at."""

    line: int
    cells: tuple[str, ...]
    columns: tuple[int, ...]

    def where(self, file: str, index: int = 0) -> Span:
        """The place of a cell; of a cell that is missing the end of the row."""
        if index >= len(self.cells):
            end = self.columns[-1] + len(self.cells[-1]) if self.cells else 1
            return Span(file, self.line, end, self.line, end + 1)
        start = self.columns[index]
        return Span(file, self.line, start, self.line, start + max(1, len(self.cells[index])))


def read_rows(file: str, text: str, problems: list[Problem]) -> Iterator[Row]:
    """The rows of a file that are not empty."""
    lines = _END.split(text)
    at = 0
    while at < len(lines):
        line = lines[at]
        if '"' not in line:
            if line.strip():
                yield _plain(at + 1, line)
            at += 1
            continue
        taken = 1
        while line.count('"') % 2 and at + taken < len(lines):
            line = f"{line}\n{lines[at + taken]}"
            taken += 1
        if line.count('"') % 2:
            problems.append(Problem("SYN017", Span(file, at + 1, lines[at].index('"') + 1)))
            return
        yield _quoted(at + 1, line)
        at += taken


def _plain(number: int, line: str) -> Row:
    cells, columns, start = [], [], 0
    for cell in line.split(","):
        stripped = cell.strip()
        cells.append(stripped)
        columns.append(start + len(cell) - len(cell.lstrip()) + 1)
        start += len(cell) + 1
    return Row(number, tuple(cells), tuple(columns))


def _quoted(number: int, line: str) -> Row:
    cells, columns, at = [], [], 0
    while True:
        blank = len(line[at:]) - len(line[at:].lstrip(" \t"))
        if (found := _QUOTED.match(line, at + blank)) is not None:
            cells.append(found.group(1).replace('""', '"'))
            columns.append(found.start() + 2)
            stop = line.find(",", found.end())
        else:
            stop = line.find(",", at)
            cells.append(line[at : len(line) if stop < 0 else stop].strip())
            columns.append(at + blank + 1)
        if stop < 0:
            return Row(number, tuple(cells), tuple(columns))
        at = stop + 1
