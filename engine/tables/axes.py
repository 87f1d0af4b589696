"""Columns as lines: what a cell holds for as intervals, and the finite slots into which all cells cut a column.

In: unary tests without computed parts. Out: `Region` (sorted, disjoint intervals and whether null passes) and `Axis`
(slot 0 is null, the others are the stretches between neighbouring cuts). Both the index and the lint stand on it;
it knows nothing of rows or results.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.model.types import Kind
from engine.model.values import Duration
from engine.tables.unary import Compare, Equals, Literal, Test, UnaryTests, Within, operands

# A cut lies just below or just above a value. Tuples sort as wanted: (0,) below all, (1, value, side), (2,) above all.
Cut = tuple[Any, ...]
Piece = tuple[Cut, Cut]

BOTTOM: Cut = (0,)
TOP: Cut = (2,)

UNORDERED = frozenset({Kind.ANY, Kind.JSON, Kind.LIST, Kind.DURATION, Kind.FILE, Kind.FILES, Kind.NULL})
"""Kinds whose values have no common order: their cells are asked one by one."""


def below(value: object) -> Cut:
    """The cut just below a value."""
    return (1, value, 0)


def above(value: object) -> Cut:
    """The cut just above a value."""
    return (1, value, 1)


@dataclass(frozen=True, slots=True)
class Region:
    """What a cell holds for. `plain`: single values, or all but single values."""

    pieces: tuple[Piece, ...]
    null: bool = False
    plain: bool = False


EVERYTHING = Region(((BOTTOM, TOP),), null=True, plain=True)


def union(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The same set as sorted, disjoint pieces."""
    merged: list[Piece] = []
    for low, high in sorted(piece for piece in pieces if piece[0] < piece[1]):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Everything else."""
    edges = [BOTTOM, *(edge for piece in pieces for edge in piece), TOP]
    return tuple((low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low < high)


def points(values: Iterable[object], *, null: bool = False) -> Region:
    """The region of single values."""
    return Region(union((below(value), above(value)) for value in values), null, plain=True)


def stretch(low: object | None, high: object | None, *, null: bool = False) -> Region:
    """From `low` to `high`, both included; None is open."""
    return Region(((BOTTOM if low is None else below(low), TOP if high is None else above(high)),), null)


def region_of(cell: UnaryTests) -> Region | None:
    """The region of a cell; None where it cannot be told from the cell alone, or its values have no order."""
    if cell.is_any:
        return EVERYTHING
    if not cell.is_static or (cell.many and cell.negated) or any(map(_is_unordered, cell.tests)):
        return None
    orders = [test for test in cell.tests if not isinstance(test, Equals)]
    null = any(_is_null(test) for test in cell.tests)
    try:
        pieces = union(_piece(test) for test in cell.tests if not _is_null(test))
    except TypeError:  # texts among numbers, times with and without offset
        return None
    if cell.negated:
        return Region(complement(pieces), not null and not orders, plain=not orders)
    return Region(pieces, null, plain=not orders)


def _is_unordered(test: Test) -> bool:
    return any(isinstance(operand, Literal) and isinstance(operand.value, Duration) for operand in operands(test))


def _is_null(test: Test) -> bool:
    return isinstance(test, Equals) and isinstance(test.operand, Literal) and test.operand.value is None


def _piece(test: Test) -> Piece:
    first, *more = (operand.value for operand in operands(test) if isinstance(operand, Literal))
    if isinstance(test, Equals):
        return below(first), above(first)
    if isinstance(test, Within):
        high = TOP if not more else above(more[0]) if test.high_closed else below(more[0])
        return below(first) if test.low_closed else above(first), high
    return _ray(test, first)


def _ray(test: Compare, value: object) -> Piece:
    cut = above(value) if test.operator in ("<=", ">") else below(value)
    return (BOTTOM, cut) if test.operator.startswith("<") else (cut, TOP)


def stepped(region: Region, kind: Kind) -> Region:
    """The same region for whole numbers or days: `> 17` begins at 18, so that no gap is seen between neighbours."""
    if kind not in (Kind.INTEGER, Kind.DATE):
        return region
    pieces = union((_step(low, kind), _step(high, kind)) for low, high in region.pieces)
    return Region(pieces, region.null, region.plain)


def _step(cut: Cut, kind: Kind) -> Cut:
    if len(cut) == 1:
        return cut
    _, value, side = cut
    if kind is Kind.INTEGER:
        return below(math.floor(value) + 1 if side else math.ceil(value))
    if not side or not isinstance(value, date) or isinstance(value, datetime):
        return cut
    return below(value + timedelta(days=1)) if value < date.max else TOP


class Axis:
    """The slots of one column: 0 is null, then the stretches between the cuts of all regions, in order."""

    __slots__ = ("_slot_after", "cuts", "slots")

    def __init__(self, regions: Iterable[Region]) -> None:
        """Raises TypeError when the values have no common order."""
        edges = {edge for region in regions for piece in region.pieces for edge in piece}
        self.cuts: list[Cut] = sorted(edges - {BOTTOM, TOP})
        self._slot_after = {cut: place + 2 for place, cut in enumerate(self.cuts)}
        self._slot_after[BOTTOM] = 1
        self.slots = len(self.cuts) + 2

    def runs(self, region: Region) -> list[tuple[int, int]]:
        """The slots of a region as (first, last), null left out; its cuts must be among those of the axis."""
        ends = self._slot_after
        return [(ends[low], self.slots - 1 if high == TOP else ends[high] - 1) for low, high in region.pieces]

    def mask(self, region: Region) -> int:
        """The slots of a region as bits."""
        bits = int(region.null)
        for first, last in self.runs(region):
            bits |= (1 << (last + 1)) - (1 << first)
        return bits

    def bounds(self, slot: int) -> Piece:
        """The cuts on both sides of a slot."""
        return (BOTTOM if slot == 1 else self.cuts[slot - 2]), (TOP if slot == self.slots - 1 else self.cuts[slot - 1])

    def buckets(self, regions: Sequence[Region | None]) -> list[int]:
        """For each slot the rows whose region has it, as bits; a region None has every slot."""
        flips = [0] * (self.slots + 1)
        null = always = 0
        for row, region in enumerate(regions):
            bit = 1 << row
            if region is None or region is EVERYTHING:
                always |= bit
                continue
            null |= bit if region.null else 0
            for first, last in self.runs(region):
                flips[first] ^= bit
                flips[last + 1] ^= bit
        found = [null | always]
        rows = always
        for flip in flips[1 : self.slots]:
            rows ^= flip
            found.append(rows)
        return found
