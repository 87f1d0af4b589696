"""Values to columns and back, for one kind of database.

In: a `Column` of a storage and whether the database is PostgreSQL. Out: a `Codec`: the type in DDL, how a value is
handed to the driver, how it is read, and how an operand of a comparison is put so that the database gives the answer
Python would. Nothing here talks to a database.

| kind | SQLite | PostgreSQL |
|---|---|---|
| text, code, ref | TEXT | text, compared by code point |
| integer, boolean | INTEGER, BOOLEAN | bigint, boolean |
| number | `DECIMAL_INT(18,s)` or `DECIMAL_TEXT(38,s)`, see `decimals` | numeric(p,s) |
| date, time, datetime | ISO text | date, time, timestamp without zone |
| duration | text | text |
| codes, refs, files, file, json | JSON text | jsonb |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapters.database import decimals
from adapters.database.encoding import decode, dumps, duration_of, duration_text, file_data, file_of, loads
from engine.model.storage import Column
from engine.model.types import Kind
from engine.model.values import StoredFile

_MOST_DIGITS = 38  # of a number whose definition gives no bound
Convert = Callable[[Any], Any]
Operand = tuple[str, Any]
"""An operator and a driver's value; operators `true` and `false` need no value (still null for a null field)."""


@dataclass(frozen=True, slots=True)
class Codec:
    """How one column is kept. `write` and `read` never see None; where they are None the value passes as it is.

    `operand` turns an operator and a value into those the database is asked for. `ordered`: `<` and sorting make sense.
    `bind` is the type that an operand is declared as.
    """

    declared: str
    type: sa.types.TypeEngine[Any]
    bind: sa.types.TypeEngine[Any]
    write: Convert | None
    read: Convert | None
    operand: Callable[[str, Any], Operand]
    ordered: bool = True
    several: bool = False


class Declared(sa.types.UserDefinedType[Any]):
    """A column type by its name in DDL; values pass untouched."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        return self.name


def codec(column: Column, *, postgres: bool) -> Codec:
    """The codec of a column's plain values. Raises ValueError for a kind that is never stored."""
    kind = column.type.kind
    if kind is Kind.NUMBER:
        return _pg_number(column) if postgres else _lite_number(column)
    make = _MAKERS.get(kind)
    if make is None:
        raise ValueError(f"{column.name}: values of kind {kind} are not stored")
    return make(postgres)


def _text(postgres: bool) -> Codec:
    declared = postgresql.TEXT(collation="C") if postgres else Declared("TEXT")
    return Codec("text" if postgres else "TEXT", declared, sa.Text(), None, None, _same)


def _integer(postgres: bool) -> Codec:
    name = "bigint" if postgres else "INTEGER"
    return Codec(name, Declared(name), sa.BigInteger(), _whole, None, partial(_whole_operand, 0))


