"""Conditions that a store can answer: what expressions over sources are turned into before any row is read.

A path names a field of the selected document, or goes through references (`("owner", "org")`). Comparison follows
SQL's three-valued logic, which is also that of expressions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Operator = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """`path` compared with a value; `==` with None means `is null`, `!=` with None `is not null`."""

    path: tuple[str, ...]
    operator: Operator
    value: object


@dataclass(frozen=True, slots=True)
class CompareFields:
    """Two fields of the same row compared."""

    left: tuple[str, ...]
    operator: Operator
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """`path` is one of the values."""

    path: tuple[str, ...]
    values: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Holds:
    """A field of several codes or references has this one among them."""

    path: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Like:
    """A text field contains (or starts with) a text, letters compared without case."""

    path: tuple[str, ...]
    text: str
    start: bool = False


@dataclass(frozen=True, slots=True)
class Matches:
    """Full-text search over the document's `search` fields; every word must be found."""

    text: str


@dataclass(frozen=True, slots=True)
class HasRow:
    """A child table has a row for which the criterion holds."""

    table: str
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; no parts: always true."""

    parts: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """One part holds; no parts: never true."""

    parts: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold (null stays null)."""

    part: Criterion


Criterion = Compare | CompareFields | Among | Holds | Like | Matches | HasRow | Every | Some | Not


@dataclass(frozen=True, slots=True)
class Tally:
    """Records with the same keys, counted; `sums` add up fields of numbers, None where no record has one."""

    keys: tuple[object, ...]
    count: int
    sums: tuple[object, ...] = ()


ALWAYS = Every()
NEVER = Some()


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key; nulls come last whichever way."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """A page of records of one document type.

    `after` are the sort values and the id of the last record of the page before (paging by key); the id is always the
    last tie-breaker. `tables` names the child tables to load with each record; None loads all. `deleted` rows are left
    out unless asked for.
    """

    document: str
    where: Criterion = ALWAYS
    order: tuple[Order, ...] = ()
    after: tuple[object, ...] | None = None
    limit: int = 50
    tables: tuple[str, ...] | None = ()
    deleted: bool = False
    backwards: bool = field(default=False)
