"""How each field type is read from raw input, worded for people and written as JSON.

`parse` takes what a form, sheet or REST call gives (text or JSON scalars) and gives the typed value of
`engine.model.values`, or raises `Malformed` with a wording in both languages. Empty input is None.
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
from engine.documents.identifiers import is_citizen_id, is_credit_code, is_mobile
from engine.documents.malformed import Malformed
from engine.expressions.limits import CONTEXT, MAX_DIGITS
from engine.model.documents import Field
from engine.model.values import Duration, StoredFile


@dataclass(frozen=True, slots=True)
class FieldKind:
    """Reads, words and writes the values of one field type."""

    parse: Callable[[object, Field], object]
    text: Callable[[object], str] = str
    json: Callable[[object], object] = str


_TEXT_LIMIT = 1_000_000


def _as_text(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, str | int | Decimal | float):
        raise Malformed("text", "应为文字", "must be text")
    text = str(raw)
    if "\x00" in text or len(text) > _TEXT_LIMIT:
        raise Malformed("text", "含有不允许的字符或过长", "contains forbidden characters or is too long")
    return text


def _line(raw: object, field: Field) -> object:
    text = " ".join(_as_text(raw).split())
    return text or None


def _lines(raw: object, field: Field) -> object:
    text = _as_text(raw).replace("\r\n", "\n").strip()
    return text or None


def _number(raw: object) -> Decimal:
    try:
        value = Decimal(_as_text(raw).strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise Malformed("number", "应为数字", "must be a number") from None
    if not value.is_finite() or abs(value.adjusted()) > 30:
        raise Malformed("number", "数字超出范围", "number is out of range")
    return value


@cache
def unit_of(scale: int) -> Decimal:
    """One in the last of so many decimal places."""
    return Decimal(1).scaleb(-scale)


def _integer(raw: object, field: Field) -> object:
    value = _number(raw)
    if value != value.to_integral_value():
        raise Malformed("integer", "应为整数", "must be a whole number")
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
    match = _DATE.fullmatch(_as_text(raw).strip())
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise Malformed("date", "没有这一天", "there is no such day") from None
    raise Malformed("date", "应为日期，如 2026-05-06", "must be a date such as 2026-05-06")


def _datetime(raw: object, field: Field) -> object:
    if isinstance(raw, datetime):
        return raw.replace(tzinfo=None)
    try:
        return datetime.fromisoformat(_as_text(raw).strip().replace("/", "-")).replace(tzinfo=None)
    except ValueError:
        raise Malformed(
            "datetime", "应为时间，如 2026-05-06 15:33", "must be a time such as 2026-05-06 15:33"
        ) from None


def _time(raw: object, field: Field) -> object:
    try:
        return raw if isinstance(raw, time) else time.fromisoformat(_as_text(raw).strip())
    except ValueError:
        raise Malformed("time", "应为时刻，如 15:33", "must be a time of day such as 15:33") from None


def _duration(raw: object, field: Field) -> object:
    return raw if isinstance(raw, Duration) else parse_duration(_as_text(raw))


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


def _file(raw: object, field: Field) -> object:
    if isinstance(raw, StoredFile):
        return raw
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise Malformed("file", "请先上传文件", "upload the file first") from None
    if isinstance(raw, list):
        return tuple(_file(part, field) for part in raw) or None
    if not isinstance(raw, Mapping):
        raise Malformed("file", "请先上传文件", "upload the file first")
    try:
        return StoredFile(str(raw["hash"]), str(raw["name"]), int(raw["size"]), str(raw["media"]))
    except (KeyError, TypeError, ValueError):
        raise Malformed("file", "请先上传文件", "upload the file first") from None


def _json(raw: object, field: Field) -> object:
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw, parse_float=Decimal)
    except ValueError:
        raise Malformed("json", "应为 JSON", "must be JSON") from None


def _secret(raw: object, field: Field) -> object:
    return _as_text(raw) or None


def _file_json(value: object) -> object:
    if isinstance(value, tuple):
        return [_file_json(part) for part in value]
    assert isinstance(value, StoredFile)
    return {"hash": value.hash, "name": value.name, "size": value.size, "media": value.media}


def _file_text(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(_file_text(part) for part in value)
    return value.name if isinstance(value, StoredFile) else ""


def _number_text(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


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
_FILE = FieldKind(_file, _file_text, _file_json)
_WHOLE = FieldKind(_integer, str, _same)
_NUMBER = FieldKind(_decimal, _number_text, _number_text)
_LONG = FieldKind(_lines)

FIELD_KINDS: Mapping[str, FieldKind] = {
    "text": _PLAIN,
    "long_text": _LONG,
    "rich_text": _LONG,
    "integer": _WHOLE,
    "counter": _WHOLE,
    "decimal": _NUMBER,
    "money": FieldKind(_decimal, lambda v: f"{v:,.2f}" if isinstance(v, Decimal) else str(v), _number_text),
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
            lambda t: re.fullmatch(r"\d{4,13}", t) is not None, "hs_code", "商品编码应为4至13位数字", "4 to 13 digits"
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
