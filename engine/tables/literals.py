"""Literals of cells: the values that can stand in a cell, by the kind of its column.

In: text and an offset. Out: value and the offset behind it, or None when no literal of the kind begins there. Knows
nothing of tests, lists or intervals. Standard: FEEL literals (DMN 1.x, grammar rules 33 to 37), ISO 8601 for dates,
times and durations; `3 working days` and its like as in the definition language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from engine.model.types import Kind
from engine.model.values import Duration, Scalar

Read = tuple[Scalar, int]

TEXTS = frozenset({Kind.TEXT, Kind.CODE, Kind.CODES, Kind.REF, Kind.REFS})
NUMBERS = frozenset({Kind.INTEGER, Kind.NUMBER})
UNTYPED = frozenset({Kind.ANY, Kind.JSON, Kind.LIST, Kind.NULL})

_END = r"(?=\s*(?:$|,|\)|\]|\[|\.\.))"
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)" + _END)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'')
_WORD = re.compile(r"(?:true|false|null)" + _END)
_CALL = re.compile(r"""(date and time|date|time|duration)\(\s*(["'])([^"']*)\2\s*\)""")
_AT = re.compile(r'@"([^"]*)"')
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}" + _END)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?" + _END)
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?" + _END)
_ISO = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?"
)
_PHRASE = re.compile(
    r"(-?[0-9]+(?:\.[0-9]+)?)\s+(working\s+days?|seconds?|minutes?|hours?|days?|weeks?|months?|years?)" + _END
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def read_literal(text: str, at: int, kind: Kind) -> Read | None:
    """The literal that begins at an offset; raises ValueError for one that cannot be (30 February)."""
    word = _WORD.match(text, at)
    if word and word.group() == "null":
        return None, word.end()
    for reader in _READERS.get(kind, _UNTYPED_READERS):
        found = reader(text, at)
        if found is not None:
            return found
    return None


def _quoted(text: str, at: int) -> Read | None:
    match = _QUOTED.match(text, at)
    if match is None:
        return None
    body = match.group(1) if match.group(1) is not None else match.group(2)
    return re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), body), match.end()


def _number(text: str, at: int) -> Read | None:
    match = _NUMBER.match(text, at)
    return (Decimal(match.group()), match.end()) if match else None


def _integer(text: str, at: int) -> Read | None:
    """Whole numbers are int, others stay Decimal: an order comparison may name them."""
    match = _NUMBER.match(text, at)
    if match is None:
        return None
    number = Decimal(match.group())
    return (int(number) if number == number.to_integral_value() else number), match.end()


def _boolean(text: str, at: int) -> Read | None:
    match = _WORD.match(text, at)
    return (match.group() == "true", match.end()) if match and match.group() != "null" else None


def _called(text: str, at: int) -> Read | None:
    match = _CALL.match(text, at)
    if match:
        return _CALLED[match.group(1)](match.group(3)), match.end()
    match = _AT.match(text, at)
    return (_told(match.group(1)), match.end()) if match else None


def _told(text: str) -> Scalar:
    """The value of `@"..."`: its form says which kind it is."""
    if "P" in text:
        return iso_duration(text)
    if "T" in text:
        return datetime.fromisoformat(text)
    return date.fromisoformat(text) if "-" in text[:5] else time.fromisoformat(text)


def _bare(pattern: re.Pattern[str], value: Callable[[str], Scalar]) -> Callable[[str, int], Read | None]:
    def read(text: str, at: int) -> Read | None:
        match = pattern.match(text, at)
        return (value(match.group()), match.end()) if match else None

    return read


def iso_duration(text: str) -> Duration:
    """An ISO 8601 duration; raises ValueError."""
    match = _ISO.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in match.groups()[1:7])
    seconds = Decimal(match.group(8) or 0) + ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60
    length = Duration(months=years * 12 + months, seconds=seconds)
    return -length if match.group(1) else length


def _duration(text: str, at: int) -> Read | None:
    match = _ISO.match(text, at)
    if match:
        return iso_duration(match.group()), match.end()
    phrase = _PHRASE.match(text, at)
    return (_phrase(Decimal(phrase.group(1)), phrase.group(2)), phrase.end()) if phrase else None


def _phrase(amount: Decimal, words: str) -> Duration:
    unit = words.rsplit(maxsplit=1)[-1].removesuffix("s")
    if unit in _SECONDS and not words.startswith("working"):
        return Duration(seconds=amount * _SECONDS[unit])
    if amount != int(amount):
        raise ValueError(words)
    if words.startswith("working"):
        return Duration(working_days=int(amount))
    return Duration(months=int(amount) * (12 if unit == "year" else 1))


_CALLED: dict[str, Callable[[str], Scalar]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "date and time": datetime.fromisoformat,
    "duration": iso_duration,
}
_iso_date = _bare(_DATE, date.fromisoformat)
_iso_moment = _bare(_MOMENT, datetime.fromisoformat)
_iso_time = _bare(_TIME, time.fromisoformat)
_UNTYPED_READERS = (_quoted, _number, _boolean, _called, _iso_moment, _iso_date)
_READERS: dict[Kind, tuple[Callable[[str, int], Read | None], ...]] = {
    **dict.fromkeys(TEXTS, (_quoted,)),
    Kind.INTEGER: (_integer,),
    Kind.NUMBER: (_number,),
    Kind.BOOLEAN: (_boolean,),
    Kind.DATE: (_called, _iso_date),
    Kind.DATETIME: (_called, _iso_moment),
    Kind.TIME: (_called, _iso_time),
    Kind.DURATION: (_called, _duration),
}
