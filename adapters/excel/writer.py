"""Workbooks out, by XlsxWriter: lists, templates to be filled in, and rows sent back with marks at their cells.

In: titles, heads, rows of plain values. Out: the bytes of an .xlsx file. Rows are written as they come and not held in
memory. Text is written as text whatever it begins with: a name that starts with `=` must not become a formula on the
reader's machine.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from engine.model.workbooks import RULE, CellForm, MarkedPage, MarkedRow, TemplateColumn

_DIGITS = 15  # Excel rounds longer numbers
_LONGEST = 32_767  # characters in a cell
_MOST_COMMENTS = 20_000  # beyond, Excel opens the file for minutes; the colour stays
_LIST_LENGTH = 255  # characters of a list of choices that stands in the cell itself
_LISTS = "choices"
_FILLED_IN = 20_000  # rows of a template that are prepared
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
_FORMATS = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", time: "hh:mm:ss"}
_FORMS = {"text": "@", "number": "General", "date": _FORMATS[date], "datetime": _FORMATS[datetime]}
_WIDTHS = {"number": 14, "date": 12, "datetime": 18, "time": 10}  # of what would be shown as #### in a narrower one
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_FIRST_DAY = date(1900, 3, 1)  # spreadsheets know no days before 1900, and a wrong one among the first
_FILLS = {True: "#F8CBC3", False: "#FCEBB6"}


def write_sheet(
    title: str, head: Sequence[str], rows: Iterable[Sequence[object]], forms: Sequence[CellForm] = ()
) -> bytes:
    """A workbook of one sheet with a frozen head; `rows` may be endless long, they are not held in memory."""
    pen = _Pen()
    pen.page(title)
    for number, name in enumerate(head):
        least = _WIDTHS.get(forms[number].kind, 0) if number < len(forms) else 0
        pen.sheet.set_column(number, number, max(least, _width(name)))
    pen.heads(head, set())
    shown = [_shown(form) for form in forms] + [""] * (len(head) - len(forms))
    for place, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if not pen.common(place, column, value, shown[column]):
                pen.cell(place, column, value, form=shown[column])
    return pen.content()


def _shown(form: CellForm) -> str:
    """The number format of a column's numbers; days and times have their own."""
    if form.kind != "number" or (form.places is None and not form.grouped):
        return ""
    return ("#,##0" if form.grouped else "0") + ("." + "0" * form.places if form.places else "")


def write_template(title: str, columns: Sequence[TemplateColumn], examples: str = "") -> bytes:
    """An empty sheet to be filled in: heads with notes, cells of the right form, lists of choices; examples beside."""
    pen = _Pen(in_order=False)
    head, first = _template_rows(columns)
    pen.page(title, first)
    pen.heads([column.head for column in columns], {n for n, one in enumerate(columns) if one.is_needed}, head)
    for number, column in enumerate(columns):
        pen.said(0, number, column.tag)
        pen.said(head + 1, number, RULE + column.rule if column.rule else "")
        form = pen.format(num_format=_FORMS[column.form])
        pen.sheet.set_column(number, number, column.width or _width(column.head), form)
        if column.note:
            pen.sheet.write_comment(head, number, _clean(column.note), {"x_scale": 1.6})
        if column.choices:
            given = {"validate": "list", "source": pen.choices(column.choices), "error_type": "warning"}
            pen.sheet.data_validation(first, number, _FILLED_IN, number, given)
    if examples and any(column.examples for column in columns):
        pen.examples(examples, columns)
    return pen.content()


def _template_rows(columns: Sequence[TemplateColumn]) -> tuple[int, int]:
    """Where the heads of a template stand, and the first row to be filled in."""
    head = 1 if any(column.tag for column in columns) else 0
    return head, head + (2 if any(column.rule for column in columns) else 1)


def write_marked(pages: Iterable[MarkedPage]) -> bytes:
    """Rows at the places that they came from; cells with a mark are coloured and say why in a comment."""
    pen = _Pen()
    comments = 0
    for page in pages:
        pen.page(page.title, page.head_row)
        comments = _write_rows(pen, page.rows, comments)
    return pen.content()


def _write_rows(pen: _Pen, rows: Iterable[MarkedRow], comments: int) -> int:
    """How many comments the workbook has now."""
    for row in rows:
        for column in range(1, max(len(row.cells), *row.marks, 0) + 1):
            mark = row.marks.get(column)
            value = row.cells[column - 1] if column <= len(row.cells) else None
            pen.cell(row.number - 1, column - 1, value, "" if mark is None else _FILLS[mark.is_error])
            if mark is not None and comments < _MOST_COMMENTS:
                comments += 1
                pen.sheet.write_comment(row.number - 1, column - 1, _clean(mark.text), {"x_scale": 1.6})
    return comments


