"""Decision tables as written: columns, rows of cell texts with their places, hit policy.

What the loader builds and `engine.tables` compiles. Cells stay text here: what they mean depends on their column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.model.formula import DatedSpan, Title
from engine.model.types import Type
from engine.model.values import Scalar
from engine.problems import NOWHERE, Span


class HitPolicy(StrEnum):
    """The eleven hit policies of DMN 1.x (OMG, Decision Model and Notation, 8.2.10)."""

    UNIQUE = "unique"
    ANY = "any"
    PRIORITY = "priority"
    FIRST = "first"
    RULE_ORDER = "rule_order"
    OUTPUT_ORDER = "output_order"
    COLLECT = "collect"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    COUNT = "count"

    @property
    def is_single(self) -> bool:
        """Whether one row at most decides."""
        return self in SINGLE

    @property
    def is_listing(self) -> bool:
        """Whether the result is a list with one entry for each row that matched."""
        return self in LISTING


SINGLE = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.PRIORITY, HitPolicy.FIRST})
LISTING = frozenset({HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as written, without the quotes that YAML needs; `where` is the place of its first character."""

    text: str
    where: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class TableInput:
    """One input column.

    `allowed` lists the values that there are (the codes of a code list, an enumeration), `within` says it as unary
    tests (`[0..150]`); without either the domain is that of the type. `parents` maps codes to the codes they stand
    under, where their list has a column `parent`.
    """

    name: str
    type: Type
    where: Span = NOWHERE
    title: Title = Title()
    allowed: tuple[Scalar, ...] = ()
    within: Cell | None = None
    parents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableOutput:
    """One output column.

    `allowed` lists the values that there are; `values` lists them in the order of priority, first wins; `default` is
    the value when no row matches.
    """

    name: str
    type: Type
    where: Span = NOWHERE
    title: Title = Title()
    allowed: tuple[Scalar, ...] = ()
    values: tuple[Cell, ...] = ()
    default: Cell | None = None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: a cell for each input, one for each output, in force between two dates, both included."""

    when: tuple[Cell, ...]
    then: tuple[Cell, ...]
    where: Span = NOWHERE
    dated: DatedSpan = DatedSpan()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table; `source` names the law or letter it follows, `sheet` the workbook its rows came from."""

    id: str
    hit: HitPolicy
    inputs: tuple[TableInput, ...]
    outputs: tuple[TableOutput, ...]
    rows: tuple[TableRow, ...]
    title: Title = Title()
    where: Span = NOWHERE
    source: str = ""
    sheet: str = ""
    system: str = ""