def _whole(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise ValueError("a number is too large")
    return value


def _boolean(postgres: bool) -> Codec:
    if postgres:
        return Codec("boolean", sa.Boolean(), sa.Boolean(), None, None, _same)
    return Codec("BOOLEAN", Declared("BOOLEAN"), sa.Integer(), int, bool, lambda op, value: (op, int(value)))


def _pg_number(column: Column) -> Codec:
    if column.scale is None:
        return Codec("numeric", sa.Numeric(), sa.Numeric(), None, None, _same)
    digits = column.digits or _MOST_DIGITS
    name = f"numeric({digits},{column.scale})"
    write = partial(decimals.exact, digits=digits, scale=column.scale)
    return Codec(name, Declared(name), sa.Numeric(), write, None, _same)


def _lite_number(column: Column) -> Codec:
    scale, digits = column.scale, column.digits or _MOST_DIGITS
    if scale is not None and digits <= decimals.SCALED_DIGITS:
        name = f"DECIMAL_INT({decimals.SCALED_DIGITS},{scale})"
        write = partial(decimals.to_scaled, digits=digits, scale=scale)
        read = partial(decimals.from_scaled, scale=scale)
        return Codec(name, Declared(name), sa.BigInteger(), write, read, partial(_whole_operand, scale))
    name = "DECIMAL_TEXT" if scale is None else f"DECIMAL_TEXT({_MOST_DIGITS},{scale})"
    keep = _exact_text(digits, scale)
    read = partial(decimals.from_text, scale=scale)
    return Codec(name, Declared(name), sa.Text(), keep, read, lambda op, value: (op, decimals.to_text(value)))


def _exact_text(digits: int, scale: int | None) -> Convert:
    if scale is None:
        return decimals.to_text
    return lambda value: decimals.to_text(decimals.exact(value, digits, scale))


def _date(postgres: bool) -> Codec:
    if postgres:
        return Codec("date", sa.Date(), sa.Date(), None, None, _date_operand)

    def operand(operator: str, value: date) -> Operand:
        operator, day = _date_operand(operator, value)
        return operator, day and day.isoformat()

    return Codec("DATE", Declared("DATE"), sa.Text(), _iso_date, date.fromisoformat, operand)


def _datetime(postgres: bool) -> Codec:
    if postgres:
        declared = Declared("timestamp without time zone")
        return Codec(declared.name, declared, sa.DateTime(), _civil, None, lambda op, value: (op, _moment(value)))
    return Codec(
        "DATETIME",
        Declared("DATETIME"),
        sa.Text(),
        _iso_datetime,
        datetime.fromisoformat,
        lambda op, value: (op, _iso_datetime(_moment(value))),
    )


def _time(postgres: bool) -> Codec:
    if postgres:
        declared = Declared("time without time zone")
        return Codec(declared.name, declared, sa.Time(), None, None, _same)
    return Codec("TIME", Declared("TIME"), sa.Text(), _iso_time, time.fromisoformat, lambda op, v: (op, _iso_time(v)))


def _duration(postgres: bool) -> Codec:
    text = _text(postgres)
    return Codec(
        text.declared, text.type, sa.Text(), duration_text, duration_of, lambda op, v: (op, duration_text(v)), False
    )


def _json(prepare: Convert, restore: Convert, postgres: bool, *, several: bool = False) -> Codec:
    def write(value: Any) -> str:
        return dumps(prepare(value))

    def operand(operator: str, value: Any) -> Operand:
        return operator, write(value)

    if postgres:  # the driver has parsed what it hands over
        kind = postgresql.JSONB()
        return Codec("jsonb", kind, kind, write, lambda data: restore(decode(data)), operand, False, several)
    return Codec(
        "JSON_TEXT",
        Declared("JSON_TEXT"),
        sa.Text(),
        write,
        lambda text: restore(loads(text)),
        operand,
        False,
        several,
    )


def _files(value: tuple[StoredFile, ...]) -> list[dict[str, object]]:
    return [file_data(file) for file in value]


def _same(operator: str, value: Any) -> Operand:
    return operator, value


def _whole_operand(scale: int, operator: str, value: Decimal | int) -> Operand:
    """An operand for a column of whole numbers, moved to the next one where it lies between two or beyond 64 bits."""
    whole, exact = decimals.shifted(value, scale)
    if not -(2**63) <= whole < 2**63:
        above = whole > 0
        return {"==": "false", "!=": "true"}.get(operator, "true" if (operator[0] == "<") is above else "false"), None
    if exact:
        return operator, whole
    return {"==": ("false", None), "!=": ("true", None), "<": ("<=", whole), ">=": (">", whole)}.get(
        operator, (operator, whole)
    )


def _date_operand(operator: str, value: date) -> Operand:
    """A moment compared with days: a day stands for its midnight."""
    if not isinstance(value, datetime):
        return operator, value
    day = value.date()
    if value == datetime(day.year, day.month, day.day):
        return operator, day
    return {"==": ("false", None), "!=": ("true", None), "<": ("<=", day), ">=": (">", day)}.get(
        operator, (operator, day)
    )


def _moment(value: date) -> datetime:
    if isinstance(value, datetime):
        return _civil(value)
    return datetime(value.year, value.month, value.day)


def _civil(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("moments are stored in civil time, without an offset")
    return value


def _iso_date(value: date) -> str:
    return value.isoformat()[:10]


def _iso_datetime(value: datetime) -> str:
    if value.tzinfo is not None:
        raise ValueError("moments are stored in civil time, without an offset")
    return value.isoformat(" ", "microseconds")


def _iso_time(value: time) -> str:
    return value.isoformat("microseconds")


_MAKERS: dict[Kind, Callable[[bool], Codec]] = {
    Kind.TEXT: _text,
    Kind.CODE: _text,
    Kind.REF: _text,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.DATETIME: _datetime,
    Kind.DURATION: _duration,
    Kind.CODES: lambda postgres: _json(list, tuple, postgres, several=True),
    Kind.REFS: lambda postgres: _json(list, tuple, postgres, several=True),
    Kind.FILE: lambda postgres: _json(file_data, file_of, postgres),
    Kind.FILES: lambda postgres: _json(_files, lambda data: tuple(file_of(item) for item in data), postgres),
    Kind.JSON: lambda postgres: _json(lambda value: value, lambda data: data, postgres),
    Kind.LIST: lambda postgres: _json(lambda value: value, lambda data: data, postgres),
}
