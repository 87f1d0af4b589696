"""Values of one kind as values of another, for columns whose type has changed.

In: a value and the column it shall stand in. Out: the value there, or None where it has no meaning. Also which changes
keep every value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.database.encoding import duration_of, file_of
from engine.model.storage import Column
from engine.model.types import Kind
from engine.model.values import Duration, StoredFile

_TEXTS = {Kind.TEXT, Kind.CODE, Kind.REF}
_SEVERAL = {Kind.CODES, Kind.REFS}


def keeps_all(before: Column, after: Column) -> bool:
    """Whether every value of the one column can be a value of the other."""
    old, new = before.type.kind, after.type.kind
    if Kind.NUMBER in {old, new} and {old, new} <= {Kind.NUMBER, Kind.INTEGER}:
        return _holds_numbers(before, after)
    if old in _TEXTS:
        return new in _TEXTS | _SEVERAL
    same = old == new or (old in _SEVERAL and new in _SEVERAL)
    return same or (old, new) in {(Kind.DATE, Kind.DATETIME), (Kind.FILE, Kind.FILES), (Kind.INTEGER, Kind.TEXT)}


def _holds_numbers(before: Column, after: Column) -> bool:
    if after.type.kind is Kind.INTEGER:
        return False
    if after.scale is None:
        return True
    if before.type.kind is Kind.INTEGER:
        return (after.digits or 38) - after.scale >= 19
    if before.scale is None:
        return False
    wider = (after.digits or 38) - after.scale >= (before.digits or 38) - before.scale
    return wider and after.scale >= before.scale


def coerced(value: Any, column: Column) -> Any:
    """The value as one of the column's kind, or None."""
    convert = _CONVERTERS.get(column.type.kind)
    if convert is None:
        return None
    try:
        return convert(value)
    except (ValueError, TypeError, KeyError, InvalidOperation):
        return None


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return str(value[0]) if len(value) == 1 else None
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return None if number is None or number != number.to_integral_value() else int(number)


def _number(value: Any) -> Decimal | None:
    number = Decimal(value) if isinstance(value, int | str | Decimal) and not isinstance(value, bool) else None
    return number if number is not None and number.is_finite() else None


def _boolean(value: Any) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(str(value).lower())


def _day(value: Any) -> date | None:
    moment = _moment(value)
    return None if moment is None else moment.date()


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _clock(value: Any) -> time | None:
    return value if isinstance(value, time) else time.fromisoformat(value)


def _length(value: Any) -> Duration | None:
    return value if isinstance(value, Duration) else duration_of(value)


def _several(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return (value,)
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else None


def _file(value: Any) -> StoredFile | None:
    if isinstance(value, list | tuple):
        return _file(value[0]) if len(value) == 1 else None
    return value if isinstance(value, StoredFile) else file_of(value) if isinstance(value, Mapping) else None


def _files(value: Any) -> tuple[StoredFile, ...] | None:
    found = [_file(one) for one in (value if isinstance(value, list | tuple) else [value])]
    return tuple(one for one in found if one is not None) or None


_CONVERTERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.REF: _text,
    Kind.INTEGER: _whole,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _day,
    Kind.DATETIME: _moment,
    Kind.TIME: _clock,
    Kind.DURATION: _length,
    Kind.CODES: _several,
    Kind.REFS: _several,
    Kind.FILE: _file,
    Kind.FILES: _files,
    Kind.JSON: lambda value: value,
    Kind.LIST: lambda value: value,
}
