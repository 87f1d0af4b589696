"""Which column of a sheet is which: heads compared as people mean them.

In: cells of a row and the columns of a definition. Out: column numbers by column, what is missing, double or unknown.
Full and half width, spaces, line ends, letter case and marks of necessity (`*`, `（必填）`) make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.model.sheets import SheetColumn
from engine.model.workbooks import RULE, Merged

_NEEDED = re.compile(r"^[*＊]+|[*＊]+$|[(\[]?(必填|必填项|required)[)\]]?$")
_LONGEST = 200


def normal(head: object) -> str:
    """A head as it is compared."""
    if not isinstance(head, str | int) or isinstance(head, bool):
        return ""
    text = "".join(unicodedata.normalize("NFKC", str(head)[:_LONGEST]).lower().split())
    text = text.replace("【", "[").replace("】", "]").replace("〔", "[").replace("〕", "]")
    return _NEEDED.sub("", text) or text


@dataclass(frozen=True, slots=True)
class Heads:
    """A row of heads: `columns` leads from a column's name to its number in the sheet; `unknown` and `doubled` from
    numbers to heads as written."""

    row: int
    columns: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[int, str] = field(default_factory=dict)
    doubled: Mapping[int, str] = field(default_factory=dict)


def spellings(columns: Iterable[SheetColumn]) -> dict[str, str]:
    """Every head that is understood, as compared, with the name of its column."""
    found: dict[str, str] = {}
    for column in columns:
        for head in (column.head, *column.also):
            found.setdefault(normal(head), column.name)
    return found


def read_heads(row: int, cells: Sequence[object], known: Mapping[str, str]) -> Heads:
    """One row taken as heads."""
    columns: dict[str, int] = {}
    unknown: dict[int, str] = {}
    doubled: dict[int, str] = {}
    for number, cell in enumerate(cells, 1):
        if cell is None:
            continue
        name = known.get(normal(cell))
        if name is None:
            unknown[number] = str(cell).strip()[:_LONGEST]
        elif name in columns:
            doubled[number] = str(cell).strip()[:_LONGEST]
        else:
            columns[name] = number
    return Heads(row, columns, unknown, doubled)


def _spread(
    rows: Iterable[tuple[int, Sequence[object]]], merged: Iterable[Merged]
) -> Iterator[tuple[int, Sequence[object]]]:
    """Rows with the values of cells that are merged with cells of rows above."""
    tall = [one for one in merged if one.bottom > one.top]
    above: dict[int, Sequence[object]] = {}
    for number, given in rows:
        above[number] = cells = list(given)
        for one in tall:
            if one.top < number <= one.bottom and one.left <= len(above.get(one.top, ())):
                cells.extend([None] * (one.left - len(cells)))
                cells[one.left - 1] = above[one.top][one.left - 1]
        yield number, cells


def find_heads(
    rows: Iterable[tuple[int, Sequence[object]]], known: Mapping[str, str], merged: Iterable[Merged] = ()
) -> Heads | None:
    """The row with the most known heads, the first one of several; None where no row has any. A head that is merged
    over several rows stands in each of them: beneath a common head others may have their own."""
    best: Heads | None = None
    for number, cells in _spread(rows, merged):
        found = read_heads(number, cells, known)
        if found.columns and (best is None or len(found.columns) > len(best.columns)):
            best = found
    return best


def with_advice(heads: Heads, rows: Iterable[tuple[int, Sequence[object]]], known: Mapping[str, str]) -> Heads:
    """The heads, down to the last row beneath them that is none of the data: the same heads in other words, or rules
    as templates have them."""
    row = heads.row
    for number, cells in rows:
        if number != row + 1:
            continue
        given = [cell for cell in cells if cell is not None]
        rules = bool(given) and all(isinstance(cell, str) and cell.startswith(RULE) for cell in given)
        if not rules and read_heads(number, cells, known).columns != heads.columns:
            break
        row = number
    return replace(heads, row=row)
