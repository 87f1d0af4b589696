"""Dates and amounts as Chinese paper writes them.

In: dates, decimals. Out: text. Amounts follow the rules for filling in bills (《支付结算办法》 annex 1): capital
numerals, one 零 for a run of noughts, 整 after yuan and jiao. Knows no template.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_HIGHEST = Decimal(10) ** 16
_BLANK = "\u3000"


def date_zh(day: date) -> str:
    """2026年5月6日."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_line(day: date | None) -> str:
    """A date, or the room to write one by hand."""
    if day is not None:
        return date_zh(day)
    return f"{_BLANK * 4}年{_BLANK * 2}月{_BLANK * 2}日"


def capitals(amount: Decimal | int) -> str:
    """壹仟零贰元伍角整. Raises ValueError from 10**16 yuan on."""
    fen = int((abs(Decimal(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    if fen >= _HIGHEST * 100:
        raise ValueError("the amount is too large to be written in capitals")
    yuan, rest = divmod(fen, 100)
    text = _whole(yuan) + "元" if yuan else ""
    text += _fraction(*divmod(rest, 10), after_yuan=bool(yuan))
    return ("负" if amount < 0 and fen else "") + (text or "零元整")


def _whole(number: int) -> str:
    """The number by groups of four digits; a group that lost its head, or follows an empty one, begins with 零."""
    text, gap = "", False
    for place in range(len(_GROUPS) - 1, -1, -1):
        group = number // 10_000**place % 10_000
        if group:
            text += "零" if text and (gap or group < 1000) else ""
            text += _group(group) + _unit(place, number)
            gap = False
        else:
            gap = bool(text)
    return text


def _unit(place: int, number: int) -> str:
    """万亿 is said as 万 when a group of 亿 follows: 壹万贰仟亿."""
    if place == 3:
        return "万" if number // 10_000**2 % 10_000 else "万亿"
    return _GROUPS[place]


def _group(group: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            text += ("零" if text and gap else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return text


def _fraction(jiao: int, fen: int, *, after_yuan: bool) -> str:
    if not jiao and not fen:
        return "整" if after_yuan else ""
    text = f"{_DIGITS[jiao]}角" if jiao else ("零" if after_yuan else "")
    return text + (f"{_DIGITS[fen]}分" if fen else "整")
