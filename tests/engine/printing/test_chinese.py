from datetime import date
from decimal import Decimal

import pytest

from engine.printing.chinese import capitals, date_line, date_zh


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("1", "壹元整"),
        ("100", "壹佰元整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("10001", "壹万零壹元整"),
        ("20030004", "贰仟零叁万零肆元整"),
        ("100000001", "壹亿零壹元整"),
        ("10500000000", "壹佰零伍亿元整"),
        ("1200000000001", "壹万贰仟亿零壹元整"),
        ("1000000000000", "壹万亿元整"),
        ("0.005", "壹分"),
        ("-5.20", "负伍元贰角整"),
    ],
)
def test_capitals(amount: str, text: str) -> None:
    assert capitals(Decimal(amount)) == text


def test_amount_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="too large"):
        capitals(10**16)


def test_dates() -> None:
    assert date_zh(date(2026, 5, 6)) == date_line(date(2026, 5, 6)) == "2026年5月6日"
    assert date_line(None).split() == ["年", "月", "日"]
