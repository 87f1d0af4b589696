"""The eleven hit policies, defaults, dates, computed cells, and what is told about a decision."""

from decimal import Decimal

import pytest

from engine.problems import Refused
from engine.tables.compiled import TableConflict
from tests.engine.tables.building import compiled, day, table, with_output

YEARS = [[">1", "98.83"], [">2", "150.21"], [">3", "205.43"], [">4", "64.32"]]


def grades(hit: str) -> object:
    made = table(hit, {"age": "integer"}, {"grade": "text"}, [[">=18", "good"], ["<18", "bad"], [">=0", "good"]])
    return with_output(made, values=("good", "bad"))


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ("sum", Decimal("454.47")),
        ("min", Decimal("98.83")),
        ("max", Decimal("205.43")),
        ("count", 3),
    ],
)
def test_aggregates(hit: str, expected: object) -> None:
    found = compiled(table(hit, {"years": "integer"}, {"price": "number"}, YEARS))
    assert found.decide({"years": 4}) == {"price": expected}
    assert found.decide({"years": 0}) == {"price": 0 if hit == "count" else None}


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ("rule_order", ["bad", "good"]),
        ("collect", ["bad", "good"]),
        ("output_order", ["good", "bad"]),
        ("priority", "good"),
        ("first", "bad"),
    ],
)
def test_order_of_rows_and_of_values(hit: str, expected: object) -> None:
    made = grades(hit)
    result = compiled(made).decide({"age": 17})
    plain = [one["grade"] for one in result] if isinstance(result, list) else result["grade"]
    assert plain == expected


def test_listing_without_a_row_is_empty_or_the_default() -> None:
    made = table("collect", {"age": "integer"}, {"grade": "text"}, [[">=18", "good"]])
    assert compiled(made).decide({"age": 1}) == []
    assert compiled(with_output(made, default="none")).decide({"age": 1}) == [{"grade": "none"}]


def test_single_without_a_row_is_null_or_the_default() -> None:
    made = table("first", {"age": "integer"}, {"grade": "text", "more": "number"}, [[">=18", "good", "1"]])
    assert compiled(made).decide({"age": 1}) == {"grade": None, "more": None}
    assert compiled(made).decide({}) == {"grade": None, "more": None}
    assert compiled(with_output(made, default="none")).decide({"age": 1}) == {"grade": "none", "more": None}


def test_priority_goes_by_the_first_output_then_the_next() -> None:
    rows = [["-", "low", "2"], ["-", "high", "2"], ["-", "high", "1"]]
    made = table("priority", {"age": "integer"}, {"risk": "text", "step": "integer"}, rows)
    assert compiled(with_output(made, values=("high", "low"))).decide({"age": 1}) == {"risk": "high", "step": 2}


def test_unique_rows_that_meet_only_at_run_time_refuse_the_event() -> None:
    rows = [["=limit", "a"], ["=other", "b"]]
    found = compiled(table("unique", {"age": "integer"}, {"grade": "text"}, rows), "limit", "other")
    assert found.decide({"age": 1}, world={"limit": 1, "other": 2}) == {"grade": "a"}
    with pytest.raises(TableConflict) as caught:
        found.decide({"age": 1}, world={"limit": 1, "other": 1})
    assert isinstance(caught.value, Refused)
    assert [where.line for where in caught.value.rows] == [1, 2]


def test_any_needs_equal_results() -> None:
    rows = [["< =limit", "a"], ["<= =limit", "=word"]]
    found = compiled(table("any", {"age": "integer"}, {"grade": "text"}, rows), "limit", "word")
    assert found.decide({"age": 1}, world={"limit": 2, "word": "a"}) == {"grade": "a"}
    with pytest.raises(TableConflict):
        found.decide({"age": 1}, world={"limit": 2, "word": "b"})


def test_rows_are_judged_by_the_business_date() -> None:
    made = table(
        "first",
        {"kind": "text"},
        {"rate": "integer"},
        [["a", "1"], ["a", "2"], ["a", "3"]],
        dates={0: ("2024-01-01", "2024-12-31"), 1: ("2025-01-01", "")},
    )
    found = compiled(made)
    rates = {
        text: found.decide({"kind": "a"}, day(text))
        for text in ("2023-12-31", "2024-01-01", "2024-12-31", "2025-01-01")
    }
    assert {text: rate["rate"] for text, rate in rates.items() if isinstance(rate, dict)} == {
        "2023-12-31": 3, "2024-01-01": 1, "2024-12-31": 1, "2025-01-01": 2,
    }  # fmt: skip
    assert found.decide({"kind": "a"}) == {"rate": 3}  # without a date no dated row counts


def test_decisions_do_not_share_their_result() -> None:
    found = compiled(table("first", {"age": "integer"}, {"grade": "text"}, [["-", "a"]]))
    first = found.decide({"age": 1})
    assert isinstance(first, dict)
    first["grade"] = "changed"
    assert found.decide({"age": 1}) == {"grade": "a"}


def test_explanation_names_the_row_that_decided_and_why_others_did_not() -> None:
    rows = [["a", "> 5", "1"], ["b", "-", "2"], ["a", "-", "3"], ["-", "-", "4"]]
    found = compiled(table("first", {"kind": "text", "amount": "integer"}, {"rate": "integer"}, rows))
    why = found.explain({"kind": "a", "amount": 3})
    assert why.result == {"rate": 3}
    assert [where.line for where in why.decided] == [3]
    assert [where.line for where in why.matched] == [3, 4]
    assert [(one.row.line, one.cell.column) for one in why.missed] == [(1, 101), (2, 1)]
    assert not why.defaulted


def test_explanation_says_when_the_default_was_taken_or_a_row_not_in_force() -> None:
    made = table("first", {"kind": "text"}, {"rate": "integer"}, [["a", "1"]], dates={0: ("2024-01-01", "")})
    why = compiled(with_output(made, default="7")).explain({"kind": "a"}, day("2023-01-01"))
    assert (why.result, why.decided, why.defaulted) == ({"rate": 7}, (), True)
    assert why.missed[0].row == why.missed[0].cell


def test_wrong_kind_of_input_is_told() -> None:
    found = compiled(table("first", {"amount": "number"}, {"rate": "integer"}, [["> 5", "1"], ["<= 5", "2"]]))
    with pytest.raises(TypeError, match="input amount cannot be compared with a str"):
        found.decide({"amount": "6"})
