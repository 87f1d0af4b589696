"""Tables of case files: from JSON to compiled tables.

In: parsed JSON of one item. Out: `CaseTable`s by name. Knows nothing of expected results. Cells are FEEL: texts are
quoted, bare words are names, which may hold spaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, TypeVar

from engine.model.tables import Cell, DecisionTable, HitPolicy, TableInput, TableOutput, TableRow
from engine.model.types import Kind, Type
from engine.problems import Problem, Span
from engine.tables.compile import index_table
from engine.tables.compiled import CompiledTable
from engine.tables.feel import FeelError, FeelExpression, compile_feel, feel_cells
from engine.tables.literals import iso_duration
from engine.tables.parsing import has_errors, parse_table
from engine.tables.scanning import expression_end

T = TypeVar("T")

LETTERS: Mapping[str, HitPolicy] = {
    "U": HitPolicy.UNIQUE, "A": HitPolicy.ANY, "P": HitPolicy.PRIORITY, "F": HitPolicy.FIRST,
    "R": HitPolicy.RULE_ORDER, "O": HitPolicy.OUTPUT_ORDER, "C": HitPolicy.COLLECT, "C+": HitPolicy.SUM,
    "C<": HitPolicy.MIN, "C>": HitPolicy.MAX, "C#": HitPolicy.COUNT,
}  # fmt: skip
KINDS: Mapping[str, Kind] = {
    "number": Kind.NUMBER, "string": Kind.TEXT, "boolean": Kind.BOOLEAN, "date": Kind.DATE, "time": Kind.TIME,
    "dateTime": Kind.DATETIME, "date and time": Kind.DATETIME, "duration": Kind.DURATION,
    "dayTimeDuration": Kind.DURATION, "yearMonthDuration": Kind.DURATION,
    "days and time duration": Kind.DURATION, "years and months duration": Kind.DURATION,
}  # fmt: skip
_TYPED = {
    "$date": date.fromisoformat, "$time": time.fromisoformat, "$dateTime": datetime.fromisoformat,
    "$duration": iso_duration,
}  # fmt: skip


class CaseFileError(ValueError):
    """The file is not in the format of case files; the text says where."""


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A table of a case file, compiled or with problems; `columns` compute its inputs from those of a case."""

    hit: HitPolicy
    columns: Mapping[str, FeelExpression]
    compiled: CompiledTable | None
    problems: tuple[Problem, ...]

    def arguments(self, inputs: Mapping[str, Any]) -> dict[str, object]:
        """The values of the columns for one case."""
        return {name: expression(inputs) for name, expression in self.columns.items()}


def member_of(data: object, key: str, kind: type[T], place: str) -> T:
    """An entry of a JSON object that must be there and be of a kind. Raises CaseFileError."""
    if not isinstance(data, dict):
        raise CaseFileError(f"{place}: an object is expected")
    found = data.get(key)
    if not isinstance(found, kind):
        raise CaseFileError(f"{place}: {key} must be there and be a {kind.__name__}")
    return found


def typed(value: Any, place: str) -> Any:
    """JSON with `{"$date": ...}` and its like made values, lists made tuples. Raises CaseFileError."""
    if isinstance(value, list):
        return tuple(typed(one, place) for one in value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (key := next(iter(value))) in _TYPED:
        try:
            return _TYPED[key](value[key])
        except (TypeError, ValueError):
            raise CaseFileError(f"{place}: {value[key]!r} is no {key.removeprefix('$')}") from None
    return {key: typed(one, place) for key, one in value.items()}


def case_tables(item: object, place: str, cases: Sequence[Mapping[str, Any]]) -> dict[str, CaseTable]:
    """The tables of an item by name. `cases` are the inputs that will come: they tell the names and which are lists."""
    names = {name for inputs in cases for name in inputs}
    found = {}
    for number, table in enumerate(member_of(item, "tables", list, place)):
        within = f"{place}.tables[{number}]"
        found[member_of(table, "name", str, within)] = _table(table, within, names, cases)
    return found


def _table(data: object, place: str, names: Iterable[str], cases: Sequence[Mapping[str, Any]]) -> CaseTable:
    letter = member_of(data, "hitPolicy", str, place)
    if letter not in LETTERS:
        raise CaseFileError(f"{place}: hitPolicy {letter!r} is none of {', '.join(LETTERS)}")
    columns = _columns(data, place, names)
    kinds = {str(one["expression"]): str(one.get("type", "")) for one in member_of(data, "inputs", list, place)}
    inputs = tuple(
        TableInput(name, _type(kinds[name], any(isinstance(column(case), tuple) for case in cases)))
        for name, column in columns.items()
    )
    title = member_of(data, "name", str, place)
    outputs = tuple(_output(one, title, f"{place}.outputs") for one in member_of(data, "outputs", list, place))
    rows = tuple(_row(one, f"{place}.rules[{at}]") for at, one in enumerate(member_of(data, "rules", list, place)))
    table = DecisionTable(title, LETTERS[letter], inputs, outputs, rows, where=Span(place))
    parsed, problems = parse_table(table, feel_cells(names), bare_names=True)
    if has_errors(problems):
        return CaseTable(table.hit, columns, None, tuple(problems))
    return CaseTable(table.hit, columns, index_table(parsed), ())


def _columns(data: object, place: str, names: Iterable[str]) -> dict[str, FeelExpression]:
    found = {}
    for at, one in enumerate(member_of(data, "inputs", list, place)):
        text = member_of(one, "expression", str, f"{place}.inputs[{at}]")
        try:
            found[text] = compile_feel(text, {text, *names} if text in names else names)
        except FeelError as error:
            raise CaseFileError(f"{place}.inputs[{at}]: {text!r}: {error}") from error
    return found


def _type(name: str, many: bool) -> Type:
    kind = Type(KINDS.get(name, Kind.ANY))
    return Type(Kind.LIST, item=kind) if many else kind


def _output(data: object, table: str, place: str) -> TableOutput:
    if not isinstance(data, dict):
        raise CaseFileError(f"{place}: an object is expected")
    kind = Type(KINDS.get(str(data.get("type", "")), Kind.ANY))
    values = tuple(_cells(str(data.get("values") or ""), place))
    default = Cell(str(data["default"]), Span(place)) if data.get("default") is not None else None
    return TableOutput(str(data.get("name") or table), kind, Span(place), values=values, default=default)


def _cells(text: str, place: str) -> Iterable[Cell]:
    """The values of a list, each a cell."""
    ends = [-1]
    while text and ends[-1] < len(text):
        ends.append(expression_end(text, ends[-1] + 1, ","))
    for start, end in pairwise(ends):
        yield Cell(text[start + 1 : end].strip(), Span(place))


def _row(data: object, place: str) -> TableRow:
    when = member_of(data, "when", list, place)
    then = member_of(data, "then", list, place)
    return TableRow(
        tuple(Cell(str(text), Span(f"{place}.when[{at}]")) for at, text in enumerate(when)),
        tuple(Cell(str(text), Span(f"{place}.then[{at}]")) for at, text in enumerate(then)),
        Span(place),
    )
