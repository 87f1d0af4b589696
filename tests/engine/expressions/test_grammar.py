"""Reading expressions: what is refused, with which code, at which column, and what is offered instead."""

import pytest

from engine.expressions import syntax
from engine.expressions.grammar import parse_expression
from engine.expressions.limits import MAX_CHAIN
from engine.expressions.syntax import Parsed, Syntax
from engine.problems import Span

PLACE = Span("rules.yaml", 3, 10)


def first_problem(text: str) -> tuple[str, int, str]:
    """Code, offset in the text (from 0) and suggestion."""
    found = parse_expression(text, PLACE)
    assert isinstance(found, list), text
    problem = found[0]
    assert problem.where.line == PLACE.line
    return problem.code, problem.where.column - PLACE.column, problem.suggestion


def root(text: str) -> Syntax:
    found = parse_expression(text, PLACE)
    assert isinstance(found, Parsed), found
    return found.root


@pytest.mark.parametrize(
    ("text", "code", "offset", "suggestion"),
    [
        ("", "EXP006", 0, ""),
        ("a ＞ b", "EXP002", 2, ">"),
        ("名称 ＝ 1", "EXP002", 3, "="),
        ("f（a）", "EXP002", 1, "("),
        ("a in ('x'，'y')", "EXP002", 9, ","),
        ("a ≥ b", "EXP002", 2, ">="),
        ("a == “x”", "EXP002", 5, "'"),
        ("ＡＢ == 1", "EXP002", 0, "AB"),
        ("x.ＡＢ == 1", "EXP002", 2, "AB"),
        ("f(ｋ=1)", "EXP002", 2, "k"),
        ("a = b", "EXP003", 2, "=="),
        ("a && b", "EXP003", 2, "and"),
        ("a || b", "EXP003", 2, "or"),
        ("!a", "EXP003", 0, "not"),
        ("a <> b", "EXP003", 2, "!="),
        ("a is null", "EXP003", 2, "=="),
        ("a is not null", "EXP003", 2, "!="),
        ("a ** 2", "EXP003", 2, "power(x, n)"),
        ("a // 2", "EXP003", 2, "floor(x / y)"),
        ("a | b", "EXP003", 2, "or"),
        ("a & b", "EXP003", 2, "and"),
        ("True", "EXP003", 0, "true"),
        ("x == None", "EXP003", 5, "null"),
        ("'a'.upper()", "EXP003", 0, ""),
        ("lines[0]", "EXP003", 0, ""),
        ("[a, b]", "EXP003", 0, ""),
        ("{'a': 1}", "EXP003", 0, ""),
        ("lambda: 1", "EXP003", 0, ""),
        ("f'{a}'", "EXP003", 0, ""),
        ("b'a'", "EXP003", 0, ""),
        ("'a' 'b'", "EXP003", 0, ""),
        ("'''a'''", "EXP003", 0, "'"),
        ("a # b", "EXP003", 2, ""),
        ("(a := 1)", "EXP003", 1, ""),
        ("f(*a)", "EXP003", 2, ""),
        ("f(**a)", "EXP003", 2, ""),
        ("~a", "EXP003", 0, ""),
        ("a @ b", "EXP003", 2, ""),
        ("1e3", "EXP005", 0, ""),
        ("0x10", "EXP005", 0, ""),
        ("1_000", "EXP005", 0, "1000"),
        (".5", "EXP005", 0, ""),
        ("3j", "EXP005", 0, ""),
        ("code == 0110", "EXP005", 8, "'0110'"),
        ("'abc", "EXP007", 0, ""),
        ("a == 'b", "EXP007", 5, ""),
        ("is == 1", "EXP008", 0, ""),
        ("a + lambda", "EXP008", 4, ""),
        ("a b", "EXP001", 2, ""),
        ("(a + b", "EXP001", 0, ""),
        ("a +", "EXP001", 2, ""),
    ],
)
def test_refused_with_place_and_suggestion(text: str, code: str, offset: int, suggestion: str) -> None:
    assert first_problem(text) == (code, offset, suggestion)


@pytest.mark.parametrize("text", ["(" * 60 + "1" + ")" * 60, "1" + "+1" * (MAX_CHAIN + 1), "a" * 4001, "9" * 35])
def test_too_large(text: str) -> None:
    assert first_problem(text)[0] == "EXP004"


def test_every_full_width_sign_is_told_at_once() -> None:
    found = parse_expression("round（a，2）", PLACE)
    assert isinstance(found, list)
    assert [problem.suggestion for problem in found] == ["(", ",", ")"]


def test_signs_inside_quotes_are_text() -> None:
    node = root("a == '（是，否）＞'")
    assert isinstance(node, syntax.Comparison)
    assert node.rest[0][1] == syntax.Constant(syntax.Place(5, 13), "（是，否）＞")


def test_columns_count_characters_not_bytes() -> None:
    node = root("姓名 == '王五' and 数量 > 3")
    assert isinstance(node, syntax.Junction)
    quantity = node.parts[1]
    assert isinstance(quantity, syntax.Comparison)
    assert (quantity.at.start, quantity.at.end) == (15, 21)
    assert (quantity.first.at.start, quantity.first.at.end) == (15, 17)


def test_name_behind_a_dot_has_its_own_place() -> None:
    node = root("  申请.姓名")
    assert isinstance(node, syntax.Member)
    assert (node.at.start, node.name_at.start, node.name_at.end) == (2, 5, 7)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'it\'s'", "it's"),
        ('"it\'s"', "it's"),
        (r"'a\\b'", "a\\b"),
        (r"'\d+'", r"\d+"),
        (r"'a\nb'", "a\nb"),
        ("'a # b'", "a # b"),
        ("''", ""),
    ],
)
def test_strings(text: str, value: str) -> None:
    node = root(text)
    assert isinstance(node, syntax.Constant)
    assert node.value == value


def test_numbers_are_exact() -> None:
    node = root("0.1000000000000000000000000000000001")
    assert isinstance(node, syntax.Constant)
    assert str(node.value) == "0.1000000000000000000000000000000001"


@pytest.mark.parametrize("text", ["from", "class == 1 and 名.import > 2", "f(from=1)", "pass.return(yield=async)"])
def test_words_of_python_are_names(text: str) -> None:
    assert not isinstance(parse_expression(text, PLACE), list)


def test_lines_are_one_expression() -> None:
    assert isinstance(root("a and\n  b"), syntax.Junction)
