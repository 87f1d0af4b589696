"""Texts with formulas in braces: formats are those of the expression language, whatever number stands there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from engine.documents.wording import plain


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (50000, ",.2", "50,000.00"),
        (Decimal("381.5"), ",.2", "381.50"),
        (Decimal("0.005"), ".2", "0.01"),
        (7, "04", "0007"),
        (date(2026, 5, 6), "%-m月%-d日", "5月6日"),
        (date(2026, 5, 6), "%Y%m%d", "20260506"),
        (None, ",.2", ""),
    ],
)
def test_formats(value: object, form: str, text: str) -> None:
    assert plain(value, form) == text
