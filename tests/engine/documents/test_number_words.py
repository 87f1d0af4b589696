"""Numbers as people read them."""

from decimal import Decimal

import pytest

from engine.documents.field_kinds import json_of, text_of


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("7.50000", "7.5"),
        ("190.00000", "190"),
        ("0.00000", "0"),
        ("17.29000", "17.29"),
        ("1000", "1000"),
        ("0.70", "0.70"),
        ("-1.230", "-1.23"),
    ],
)
def test_zeros_that_only_fill_up_are_left_out_and_cents_stay(number: str, said: str) -> None:
    assert text_of(Decimal(number), "decimal") == said
    assert json_of(Decimal(number), "decimal") == number


def test_money_has_two_places() -> None:
    assert text_of(Decimal("1234.5"), "money") == "1,234.50"
