"""What stands behind the cells of a workbook and no reader tells: hidden rows, formulas without a value, errors.

In: the bytes of an inspected workbook. Out: by sheet, the numbers of hidden rows and the places of faulty cells. Looks
at the text of the parts (ECMA-376, 18.3.1) and builds no tree of them: sheets may be large.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ROWS = re.compile(rb"<(?:\w+:)?row\b[^<>]*>")
_HIDDEN = re.compile(rb"\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^<>]*)(?<!/)>(.*?)(?:</(?:\w+:)?c>|\Z)", re.DOTALL)
"""A cell with something in it; one that never ends takes the rest with it, so that no text is read twice."""
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^<>]*>([^<]+)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_ERROR = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_ROW = re.compile(rb"\br\s*=\s*[\"'](\d{1,7})[\"']")
_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Behind:
    """Of one sheet: hidden rows by number, faulty cells by (row, column) with what they show."""

    hidden_rows: frozenset[int] = frozenset()
    faults: Mapping[tuple[int, int], str] = field(default_factory=dict)


def behind_cells(content: bytes) -> dict[str, Behind]:
    """All sheets of a workbook by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: _behind(archive.read(part)) for name, part in _parts(archive) if part in archive.namelist()}


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Names of sheets with the parts that hold them; none where the workbook keeps them in an unusual place."""
    if not {_BOOK, _RELATIONS} <= set(archive.namelist()):
        return
    relations = {
        _attribute(one, b"Id"): _attribute(one, b"Target") for one in _RELATION.findall(archive.read(_RELATIONS))
    }
    for one in _SHEET.findall(archive.read(_BOOK)):
        target = relations.get(_attribute(one, b"id"), "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        yield _attribute(one, b"name"), path


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"[\s:]" + name + rb"\s*=\s*[\"']([^\"']*)[\"']", tag)
    return html.unescape(found[1].decode(errors="replace")) if found else ""


def _behind(sheet: bytes) -> Behind:
    hidden = frozenset(int(row[1]) for tag in _ROWS.findall(sheet) if _HIDDEN.search(tag) and (row := _ROW.search(tag)))
    return Behind(hidden, dict(_faults(sheet)) if b"<f" in sheet or b":f" in sheet or b'"e"' in sheet else {})


def _faults(sheet: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    told = 0
    for cell in _CELL.finditer(sheet):
        value, place = _VALUE.search(cell[2]), _PLACE.search(cell[1])
        is_error = _ERROR.search(cell[1]) is not None
        if place is None or not (is_error or (value is None and _FORMULA.search(cell[2]))):
            continue
        yield (int(place[2]), column_number(place[1].decode())), value[1].decode(errors="replace") if value else ""
        told += 1
        if told >= _MOST:
            return


def column_number(letters: str) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
