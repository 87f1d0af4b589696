"""One cell becomes the raw value of a field: what spreadsheets make of numbers, dates and codes is undone, or said.

In: the value of a cell and the field it is for. Out: what `engine.documents.field_kinds` reads. Raises Malformed.
Serial dates are those of ECMA-376 18.17.4.1, day 1 being 1900-01-01.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.documents.malformed import Malformed
from engine.loading.nearest import nearest
from engine.model.documents import Field
from engine.model.system import CodeList
from engine.model.types import Kind

_LOST = 10**15  # digits that a spreadsheet keeps
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+\d+")
_DAY_ZERO = datetime(1899, 12, 30)
_SERIALS = range(10_000, 100_000)  # 1927 to 2173: shorter and longer numbers are days written out
_APART = re.compile(r"[,，;；、\n]")
_MIDNIGHT = re.compile(r"[ T]0?0:00(:00(\.0*)?)?$")  # how databases write a day
_SHORT = 40
_TITLES = ("title", "en")  # columns of a code list by which people know a code
_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})
_CODES = frozenset({Kind.CODE, Kind.CODES})


def plain(cell: object) -> str:
    """A cell as people read it; empty for none."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, Decimal):
        return f"{cell:E}" if abs(cell) >= _LOST else f"{cell:f}"
    return str(cell)


def is_blank(cell: object) -> bool:
    """Whether nothing was written."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def raw_value(cell: object, wanted: Field) -> object:
    """The raw value of a cell that is no code and no reference."""
    kind = wanted.type.kind
    if is_blank(cell):
        return None
    if kind is Kind.TEXT:
        return _text(cell)
    if isinstance(cell, str):
        folded = unicodedata.normalize("NFKC", cell).strip()
        if kind in (Kind.DATE, Kind.DATETIME) and folded.isdigit() and len(folded) == 5:
            return _moment(Decimal(folded), kind)
        if kind is Kind.DATE:
            folded = _MIDNIGHT.sub("", folded)
        return folded.lstrip("¥$").replace(" ", "") if kind in _NUMBERS else folded
    if kind in (Kind.DATE, Kind.DATETIME):
        return _moment(cell, kind)
    if kind is Kind.TIME and isinstance(cell, Decimal | int) and not isinstance(cell, bool) and 0 <= cell < 1:
        return (_DAY_ZERO + timedelta(seconds=round(float(cell) * 86_400))).time()
    if kind in _NUMBERS and isinstance(cell, date | time):
        raise Malformed("number", f"应为数字，单元格里是日期 {plain(cell)}", "must be a number, the cell holds a date")
    return cell


def _text(cell: object) -> str:
    """Numbers as they were typed. A long one has lost its last digits for good: no guess brings them back."""
    if isinstance(cell, Decimal) and abs(cell) >= _LOST:
        raise _lost(f"{cell:.5E}")
    if isinstance(cell, str) and _SCIENTIFIC.fullmatch(cell.strip()):
        raise _lost(cell.strip())
    text = plain(cell)
    return text.strip() if "\n" not in text else text


def _lost(shown: str) -> Malformed:
    return Malformed(
        "digits_lost",
        f"号码被存成了数字 {shown}，末几位已经丢失：请把这一列设为文本格式，重新填写",
        f"the number was kept as {shown} and has lost its last digits: make the column text and write it again",
    )


def _moment(cell: object, kind: Kind) -> object:
    if not isinstance(cell, int | Decimal) or isinstance(cell, bool):
        return cell
    if int(cell) in _SERIALS:
        moment = _DAY_ZERO + timedelta(days=int(cell), seconds=round(float(cell % 1) * 86_400))
        return moment.date() if kind is Kind.DATE else moment
    return plain(cell)


@dataclass(frozen=True, slots=True)
class CodeBook:
    """A code list on one day, to be found in by code or by title; `codes` leads from either to all codes so called."""

    codes: Mapping[str, tuple[str, ...]]
    bare: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By code without zeros in front: spreadsheets take `01` for the number 1."""

    @classmethod
    def of(cls, listed: CodeList, day: date) -> CodeBook:
        """The entries that hold on a day."""
        iso, codes, bare = day.isoformat(), {}, {}  # type: str, dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]
        entries = [entry for entry in listed.entries if entry.dated.holds_on(iso)]
        for entry in entries:
            titles = (*(entry.columns.get(name) or entry.code for name in _TITLES), *entry.also)
            for title in dict.fromkeys(map(_folded, titles)):
                codes[title] = tuple(dict.fromkeys((*codes.get(title, ()), entry.code)))
            stripped = entry.code.lstrip("0")
            bare[stripped] = (*bare.get(stripped, ()), entry.code)
        return cls({**codes, **{_folded(entry.code): (entry.code,) for entry in entries}}, bare)

    def find(self, cell: object) -> str:
        """The one code that a cell means. Raises Malformed."""
        text = plain(cell)
        found = self.codes.get(_folded(text), ())
        if not found and isinstance(cell, int):
            found = self.bare.get(text, ())
        if len(found) == 1:
            return found[0]
        short = text[:_SHORT]
        if found:
            several = "、".join(found)
            raise Malformed(
                "ambiguous", f"“{short}”对应多个代码：{several}，请填代码", f"{short!r} is {several}: give the code"
            )
        near = nearest(_folded(text), self.codes)
        raise Malformed(
            "unknown_choice",
            f"没有选项“{short}”" + (f"，是否应为“{near}”" if near else ""),
            f"no such choice: {short!r}" + (f"; did you mean {near!r}?" if near else ""),
        )


def codes_value(cell: object, wanted: Field, book: CodeBook) -> object:
    """The code of a cell, or all codes of a cell that holds several."""
    if is_blank(cell):
        return None
    if wanted.type.kind is Kind.CODE:
        return book.find(cell)
    parts = _APART.split(cell) if isinstance(cell, str) else [cell]
    return [book.find(part) for part in parts if not is_blank(part)]


def is_coded(wanted: Field) -> bool:
    """Whether cells of the field hold codes or their titles."""
    return wanted.type.kind in _CODES


def _folded(text: object) -> str:
    return "".join(unicodedata.normalize("NFKC", str(text)).lower().split())
