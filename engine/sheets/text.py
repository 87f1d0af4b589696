"""Text as a sheet: what is pasted out of a spreadsheet (cells apart by tabs) and CSV files.

In: text, or the bytes of a text file. Out: a `ReadSheet`. Raises Unreadable. CSV as RFC 4180, in UTF-8, GB
18030, or UTF-16 with its mark.
"""

from __future__ import annotations

import codecs
import csv
import io

from engine.model.workbooks import ReadSheet
from engine.ports import Unreadable

_LARGEST = 20 << 20
_MOST_COLUMNS = 1_000


def read_text(text: str, title: str = "") -> ReadSheet:
    """Lines of cells, apart by tabs where the first line has one, else by commas; quotes may hold line ends."""
    if len(text) > _LARGEST:
        raise Unreadable("文字过多，请改用工作簿", "too much text: send a workbook")
    text = text.replace("\0", "")
    first = text.lstrip("\ufeff\r\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), "excel-tab" if "\t" in first else "excel")
    rows: list[tuple[int, list[object]]] = []
    try:
        for number, line in enumerate(reader, 1):
            if len(line) > _MOST_COLUMNS:
                raise Unreadable(f"第{number}行的列过多", f"line {number} has too many columns")
            cells: list[object] = [cell or None for cell in line]
            if any(cell is not None for cell in cells):
                rows.append((number, cells))
    except csv.Error as fault:
        raise Unreadable("文字不能按表格读取", f"not readable as a table: {fault}") from None
    return ReadSheet(title, rows)


def decode(content: bytes) -> str:
    """The text of a file, as spreadsheets write it here. Raises Unreadable."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # what a spreadsheet calls Unicode text
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文件的文字编码无法识别，请另存为 .xlsx", "the encoding is not known: save it as .xlsx")
