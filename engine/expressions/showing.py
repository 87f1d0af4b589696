"""Values as text: how a value stands in a sentence, a number or a message, with a format or without.

In: one value, a format such as `%Y%m%d`, `06`, `,.2`. Out: text. The browser twin writes the same characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from engine.expressions.limits import CONTEXT
from engine.model.values import Duration, StoredFile

MAX_WIDTH = 64

_NUMBER_FORMAT = re.compile(r"(?P<width>0?[0-9]{0,2})(?P<comma>,?)(?:\.(?P<digits>[0-9]{1,2}))?[fd]?")
_DIRECTIVE = re.compile(r"%(-?[A-Za-z%])")
_DIRECTIVES: Mapping[str, Callable[[datetime], str]] = {
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "-m": lambda moment: str(moment.month),
    "d": lambda moment: f"{moment.day:02}",
    "-d": lambda moment: str(moment.day),
    "H": lambda moment: f"{moment.hour:02}",
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "f": lambda moment: f"{moment.microsecond:06}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "%": lambda _moment: "%",
}
_WORDS = {
    "zh": {"yes": "是", "no": "否", "months": "个月", "working": "个工作日", "days": "天", "hours": "小时",
           "minutes": "分", "seconds": "秒", "between": ""},
    "en": {"yes": "yes", "no": "no", "months": " months", "working": " working days", "days": " d", "hours": " h",
           "minutes": " min", "seconds": " s", "between": " "},
}  # fmt: skip


def format_is_known(spec: str) -> bool:
    """Whether a format can be used at all: a number format, or a date format of known directives."""
    if "%" in spec:
        return all(found in _DIRECTIVES for found in _DIRECTIVE.findall(spec)) and not _DIRECTIVE.sub("", spec).count(
            "%"
        )
    found = _NUMBER_FORMAT.fullmatch(spec)
    return found is not None and int(found["width"] or 0) <= MAX_WIDTH and int(found["digits"] or 0) <= 30


def shown(value: object, spec: str = "", language: str = "zh") -> str:
    """The value as text; null is nothing. A format that does not fit the value is passed over."""
    if value is None:
        return ""
    if spec and isinstance(value, date | time):
        return _moment(value, spec)
    if spec and not isinstance(value, bool) and isinstance(value, int | Decimal | str):
        return _measured(value, spec)
    return _plain(value, language)


def _plain(value: object, language: str) -> str:
    words = _WORDS.get(language, _WORDS["zh"])
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, Decimal):
        return plain_number(value)
    if isinstance(value, date | time):
        return value.isoformat(" ", "seconds") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Duration):
        return _duration(value, words)
    if isinstance(value, StoredFile):
        return value.name
    if isinstance(value, Mapping):
        return str(value.get("number") or value.get("id") or "")
    if isinstance(value, Collection) and not isinstance(value, str):
        return "、".join(_plain(item, language) for item in value if item is not None)
    return str(value)


def plain_number(value: Decimal) -> str:
    """Digits without exponent and without zeros that say nothing: 1.50 is 1.5."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _duration(value: Duration, words: Mapping[str, str]) -> str:
    seconds = abs(value.seconds)
    whole = int(seconds)
    parts = (
        (abs(value.months), "months"),
        (abs(value.working_days), "working"),
        (whole // 86400, "days"),
        (whole % 86400 // 3600, "hours"),
        (whole % 3600 // 60, "minutes"),
        (whole % 60, "seconds"),
    )
    text = words["between"].join(f"{count}{words[unit]}" for count, unit in parts if count)
    negative = value.months < 0 or value.working_days < 0 or value.seconds < 0
    return ("-" if negative and text else "") + (text or f"0{words['minutes']}")


def _moment(value: date | time, spec: str) -> str:
    if "%" not in spec:
        return _plain(value, "zh")
    if isinstance(value, time):
        moment = datetime.combine(date(2000, 1, 1), value)
    else:
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return _DIRECTIVE.sub(lambda match: _directive(match[1], moment), spec)


def _directive(name: str, moment: datetime) -> str:
    made = _DIRECTIVES.get(name)
    return made(moment) if made else ""


def _measured(value: int | Decimal | str, spec: str) -> str:
    found = _NUMBER_FORMAT.fullmatch(spec)
    if found is None:
        return _plain(value, "zh")
    width = min(int(found["width"] or 0), MAX_WIDTH)
    if isinstance(value, str):
        return value.rjust(width, "0" if found["width"].startswith("0") else " ")
    text = _digits(Decimal(value), found["digits"], grouped=bool(found["comma"]))
    if found["width"].startswith("0") and text.startswith("-"):
        return "-" + text[1:].rjust(width - 1, "0")
    return text.rjust(width, "0" if found["width"].startswith("0") else " ")


def _digits(value: Decimal, digits: str | None, *, grouped: bool) -> str:
    if digits is not None and value.adjusted() + int(digits) < CONTEXT.prec:
        value = value.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP, CONTEXT)
        text = format(value, "f")
    else:
        text = plain_number(value)
    if not grouped:
        return text
    whole, point, rest = text.partition(".")
    sign, whole = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(whole):,}{point}{rest}"


_SLOT = re.compile(r"\{\{|\}\}|\{(?::(?P<spec>[^{}]*))?\}")


@lru_cache(maxsize=500)
def slots(pattern: str) -> tuple[str, ...] | None:
    """Formats of the slots `{}` and `{:06}` of a pattern in order; None when its braces do not fit."""
    specs = tuple(match["spec"] or "" for match in _SLOT.finditer(pattern) if match.group() not in {"{{", "}}"})
    rest = _SLOT.sub("", pattern)
    fits = "{" not in rest and "}" not in rest and all(format_is_known(spec) for spec in specs)
    return specs if fits else None


def filled(pattern: str, values: Collection[object]) -> str:
    """The pattern with its slots filled in order; doubled braces are braces."""
    pending = iter(values)

    def piece(match: re.Match[str]) -> str:
        if match.group() in {"{{", "}}"}:
            return match.group()[0]
        return shown(next(pending, None), match["spec"] or "")

    return _SLOT.sub(piece, pattern)
