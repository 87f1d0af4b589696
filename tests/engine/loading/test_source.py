"""Reading of files: what is typed, what is refused, and where everything stands."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.loading.piece import Origin, Piece
from engine.loading.source import MAX_DEPTH, Source, read
from engine.problems import Span


def value(text: str) -> object:
    source = read("f.yaml", text)
    assert not source.problems, source.problems
    return source.documents[0]


def root(text: str) -> Piece:
    source = read("f.yaml", text)
    marks = source.marks[id(source.documents[0])]
    return Piece(source.documents[0], Origin(source, source.problems), -1, marks[0], marks[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("2_000_000", 2_000_000),
        ("1.10", Decimal("1.10")),
        ("-0.5", Decimal("-0.5")),
        *[
            (text, text)
            for text in ("0110", "08", "NO", "no", "on", "yes", "True", "~", "12:30:45", "1e3", "0101.21", "2026-05-06")
        ],
        *[(text, text) for text in (".5", "5.", "+1", "0x1f", "1_0", "1.2.3", ".inf", "=a + 1", "a == 'b'")],
    ],
)
def test_plain_scalar_is_typed_only_where_it_cannot_be_a_code(text: str, expected: object) -> None:
    found = value(f"a: {text}\n")
    assert found == {"a": expected}
    assert isinstance(found, dict)
    assert type(found["a"]) is type(expected)


def test_decimal_keeps_its_scale() -> None:
    assert str(value("[1.10]")) == "[Decimal('1.10')]"


@pytest.mark.parametrize("text", ['"1"', "'true'", '"null"', '""', "|-\n  1"])
def test_quoted_or_block_text_is_text(text: str) -> None:
    found = value(f"a: {text}\n")
    assert isinstance(found, dict)
    assert isinstance(found["a"], str)


def test_key_is_always_text() -> None:
    assert value("on: 1\n1: 2\ntrue: 3\n80%: 4\n") == {"on": 1, "1": 2, "true": 3, "80%": 4}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: 1\nb: [1, 2\nc: 3", "SYN004", (3, 2)),
        ("a: {b: 1, c]", "SYN004", (1, 12)),
        ("a: b: c", "SYN003", (1, 5)),
        ("a: 1\n b: 2", "SYN003", (2, 3)),
        ("a:\n\tb: 1", "SYN002", (2, 1)),
        ("a: 'x\nb: 1", "SYN013", (2, 5)),
        ("a: &x 1", "SYN006", (1, 4)),
        ("a: *x", "SYN006", (1, 4)),
        ("a: !!str 1", "SYN006", (1, 4)),
        ("a: !x {b: 1}", "SYN006", (1, 4)),
        ("a: 1\nb: 2\na: 3", "SYN005", (3, 1)),
        ("a: {b: 1, b: 2}", "SYN005", (1, 11)),
        ("? [a]\n: 1", "SYN011", (1, 3)),
        ("a: 中\x01", "SYN012", (1, 5)),
        ("a: x\u2028", "SYN012", (1, 5)),
        ("- a\nb: 1", "SYN015", (2, 1)),
        ("a: {x: 1} y", "SYN015", (1, 11)),
        ("a: @x", "SYN016", (1, 4)),
        ('a: "x\\q"', "SYN001", (1, 6)),
    ],
)
def test_wrong_text_is_one_problem_at_its_place(text: str, code: str, place: tuple[int, int]) -> None:
    (problem,) = read("f.yaml", text).problems
    assert (problem.code, (problem.where.line, problem.where.column)) == (code, place)


def test_duplicate_key_names_both_places() -> None:
    (problem,) = read("f.yaml", "a: 1\nb: 2\na: 3").problems
    assert problem.values["key"] == "a"
    assert problem.related == (Span("f.yaml", 1, 1, 1, 2),)


def test_open_bracket_names_where_it_opened() -> None:
    (problem,) = read("f.yaml", "a: [1, 2\nc: 3").problems
    assert [str(place) for place in problem.related] == ["f.yaml:1:4"]


def test_wrong_bytes_are_found_at_their_column() -> None:
    (problem,) = read("f.yaml", "a: 中".encode() + b"\xff").problems
    assert (problem.code, problem.values["byte"], str(problem.where)) == ("SYN009", "0xff", "f.yaml:1:5")


def test_byte_order_mark_is_passed_over() -> None:
    source = read("f.yaml", b"\xef\xbb\xbfa: 1")
    assert source.documents == ({"a": 1},)
    assert source.span(*source.marks[id(source.documents[0])][2:4]) == Span("f.yaml", 1, 1, 1, 4)


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000])
def test_depth_is_bounded_before_anything_is_built(text: str) -> None:
    (problem,) = read("f.yaml", text).problems
    assert problem.code in ("SYN007", "SYN004", "SYN014")


def test_depth_just_below_the_bound_is_read() -> None:
    assert not read("f.yaml", "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)).problems


def test_billion_laughs_are_refused_unfollowed() -> None:
    lines = ["a: &a [x, x, x]"] + [f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]" for n in range(20)]
    source = read("f.yaml", "\n".join(lines))
    assert not source.documents
    assert {problem.code for problem in source.problems} == {"SYN006"}


def test_nodes_and_size_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.loading.source.MAX_NODES", 100)
    assert [problem.code for problem in read("f.yaml", "[" + "1, " * 200 + "1]").problems] == ["SYN008"]
    monkeypatch.setattr("engine.loading.source.MAX_BYTES", 100)
    assert [problem.code for problem in read("f.yaml", "a: 1\n" * 99).problems] == ["SYN010"]


def test_several_documents_keep_their_places() -> None:
    source = read("f.yaml", "a: 1\n---\nb: 2\n")
    assert source.documents == ({"a": 1}, {"b": 2})
    assert source.position(source.marks[id(source.documents[1])][0]) == (3, 1)


def test_json_is_read_by_the_same_rules() -> None:
    text = '{"a": [1, 1.50, true, null],\n\t"b": "0110", "c": {"d": "x\\ny"}}'
    assert value(text) == json.loads(text, parse_float=Decimal)


@pytest.mark.parametrize(
    ("text", "content", "place"),
    [
        ("a: text", "text", (1, 4)),
        ("a: 'text'", "text", (1, 5)),
        ('a: "text"', "text", (1, 5)),
        ("中文: {键: 值}", "{键: 值}", (1, 5)),
        ("a: |\n  one\n  two\n", "one", (2, 3)),
        ("a: >-  # why\n\n   one\n", "one", (3, 4)),
    ],
)
def test_place_of_a_scalar_is_its_content(text: str, content: str, place: tuple[int, int]) -> None:
    where = next(iter(root(text).entries().values())).where
    assert (where.line, where.column) == place
    assert text.splitlines()[where.line - 1][where.column - 1 :].startswith(content)


def test_place_of_a_key_leaves_its_quotes_in() -> None:
    pieces = root("'a b': 1\nlong_name : 2\n\"c\": 3").entries()
    assert [str(piece.key_where) for piece in pieces.values()] == ["f.yaml:1:1", "f.yaml:2:1", "f.yaml:3:1"]
    assert [piece.key_where.end_column for piece in pieces.values()] == [6, 10, 4]


def test_windows_line_ends_do_not_move_places() -> None:
    where = root("a: 1\r\nb:\r\n  c: 2\r\n").entries()["b"].entries()["c"].where
    assert (where.line, where.column) == (3, 6)


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.decimals(allow_nan=False, allow_infinity=False)
)
data = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(data)
def test_json_of_any_data_reads_back(found: object) -> None:
    text = json.dumps(found, default=lambda number: f"{number:f}")
    source = read("f.json", text)
    if not source.problems:
        assert source.documents[0] == json.loads(text, parse_float=Decimal)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:{}[],'\"\n\t -#|>&*!?%@=0.1中", max_size=60))
def test_reading_never_raises(text: str) -> None:
    source = read("f.yaml", text)
    assert isinstance(source, Source)
    for problem in source.problems:
        assert problem.where.line >= 1
        assert problem.where.column >= 1
