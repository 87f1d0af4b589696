"""What is said about cells of a sheet, with their addresses as people see them.

In and out: plain data; `to_data` and `from_data` are how a store keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.problems import Level

PAGE = 1 << 21
"""Rows of a workbook's second page that is read count on from here, those of its third from twice as many, and so on:
the number of a row says where it stands. A page of a spreadsheet has at most 2^20 rows."""


def on_page(page: int, row: int) -> int:
    """The number of a row of a page; that of the page as a whole is 0 on the first one alone."""
    return page * PAGE + row


def page_of(row: int) -> int:
    """The page of a row, from 0."""
    return row // PAGE


@dataclass(frozen=True, slots=True)
class CellFinding:
    """Something about the cell in `row` and `column` (from 1); column 0 is the row as a whole, row 0 the file. `page`
    is the title of the page, where there are several."""

    row: int
    column: int
    code: str
    text: Mapping[str, str]
    level: Level = Level.ERROR
    head: str = ""
    value: str = ""
    page: str = ""

    @property
    def line(self) -> int:
        """The number of the row on its page."""
        return self.row % PAGE

    @property
    def address(self) -> str:
        """`D7`, `明细!D7` on one of several pages; the row's number alone where no cell is meant."""
        cell = f"{column_letters(self.column)}{self.line or ''}"
        return f"{self.page}!{cell}" if self.page and cell else cell

    @property
    def is_error(self) -> bool:
        """Whether it keeps the row out."""
        return self.level is Level.ERROR

    def to_data(self) -> dict[str, object]:
        """Plain JSON."""
        data: dict[str, object] = {"at": [self.row, self.column], "code": self.code, "text": dict(self.text)}
        return data | {"level": str(self.level), "head": self.head, "value": self.value, "page": self.page}

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> CellFinding:
        """Out of plain JSON of our own."""
        at, text = data["at"], data["text"]
        assert isinstance(at, list)
        assert isinstance(text, Mapping)
        level = Level(str(data["level"]))
        head, value, page = (str(data[name]) for name in ("head", "value", "page"))
        return cls(at[0], at[1], str(data["code"]), text, level, head, value, page)


def column_letters(number: int) -> str:
    """1 is A, 27 is AA; nothing for 0."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def warning(row: int, column: int, code: str, zh: str, en: str, head: str = "") -> CellFinding:
    """Something that keeps nothing out."""
    return CellFinding(row, column, code, {"zh": zh, "en": en}, Level.WARN, head)


def error(row: int, column: int, code: str, zh: str, en: str, head: str = "") -> CellFinding:
    """Something that keeps the row, or the whole sheet, out."""
    return CellFinding(row, column, code, {"zh": zh, "en": en}, Level.ERROR, head)