class _Pen:
    """A workbook being written, with the formats used so far."""

    sheet: Worksheet

    def __init__(self, *, in_order: bool = True) -> None:
        self._out = io.BytesIO()
        self._book = Workbook(self._out, {"constant_memory": in_order})
        self._lists: Worksheet | None = None
        self._listed = 0
        self._numbers: dict[str, Format | None] = {}
        self._formats: dict[tuple[tuple[str, object], ...], Format] = {}

    def page(self, title: str, freeze: int = 1) -> None:
        """Go on with a new sheet."""
        self.sheet = self._book.add_worksheet(_SHEET_NAME.sub(" ", title).strip()[:31] or "Sheet")
        self.sheet.freeze_panes(freeze, 0)

    def content(self) -> bytes:
        self._book.close()
        return self._out.getvalue()

    def format(self, **wanted: object) -> Format:
        key = tuple(sorted(wanted.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(dict(wanted))
        return self._formats[key]

    def said(self, row: int, column: int, text: str) -> None:
        """A word of advice in a cell of a template; nothing where there is none."""
        if text:
            style = self.format(font_color="#6B7280", italic=True, valign="top", text_wrap=True)
            self.sheet.write_string(row, column, _clean(text), style)

    def heads(self, head: Sequence[str], needed: set[int], row: int = 0) -> None:
        for number, name in enumerate(head):
            plain = {"bold": True, "bg_color": "#EDEBE6", "valign": "vcenter", "text_wrap": True}
            if number in needed:
                plain["font_color"] = "#A61B1B"
            style = self.format(**plain, quote_prefix=name.startswith(_RISKY))
            self.sheet.write_string(row, number, _clean(name), style)

    def cell(self, row: int, column: int, value: object, fill: str = "", form: str = "") -> None:
        """One value in its own type; numbers that Excel would round, and days that it does not know, are text."""
        style: dict[str, object] = {"bg_color": fill} if fill else {}
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            digits = len(Decimal(value).as_tuple().digits)
            value = value if digits <= _DIGITS else str(value)
        elif isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) < _FIRST_DAY:
            value = value.isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()
        if value is None:
            if fill:
                self.sheet.write_blank(row, column, None, self.format(**style))
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, self._styled(style))
        elif isinstance(value, int | Decimal):
            style |= {"num_format": form} if form else {}
            self.sheet.write_number(row, column, value, self._styled(style))
        elif isinstance(value, datetime | date | time):
            self.sheet.write_datetime(row, column, value, self.format(**style, num_format=_FORMATS[type(value)]))
        else:
            text = str(value)
            style |= {"quote_prefix": True} if text.startswith(_RISKY) else {}
            self.sheet.write_string(row, column, _clean(text), self._styled(style))

    def common(self, row: int, column: int, value: object, form: str) -> bool:
        """Write a text or number as most of them are; lists have millions of such cells. False for any other."""
        kind = type(value)
        if kind is str:
            text: str = value  # type: ignore[assignment]
            if text.startswith(_RISKY) or len(text) > _LONGEST or _UNPRINTABLE.search(text):
                return False
            self.sheet.write_string(row, column, text)
        elif kind is int or kind is Decimal:
            if len(str(value)) > _DIGITS:
                return False
            if form not in self._numbers:
                self._numbers[form] = self._styled({"num_format": form} if form else {})
            self.sheet.write_number(row, column, value, self._numbers[form])
        elif (kind is date or kind is datetime) and value.year > _FIRST_DAY.year:  # type: ignore[attr-defined]
            shown = _FORMATS[kind]
            if shown not in self._numbers:
                self._numbers[shown] = self.format(num_format=shown)
            self.sheet.write_datetime(row, column, value, self._numbers[shown])
        else:
            return kind is NoneType
        return True

    def examples(self, title: str, columns: Sequence[TemplateColumn]) -> None:
        """A further sheet with the same heads and rows that are filled in."""
        self.page(title)
        self.heads([column.head for column in columns], set())
        for number, column in enumerate(columns):
            self.sheet.set_column(number, number, column.width or _width(column.head))
            for row, text in enumerate(column.examples, 1):
                if column.form == "number" and _NUMBER.fullmatch(text):
                    self.sheet.write_number(row, number, Decimal(text))
                elif text:
                    self.sheet.write_string(row, number, _clean(text), self.format(num_format="@"))

    def _styled(self, style: dict[str, object]) -> Format | None:
        return self.format(**style) if style else None

    def choices(self, choices: Sequence[str]) -> list[str] | str:
        """Where a cell takes its choices from: written out, or a column of a hidden sheet."""
        if len(",".join(choices)) <= _LIST_LENGTH and not any("," in one for one in choices):
            return list(choices)
        if self._lists is None:
            self._lists = self._book.add_worksheet(_LISTS)
            self._lists.hide()
        for row, choice in enumerate(choices):
            self._lists.write_string(row, self._listed, _clean(choice))
        name, self._listed = xl_col_to_name(self._listed, col_abs=True), self._listed + 1
        return f"={_LISTS}!{name}$1:{name}${len(choices)}"


def _width(name: str) -> float:
    """In digits; a Chinese character is as wide as two."""
    return min(40, max(10, sum(2 if ord(sign) > 0x2E7F else 1 for sign in name) + 4))


def _clean(text: str) -> str:
    """Without the signs that XML cannot hold."""
    return _UNPRINTABLE.sub("", text)[:_LONGEST]
