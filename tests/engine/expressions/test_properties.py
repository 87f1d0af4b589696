"""What holds for every expression: no text crashes, and all ways of evaluating agree."""

from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.expressions.compiling.program import value_program
from engine.expressions.environment import Env
from engine.expressions.exchange import node_from_json, node_to_json
from engine.expressions.expression import check_expression
from engine.expressions.grammar import parse_expression
from engine.expressions.limits import Exhausted, arithmetic
from engine.expressions.syntax import Parsed
from engine.problems import Problem
from tests.engine.expressions.reference import Reference
from tests.engine.expressions.test_cases import plain_number, run_twin
from tests.engine.expressions.worlds import PLACE, MemoryCatalog, MemoryWorld, checked
from tests.engine.expressions.writing import SCOPE, as_json, expressions, rows

QUICK = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CATALOG = MemoryCatalog()
WORLD = MemoryWorld()
WORDS = """a b lines ( ) , 'x' ' " + - * / % == != < in not and or if else . sum( count(lines, 1 0.5 null true = （ ，
规 [ ] { } : lambda \\ # this up row parent text('{}', share( first(lines,sort=' 1e5 0x1"""
_pieces = st.sampled_from(WORDS.split())


@given(st.one_of(st.text(max_size=60), st.lists(_pieces, max_size=14).map(" ".join), st.lists(_pieces).map("".join)))
@settings(max_examples=400, deadline=None)
def test_no_text_crashes_the_checker(text: str) -> None:
    parsed = parse_expression(text, PLACE)
    if not isinstance(parsed, Parsed):
        assert parsed
        assert all(isinstance(problem, Problem) for problem in parsed)
    found, problems = check_expression(text, PLACE, SCOPE, CATALOG)
    assert (found is None) is any(problem.severity == "error" for problem in problems)
    for problem in problems:
        assert problem.where.column >= PLACE.column
        assert problem.where.column <= PLACE.column + len(text)


@given(expressions, rows)
@QUICK
def test_compiled_code_agrees_with_the_reference(text: str, row: dict[str, Any]) -> None:
    found = checked(text, SCOPE, CATALOG)
    with arithmetic():
        assert ours(found.evaluate, row) == ours(lambda env: Reference(env.row).value(found.node), row)


def ours(evaluate: Any, row: dict[str, Any]) -> Any:
    try:
        value = evaluate(Env(row, WORLD, this=row))
    except Exhausted as stopped:
        return stopped.bound
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(expressions, rows)
@QUICK
def test_trees_survive_json(text: str, row: dict[str, Any]) -> None:
    found = checked(text, SCOPE, CATALOG)
    plain = found.to_json()
    again = node_from_json(plain)
    assert node_to_json(again) == plain
    assert ours(found.evaluate, row) == ours(found.evaluate, row)


@given(st.lists(st.tuples(expressions, rows), min_size=40, max_size=80))
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_browser_agrees(asked: list[tuple[str, dict[str, Any]]]) -> None:
    found = [(checked(text, SCOPE, CATALOG), row) for text, row in asked]
    results = run_twin(
        [{"node": one.to_json(), "env": {"row": as_json(row), "this": as_json(row)}, "codes": {}} for one, row in found]
    )
    for (one, row), result in zip(found, results, strict=True):
        assert told(result) == told_value(ours(one.evaluate, row)), one.source


def told(result: dict[str, Any]) -> Any:
    if result.get("bound"):
        return result["bound"]
    value = result["value"]
    return plain_number(Decimal(value["number"])) if isinstance(value, dict) else value


def told_value(value: Any) -> Any:
    return plain_number(value) if isinstance(value, Decimal) else value


def test_evaluating_leaves_the_callers_arithmetic_alone() -> None:
    found = checked("b / 3", SCOPE, CATALOG)
    row = {"b": Decimal(1)}
    assert found.evaluate(Env(row, WORLD)) == Decimal("0." + "3" * 34)
    assert Decimal(1) / 3 == Decimal("0." + "3" * 28)
    assert value_program(found.node)(Env(row, WORLD)) == Decimal("0." + "3" * 34)
