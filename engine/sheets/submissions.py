"""Rows that belong together become the inputs of one event; what is found wrong with these leads back to cells.

In: a group of rows, the places of the columns that the sheet has, a reader of single cells. Out: a `Submission`. Empty
cells are not given at all: a new document takes its defaults, one that there is stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.documents.malformed import Malformed
from engine.problems import Finding
from engine.sheets.cells import is_blank, plain
from engine.sheets.columns import Place
from engine.sheets.findings import CellFinding, error
from engine.sheets.layout import Group, Row

Read = Callable[[Place, object], object]
"""The raw value of a cell for a place. Raises Malformed."""
_SHOWN = 60


@dataclass(slots=True)
class Submission:
    """One document to be: `raw` values, what is `asked`, faults of cells, and the way back to cells."""

    rows: tuple[int, ...]
    raw: dict[str, object] = field(default_factory=dict)
    asked: dict[str, object] = field(default_factory=dict)
    faults: list[CellFinding] = field(default_factory=list)
    columns: Mapping[tuple[str, ...], tuple[int, str]] = field(default_factory=dict)
    table_rows: dict[str, list[int]] = field(default_factory=dict)
    shown: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def cell_finding(self, finding: Finding, title: str = "") -> CellFinding:
        """A finding about the document as one about the cell that the value came from, or about the row."""
        path = finding.at
        row = self.rows[0]
        if len(path) == 3:
            rows, index = self.table_rows.get(path[0], []), int(path[1])
            row, path = (rows[index] if index < len(rows) else row), (path[0], path[2])
        column, head = self.columns.get(path, (0, ""))
        text = finding.text
        if not column and title:
            text = {language: said if title in said else f"{title}：{said}" for language, said in text.items()}
        value = self.shown.get((row, column), "")
        return CellFinding(row, column, finding.code, text, finding.level, head, value)

    def on_row(self, code: str, zh: str, en: str) -> CellFinding:
        """Something about the document as a whole."""
        return error(self.rows[0], 0, code, zh, en)


def submission_of(group: Group, places: Sequence[tuple[int, Place]], read: Read) -> Submission:
    """The inputs of a group's event. `places` go with the numbers of their columns."""
    made = Submission(
        tuple(number for number, _ in group),
        columns={place.path: (column, place.column.head) for column, place in places},
        shown={
            (number, column): plain(cells[column - 1])[:_SHOWN]
            for number, cells in group
            for column, _ in places
            if column <= len(cells)
        },
    )
    for column, place in places:
        if not place.table:
            _take_own(made, group, column, place, read)
    tables = list(dict.fromkeys(place.table for _, place in places if place.table))
    for table in tables:
        columns = [(column, place) for column, place in places if place.table == table]
        _take_rows(made, table, group, columns, read)
    return made


def _take_own(made: Submission, group: Group, column: int, place: Place, read: Read) -> None:
    """A field of the document itself: all rows of the group say the same, or nothing."""
    given = [(row, cell) for row in group if not is_blank(cell := _cell(row, column))]
    if not given:
        return
    (first, cell), text = given[0], plain(given[0][1]).strip()
    for (number, _), other in given[1:]:
        if plain(other).strip() != text:
            zh, en = (
                f"与同一单据第{first[0]}行的“{text[:_SHOWN]}”不同",
                f"differs from row {first[0]} of the same document",
            )
            made.faults.append(error(number, column, "differs", zh, en, place.column.head))
    value = _read(made, first[0], column, place, cell, read)
    if value is not None:
        (made.asked if place.is_asked else made.raw)[place.field.name] = value


def _take_rows(made: Submission, table: str, group: Group, columns: Sequence[tuple[int, Place]], read: Read) -> None:
    """Rows of a child table; a row of the sheet without any of its cells gives none."""
    rows: list[dict[str, object]] = []
    numbers: list[int] = []
    for row in group:
        cells = [(column, place, cell) for column, place in columns if not is_blank(cell := _cell(row, column))]
        if not cells:
            continue
        found = {place.field.name: _read(made, row[0], column, place, cell, read) for column, place, cell in cells}
        rows.append({name: value for name, value in found.items() if value is not None})
        numbers.append(row[0])
    if rows:
        made.raw[table] = rows
        made.table_rows[table] = numbers


def _read(made: Submission, row: int, column: int, place: Place, cell: object, read: Read) -> object:
    try:
        return read(place, cell)
    except Malformed as fault:
        found = error(row, column, fault.code, fault.text["zh"], fault.text["en"], place.column.head)
        made.faults.append(
            CellFinding(row, column, found.code, found.text, found.level, found.head, plain(cell)[:_SHOWN])
        )
        return None


def _cell(row: Row, column: int) -> object:
    return row[1][column - 1] if column <= len(row[1]) else None
