"""Single values there and back, whatever they are."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.mappings.scalars import Misread, text_of, value_of
from engine.model.types import Kind

MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 1, 1)).map(
    lambda one: one.replace(microsecond=one.microsecond // 1000 * 1000)
)


@given(MOMENTS)
def test_moments_to_the_thousandth(moment: datetime) -> None:
    form = "%Y%m%d%H%M%S%3f"
    text = text_of(Kind.DATETIME, form)(moment)
    assert len(text) == 17
    assert value_of(Kind.DATETIME, form)(text) == moment


@given(st.dates(min_value=date(1000, 1, 1)))
@pytest.mark.parametrize("form", ["%Y%m%d", "%Y-%m-%d", "%d.%m.%Y", ""])
def test_dates(form: str, day: date) -> None:
    assert value_of(Kind.DATE, form)(text_of(Kind.DATE, form)(day)) == day


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5, min_value=-(10**14), max_value=10**14))
def test_decimals_exact_and_short(number: Decimal) -> None:
    exact, short = text_of(Kind.NUMBER, exact=True)(number), text_of(Kind.NUMBER)(number)
    read = value_of(Kind.NUMBER)(exact)
    assert isinstance(read, Decimal)
    assert (read, read.as_tuple().exponent) == (number, -5)
    assert value_of(Kind.NUMBER)(short) == number
    assert "." not in short or not short.endswith("0")


@pytest.mark.parametrize(
    ("kind", "form", "text"),
    [
        (Kind.NUMBER, "", "1e5"),
        (Kind.NUMBER, "", "NaN"),
        (Kind.NUMBER, "", "1,5"),
        (Kind.NUMBER, "", "9" * 101),
        (Kind.INTEGER, "", "1.5"),
        (Kind.BOOLEAN, "", "yes"),
        (Kind.DATE, "%Y%m%d", "20260230"),
        (Kind.DATE, "%Y%m%d", "2026050"),
        (Kind.DATE, "%Y%m%d", "２０２６０５０６"),
        (Kind.DATE, "%d %b %Y", "32 Jan 2026"),
        (Kind.DATETIME, "", "2026-13-01"),
        (Kind.TIME, "", "25:00"),
    ],
)
def test_what_cannot_be_read_says_so(kind: Kind, form: str, text: str) -> None:
    with pytest.raises(Misread) as refused:
        value_of(kind, form)(text)
    assert set(refused.value.text) == {"zh", "en"}


def test_words_of_other_kinds() -> None:
    assert text_of(Kind.BOOLEAN)(True) == "true"
    assert value_of(Kind.BOOLEAN)("1") is True
    assert text_of(Kind.TIME)(time(9, 30)) == "09:30:00"
    assert value_of(Kind.DATE, "%d %b %Y")("06 May 2026") == date(2026, 5, 6)
    assert text_of(Kind.CODES)(("a", "b")) == "a,b"
