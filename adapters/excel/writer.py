"""A workbook of one sheet by openpyxl, row by row.

In: a title, a head, rows of plain values. Out: the bytes of an .xlsx file. Text is written as text whatever it begins
with: a name that starts with `=` must not become a formula on the reader's machine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

_DIGITS = 15  # Excel rounds longer numbers
_LONGEST = 32_767  # characters in a cell
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
_FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", time: "hh:mm:ss"}


def write_sheet(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The workbook; `rows` may be endless long, they are not held in memory."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_SHEET_NAME.sub(" ", title).strip()[:31] or "Sheet")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _width(name)
    sheet.append([_head_cell(sheet, name) for name in head])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _width(name: str) -> float:
    """In digits; a Chinese character is as wide as two."""
    return min(40, max(10, sum(2 if ord(sign) > 0x2E7F else 1 for sign in name) + 4))


def _head_cell(sheet: WriteOnlyWorksheet, name: str) -> Cell:
    cell = _text(sheet, name)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="EDEBE6")
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | Decimal):
        return value if len(Decimal(value).as_tuple().digits) <= _DIGITS else _text(sheet, str(value))
    if isinstance(value, datetime | date | time):
        cell: Cell = WriteOnlyCell(sheet)
        cell.value = value
        cell.number_format = _FORMATS[type(value)]
        return cell
    return _text(sheet, str(value)) if str(value).startswith(_RISKY) else _clean(str(value))


def _text(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell of type text, marked so that it stays text when someone edits it."""
    cell: Cell = WriteOnlyCell(sheet, value=_clean(text))
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(_RISKY)
    return cell


def _clean(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)[:_LONGEST]
