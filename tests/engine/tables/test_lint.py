"""What is said about rows among each other."""

import time

import pytest

from engine.model.tables import Cell, TableInput
from engine.problems import Severity
from tests.engine.tables.building import checked, codes, table, with_output

ONE = {"amount": "number"}
WHOLE = {"amount": "integer"}
OUT = {"rate": "integer"}


def witness(made: object, code: str) -> list[str]:
    return [str(one.values["witness"]) for one in checked(made)[1] if one.code == code]  # type: ignore[arg-type]


# --- overlap, conflict, duplicates


def test_overlap_of_unique_rows_is_an_error_with_both_places() -> None:
    made = table(
        "unique",
        {"amount": "integer", "kind": "text"},
        OUT,
        [["<10", "a, b", "1"], ["[5..20]", "b", "2"], ["-", "c", "3"]],
    )
    found, problems = checked(made)
    [problem] = [one for one in problems if one.code == "TAB010"]
    assert found is None
    assert (problem.where.line, problem.related[0].line) == (2, 1)
    assert problem.values["witness"] == 'amount: [5..9]; kind: "b"'


def test_rows_that_only_touch_do_not_overlap() -> None:
    assert codes(table("unique", ONE, OUT, [["<10", "1"], [">=10", "2"]])) == []
    assert codes(table("unique", WHOLE, OUT, [["<=9", "1"], [">9", "2"]])) == []


def test_dates_keep_rows_apart() -> None:
    rows = [["-", "1"], ["-", "2"]]
    apart = {0: ("", "2023-12-31"), 1: ("2024-01-01", "")}
    assert codes(table("unique", WHOLE, OUT, rows, dates=apart)) == []
    assert "TAB010 2:1" in codes(table("unique", WHOLE, OUT, rows, dates={**apart, 0: ("", "2024-01-01")}))


def test_negated_lists_are_the_rest() -> None:
    rows = [["wechat, alipay", "1"], ["not(wechat, alipay)", "2"]]
    assert codes(table("unique", {"way": "code ways"}, OUT, rows)) == []


def test_computed_cell_may_overlap_what_takes_everything() -> None:
    problems = checked(table("unique", ONE, OUT, [["> =limit", "1"], ["-", "2"]]), "limit")[1]
    assert [(one.code, one.severity) for one in problems] == [("TAB010", Severity.WARNING)]
    assert codes(table("unique", ONE, OUT, [["> =limit", "1"], ["<= =limit", "2"]]), "limit") == []


def test_several_values_at_once_are_given_the_benefit_of_the_doubt() -> None:
    assert codes(table("unique", {"tags": "codes tags"}, OUT, [["a", "1"], ["b", "2"]])) == []


def test_conflict_of_any() -> None:
    rows = [["<10", "1"], ["<5", "1"], ["[8..20]", "2"], [">20", "3"]]
    assert codes(table("any", WHOLE, OUT, rows)) == ["TAB011 3:1"]


def test_duplicate_row() -> None:
    rows = [["1", "1"], ["-", "2"], [" 1", "1"]]
    assert codes(table("first", WHOLE, OUT, rows)) == ["TAB013 3:1"]
    assert checked(table("collect", WHOLE, OUT, rows))[1][0].severity is Severity.WARNING
    assert checked(table("unique", WHOLE, OUT, [rows[0], rows[2], ["not(1)", "3"]]))[1][0].severity is Severity.ERROR


# --- never reached


def test_row_behind_one_that_takes_everything() -> None:
    assert codes(table("first", WHOLE, OUT, [["-", "1"], ["> 5", "2"]])) == ["TAB012 2:1"]


def test_row_that_several_earlier_rows_take_together() -> None:
    rows = [["<=3", "1"], [">3", "2"], ["[1..9]", "3"]]
    problems = checked(table("first", WHOLE, OUT, rows))[1]
    assert [one.code for one in problems] == ["TAB012"]
    assert [where.line for where in problems[0].related] == [1, 2]


def test_computed_rows_take_nothing_for_certain() -> None:
    rows = [["< =limit", "1"], ["5", "2"], ["-", "3"]]
    assert codes(table("first", WHOLE, OUT, rows), "limit") == []


def test_boolean_rows_take_everything_together() -> None:
    assert codes(table("first", {"has": "boolean"}, OUT, [["true", "1"], ["false", "2"], ["-", "3"]])) == ["TAB012 3:1"]
    optional = table("first", {"has": "optional boolean"}, OUT, [["true", "1"], ["false", "2"], ["-", "3"]])
    assert codes(optional) == []


# --- gaps


