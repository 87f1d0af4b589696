"""What cells mean, one by one, and what is said about cells that mean nothing."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.tables import Cell, TableInput, TableOutput
from engine.model.types import Kind
from engine.model.values import Duration
from engine.tables.cells import read_condition, read_result
from engine.tables.feel import feel_cells
from engine.tables.operands import Grammar
from engine.tables.unary import Computed, Literal
from tests.engine.tables.building import cell, kind

NAMES = {"limit": Decimal(10), "listed": ("a", "b"), "open": True, "nothing": None, "first_day": date(2024, 1, 1)}


def holds(text: str, phrase: str, value: object, *, bare_names: bool = False) -> bool:
    column = TableInput("it", kind(phrase))
    grammar = Grammar(feel_cells(NAMES), {"it": column.type}, bare_names)
    tests = read_condition(grammar, Cell(text), column)
    assert tests is not None, grammar.problems
    return tests.holds(value, {"it": value}, NAMES)


@pytest.mark.parametrize(
    ("text", "phrase", "yes", "no"),
    [
        ("-", "number", [1, None], []),
        ("18", "number", [18, Decimal("18.0")], [17, None]),
        ("0.1", "number", [Decimal("0.1")], [Decimal("0.10000000000000000001")]),
        ("-5", "integer", [-5], [5]),
        (">=18", "number", [18, 19], [Decimal("17.9"), None]),
        ("> 18", "integer", [19], [18]),
        ("<18,>=60", "number", [17, 60], [18, 59, None]),
        ("[15..30)", "number", [15, Decimal("29.99")], [14, 30, None]),
        ("(15..30]", "number", [16, 30], [15, 31]),
        ("]15..30[", "number", [16], [15, 30]),
        ("[1..3], [7..9]", "integer", [1, 8], [5]),
        ("]1..3[, 9", "integer", [2, 9], [1, 3]),
        ("not(1, 2)", "integer", [3, None], [1]),
        ("not(>5)", "number", [5], [6, None]),
        ("not(null)", "optional number", [0], [None]),
        ("null", "optional text", [None], ["null", ""]),
        ("null, 3", "optional integer", [None, 3], [4]),
        ('"a","b"', "text", ["a", "b"], ["c"]),
        ("wechat, alipay", "code ways", ["wechat", "alipay"], ["wechat, alipay", "cash"]),
        ("not(wechat, alipay)", "code ways", ["cash"], ["alipay"]),
        ("sore throat", "text", ["sore throat"], ["sore"]),
        ("1, 2", "code levels", ["1", "2"], [1]),
        ("0101.21", "text", ["0101.21"], ["0101"]),
        ("一般 (甲)", "text", ["一般 (甲)"], []),
        ('"-"', "text", ["-"], ["a"]),
        ("true", "boolean", [True], [False, None]),
        ("true", "text", ["true"], [True]),
        ("2024-01-31", "date", [date(2024, 1, 31)], [date(2024, 2, 1)]),
        ('> date("2016-10-01")', "date", [date(2016, 10, 2)], [date(2016, 10, 1)]),
        ("[2024-01-01..2024-12-31]", "date", [date(2024, 12, 31)], [date(2025, 1, 1), None]),
        ("< 2024-01-01T10:00", "datetime", [datetime(2024, 1, 1, 9, 59)], [datetime(2024, 1, 1, 10)]),
        (">= 08:30", "time", [time(9)], [time(8)]),
        ("<= 3 working days", "duration", [Duration(working_days=2)], [Duration(working_days=4)]),
        ("<= 3 working days", "duration", [], [Duration(seconds=Decimal(5))]),
        ('> duration("PT1H")', "duration", [Duration(seconds=Decimal(3601))], [Duration(seconds=Decimal(3600))]),
        ("1 hour", "duration", [Duration(seconds=Decimal(3600))], [Duration(months=1)]),
        ("starts('27')", "text", ["27", "2710"], ["28", "1227", None]),
        ("a, b", "codes letters", [("x", "b"), "a"], [("x",), ()]),
        ("not(a)", "codes letters", [("x",), ()], [("a", "x")]),
        ("=limit", "number", [10], [11]),
        ("< =limit", "number", [9], [10]),
        ("[=limit - 5..=limit)", "number", [5, 9], [4, 10]),
        ("=listed", "text", ["a"], ["c"]),
        ("=nothing", "text", [None], ["a"]),
        ("=it > 3 and open", "number", [4], [3]),
        ("=open", "boolean", [True], [False]),
        ("<5, =limit", "number", [4, 10], [6]),
    ],
)  # fmt: skip
def test_cell_holds(text: str, phrase: str, yes: list[object], no: list[object]) -> None:
    assert [value for value in yes if not holds(text, phrase, value)] == []
    assert [value for value in no if holds(text, phrase, value)] == []


@pytest.mark.parametrize(
    ("text", "phrase", "value", "expected"),
    [
        ("limit", "number", 10, True),
        ("> limit", "number", 10, False),
        ("not(open)", "boolean", False, True),
        ("listed", "text", "b", True),
        ('"listed"', "text", "b", False),
        ("[limit..limit + 5]", "number", 15, True),
        ('"x" + "y"', "text", "xy", True),
    ],
)
def test_bare_words_are_names_in_exchanged_tables(text: str, phrase: str, value: object, expected: bool) -> None:
    assert holds(text, phrase, value, bare_names=True) is expected


@pytest.mark.parametrize(
    ("text", "phrase", "code", "column", "suggestion"),
    [
        ("", "number", "TAB002", 1, ""),
        ("> ", "number", "TAB002", 1, ""),
        ("eighteen", "number", "TAB003", 1, "=eighteen"),
        (">= limit", "number", "TAB003", 4, "=limit"),
        ("1.5", "integer", "TAB003", 1, ""),
        ("3, x1", "number", "TAB003", 4, "=x1"),
        ("＞5", "number", "TAB003", 1, ">5"),
        ("2024-02-30", "date", "TAB003", 1, ""),
        ("[1..2", "number", "TAB002", 5, ""),
        ("[1, 2]", "number", "TAB002", 3, ""),
        ("[5..1]", "number", "TAB007", 1, ""),
        ("1, (3..3)", "number", "TAB007", 4, ""),
        ("not(1), 2", "number", "TAB002", 1, ""),
        ("not(1", "number", "TAB002", 5, ""),
        ("5 6", "number", "TAB003", 1, ""),
        ("1,,2", "integer", "TAB002", 3, ""),
        ("not(not(a))", "text", "TAB002", 5, ""),
        ('"a', "text", "TAB002", 1, ""),
        ('"say ""', "text", "TAB002", 7, ""),
        ("yes", "boolean", "TAB003", 1, "=yes"),
        ("> null", "number", "TAB002", 3, ""),
        ("= 1 +", "number", "TAB002", 6, ""),
        ("1,", "number", "TAB002", 2, ""),
    ],
)
def test_fault_is_told_with_its_column(text: str, phrase: str, code: str, column: int, suggestion: str) -> None:
    given_column = TableInput("it", kind(phrase))
    grammar = Grammar(feel_cells(NAMES), {"it": given_column.type})
    assert read_condition(grammar, cell(text), given_column) is None
    [problem] = grammar.problems
    assert (problem.code, problem.where.column, problem.suggestion) == (code, column, suggestion)


def test_unknown_code_is_told_with_the_nearest_one() -> None:
    column = TableInput("way", kind("code ways"), allowed=("wechat", "alipay", "cash"))
    grammar = Grammar(feel_cells(()), {})
    assert read_condition(grammar, cell("cash, alypay"), column) is None
    [problem] = grammar.problems
    assert (problem.code, problem.where.column, problem.suggestion) == ("TAB004", 7, "alipay")


def test_under_takes_a_code_with_all_codes_below_it() -> None:
    parents = {"lips": "make_up", "make_up": "care", "soap": "care", "odd": "even", "even": "odd"}
    column = TableInput("it", kind("code goods"), allowed=("care", "tools", *parents), parents=parents)
    tests = read_condition(Grammar(feel_cells(()), {}), cell("under make_up, soap"), column)
    assert tests is not None
    assert [one for one in column.allowed if tests.holds(one, {}, None)] == ["lips", "make_up", "soap"]
    assert tests.is_static


def test_under_needs_a_list_with_parents() -> None:
    grammar = Grammar(feel_cells(()), {})
    assert read_condition(grammar, cell("under care"), TableInput("it", kind("code goods"))) is None
    assert [(one.code, one.where.column) for one in grammar.problems] == [("TAB023", 7)]


@pytest.mark.parametrize(
    ("text", "phrase", "value"),
    [
        ("renewal", "code kinds", "renewal"),
        ("wait a bit", "text", "wait a bit"),
        ('"a"', "text", "a"),
        ("0 minutes", "duration", Duration()),
        ("2", "integer", 2),
        ("0.10", "number", Decimal("0.10")),
        ("null", "optional code kinds", None),
        ("true", "boolean", True),
        ("a, b", "text", "a, b"),
    ],
)
def test_output_literal(text: str, phrase: str, value: object) -> None:
    grammar = Grammar(feel_cells(()), {})
    found = read_result(grammar, Cell(text), TableOutput("out", kind(phrase)))
    assert found == Literal(value)  # type: ignore[arg-type]


def test_output_expression_is_computed() -> None:
    found = read_result(Grammar(feel_cells(("a",)), {}), Cell("=a * 2"), TableOutput("out", kind("number")))
    assert isinstance(found, Computed)
    assert found.run({"a": Decimal("1.5")}, None) == Decimal("3.0")


@pytest.mark.parametrize(
    ("text", "phrase", "code"),
    [("null", "integer", "TAB016"), ("many", "integer", "TAB003"), ("=1 +", "integer", "TAB002")],
)
def test_wrong_output(text: str, phrase: str, code: str) -> None:
    grammar = Grammar(feel_cells(()), {})
    assert read_result(grammar, Cell(text), TableOutput("out", kind(phrase))) is None
    assert [problem.code for problem in grammar.problems] == [code]


PIECES = st.sampled_from(
    [
        "-", "not(", ")", "[", "]", "(", "..", ",", "<", ">=", "=", "1", "2.5", '"', "'", "a", "date(", "2024-01-01",
        " ", "null", "true", "under ", "starts('", "P1D", "３", "，", "\\", '@"', "limit",
    ]
)  # fmt: skip
KINDS = st.sampled_from([kind for kind in Kind if kind not in (Kind.ROW, Kind.ROWS)])


@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=8).map("".join)), KINDS, st.booleans())
def test_reading_never_raises(text: str, of: Kind, bare_names: bool) -> None:
    column = TableInput("it", kind(of.value))
    grammar = Grammar(feel_cells(NAMES), {"it": column.type}, bare_names)
    tests = read_condition(grammar, cell(text), column)
    assert (tests is None) is bool(grammar.problems)
    count = len(grammar.problems)
    found = read_result(grammar, cell(text), TableOutput("out", column.type))
    assert (found is None) is (len(grammar.problems) > count)
    assert all(1 <= problem.where.column <= max(len(text), 1) + 1 for problem in grammar.problems)
