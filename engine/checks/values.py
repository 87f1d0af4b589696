"""Checks of what changes by date: parameters and code lists.

In: parameters, and code lists with the texts they were read from. Out: problems, at the value or the cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from engine.checks.literals import misfit_of_type
from engine.checks.machines import check_roles
from engine.checks.subject import Subject, problem, unknown, warning
from engine.loading.csv_rows import Row, read_rows
from engine.model.formula import DatedSpan
from engine.model.system import CodeList, Parameter
from engine.model.types import Kind
from engine.problems import Problem, Severity, Span

FIRST, LAST = "0001-01-01", "9999-12-31"
Placed = tuple[DatedSpan, Span]
_NUMBERS = (Kind.INTEGER, Kind.NUMBER)


def check_values(subject: Subject) -> Iterator[Problem]:
    """All parameters."""
    for parameter in subject.definitions.parameters.values():
        yield from check_roles(subject, parameter.set_by, parameter.system, parameter.where, "set_by")
        if parameter.type.of and parameter.type.of not in subject.definitions.codes:
            known = subject.known("code", parameter.system)
            yield unknown("REF003", parameter.type.of, known, subject.places.value(parameter.where, "in"))
        yield from _limits(subject, parameter)
        yield from _value(subject, parameter, parameter.value, subject.places.value(parameter.where, "value"))
        rows: list[Placed] = []
        for index, (dated, value) in enumerate(parameter.dated):
            where = subject.places.value(parameter.where, "dated", index)
            yield from _value(subject, parameter, value, subject.places.value(where, "value"))
            rows.append((dated, where))
        yield from _Dates(parameter.id, "VAL004", "VAL001", "VAL002").problems(rows)


def _limits(subject: Subject, parameter: Parameter) -> Iterator[Problem]:
    """Bounds where there is nothing to bound, and such that nothing lies between."""
    least, most = parameter.minimum, parameter.maximum
    for key, limit in (("min", least), ("max", most)):
        if limit is not None and parameter.type.kind not in _NUMBERS:
            kind = parameter.type.kind.value
            yield problem("VAL011", subject.places.key(parameter.where, key), key=key, name=parameter.id, type=kind)
    if least is not None and most is not None and least > most:
        where = subject.places.value(parameter.where, "min")
        yield problem("DOC003", where, name=parameter.id, low=str(least), high=str(most))


def _value(subject: Subject, parameter: Parameter, value: object, where: Span) -> Iterator[Problem]:
    wrong = misfit_of_type(subject, parameter.type, value, parameter.minimum, parameter.maximum)
    if wrong is not None:
        reasons = {"reason_zh": wrong.zh, "reason_en": wrong.en}
        yield Problem("VAL003", where, {"name": parameter.id, **reasons}, wrong.suggestion)


@dataclass(frozen=True, slots=True)
class _Dates:
    """Spans that end before they begin, that overlap, and days between them on which nothing holds.

    With `replaced`, a span without an end lasts until the next one begins.
    """

    name: str
    backwards: str
    overlap: str
    gap: str
    replaced: bool = True

    def problems(self, rows: list[Placed]) -> Iterator[Problem]:
        """Problems of the spans of one thing."""
        if not _are_days(rows):
            return
        sound = []
        for dated, where in rows:
            if dated.start and dated.end and dated.end < dated.start:
                yield problem(self.backwards, where, name=self.name, start=dated.start, end=dated.end)
            else:
                sound.append((dated, where))
        for before, after in pairwise(sorted(sound, key=lambda row: row[0].start or FIRST)):
            yield from self._pair(before, after)

    def _pair(self, before: Placed, after: Placed) -> Iterator[Problem]:
        end, start, last = before[0].end or LAST, after[0].start or FIRST, after[0].end or LAST
        same = start == (before[0].start or FIRST)
        if same if self.replaced and not before[0].end else start <= end and (self.replaced or not same):
            values = {"name": self.name, "start": start, "end": min(end, last)}
            yield Problem(self.overlap, after[1], values, related=(before[1],))
        elif _next_day(end) < start:
            values = {"name": self.name, "start": _next_day(end), "end": _day_before(start)}
            yield Problem(self.gap, after[1], values, "", Severity.WARNING, (before[1],))


def _next_day(day: str) -> str:
    if day == LAST:
        return day
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _day_before(day: str) -> str:
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


# --- code lists ------------------------------------------------------------------------------------------------------


def check_codes(subject: Subject) -> Iterator[Problem]:
    """All code lists."""
    for codes in subject.definitions.codes.values():
        sheet = _Sheet.of(subject, codes)
        if not codes.entries:
            yield warning("VAL009", codes.where, name=codes.id)
        if sheet is not None:
            yield from sheet.problems()


class _Sheet:
    """A code list as the file shows it."""

    def __init__(self, subject: Subject, codes: CodeList, rows: list[Row]) -> None:
        self.subject, self.codes, self.rows = subject, codes, rows[1:]
        self.head = {cell.partition(":")[0].strip(): index for index, cell in enumerate(rows[0].cells)}

    @classmethod
    def of(cls, subject: Subject, codes: CodeList) -> _Sheet | None:
        rows = list(read_rows(codes.where.file, subject.sources.get(codes.where.file, ""), []))
        return cls(subject, codes, rows) if rows else None

    def problems(self) -> Iterator[Problem]:
        by_code: dict[str, list[Placed]] = {}
        for row in self.rows:
            code = self._cell(row, "code")
            if not code:
                continue
            dated = DatedSpan(self._cell(row, "from"), self._cell(row, "until"))
            by_code.setdefault(code, []).append((dated, self._place(row, "code")))
            if "title" in self.head and not self._cell(row, "title"):
                yield warning("VAL008", self._place(row, "code"), name=code, list=self.codes.id)
            yield from self._listed(row)
        for code, rows in by_code.items():
            yield from _Dates(code, "VAL007", "VAL005", "VAL006", replaced=False).problems(rows)

    def _listed(self, row: Row) -> Iterator[Problem]:
        """Cells of columns that hold codes of another list."""
        for column, kind in self.codes.columns.items():
            known = self.subject.shared.codes.get(kind.of) if kind.kind is Kind.CODE else None
            cell = self._cell(row, column)
            if known is not None and cell and cell not in known:
                yield unknown("VAL010", cell, known, self._place(row, column), list=kind.of)

    def _cell(self, row: Row, column: str) -> str:
        index = self.head.get(column, -1)
        return row.cells[index] if 0 <= index < len(row.cells) else ""

    def _place(self, row: Row, column: str) -> Span:
        return row.where(self.codes.where.file, self.head[column])


def _are_days(rows: list[Placed]) -> bool:
    """Whether all dates are dates; another check has told of those that are not."""
    try:
        for dated, _ in rows:
            for day in (dated.start, dated.end):
                date.fromisoformat(day or FIRST)
    except ValueError:
        return False
    return True
