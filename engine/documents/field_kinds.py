"""How each field type is read from raw input, worded for people and written as JSON.

`parse` takes what a form, sheet or REST call gives (text or JSON scalars) and gives the typed value of
`engine.model.values`, or raises `Malformed` with a wording in both languages. Empty input is None.

Long because it is the one table of all field types, a few lines each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache

from engine.documents.durations import duration_text, parse_duration
from engine.documents.file_values import file_json, file_text, parse_file
from engine.documents.identifiers import is_citizen_id, is_credit_code, is_mobile
from engine.documents.malformed import Malformed
from engine.expressions.limits import CONTEXT, MAX_DIGITS
from engine.model.documents import Field
from engine.model.values import Duration


@dataclass(frozen=True, slots=True)
class FieldKind:
    """Reads, words and writes the values of one field type."""

    parse: Callable[[object, Field], object]
    text: Callable[[object], str] = str
    json: Callable[[object], object] = str


_TEXT_LIMIT = 1_000_000
_NUMBER_LIMIT = 100  # characters of a number, day or length of time as written: more is no mistake of the pen
_MOST_INTEGER = 2**63  # what every database keeps in a column of whole numbers
_DEEPEST_JSON = 32
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Signs that databases, XML or UTF-8 cannot hold: controls, halves of surrogate pairs, non-characters."""


def _as_text(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal | float):
        raise Malformed("text", "应为文字", "must be text")
    text = str(raw)
    if len(text) > _TEXT_LIMIT or not is_kept(text):
        raise Malformed("text", "含有不允许的字符或过长", "contains forbidden characters or is too long")
    return text


def is_kept(text: str) -> bool:
    """Whether every sign of a text can be stored, sent and printed."""
    return _UNKEPT.search(text) is None


def _brief(raw: object, code: str, zh: str, en: str) -> str:
    """A text that is read sign by sign; a long one is refused unread."""
    text = _as_text(raw).strip()
    if len(text) > _NUMBER_LIMIT:
        raise Malformed(code, zh, en)
    return text


def _line(raw: object, field: Field) -> object:
    text = " ".join(_as_text(raw).split())
    return text or None


def _lines(raw: object, field: Field) -> object:
    text = _as_text(raw).replace("\r\n", "\n").strip()
    return text or None


def _number(raw: object) -> Decimal:
    text = _brief(raw, "number", "数字超出范围", "number is out of range")
    try:
        value = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise Malformed("number", "应为数字", "must be a number") from None
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise Malformed("number", "数字超出范围", "number is out of range")
    return value


_CENTS = 2


@cache
def unit_of(scale: int) -> Decimal:
    """One in the last of so many decimal places."""
    return Decimal(1).scaleb(-scale)


def _integer(raw: object, field: Field) -> object:
    value = _number(raw)
    if value != value.to_integral_value():
        raise Malformed("integer", "应为整数", "must be a whole number")
    if abs(value) >= _MOST_INTEGER:
        raise Malformed("number", "数字超出范围", "number is out of range")
    return int(value)


def _decimal(raw: object, field: Field) -> object:
    value = _number(raw)
    scale = field.scale if field.scale is not None else (2 if field.kind == "money" else None)
    digits = field.digits
    if scale is None:
        fixed = value
    elif value.adjusted() + scale >= MAX_DIGITS:
        raise Malformed("number", "数字超出范围", "number is out of range")
    else:
        fixed = value.quantize(unit_of(scale), context=CONTEXT)
        if fixed != value:
            raise Malformed("scale", f"最多{scale}位小数", f"at most {scale} decimal places")
    if digits is not None and len(str(abs(int(value)))) > digits - (scale or 0) and abs(value) >= 1:
        raise Malformed("digits", f"最多{digits - (scale or 0)}位整数", f"at most {digits - (scale or 0)} whole digits")
    return fixed


_TRUE = {"true", "1", "on", "yes", "是", "√"}
_FALSE = {"false", "0", "off", "no", "否", "×"}


