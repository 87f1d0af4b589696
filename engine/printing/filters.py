"""Filters of print templates: `{{ value | name }}`.

In: display values. Out: text or HTML. Each filter says which kinds of values it fits (`None` for any), so the checker
can refuse `{{ name | date }}` at load. None of them can make much out of little. Knows no template language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from html import escape

from engine.model.types import Kind
from engine.printing.chinese import capitals, date_line, date_zh
from engine.printing.limits import Exhausted, Limits
from engine.printing.views import CodesView, CodeView, EmptyRow, FileView, Html, shown

_ROWS, _TEXT = Limits().rows, Limits().text
_DAYS = frozenset({Kind.DATE, Kind.DATETIME})
_NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})
_MANY = frozenset({Kind.ROWS, Kind.LIST, Kind.REFS, Kind.CODES, Kind.FILES})


@dataclass(frozen=True, slots=True)
class Filter:
    """`fits` are the kinds it takes, `gives` the kind of its result (None: that of its input)."""

    call: Callable[..., object]
    fits: frozenset[Kind] | None = None
    gives: Kind | None = Kind.TEXT


def _day(value: date | None) -> str:
    return f"{value:%Y-%m-%d}" if value else ""


def _moment(value: datetime | None) -> str:
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


def _hour(value: time | datetime | None) -> str:
    return f"{value:%H:%M}" if value else ""


def _date_zh(value: date | None) -> str:
    return date_zh(value) if value else ""


def _date_line(value: date | None) -> str:
    return date_line(value)


def _capitals(value: Decimal | int | None) -> str:
    return "" if value is None else capitals(value)


def _number(value: Decimal | int | None, digits: int = 0) -> str:
    """1,234.50 with `digits` places after the point, halves away from zero."""
    if value is None:
        return ""
    places = Decimal(1).scaleb(-min(max(digits, 0), 20))
    return f"{Decimal(value).quantize(places, ROUND_HALF_UP):,f}"


def _money(value: Decimal | int | None) -> str:
    return _number(value, 2)


def mask(value: object, pattern: str = "6****4") -> str:
    """`6****4` keeps the first six and the last four signs; a text too short for that is covered whole."""
    text = shown(value)
    stars = pattern.strip("0123456789") or "****"
    head, _, tail = pattern.partition(stars)
    front, back = int(head or 0), int(tail or 0)
    if len(text) <= front + back:
        return "*" * len(text)
    return text[:front] + stars + text[len(text) - back :]


def _chosen(value: object, code: object) -> bool:
    if code is None:
        return bool(value)
    if isinstance(value, tuple | list | CodesView):
        return code in value
    return value == code


def _box(value: object, code: object = None) -> Html:
    """A box with √ when the value is true or holds the code, with × when not."""
    return Html(f'<span class="box">{"√" if _chosen(value, code) else "×"}</span>')


def _tick(value: object, code: object = None) -> Html:
    """The same, but the box stays empty when not."""
    return Html(f'<span class="box">{"√" if _chosen(value, code) else "&#x3000;"}</span>')


def _lines(value: object) -> Html:
    """Text whose line ends are kept."""
    return Html(escape(shown(value)).replace("\r\n", "\n").replace("\n", "<br>"))


def _snug(value: object, longest: int = 10) -> Html:
    """Text set smaller when it has more signs than fit, so that no single one stands alone on a line."""
    text = escape(shown(value))
    return Html(f'<span class="snug">{text}</span>' if len(shown(value)) > longest else text)


def _picture(value: FileView | None, css: str = "picture") -> Html:
    if value is None or not value.src:
        return Html("")
    return Html(f'<img class="{escape(css)}" src="{escape(value.src)}" alt="{escape(value.name)}">')


def _join(values: Iterable[object] | None, between: str = "、") -> str:
    """Items with a text between them. Raises Exhausted for more than a text may hold, TypeError for no list."""
    if isinstance(values, str):
        raise TypeError("join takes a list")
    pieces = [shown(value) for value in values or ()]
    if sum(map(len, pieces)) + len(pieces) * len(between) > _TEXT:
        raise Exhausted("text", _TEXT)
    return between.join(pieces)


def _first(values: Iterable[object] | None) -> object:
    return next(iter(values or ()), None)


def _last(values: Sequence[object] | None) -> object:
    return list(values)[-1] if values else None


def _length(values: Sequence[object] | None) -> int:
    return len(values or ())


def _padded(values: Sequence[object] | None, height: int) -> list[object]:
    """The rows, and empty ones after them up to `height` in all. Raises Exhausted."""
    if height > _ROWS:
        raise Exhausted("rows", _ROWS)
    rows = list(values or ())
    return rows + [EmptyRow()] * (height - len(rows))


def _default(value: object, instead: object = "") -> object:
    return instead if value is None or value == "" else value


def _total(values: Iterable[object] | None) -> Decimal:
    return sum((Decimal(str(value)) for value in values or () if value is not None), Decimal(0))


def _code(value: CodeView | None) -> str:
    return value.code if value else ""


FILTERS = {
    "date": Filter(_day, _DAYS),
    "date_zh": Filter(_date_zh, _DAYS),
    "date_line": Filter(_date_line, _DAYS),
    "datetime": Filter(_moment, frozenset({Kind.DATETIME})),
    "time": Filter(_hour, frozenset({Kind.TIME, Kind.DATETIME})),
    "rmb": Filter(_capitals, _NUMBERS),
    "money": Filter(_money, _NUMBERS),
    "number": Filter(_number, _NUMBERS),
    "total": Filter(_total, _MANY, Kind.NUMBER),
    "masked": Filter(mask, frozenset({Kind.TEXT})),
    "box": Filter(_box, frozenset({Kind.BOOLEAN, Kind.CODE, Kind.CODES})),
    "tick": Filter(_tick, frozenset({Kind.BOOLEAN, Kind.CODE, Kind.CODES})),
    "code": Filter(_code, frozenset({Kind.CODE})),
    "lines": Filter(_lines, frozenset({Kind.TEXT})),
    "snug": Filter(_snug, frozenset({Kind.TEXT})),
    "picture": Filter(_picture, frozenset({Kind.FILE})),
    "join": Filter(_join, _MANY),
    "length": Filter(_length, _MANY | {Kind.TEXT}, Kind.INTEGER),
    "padded": Filter(_padded, frozenset({Kind.ROWS}), None),
    "first": Filter(_first, _MANY, None),
    "last": Filter(_last, _MANY, None),
    "default": Filter(_default, None, None),
    "trim": Filter(lambda value: shown(value).strip(), frozenset({Kind.TEXT})),
    "upper": Filter(lambda value: shown(value).upper(), frozenset({Kind.TEXT})),
}
"""Own filters by name. The template language adds none of its own but those of `engine.printing.sandbox.BORROWED`."""
