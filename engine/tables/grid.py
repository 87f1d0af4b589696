"""The grid of a table: every row as a box over the slots of its columns, for proofs about rows.

In: parsed rows. Out: `Grid` of `GridColumn`s: slots per row, rows per slot, the domain, which cells are certain. Knows
nothing of hit policies or of problems. A cell with a computed part is uncertain and takes the whole domain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.model.tables import TableInput
from engine.model.types import Kind
from engine.model.values import Scalar
from engine.tables.axes import (
    BOTTOM,
    EVERYTHING,
    TOP,
    UNORDERED,
    Axis,
    Cut,
    Region,
    below,
    points,
    region_of,
    stepped,
    stretch,
)
from engine.tables.compiled import CompiledRow
from engine.tables.literals import TEXTS
from engine.tables.parsing import ParsedTable, input_kind
from engine.tables.unary import MANY

MOST_BITS = 1 << 30
"""Bits that the sets of one grid may take (128 MB); a larger table is not proved."""
MOST_NAMED = 8


def bits(mask: int) -> Iterator[int]:
    """Places of the bits that are set, lowest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column; slots and rows are bits. `number` is its place among the inputs, -1 for the dates of rows."""

    name: str
    number: int
    kind: Kind
    axis: Axis
    domain: int
    slots: tuple[int, ...]
    buckets: tuple[int, ...]
    certain: int
    plain: bool

    def is_certain(self, row: int) -> bool:
        """Whether all that the cell of a row holds for is known."""
        return bool(self.certain >> row & 1)

    def describe(self, slots: int) -> str:
        """A set of slots as a unary test; of ranges the first one."""
        if slots == self.domain:
            return "-"
        if slots & 1:
            return "null"
        return self._values_text(slots) if self.plain else self._range_text(slots)

    def _values_text(self, slots: int) -> str:
        """Single values, or all but some where the set holds what no cell names."""
        named = [(slot, cut[1]) for slot, cut in enumerate(self.axis.cuts, start=2) if cut[2] == 0]
        others = slots & ~sum(1 << slot for slot, _ in named)
        wanted = [value for slot, value in named if bool(slots >> slot & 1) is not bool(others)]
        texts = [literal_text(value) for value in wanted[:MOST_NAMED]] + ["…"] * (len(wanted) > MOST_NAMED)
        return f"not({', '.join(texts) or 'null'})" if others else ", ".join(texts)

    def _range_text(self, slots: int) -> str:
        first = (slots & -slots).bit_length() - 1
        last = first
        while slots >> (last + 1) & 1:
            last += 1
        return _stretch_text(self.axis.bounds(first)[0], self.axis.bounds(last)[1], self.kind)


@dataclass(frozen=True, slots=True)
class Grid:
    """All columns that can be reasoned about, those with few slots first, and the rows that are certain in all."""

    columns: tuple[GridColumn, ...]
    rows: int
    certain: int

    @property
    def all_rows(self) -> int:
        """Every row."""
        return (1 << self.rows) - 1

    def box(self, row: int) -> tuple[int, ...]:
        """The slots of a row, inside the domain."""
        return tuple(column.slots[row] & column.domain for column in self.columns)


def grid_of(parsed: ParsedTable) -> Grid | None:
    """The grid, or None when the table is too large for proofs."""
    count = len(parsed.rows)
    columns: list[GridColumn] = []
    certain = (1 << count) - 1
    room = MOST_BITS
    for number, column in enumerate(parsed.table.inputs):
        told = [_region(row, number, column) for row in parsed.rows]
        axis, domain, regions = _axis(column, parsed.domains[number], told)
        room -= axis.slots * count * 2
        if room < 0:
            return None
        columns.append(_column(column.name, number, input_kind(column), axis, domain, regions))
        certain &= columns[-1].certain
    if any(row.start or row.end for row in parsed.rows):
        columns.append(_date_column(parsed.rows))
    return Grid(tuple(sorted(columns, key=lambda column: column.axis.slots)), count, certain)


def _region(row: CompiledRow, number: int, column: TableInput) -> Region | None:
    """What a cell holds for, if that can be told; of several values at once nothing follows for one of them."""
    cell = row.conditions[number]
    kind = input_kind(column)
    if cell.is_any:
        return EVERYTHING
    if column.type.kind in MANY or kind in UNORDERED:
        return None
    region = region_of(cell)
    return None if region is None else stepped(region, kind)


def _axis(
    column: TableInput, declared: Region | None, regions: Sequence[Region | None]
) -> tuple[Axis, int, Sequence[Region | None]]:
    """The axis of a column with the slots of its domain; values without a common order make every cell uncertain."""
    domain = _domain(column, declared)
    try:
        axis = Axis([domain, *(region for region in regions if region is not None)])
    except TypeError:
        axis, domain = Axis([EVERYTHING]), EVERYTHING
        regions = [region if region is EVERYTHING else None for region in regions]
    mask = axis.mask(domain)
    return axis, (mask | 1 if column.type.optional else mask & ~1), regions


def _domain(column: TableInput, declared: Region | None) -> Region:
    if declared is not None:
        return stepped(declared, input_kind(column))
    if column.allowed:
        return stepped(points(value for value in column.allowed if value is not None), input_kind(column))
    return points((False, True)) if column.type.kind is Kind.BOOLEAN else EVERYTHING


def _column(
    name: str, number: int, kind: Kind, axis: Axis, domain: int, regions: Sequence[Region | None]
) -> GridColumn:
    everything = (1 << axis.slots) - 1
    slots = tuple(everything if region is None or region is EVERYTHING else axis.mask(region) for region in regions)
    certain = sum(1 << row for row, region in enumerate(regions) if region is not None)
    plain = kind in TEXTS and all(region is None or region.plain for region in regions)
    return GridColumn(name, number, kind, axis, domain, slots, tuple(axis.buckets(regions)), certain, plain)


def _date_column(rows: Sequence[CompiledRow]) -> GridColumn:
    """The dates of rows; the domain goes from the first date to the last, before and after there was no table."""
    regions = [stepped(stretch(row.start, row.end), Kind.DATE) for row in rows]
    starts, ends = [row.start for row in rows], [row.end for row in rows]
    first = None if None in starts else min(start for start in starts if start is not None)
    last = None if None in ends else max(end for end in ends if end is not None)
    domain = stepped(stretch(first, last), Kind.DATE)
    axis = Axis([domain, *regions])
    return _column("from", -1, Kind.DATE, axis, axis.mask(domain), regions)


# --- wording of slots


def _stretch_text(low: Cut, high: Cut, kind: Kind) -> str:
    if kind in (Kind.INTEGER, Kind.DATE) and high != TOP:
        high = (1, _before(high[1]), 1)
    if low == BOTTOM and high == TOP:
        return "not(null)"
    if low == BOTTOM:
        return f"{'<=' if high[2] else '<'} {literal_text(high[1])}"
    if high == TOP:
        return f"{'>' if low[2] else '>='} {literal_text(low[1])}"
    if low == below(high[1]):
        return literal_text(low[1])
    return f"{'(' if low[2] else '['}{literal_text(low[1])}..{literal_text(high[1])}{']' if high[2] else ')'}"


def _before(value: date | int) -> date | int:
    """The whole number or day before; cuts of these kinds all lie below a value."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value - timedelta(days=1)
    return value - 1 if isinstance(value, int) else value


def literal_text(value: Scalar) -> str:
    """A value as it is written in a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f'"{value}"' if isinstance(value, str) else str(value)