def _boolean(raw: object, field: Field) -> object:
    if isinstance(raw, bool):
        return raw
    text = _as_text(raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise Malformed("boolean", "应为“是”或“否”", "must be yes or no")


_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?")


def _date(raw: object, field: Field) -> object:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    wanted = ("date", "应为日期，如 2026-05-06", "must be a date such as 2026-05-06")
    match = _DATE.fullmatch(_brief(raw, *wanted))
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise Malformed("date", "没有这一天", "there is no such day") from None
    raise Malformed(*wanted)


def _datetime(raw: object, field: Field) -> object:
    if isinstance(raw, datetime):
        return raw.replace(tzinfo=None)
    wanted = ("datetime", "应为时间，如 2026-05-06 15:33", "must be a time such as 2026-05-06 15:33")
    try:
        return datetime.fromisoformat(_brief(raw, *wanted).replace("/", "-")).replace(tzinfo=None)
    except ValueError:
        raise Malformed(*wanted) from None


def _time(raw: object, field: Field) -> object:
    wanted = ("time", "应为时刻，如 15:33", "must be a time of day such as 15:33")
    try:
        return raw if isinstance(raw, time) else time.fromisoformat(_brief(raw, *wanted)).replace(tzinfo=None)
    except ValueError:
        raise Malformed(*wanted) from None


def _duration(raw: object, field: Field) -> object:
    if isinstance(raw, Duration):
        return raw
    return parse_duration(_brief(raw, "duration", "应为时长，如 45 days", "must be a length of time such as 45 days"))


def _several(raw: object, field: Field) -> object:
    if isinstance(raw, str):
        raw = [part.strip() for part in re.split(r"[,，;；]", raw)]
    if not isinstance(raw, list | tuple):
        raise Malformed("several", "应为列表", "must be a list")
    return tuple(dict.fromkeys(_as_text(part).strip() for part in raw if part not in (None, ""))) or None


def _checked(test: Callable[[str], bool], code: str, zh: str, en: str) -> Callable[[object, Field], object]:
    def parse(raw: object, field: Field) -> object:
        text = re.sub(r"\s", "", _as_text(raw)).upper()
        if not text:
            return None
        if not test(text):
            raise Malformed(code, zh, en)
        return text

    return parse


def _json(raw: object, field: Field) -> object:
    try:
        found = json.loads(raw, parse_float=Decimal, parse_constant=Decimal) if isinstance(raw, str) else raw
        return _checked_json(found, _DEEPEST_JSON)
    except (ValueError, RecursionError):
        raise Malformed("json", "应为 JSON", "must be JSON") from None


def _checked_json(value: object, deepest: int) -> object:
    """The value itself. Raises ValueError for one nested too deeply, or with a sign or number that cannot be kept."""
    if deepest < 0 or (isinstance(value, str) and not is_kept(value)):
        raise ValueError(value)
    if isinstance(value, float | Decimal) and not Decimal(value).is_finite():
        raise ValueError(value)
    parts = [*value, *value.values()] if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    for part in parts:
        _checked_json(part, deepest - 1)
    return value


def _secret(raw: object, field: Field) -> object:
    return _as_text(raw) or None


def _number_text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _decimal_text(value: object) -> str:
    """A number for people: zeros that only fill up its places are left out, such as those of 7.50000; cents stay."""
    text = _number_text(value)
    return text.rstrip("0").removesuffix(".") if len(text.partition(".")[2]) > _CENTS else text


def _datetime_text(value: object) -> str:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, datetime) else str(value)


def _datetime_json(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def _same(value: object) -> object:
    return value


_PLAIN = FieldKind(_line)
_CODE = FieldKind(_line)
_SEVERAL = FieldKind(
    _several,
    lambda v: "、".join(v) if isinstance(v, tuple) else str(v),
    lambda v: list(v) if isinstance(v, tuple) else v,
)
_FILE = FieldKind(parse_file, file_text, file_json)
_WHOLE = FieldKind(_integer, str, _same)
_NUMBER = FieldKind(_decimal, _decimal_text, _number_text)
_LONG = FieldKind(_lines)

FIELD_KINDS: Mapping[str, FieldKind] = {
    "text": _PLAIN,
    "long_text": _LONG,
    "rich_text": _LONG,
    "integer": _WHOLE,
    "counter": _WHOLE,
    "decimal": _NUMBER,
    "money": FieldKind(_decimal, lambda v: f"{v:,.2f}" if isinstance(v, Decimal | int) else str(v), _number_text),
    "boolean": FieldKind(_boolean, lambda v: "是" if v else "否", _same),
    "date": FieldKind(_date),
    "time": FieldKind(_time, lambda v: v.strftime("%H:%M") if isinstance(v, time) else str(v)),
    "datetime": FieldKind(_datetime, _datetime_text, _datetime_json),
    "duration": FieldKind(
        _duration,
        lambda v: duration_text(v) if isinstance(v, Duration) else str(v),
        lambda v: duration_text(v) if isinstance(v, Duration) else str(v),
    ),
    "code": _CODE,
    "codes": _SEVERAL,
    "ref": _CODE,
    "refs": _SEVERAL,
    "file": _FILE,
    "image": _FILE,
    "json": FieldKind(_json, lambda v: json.dumps(v, ensure_ascii=False, default=str), _same),
    "citizen_id": FieldKind(_checked(is_citizen_id, "citizen_id", "身份号码不正确", "not a valid citizen number")),
    "credit_code": FieldKind(
        _checked(is_credit_code, "credit_code", "统一社会信用代码不正确", "not a valid unified social credit code")
    ),
    "mobile": FieldKind(_checked(is_mobile, "mobile", "手机号码不正确", "not a valid mobile number")),
    "mrz": FieldKind(_lines),
    "hs_code": FieldKind(
        _checked(
            lambda t: re.fullmatch(r"[0-9]{4,13}", t) is not None,
            "hs_code",
            "商品编码应为4至13位数字",
            "4 to 13 digits",
        )
    ),
    "password": FieldKind(_secret, lambda v: "••••••", lambda v: None),
    "signature": _PLAIN,
}


def parse(raw: object, field: Field) -> object:
    """The typed value of one raw cell; None when empty. Raises Malformed."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    return FIELD_KINDS[field.kind].parse(raw, field)


def text_of(value: object, kind: str) -> str:
    """The value worded for people; empty for None."""
    return "" if value is None else FIELD_KINDS[kind].text(value)


def json_of(value: object, kind: str) -> object:
    """The value as JSON carries it."""
    return None if value is None else FIELD_KINDS[kind].json(value)
