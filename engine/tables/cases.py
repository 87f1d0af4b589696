"""Case files: decision tables with inputs and expected results, exchanged as JSON, run against this engine.

In: the parsed JSON of a case file (its format is described in docs/tables.md). Out: a `Report` that names each case
passed or failed. What is particular to such files stays here: letters for hit policies, FEEL cells and expressions,
`null` where no rule matched or the rules contradict each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.model.tables import HitPolicy
from engine.tables.case_tables import CaseFileError, CaseTable, case_tables, member_of, typed
from engine.tables.compiled import Result, TableConflict
from engine.tables.feel import FeelError, compile_feel


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what was asked, what was expected, what came. `message` says why there is no result."""

    item: str
    case: str
    table: str
    passed: bool
    expected: object
    actual: object
    message: str = ""

    def __str__(self) -> str:
        line = f"{'passed' if self.passed else 'FAILED'}  {self.item}  {self.case}  {self.table}"
        if self.passed:
            return line
        return f"{line}: {self.message or f'expected {self.expected!r}, got {self.actual!r}'}"


@dataclass(frozen=True, slots=True)
class Report:
    """All cases of a file, in its order."""

    results: tuple[CaseResult, ...]

    @property
    def passed(self) -> int:
        """How many passed."""
        return sum(result.passed for result in self.results)

    @property
    def failed(self) -> int:
        """How many failed."""
        return len(self.results) - self.passed

    @property
    def exit_code(self) -> int:
        """0 when every case passed, else 1."""
        return 1 if self.failed else 0

    def __str__(self) -> str:
        return "\n".join([*map(str, self.results), f"{self.passed} passed, {self.failed} failed"])


def run_case_file(path: Path) -> Report:
    """Run a case file. Raises OSError, and CaseFileError when it is no case file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise CaseFileError(f"{path.name}: no JSON: {error}") from error
    return run_cases(data)


def run_cases(data: object) -> Report:
    """Run the cases of parsed JSON, numbers with a point as Decimal. Raises CaseFileError when the format is broken."""
    items = data if isinstance(data, list) else member_of(data, "items", list, "file")
    return Report(tuple(result for number, item in enumerate(items) for result in _run_item(item, f"items[{number}]")))


def _run_item(item: object, place: str) -> Iterator[CaseResult]:
    name = str(member_of(item, "id", str, place))
    given = member_of(item, "cases", list, place)
    cases = [_Case.read(case, f"{place}.cases[{number}]") for number, case in enumerate(given)]
    tables = case_tables(item, place, [case.inputs for case in cases])
    composites = _composites(item, place)
    for case in cases:
        target = case.target or next(iter(tables), "")
        actual, message = _answer(case, target, tables, composites)
        table = tables.get(target)
        ordered = table is None or table.hit is not HitPolicy.COLLECT
        passed = not message and is_expected(case.expected, actual, ordered=ordered)
        yield CaseResult(name, case.id, target, passed, case.expected, actual, message)


@dataclass(frozen=True, slots=True)
class _Case:
    id: str
    target: str
    inputs: Mapping[str, Any]
    expected: object

    @classmethod
    def read(cls, case: object, place: str) -> _Case:
        inputs = typed(member_of(case, "inputs", dict, place), place)
        if not isinstance(case, dict) or "expected" not in case:
            raise CaseFileError(f"{place}: expected is missing")
        target = case.get("composite") or case.get("table") or ""
        return cls(str(case.get("id", place)), str(target), inputs, typed(case["expected"], place))


def _composites(item: object, place: str) -> dict[str, str]:
    """Expressions over several tables, by name."""
    given = item.get("composite", []) if isinstance(item, dict) else []
    return {
        str(member_of(one, "name", str, place)): str(member_of(one, "expression", str, place))
        for one in (given if isinstance(given, list) else [given])
    }


def _answer(
    case: _Case, target: str, tables: Mapping[str, CaseTable], composites: Mapping[str, str]
) -> tuple[object, str]:
    """The result, or why there is none."""
    if target in composites:
        return _composite(composites[target], case, tables)
    table = tables.get(target)
    if table is None:
        return None, f"there is no table {target!r}"
    if table.problems:
        return None, "; ".join(f"{problem.code} {dict(problem.values)}" for problem in table.problems)
    return _decide(table, case.inputs), ""


def _composite(expression: str, case: _Case, tables: Mapping[str, CaseTable]) -> tuple[object, str]:
    def decided(name: str) -> object:
        return _decide(tables[name], case.inputs)

    try:
        return compile_feel(expression, case.inputs, {"T": decided})(case.inputs), ""
    except FeelError as error:
        return None, f"{expression!r}: {error}"


def _decide(table: CaseTable, inputs: Mapping[str, Any]) -> object:
    """The result as case files write it; null when no rule matched, when rules contradict, and for wrong types."""
    if table.compiled is None:
        return None
    try:
        result = table.compiled.decide(table.arguments(inputs), world=inputs)
    except (TableConflict, TypeError):
        return None
    if isinstance(result, list):
        return [_plain(one) for one in result] or None
    if table.hit is HitPolicy.COUNT and not any(result.values()):
        return None
    return _plain(result)


def _plain(result: Result) -> object:
    """The value of a single output, the whole of several; null when all are."""
    if len(result) == 1:
        return next(iter(result.values()))
    return result if any(value is not None for value in result.values()) else None


def is_expected(expected: object, actual: object, *, ordered: bool = True) -> bool:
    """Whether a result is the expected one: numbers by value, truth values never equal to numbers."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return expected.keys() == actual.keys() and all(is_expected(expected[key], actual[key]) for key in expected)
    if isinstance(expected, tuple | list) and isinstance(actual, tuple | list):
        if not ordered:
            expected, actual = sorted(expected, key=repr), sorted(actual, key=repr)
        return len(expected) == len(actual) and all(map(is_expected, expected, actual))
    return isinstance(expected, bool) is isinstance(actual, bool) and expected == actual
