"""Numbers and heads of computed columns as people read them."""

from decimal import Decimal

import pytest

from engine.usecases.wording_cells import _thousands


@pytest.mark.parametrize(
    ("number", "said"),
    [("388.40000", "388.4"), ("1234567.50", "1,234,567.50"), ("0.00000", "0"), ("1000.000", "1,000")],
)
def test_numbers_are_read_without_zeros_that_only_fill_up(number: str, said: str) -> None:
    assert _thousands(Decimal(number)) == said
