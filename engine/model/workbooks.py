"""Spreadsheets as they come in and go out: plain data between the engine and the port `Workbook`.

Rows and columns count from 1, as people see them: row 7, column 4 is the cell D7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Merged:
    """A block of cells that are one to the eye; its value stands in the first."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """One sheet as it was read. `rows` gives (number, cells from column 1 on) and may be gone through again.

    `faults` are cells whose formula gave an error, or none at all: their place and what is shown there.
    """

    title: str
    rows: Iterable[tuple[int, Sequence[object]]]
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[Merged, ...] = ()
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CellForm:
    """How the values of a column are shown: `kind` is text, number, date, datetime or time.

    Of numbers, `places` are the decimals that are always shown (None: as many as there are), `grouped` sets thousands
    apart. A cell that holds something else, such as a masked text, is shown as what it is.
    """

    kind: str = "text"
    places: int | None = None
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to be filled in: `form` is text, number, date or datetime; `choices` are offered in a list, `examples`
    shown on a sheet of their own. `tag` stands above the head and `rule` beneath it, where there are any."""

    head: str
    note: str = ""
    form: str = "text"
    width: int | None = None
    is_needed: bool = False
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    tag: str = ""
    rule: str = ""


RULE = "※"
"""The sign before a rule in a template: a row of such cells is never data."""
EXAMPLES: Mapping[str, str] = {"zh": "填写示例", "en": "Examples"}
"""What the sheet of examples in a template is called; it is never read as data."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said at a cell; `is_error` colours it as wrong, else as worth a look."""

    text: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """A row that goes back to the person who sent it, with marks by column. Rows come in ascending order."""

    number: int
    cells: Sequence[object]
    marks: Mapping[int, Mark] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """A sheet of a workbook that goes back: frozen below `head_row`, its rows gone through once."""

    title: str
    head_row: int
    rows: Iterable[MarkedRow]
