"""Values inside JSON: every value of `engine.model.values` to plain JSON and back without loss.

In and out: Python values and JSON text. What JSON has no word for becomes an object of one key that begins with `$`
(`{"$decimal": "1.50"}`), so the rest stays readable by any tool. The text is canonical (sorted keys, no spaces): equal
values give equal text, which seals and comparisons rely on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Context, Decimal

from engine.model.values import Duration, StoredFile

_WIDE = Context(prec=120)
_AS_IT_IS = frozenset({str, int, float, bool, type(None)})
"""Kinds that JSON has itself. Asked first: most of what is kept are long lists of these."""


def dumps(value: object) -> str:
    """Canonical JSON text. Raises TypeError for what is no value."""
    return json.dumps(encode(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def loads(text: str) -> object:
    """The value behind a text of `dumps`."""
    return decode(json.loads(text))


def encode(value: object) -> object:
    """A value as plain JSON data."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return _encode_mapping(value)
    if isinstance(value, tuple):
        return {"$tuple": _encode_all(value)}
    if isinstance(value, list):
        return _encode_all(value)
    return _encode_scalar(value)


def _encode_all(values: Iterable[object]) -> list[object]:
    return [item if type(item) in _AS_IT_IS else encode(item) for item in values]


def _encode_scalar(value: object) -> object:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, time):
        return {"$time": value.isoformat()}
    if isinstance(value, Duration):
        return {"$duration": duration_text(value)}
    if isinstance(value, StoredFile):
        return {"$file": file_data(value)}
    raise TypeError(f"no JSON for {type(value).__name__}")


def _encode_mapping(value: Mapping[object, object]) -> object:
    if any(not isinstance(key, str) for key in value):
        raise TypeError("keys of JSON are text")
    if len(value) == 1 and str(next(iter(value))).startswith("$"):  # would be taken for one of our own words
        return {"$map": [[key, encode(item)] for key, item in value.items()]}
    return {str(key): item if type(item) in _AS_IT_IS else encode(item) for key, item in value.items()}


def decode(data: object) -> object:
    """The value of plain JSON data."""
    if isinstance(data, list):
        return _decode_all(data)
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        word, inner = next(iter(data.items()))
        if word in _DECODERS:
            return _decode_word(word, inner)
    return {key: item if type(item) in _AS_IT_IS else decode(item) for key, item in data.items()}


def _decode_all(data: Iterable[object]) -> list[object]:
    return [item if type(item) in _AS_IT_IS else decode(item) for item in data]


def _decode_word(word: str, inner: object) -> object:
    if word == "$tuple" and isinstance(inner, list):
        return tuple(_decode_all(inner))
    if word == "$map" and isinstance(inner, list):
        return {key: decode(item) for key, item in inner}
    if word == "$file" and isinstance(inner, dict):
        return file_of(inner)
    return _TEXTS[word](str(inner))


def duration_text(value: Duration) -> str:
    """`P2M3WDT5.5S`: months, working days, seconds; equal durations give equal text."""
    seconds = value.seconds.normalize(_WIDE)
    return f"P{value.months}M{value.working_days}WDT{seconds:f}S"


def duration_of(text: str) -> Duration:
    """The duration behind a text of `duration_text`."""
    months, rest = text.removeprefix("P").split("M", 1)
    days, seconds = rest.split("WDT", 1)
    return Duration(int(months), Decimal(seconds.removesuffix("S")), int(days))


def file_data(value: StoredFile) -> dict[str, object]:
    return {"hash": value.hash, "media": value.media, "name": value.name, "size": value.size}


def file_of(data: Mapping[str, object]) -> StoredFile:
    return StoredFile(str(data["hash"]), str(data["name"]), int(str(data["size"])), str(data["media"]))


_TEXTS: Mapping[str, Callable[[str], object]] = {
    "$decimal": Decimal,
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$time": time.fromisoformat,
    "$duration": duration_of,
}
_DECODERS = {*_TEXTS, "$tuple", "$map", "$file"}
