"""Building of code lists: `code,title` and further columns whose types are found from what stands in them.

In: the text of a CSV file. Out: `engine.model.system.CodeList`. A head may say its column's type (`kind: code kinds`);
otherwise a column of `true`/`false` is boolean, of numbers without leading zeros a number, of ISO dates a date, else
text; `parent` is the code above, of the same list. Several codes in one cell stand apart by spaces. `from` and `until`
are the dates between which a row holds, `also` what people call it besides its title.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from engine.loading.csv_rows import Row, read_rows
from engine.loading.names import Names
from engine.loading.phrases import read_type
from engine.loading.piece import Origin
from engine.model.field_types import FIELD_TYPES
from engine.model.formula import DatedSpan
from engine.model.system import CodeEntry, CodeList
from engine.model.types import BOOLEAN, DATE, NUMBER, TEXT, Kind, Type
from engine.problems import Problem, Span

CODE, TITLE, FROM, UNTIL, PARENT, ALSO = "code", "title", "from", "until", "parent", "also"
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def build_codes(name: str, origin: Origin, names: Names) -> CodeList | None:
    """One code list; None when its head cannot be read."""
    file, problems = origin.source.file, origin.problems
    rows = list(read_rows(file, origin.source.text, problems))
    if not rows:
        problems.append(Problem("SYN018", Span(file)))
        return None
    head = _head(file, rows[0], problems)
    if CODE not in head:
        problems.append(Problem("SHP031", rows[0].where(file)))
        return None
    body = _whole(file, rows, problems)
    declared = {
        column: _declared(rows[0].cells[at], rows[0].where(file, at), names, origin) for column, at in head.items()
    }
    types = {
        column: declared[column] or _inferred([row.cells[at] for row in body])
        for column, at in head.items()
        if column not in (CODE, FROM, UNTIL)
    }
    types[TITLE] = TEXT
    if ALSO in types:
        types[ALSO] = TEXT
    if PARENT in types and declared[PARENT] is None:
        types[PARENT] = Type(Kind.CODE, name)
    columns = {column: (head.get(column, -1), _READERS.get(kind.kind, str)) for column, kind in types.items()}
    entries = [entry for row in body if (entry := _entry(file, row, head, columns, problems)) is not None]
    _refuse_twice(file, body, head, problems)
    return CodeList(name, types, entries, Span(file, 1, 1, 1, len(rows[0].cells[0]) + 1), origin.system)


def _head(file: str, row: Row, problems: list[Problem]) -> dict[str, int]:
    """Column names and their indexes."""
    head: dict[str, int] = {}
    for index, cell in enumerate(row.cells):
        column = cell.partition(":")[0].strip()
        if not column.isidentifier() or column in head:
            problems.append(Problem("SHP032", row.where(file, index), {"column": cell}))
        else:
            head[column] = index
    return head


def _whole(file: str, rows: list[Row], problems: list[Problem]) -> list[Row]:
    """The rows with as many cells as the head; missing ones at the end are empty."""
    width = len(rows[0].cells)
    body = []
    for row in rows[1:]:
        if len(row.cells) > width:
            where = row.where(file, width)
            problems.append(Problem("SHP033", where, {"cells": str(len(row.cells)), "columns": str(width)}))
        missing = width - len(row.cells)
        end = row.columns[-1] + len(row.cells[-1])
        body.append(Row(row.line, row.cells + ("",) * missing, row.columns + (end,) * missing) if missing > 0 else row)
    return body


def _declared(head: str, where: Span, names: Names, origin: Origin) -> Type | None:
    phrase = read_type(head.partition(":")[2])
    if phrase is None:
        return None
    kind = FIELD_TYPES.get(phrase.kind)
    if kind is None:
        origin.problems.append(Problem("SHP012", where, {"type": phrase.kind}))
        return TEXT
    of = names.resolve("code", phrase.of, origin.system, where, origin.problems) if phrase.of else ""
    return Type(kind, of)


def _inferred(cells: list[str]) -> Type:
    filled = [cell for cell in cells if cell]
    if not filled:
        return TEXT
    if all(cell in ("true", "false") for cell in filled):
        return BOOLEAN
    if all(_NUMBER.fullmatch(cell) for cell in filled):
        return NUMBER
    return DATE if all(_is_date(cell) for cell in filled) else TEXT


def _is_date(text: str) -> bool:
    if _DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


_READERS: dict[Kind, Callable[[str], object]] = {
    Kind.BOOLEAN: _boolean,
    Kind.NUMBER: Decimal,
    Kind.INTEGER: int,
    Kind.DATE: date.fromisoformat,
    Kind.CODES: lambda text: tuple(text.split()),
}
_Columns = dict[str, tuple[int, Callable[[str], object]]]


def _entry(file: str, row: Row, head: dict[str, int], columns: _Columns, problems: list[Problem]) -> CodeEntry | None:
    code = row.cells[head[CODE]]
    if not code:
        problems.append(Problem("SHP034", row.where(file, head[CODE])))
        return None
    values: dict[str, object] = {}
    for column, (index, read) in columns.items():
        cell = row.cells[index] if index >= 0 else code
        try:
            values[column] = read(cell) if cell else None
        except (ValueError, ArithmeticError, KeyError):
            problems.append(Problem("SHP035", row.where(file, index), {"column": column, "value": cell}))
    return CodeEntry(
        code, values, DatedSpan(_day(file, row, head, FROM, problems), _day(file, row, head, UNTIL, problems))
    )


def _day(file: str, row: Row, head: dict[str, int], column: str, problems: list[Problem]) -> str:
    if column not in head:
        return ""
    text = row.cells[head[column]]
    if text and not _is_date(text):
        problems.append(Problem("SHP036", row.where(file, head[column]), {"value": text}))
        return ""
    return text


def _refuse_twice(file: str, body: list[Row], head: dict[str, int], problems: list[Problem]) -> None:
    """The same code must not begin twice on the same day."""
    seen: dict[tuple[str, str], Row] = {}
    for row in body:
        code = row.cells[head[CODE]]
        start = row.cells[head[FROM]] if FROM in head else ""
        first = seen.setdefault((code, start), row)
        if first is not row and code:
            where = row.where(file, head[CODE])
            problems.append(Problem("SHP037", where, {"code": code}, related=(first.where(file, head[CODE]),)))
