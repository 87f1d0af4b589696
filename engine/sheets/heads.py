"""Which column of a sheet is which: heads compared as people mean them.

In: cells of a row and the columns of a definition. Out: column numbers by column, what is missing, double or unknown.
Full and half width, spaces, line ends, letter case and marks of necessity (`*`, `（必填）`) make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.sheets import SheetColumn

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


def find_heads(rows: Iterable[tuple[int, Sequence[object]]], known: Mapping[str, str]) -> Heads | None:
    """The row with the most known heads, the first one of several; None where no row has any."""
    best: Heads | None = None
    for number, cells in rows:
        found = read_heads(number, cells, known)
        if found.columns and (best is None or len(found.columns) > len(best.columns)):
            best = found
    return best