@pytest.mark.parametrize(
    ("phrase", "rows", "expected"),
    [
        ("number", [["<18", "1"], [">=19", "2"]], ["it: [18..19)"]),
        ("number", [["<=18", "1"], [">20", "2"]], ["it: (18..20]"]),
        ("integer", [["<18", "1"], [">=20", "2"]], ["it: [18..19]"]),
        ("integer", [["<18", "1"], [">18", "2"]], ["it: 18"]),
        ("integer", [["<18", "1"], [">=18", "2"]], []),
        ("integer", [["<18", "1"], ["(17..30]", "2"]], ["it: >= 31"]),
        ("optional integer", [["<18", "1"], [">=18", "2"]], ["it: null"]),
        ("boolean", [["true", "1"]], ["it: false"]),
        ("date", [["< 2024-01-01", "1"], ["> 2024-01-02", "2"]], ["it: [2024-01-01..2024-01-02]"]),
        ("text", [["a", "1"], ["b", "2"]], ['it: not("a", "b")']),
        ("text", [["not(a)", "1"]], ['it: "a"']),
        ("text", [["starts('27')", "1"], ["not(starts('27'))", "2"]], []),
        ("duration", [["< 1 hour", "1"], [">= 1 hour", "2"]], []),
        ("number", [["< =limit", "1"], [">= =limit", "2"]], []),
    ],
)
def test_gap(phrase: str, rows: list[list[str]], expected: list[str]) -> None:
    problems = checked(table("first", {"it": phrase}, OUT, rows), "limit")[1]
    assert [one.values["witness"] for one in problems if one.code == "TAB018"] == expected


def test_gap_over_code_list_and_truth_value() -> None:
    rows = [["a, b", "true", "1"], ["c", "-", "2"]]
    made = table("unique", {"kind": "code kinds", "has": "boolean"}, OUT, rows, allowed={"kind": ("a", "b", "c", "d")})
    assert sorted(witness(made, "TAB018")) == ['kind: "a", "b", "d"; has: false', 'kind: "d"; has: true']


def test_gap_over_a_declared_range() -> None:
    made = table("unique", WHOLE, OUT, [["[0..99]", "1"]])
    [column] = made.inputs
    ranged = TableInput(column.name, column.type, column.where, within=Cell("[0..100]"))
    narrowed = type(made)(made.id, made.hit, (ranged,), made.outputs, made.rows, where=made.where)
    assert witness(narrowed, "TAB018") == ["amount: 100"]


def test_gap_between_dated_rows() -> None:
    dates = {0: ("2024-01-01", "2024-06-30"), 1: ("2024-08-01", "2024-12-31")}
    made = table("unique", WHOLE, OUT, [["-", "1"], ["-", "2"]], dates=dates)
    assert witness(made, "TAB018") == ["amount: -; from: [2024-07-01..2024-07-31]"]


def test_default_and_listing_policies_need_no_full_cover() -> None:
    rows = [["1", "1"]]
    assert codes(with_output(table("first", WHOLE, OUT, rows), default="0")) == []
    assert codes(table("collect", WHOLE, OUT, rows)) == []


# --- cells, rows and columns


def test_every_bad_cell_is_told_at_once() -> None:
    rows = [["<", "a", "1"], ["1", "aa", "x"], ["1"], ["1", "a", "1", "2"]]
    made = table("first", {"amount": "integer", "kind": "code kinds"}, OUT, rows, allowed={"kind": ("a", "b")})
    assert codes(made) == ["TAB002 1:1", "TAB004 2:101", "TAB003 2:201", "TAB001 3:1", "TAB001 4:301"]


def test_output_outside_its_list_is_told_with_the_nearest_one() -> None:
    made = table("first", WHOLE, {"kind": "code kinds"}, [["-", "renwal"]], allowed={"kind": ("new", "renewal")})
    [problem] = checked(made)[1]
    assert (problem.code, problem.suggestion, problem.where.column) == ("TAB004", "renewal", 101)


def test_cell_outside_the_range_of_its_column() -> None:
    made = table("first", {"kind": "code kinds"}, OUT, [["> z", "1"], ["-", "2"]], allowed={"kind": ("a", "b")})
    assert codes(made) == ["TAB009 1:1"]


def test_wrong_dates_of_a_row() -> None:
    dates = {0: ("2024-13-01", ""), 1: ("2024-02-01", "2024-01-01")}
    assert codes(table("first", WHOLE, OUT, [["1", "1"], ["-", "2"]], dates=dates)) == ["TAB005 1:1", "TAB006 2:1"]


def test_policies_ask_for_order_and_amounts() -> None:
    assert codes(table("priority", WHOLE, OUT, [["-", "1"]])) == ["TAB014 99:1"]
    assert codes(table("sum", WHOLE, {"word": "text"}, [["-", "a"]])) == ["TAB015 91:1"]
    assert codes(table("max", WHOLE, {"day": "date"}, [["-", "2024-01-01"]])) == []
    assert codes(table("first", WHOLE, OUT, [])) == ["TAB019 99:1"]


# --- size


def test_ten_thousand_rows_are_checked_quickly_and_fully() -> None:
    rows = [[f"k{n % 100}", f"[{n // 100 * 10}..{n // 100 * 10 + 10})", str(n)] for n in range(10_000)]
    made = table("unique", {"kind": "text", "amount": "number"}, OUT, [*rows, ["k7", "[995..997]", "1"]])
    start = time.perf_counter()
    problems = checked(made)[1]
    assert time.perf_counter() - start < 20
    assert [one.where.line for one in problems if one.code == "TAB010"] == [10_001]
    assert "TAB017" not in {one.code for one in problems}


def test_a_table_that_takes_too_long_says_so() -> None:
    rows = [[*("1" if bit >> n & 1 else "-" for n in range(12)), str(bit)] for bit in range(1, 4000)]
    names = {f"i{n}": "integer" for n in range(12)}
    found, problems = checked(table("any", names, OUT, rows))
    assert found is None
    assert len([one for one in problems if one.code == "TAB011"]) == 20
    assert len(problems) < 70
