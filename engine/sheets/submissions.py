"""Rows that belong together become the inputs of one event; what is found wrong with these leads back to cells.

In: groups of rows, the places of the columns that the sheet has, a reader of single cells. Out: a `Submission` each.
Empty cells are not given at all: a new document takes its defaults, one that there is stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from engine.documents.malformed import Malformed
from engine.problems import Finding
from engine.sheets.cells import is_blank, plain
from engine.sheets.columns import Page, Place
from engine.sheets.findings import PAGE, CellFinding, error, page_of
from engine.sheets.layout import Group

Read = Callable[[Place, object], object]
"""The raw value of a cell for a place. Raises Malformed."""
_SHOWN = 60
_MOST_KNOWN = 10_000
"""Cells of a column that are remembered: those that repeat are soon among them."""
_BLANK = object()
_Row = tuple[int, int, Sequence[object]]
"""The page of a row, its number, its cells."""


@dataclass(slots=True)
class Submission:
    """One document to be: `raw` values, what is `asked`, faults of cells, and the way back to cells."""

    group: Group
    pages: Sequence[Page]
    raw: dict[str, object] = field(default_factory=dict)
    asked: dict[str, object] = field(default_factory=dict)
    faults: list[CellFinding] = field(default_factory=list)
    table_rows: dict[str, list[int]] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[int, ...]:
        """The numbers of its rows."""
        return tuple(number for number, _ in self.group)

    def shown(self, row: int, column: int) -> str:
        """The beginning of what stands in a cell; empty where there is none."""
        for number, cells in self.group:
            if number == row and 0 < column <= len(cells):
                return plain(cells[column - 1])[:_SHOWN]
        return ""

    def cell_finding(self, finding: Finding, title: str = "") -> CellFinding:
        """A finding about the document as one about the cell that the value came from, or about the row."""
        path = finding.at
        rows = list(self.rows)
        if len(path) == 3:
            table, index = self.table_rows.get(path[0], []), int(path[1])
            rows, path = (table[index : index + 1] or rows), (path[0], path[2])
        row, column, head = self.place_of(path, rows)
        text = finding.text
        if not column and title:
            text = {language: said if title in said else f"{title}：{said}" for language, said in text.items()}
        shown = self.shown(row, column)
        return CellFinding(row, column, finding.code, text, finding.level, head, shown, self.title_at(row))

    def place_of(self, path: tuple[str, ...], rows: Sequence[int] = ()) -> tuple[int, int, str]:
        """Row, column and head of a path on the first page that has it; column 0 where none has."""
        rows = rows or self.rows
        for row in rows:
            column, head = self.pages[page_of(row)].column_of(path)
            if column:
                return row, column, head
        return rows[0], 0, ""

    def title_at(self, row: int) -> str:
        """The title of a row's page."""
        return self.pages[page_of(row)].title

    def on_row(self, code: str, zh: str, en: str) -> CellFinding:
        """Something about the document as a whole."""
        row = self.group[0][0]
        return replace(error(row, 0, code, zh, en), page=self.title_at(row))


@dataclass(slots=True)
class _Column:
    """A column by its numbers on the pages (0: not there), and what its cells were read as before: most cells of a
    large sheet repeat others."""

    numbers: list[int]
    place: Place
    read: Read
    known: dict[tuple[type, object], object] = field(default_factory=dict)

    def value(self, cell: object) -> object:
        """The raw value of a cell, `_BLANK`, or the fault of one that cannot be read."""
        key = (type(cell), cell)  # True and 1 are not the same cell
        found = self.known.get(key)
        if found is None:
            found = self._read(cell)
            if len(self.known) < _MOST_KNOWN and not isinstance(found, list):
                self.known[key] = found
        return found

    def _read(self, cell: object) -> object:
        if is_blank(cell):
            return _BLANK
        try:
            return self.read(self.place, cell)
        except Malformed as fault:
            return fault

    def fault(self, made: Submission, row: int, cell: object, fault: Malformed) -> CellFinding:
        """What is wrong with a cell."""
        return self.told(made, row, cell, fault.code, fault.text["zh"], fault.text["en"])

    def told(self, made: Submission, row: int, cell: object, code: str, zh: str, en: str) -> CellFinding:
        """Something about a cell."""
        found = error(row, self.numbers[page_of(row)], code, zh, en, self.place.column.head)
        return replace(found, value=plain(cell)[:_SHOWN], page=made.title_at(row))


class Submissions:
    """Makes submissions of the groups of one sheet, whose rows may stand on several pages."""

    def __init__(self, pages: Sequence[Page], read: Read) -> None:
        self._pages = pages
        self._own: list[_Column] = []
        self._tables: dict[str, list[_Column]] = {}
        columns: dict[tuple[str, ...], _Column] = {}
        for index, page in enumerate(pages):
            for number, place in page.columns:
                if place.path not in columns:
                    columns[place.path] = _Column([0] * len(pages), place, read)
                    siblings = self._tables.setdefault(place.table, []) if place.table else self._own
                    siblings.append(columns[place.path])
                columns[place.path].numbers[index] = number

    def of(self, group: Group) -> Submission:
        """The inputs of a group's event."""
        made = Submission(group, self._pages)
        rows = [(page_of(number), number, cells) for number, cells in group]
        for column in self._own:
            _take_own(made, rows, column)
        for table, columns in self._tables.items():
            _take_rows(made, rows, table, columns)
        return made


def _take_own(made: Submission, rows: Sequence[_Row], column: _Column) -> None:
    """A field of the document itself: all rows of the group say the same, or nothing."""
    first, value, cell, numbers = 0, _BLANK, None, column.numbers
    for page, number, cells in rows:
        at = numbers[page]
        other = cells[at - 1] if 0 < at <= len(cells) else None
        if other is None or (value is not _BLANK and other == cell and type(other) is type(cell)):
            continue
        if value is _BLANK:
            first, value, cell = number, column.value(other), other
        elif (text := plain(other).strip()) and text != (said := plain(cell).strip()):
            line = first % PAGE
            zh, en = f"与同一单据第{line}行的“{said[:_SHOWN]}”不同", f"differs from row {line} of the same document"
            made.faults.append(column.told(made, number, other, "differs", zh, en))
    if isinstance(value, Malformed):
        made.faults.append(column.fault(made, first, cell, value))
    elif value is not _BLANK and value is not None:
        (made.asked if column.place.is_asked else made.raw)[column.place.field.name] = value


def _take_rows(made: Submission, rows: Sequence[_Row], table: str, columns: Sequence[_Column]) -> None:
    """Rows of a child table; a row of the sheet without any of its cells gives none."""
    taken: list[dict[str, object]] = []
    numbers: list[int] = []
    for page, number, cells in rows:
        row: dict[str, object] = {}
        is_given = False
        for column in columns:
            at = column.numbers[page]
            cell = cells[at - 1] if 0 < at <= len(cells) else None
            value = _BLANK if cell is None else column.value(cell)
            if value is _BLANK:
                continue
            is_given = True
            if isinstance(value, Malformed):
                made.faults.append(column.fault(made, number, cell, value))
            elif value is not None:
                row[column.place.field.name] = value
        if is_given:
            taken.append(row)
            numbers.append(number)
    if taken:
        made.raw[table] = taken
        made.table_rows[table] = numbers
