"""Single values as texts of a message, and back.

In: a type, the form of dates (`%Y%m%d%H%M%S`, with `%3f` for milliseconds; C and POSIX names of strftime). Out: a
function that writes, one that reads and raises `Misread`. Numbers are plain decimals as XML Schema writes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from engine.documents.durations import duration_text
from engine.model.types import Kind
from engine.model.values import Duration, StoredFile

ToText = Callable[[object], str]
FromText = Callable[[str], object]
LONGEST_NUMBER = 100
_WIDTHS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "3f": 3, "f": 6}
_MARK = re.compile(r"%(3f|.)")
_LEAST = {"Y": 1, "m": 1, "d": 1, "H": 0, "M": 0, "S": 0, "3f": 0, "f": 0}


class Misread(ValueError):
    """A text of a message is not what its element should hold; worded for whoever sent it."""

    def __init__(self, zh: str, en: str) -> None:
        self.text = {"zh": zh, "en": en}
        super().__init__(en)


def text_of(kind: Kind, form: str = "", *, exact: bool = False) -> ToText:
    """How values of a kind are written. `exact` keeps the zeros at the end of a decimal, else they are left out."""
    if kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
        return _moment_writer(form) if form else _plain
    if kind is Kind.NUMBER:
        return _number if exact else _short
    return str if kind in (Kind.TEXT, Kind.CODE, Kind.REF, Kind.INTEGER) else _plain


def value_of(kind: Kind, form: str = "") -> FromText:
    """How texts of a kind are read. An empty text is read by nobody: the caller keeps it as it is."""
    if kind in (Kind.DATE, Kind.DATETIME, Kind.TIME):
        return _moment_reader(kind, form)
    return _READERS.get(kind, as_it_stands)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, StoredFile):
        return value.hash
    if isinstance(value, tuple | list):
        return ",".join(_plain(part) for part in value)
    return str(value)


def _number(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else _plain(value)


def _short(value: object) -> str:
    text = f"{value:f}" if isinstance(value, Decimal) else _plain(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment_writer(form: str) -> ToText:
    before, milli, after = form.partition("%3f")

    def write(value: object) -> str:
        if not isinstance(value, date | time):
            return _plain(value)
        if not milli:
            return value.strftime(form)
        thousandth = value.microsecond // 1000 if isinstance(value, datetime | time) else 0
        return f"{value.strftime(before)}{thousandth:03}{value.strftime(after) if after else ''}"

    return write


def _moment_reader(kind: Kind, form: str) -> FromText:
    wanted = Misread(f"应为{_worded(form)}格式的时间", f"must be a moment written {_worded(form)}")
    if not form:
        return lambda text: _iso(kind, text.strip(), wanted)
    parts = _sliced(form)

    def read(text: str) -> object:
        text = text.strip()
        try:
            return _joined(kind, parts, text) if parts is not None else _cut(kind, datetime.strptime(text, form))
        except ValueError:
            raise wanted from None

    return read


def _worded(form: str) -> str:
    names = {"Y": "yyyy", "m": "MM", "d": "dd", "H": "HH", "M": "mm", "S": "ss", "3f": "SSS", "f": "SSSSSS"}
    return _MARK.sub(lambda mark: names.get(mark[1], mark[0]), form) or "ISO 8601"


_Slice = tuple[str, int, int]


def _sliced(form: str) -> tuple[list[_Slice], list[tuple[str, int]], int] | None:
    """Where each part of a moment stands, what stands between them, how long it is; None where widths may differ."""
    parts: list[_Slice] = []
    between: list[tuple[str, int]] = []
    at = end = 0
    for mark in _MARK.finditer(form):
        literal = form[end : mark.start()]
        if literal:
            between.append((literal, at))
        at, end = at + len(literal), mark.end()
        if mark[1] not in _WIDTHS:
            return None
        parts.append((mark[1], at, at + _WIDTHS[mark[1]]))
        at += _WIDTHS[mark[1]]
    if rest := form[end:]:
        between.append((rest, at))
    return parts, between, at + len(rest)


def _joined(kind: Kind, sliced: tuple[list[_Slice], list[tuple[str, int]], int], text: str) -> object:
    parts, between, length = sliced
    digits = "".join(text[start:end] for _, start, end in parts)
    if len(text) != length or not digits.isascii() or not digits.isdigit():
        raise ValueError(text)
    if any(text[at : at + len(literal)] != literal for literal, at in between):
        raise ValueError(text)
    found = dict(_LEAST) | {name: int(text[start:end]) for name, start, end in parts}
    micro = found["f"] or found["3f"] * 1000
    return _cut(kind, datetime(found["Y"], found["m"], found["d"], found["H"], found["M"], found["S"], micro))


def _iso(kind: Kind, text: str, wanted: Misread) -> object:
    try:
        if kind is Kind.TIME:
            return time.fromisoformat(text).replace(tzinfo=None)
        return _cut(kind, datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError:
        raise wanted from None


def _cut(kind: Kind, moment: datetime) -> object:
    if kind is Kind.DATE:
        return moment.date()
    return moment.time() if kind is Kind.TIME else moment


_PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z")


def _decimal(text: str) -> object:
    text = text.strip()
    if len(text) > LONGEST_NUMBER or _PLAIN_NUMBER.match(text) is None:
        raise Misread("应为数字", "must be a number")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Misread("应为数字", "must be a number") from None


def _integer(text: str) -> object:
    value = _decimal(text)
    assert isinstance(value, Decimal)
    if value != value.to_integral_value():
        raise Misread("应为整数", "must be a whole number")
    return int(value)


def _boolean(text: str) -> object:
    found = {"true": True, "1": True, "false": False, "0": False}.get(text.strip())
    if found is None:
        raise Misread("应为 true 或 false", "must be true or false")
    return found


def as_it_stands(text: str) -> object:
    """A text is its own value."""
    return text


_READERS: dict[Kind, FromText] = {Kind.NUMBER: _decimal, Kind.INTEGER: _integer, Kind.BOOLEAN: _boolean}
