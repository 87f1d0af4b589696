"""Small notations inside values: types in one phrase, lengths of time, sizes, participants, shares.

In: the text of a scalar. Out: its parts, or None where it is not of that notation. Knows no names and no places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

_TYPE = re.compile(
    r"(?P<optional>optional\s+)?(?P<kind>[A-Za-z_][\w.]*)(?:\(\s*(?P<digits>\d+)\s*,\s*(?P<scale>\d+)\s*\))?"
    r"(?:\s+(?P<of>[A-Za-z_][\w.]*))?(?P<default>\s*=(?!=).*)?"
)
_LENGTH = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>working days?|ms|s|[a-z]+?)s?")
_SIZE = re.compile(r"(?P<count>\d+)\s*(?P<unit>B|kB|KB|MB|GB)")
_SIZES = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_UNITS = {
    "s": "second", "second": "second", "minute": "minute", "hour": "hour", "day": "day", "week": "week",
    "month": "month", "year": "year", "working day": "working_day",
}  # fmt: skip
_RATE = re.compile(r"(?P<count>\d+)\s*/\s*(?P<unit>s|min|h)")
_ROLE = re.compile(r"role\s+(?P<role>[A-Za-z_][\w.]*)(?:\s+in\s+(?P<within>.+))?")
_DOWN = Context(prec=28, rounding=ROUND_DOWN)  # two of three are 2/3: a share must not come out a trifle too large
_SHARE = re.compile(r"(?P<over>\d+)\s*/\s*(?P<under>[1-9]\d*)|(?P<percent>\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True, slots=True)
class TypePhrase:
    """`optional decimal(19,5)`, `code kinds`, `row wave.tasks`, `date = today`. `default_at`: offset behind the `=`."""

    kind: str
    of: str = ""
    optional: bool = False
    digits: int | None = None
    scale: int | None = None
    default: str = ""
    default_at: int = 0
    kind_at: int = 0
    of_at: int = 0


def read_type(text: str) -> TypePhrase | None:
    """A type in one phrase."""
    found = _TYPE.fullmatch(text.strip())
    if found is None:
        return None
    default = (found["default"] or "").lstrip().removeprefix("=")
    digits, scale = found["digits"], found["scale"]
    return TypePhrase(
        found["kind"],
        found["of"] or "",
        found["optional"] is not None,
        int(digits) if digits else None,
        int(scale) if scale else None,
        default.strip(),
        found.end("default") - len(default.lstrip()) if default else 0,
        found.start("kind"),
        max(found.start("of"), 0),
    )


def read_length(text: str) -> str | None:
    """A length of time as an expression: `2 working days` is `2 * working_day`, `500 ms` is `0.5 * second`."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return None
    if found["unit"] == "ms":
        return f"{Decimal(found['count']) / 1000:f} * second"
    unit = _UNITS.get(found["unit"].removesuffix("s") if len(found["unit"]) > 1 else found["unit"])
    return f"{found['count']} * {unit}" if unit else None


_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


def read_seconds(text: str) -> float | None:
    """A length of time that is the same at any time, in seconds; None for any other."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return None
    if found["unit"] == "ms":
        return float(Decimal(found["count"]) / 1000)
    unit = _UNITS.get(found["unit"].removesuffix("s") if len(found["unit"]) > 1 else found["unit"], "")
    return float(Decimal(found["count"]) * _SECONDS[unit]) if unit in _SECONDS else None


def read_rate(text: str) -> tuple[int, float] | None:
    """So many in so many seconds: `1000/s`, `20/min`."""
    found = _RATE.fullmatch(text.strip())
    return (int(found["count"]), {"s": 1.0, "min": 60.0, "h": 3_600.0}[found["unit"]]) if found else None


def read_size(text: str) -> int | None:
    """A number of bytes: `10MB`."""
    found = _SIZE.fullmatch(text.strip())
    return int(found["count"]) * _SIZES[found["unit"]] if found else None


@dataclass(frozen=True, slots=True)
class RolePhrase:
    """`role head in org`; `within_at` is the offset of what stands behind `in`."""

    role: str
    within: str
    within_at: int


def read_role(text: str) -> RolePhrase | None:
    """Holders of a role, within an organisation."""
    found = _ROLE.fullmatch(text)
    return RolePhrase(found["role"], found["within"] or "", max(found.start("within"), 0)) if found else None


def read_share(text: str) -> Decimal | None:
    """A share between 0 and 1: `2/3`, `60%`."""
    found = _SHARE.fullmatch(text.strip())
    if found is None:
        return None
    over, under = (found["percent"], "100") if found["percent"] else (found["over"], found["under"])
    share = _DOWN.divide(Decimal(over), Decimal(under))
    return share if 0 < share <= 1 else None
