"""Values on their way to columns, JSON and words, and back."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.database import decimals, names
from adapters.database.convert import codec
from adapters.database.encoding import dumps, loads
from adapters.database.queries import fts5, joined, padded, tsquery
from adapters.database.words import phrases, tokens
from engine.model.storage import Column
from engine.model.types import Kind, Type
from engine.model.values import Duration, StoredFile

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**25), max_value=10**25)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | TEXTS
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes()
    | st.times()
    | st.builds(Duration, st.integers(-99, 99), st.decimals(-999, 999, places=3), st.integers(-9, 9))
    | st.builds(StoredFile, TEXTS, TEXTS, st.integers(0), TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS | st.sampled_from(["$date", "$map", "$tuple", "$file"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(NUMBERS, NUMBERS)
def test_text_of_numbers_sorts_as_they_do(one: Decimal, other: Decimal) -> None:
    ours, theirs = decimals.to_text(one), decimals.to_text(other)
    assert (ours < theirs, ours == theirs) == (one < other, one == other)
    assert decimals.from_text(ours, None) == one
    assert decimals.from_text(ours, 9) == one


@given(st.integers(-(10**18) + 1, 10**18 - 1), st.integers(0, 18))
def test_scaled_numbers_come_back(whole: int, scale: int) -> None:
    number = Decimal(whole).scaleb(-scale)
    assert decimals.to_scaled(number, 18, scale) == whole
    assert decimals.from_scaled(whole, scale) == number
    assert decimals.from_scaled(whole, scale).as_tuple().exponent == -scale


@pytest.mark.parametrize("number", [Decimal("1.001"), Decimal("1e30"), Decimal(10) ** 10])
def test_digits_that_would_be_lost_are_refused(number: Decimal) -> None:
    for convert in (decimals.to_scaled, decimals.exact):
        with pytest.raises(ValueError, match="does not fit"):
            convert(number, 12, 2)
    with pytest.raises(ValueError, match="too large"):
        decimals.to_text(Decimal(10) ** 40)


@given(VALUES)
def test_every_value_comes_back_from_json(value: object) -> None:
    text = dumps(value)
    assert loads(text) == value
    assert dumps(loads(text)) == text


def test_json_stays_readable() -> None:
    given_ = {"b": Decimal("1.50"), "a": [date(2024, 1, 1), "中"], "c": ("x",)}
    assert dumps(given_) == '{"a":[{"$date":"2024-01-01"},"中"],"b":{"$decimal":"1.50"},"c":{"$tuple":["x"]}}'


@pytest.mark.parametrize("wrong", [object(), {1: 2}, float("nan")])
def test_what_is_no_value_is_refused(wrong: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        dumps(wrong)


@pytest.mark.parametrize(
    ("kind", "operator", "value", "expected"),
    [
        (Kind.INTEGER, "<", Decimal("1.5"), ("<=", 1)),
        (Kind.INTEGER, ">", Decimal("-1.5"), (">", -2)),
        (Kind.INTEGER, ">=", Decimal("1.5"), (">", 1)),
        (Kind.INTEGER, "==", Decimal("1.5"), ("false", None)),
        (Kind.INTEGER, "!=", Decimal("1.5"), ("true", None)),
        (Kind.INTEGER, "<", 2**63, ("true", None)),
        (Kind.INTEGER, ">", -(2**63) - 1, ("true", None)),
        (Kind.INTEGER, "<=", -(2**70), ("false", None)),
        (Kind.DATE, "<", datetime(2024, 1, 1, 12), ("<=", "2024-01-01")),
        (Kind.DATE, ">=", datetime(2024, 1, 1, 12), (">", "2024-01-01")),
        (Kind.DATE, "==", datetime(2024, 1, 1), ("==", "2024-01-01")),
        (Kind.DATETIME, ">=", date(2024, 1, 1), (">=", "2024-01-01 00:00:00.000000")),
        (Kind.TIME, "==", time(8), ("==", "08:00:00.000000")),
        (Kind.BOOLEAN, "==", True, ("==", 1)),
    ],
)
def test_operands_are_moved_to_what_the_column_can_hold(
    kind: Kind, operator: str, value: object, expected: tuple[str, object]
) -> None:
    assert codec(Column("x", Type(kind)), postgres=False).operand(operator, value) == expected


def test_some_kinds_are_never_stored() -> None:
    with pytest.raises(ValueError, match="not stored"):
        codec(Column("x", Type(Kind.ROWS)), postgres=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("海关总署", ["海关", "关总", "总署", "署"]),
        ("海关，总署", ["海关", "关", "总署", "署"]),
        ("SP2024-01 号", ["sp", "2024", "01", "号"]),
        ("Ａb１", ["ab", "1"]),
        ("𠮷田", ["𠮷田", "田"]),
        ("straße_x", ["strasse", "x"]),
        ("〇一", ["〇一", "一"]),
        ("", []),
    ],
)
def test_texts_become_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_searches_become_phrases() -> None:
    asked = phrases("海关 AB-1 署 ！")
    query = joined(asked, every=True)
    assert fts5(query) == '("海关" AND "ab 1" * AND "署" *)'
    assert tsquery(query) == "(('海关') & ('ab' <-> '1':*) & ('署':*))"
    assert list(padded(query)) == [" 海关 ", " ab 1", " 署"]


@given(TEXTS, TEXTS)
def test_no_text_can_break_a_query(text: str, other: str) -> None:
    for phrase in phrases(f"{text} {other}"):
        assert all(token.isalnum() for token in phrase.tokens), phrase


def test_names_are_kept_whole_and_apart() -> None:
    long = "字" * 40
    assert len(names.identifier(long).encode()) <= 63
    assert names.identifier(long) != names.identifier(long + "二")
    assert names.identifier("短") == "短"
    found = names.columns(("id",), ["ID", "a", "A", "b"])
    assert found["a"] == "a"
    assert found["b"] == "b"
    assert len({name.lower() for name in found.values()} | {"id"}) == 5
