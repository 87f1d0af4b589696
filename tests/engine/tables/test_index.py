"""The index says what the plain scan says: for random tables, inputs, dates and all hit policies."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.model.tables import Cell, DecisionTable, HitPolicy, TableInput, TableOutput, TableRow
from engine.model.types import Kind, Type
from engine.problems import Problem
from engine.tables import index
from engine.tables.compile import index_table
from engine.tables.compiled import CompiledTable, TableConflict
from engine.tables.feel import feel_cells
from engine.tables.lint import lint_rows
from engine.tables.parsing import parse_table
from tests.engine.tables.building import compiled, table

WORLD = {"limit": 3, "word": "b", "some": ("a", "c"), "yes": True}
NUMBERS = st.integers(0, 6)
DAYS = st.integers(0, 6).map(lambda days: date(2024, 1, 1) + timedelta(days=days))
LETTERS = st.sampled_from(["a", "ab", "b", "c", "d"])


OTHERS = st.sampled_from(["null", "=some", "=word"])


def listed(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """One or several tests, perhaps negated."""
    several = st.lists(values, min_size=1, max_size=3).map(", ".join)
    return st.one_of(st.just("-"), several, several.map(lambda text: f"not({text})"))


def ordered(values: st.SearchStrategy[str], computed: str) -> st.SearchStrategy[str]:
    """Tests over values that have an order."""
    signs = st.sampled_from(["<", "<=", ">", ">="])
    closings = st.tuples(st.sampled_from("[(]"), st.sampled_from("])["))
    pairs = st.lists(values, min_size=2, max_size=2, unique=True).map(sorted)
    intervals = st.builds(lambda ends, pair: f"{ends[0]}{pair[0]}..{pair[1]}{ends[1]}", closings, pairs)
    rays = st.builds(lambda sign, value: f"{sign} {value}", signs, st.one_of(values, st.just(f"={computed}")))
    return listed(st.one_of(values, values, intervals, rays, st.just("null"), st.just(f"={computed}")))


COLUMNS: Mapping[str, tuple[Type, st.SearchStrategy[str], st.SearchStrategy[object]]] = {
    "number": (
        Type(Kind.NUMBER),
        ordered(NUMBERS.map(lambda n: str(Decimal(n) / 2)), "limit"),
        st.one_of(st.none(), NUMBERS.map(lambda n: Decimal(n) / 4), NUMBERS),
    ),
    "integer": (Type(Kind.INTEGER), ordered(NUMBERS.map(str), "limit"), st.one_of(st.none(), NUMBERS)),
    "date": (
        Type(Kind.DATE),
        listed(st.one_of(DAYS.map(str), DAYS.map(lambda day: f"> {day}"), st.just("null"))),
        st.one_of(st.none(), DAYS),
    ),
    "text": (
        Type(Kind.TEXT),
        listed(st.one_of(LETTERS, LETTERS.map(lambda text: f"starts('{text}')"), OTHERS)),
        st.one_of(st.none(), LETTERS, st.text(max_size=2)),
    ),
    "boolean": (
        Type(Kind.BOOLEAN),
        listed(st.sampled_from(["true", "false", "null", "=yes"])),
        st.one_of(st.none(), st.booleans()),
    ),
    "codes": (Type(Kind.CODES), listed(LETTERS), st.one_of(st.none(), st.lists(LETTERS, max_size=3).map(tuple))),
    "any": (
        Type(Kind.ANY),
        listed(st.sampled_from(["1", '"a"', "null", "=limit", "> 2"])),
        st.one_of(st.none(), NUMBERS, LETTERS, st.just(("a", 1))),
    ),
}  # fmt: skip


def without_computed(text: str) -> str:
    """The cell, or `-` in place of one that is computed."""
    return "-" if "=" in text.replace("<=", "").replace(">=", "") else text


DATES = st.one_of(st.just(""), DAYS.map(str))


@st.composite
def tables(draw: st.DrawFn, *, static: bool = False) -> tuple[DecisionTable, list[str]]:
    """A table over some of the columns, and their names; `static`: only what lint can prove something about."""
    known = sorted(COLUMNS.keys() - {"codes", "any"} if static else COLUMNS)
    names = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    results = st.sampled_from(["1", "2"] if static else ["1", "2", "=limit"])
    cells = {name: COLUMNS[name][1].map(without_computed) if static else COLUMNS[name][1] for name in names}
    rows = [
        TableRow(tuple(Cell(draw(cells[name])) for name in names), (Cell(draw(results)),))
        for _ in range(draw(st.integers(1, 8)))
    ]
    made = DecisionTable(
        "random",
        draw(st.sampled_from(list(HitPolicy))),
        tuple(TableInput(name, COLUMNS[name][0]) for name in names),
        (TableOutput("out", Type(Kind.INTEGER), values=(Cell("2"), Cell("1"))),),
        tuple(rows),
    )
    return made, names


def ready(made: DecisionTable) -> CompiledTable:
    """The table with its index, whatever lint says of it."""
    parsed, problems = parse_table(made, feel_cells(WORLD))
    assume(not problems)
    return index_table(parsed)


def answers(found: CompiledTable, inputs: dict[str, object], on: date | None) -> tuple[object, object]:
    """By the index and by the plain scan."""
    results: list[object] = []
    for ask in (found.decide, lambda *given: found.explain(*given).result):
        try:
            results.append(ask(inputs, on, WORLD))
        except TableConflict as conflict:
            results.append([where.line for where in conflict.rows])
    return results[0], results[1]


@settings(max_examples=300, deadline=None)
@given(tables(), st.data())
def test_index_agrees_with_the_plain_scan(drawn: tuple[DecisionTable, list[str]], data: st.DataObject) -> None:
    made, names = drawn
    found = ready(made)
    for _ in range(5):
        inputs = {name: data.draw(COLUMNS[name][2]) for name in names}
        by_index, by_scan = answers(found, inputs, None)
        assert by_index == by_scan, (made, inputs)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(DATES, DATES), min_size=1, max_size=6), st.one_of(st.none(), DAYS))
def test_dates_agree_with_the_plain_scan(dates: list[tuple[str, str]], on: date | None) -> None:
    assume(all(not start or not end or start <= end for start, end in dates))
    rows = [["-", str(number)] for number in range(len(dates))]
    found = compiled(table("collect", {"x": "text"}, {"out": "integer"}, rows, dates=dict(enumerate(dates))))
    by_index, by_scan = answers(found, {"x": "a"}, on)
    assert by_index == by_scan


@pytest.mark.parametrize("room", [0, 1 << 29])
@settings(max_examples=60, deadline=None)
@given(st.lists(listed(st.one_of(LETTERS, st.sampled_from(["null", "=word"]))), min_size=1, max_size=6))
def test_tables_without_room_for_bitsets_agree_too(room: int, cells: list[str]) -> None:
    rows = tuple(TableRow((Cell(text),), (Cell(str(number)),)) for number, text in enumerate(cells))
    made = DecisionTable(
        "random",
        HitPolicy.COLLECT,
        (TableInput("x", Type(Kind.TEXT)),),
        (TableOutput("out", Type(Kind.INTEGER)),),
        rows,
    )
    with patch.object(index, "MOST_BITS", room):
        found = ready(made)
    for value in (None, "a", "ab", "b", "c", "d", "z"):
        by_index, by_scan = answers(found, {"x": value}, None)
        assert by_index == by_scan


@settings(max_examples=150, deadline=None)
@given(tables(static=True), st.data())
def test_a_table_without_problems_never_contradicts_itself(
    drawn: tuple[DecisionTable, list[str]], data: st.DataObject
) -> None:
    """Proved by lint: no overlap of unique rows, no conflict, no gap, for tables without computed cells."""
    made, names = drawn
    found, problems = _checked(made)
    reported = {one.code for one in problems}
    assume("TAB017" not in reported)
    inputs = {name: data.draw(COLUMNS[name][2]) for name in names}
    try:
        result = found.explain(inputs)
    except TableConflict:
        assert reported & {"TAB010", "TAB011", "TAB013"}
        return
    if made.hit.is_single and not result.matched:
        assert "TAB018" in reported


def _checked(made: DecisionTable) -> tuple[CompiledTable, list[Problem]]:
    """The table with what lint says, whatever that is."""
    parsed, problems = parse_table(made, feel_cells(WORLD))
    assume(not problems)
    return index_table(parsed), lint_rows(parsed)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(COLUMNS["integer"][1], COLUMNS["boolean"][1]), min_size=2, max_size=6))
def test_unreachable_rows_are_exactly_those_that_never_decide(cells: list[tuple[str, str]]) -> None:
    rows = [[*map(without_computed, pair), str(number)] for number, pair in enumerate(cells)]
    made = table("first", {"integer": "optional integer", "boolean": "optional boolean"}, {"out": "integer"}, rows)
    found, problems = _checked(made)
    questions = [{"integer": n, "boolean": b} for n in (None, *range(-1, 8)) for b in (None, True, False)]
    deciding = {where.line for question in questions for where in found.explain(question).decided}
    told = {one.where.line for one in problems if one.code in ("TAB012", "TAB013", "TAB009")}
    assert told.isdisjoint(deciding)
    silent = set(range(1, len(rows) + 1)) - deciding - told
    alone = {line for line in silent for one in questions if _matches(found, line, one)}
    assert not alone  # rows that lint passes over are those whose own cells hold for nothing


def _matches(found: CompiledTable, line: int, inputs: dict[str, object]) -> bool:
    """Whether the cells of a row hold."""
    cells = found.rows[line - 1].conditions
    return all(
        cell.holds(inputs[column.name], inputs, None) for column, cell in zip(found.table.inputs, cells, strict=True)
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(COLUMNS["integer"][1], COLUMNS["boolean"][1]), min_size=2, max_size=5))
def test_overlaps_are_told_exactly_where_rows_can_match_together(cells: list[tuple[str, str]]) -> None:
    rows = [[*map(without_computed, pair), str(number)] for number, pair in enumerate(cells)]
    made = table("unique", {"integer": "optional integer", "boolean": "optional boolean"}, {"out": "integer"}, rows)
    found, problems = _checked(made)
    questions = [{"integer": n, "boolean": b} for n in (None, *range(-1, 8)) for b in (None, True, False)]
    together = {
        (two, one)
        for question in questions
        for one in range(1, len(rows) + 1)
        for two in range(one + 1, len(rows) + 1)
        if _matches(found, one, question) and _matches(found, two, question)
    }
    told = {(one.where.line, one.related[0].line) for one in problems if one.code in ("TAB010", "TAB013")}
    assert told <= together
    assert bool(told) is bool(together)
