"""Pairs of rows that can match together.

In: rows and their grid. Out: for every row the first earlier row that it overlaps, with a witness. Candidates come from
bitsets of where rows begin and end on each axis, so that ten thousand disjoint rows cost little. Knows nothing of
hit policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.tables.compiled import CompiledRow
from engine.tables.coverage import Budget
from engine.tables.grid import Grid, GridColumn, bits


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rows (numbers from 0, `other` the earlier one) that hold together for what they share in each grid column.

    Not `certain`: one of them has a computed cell, which is taken to hold for something.
    """

    row: int
    other: int
    shared: tuple[int, ...]
    certain: bool

    def witness(self, grid: Grid) -> str:
        """What they share, in words of cells; a computed cell is `=`."""
        parts = []
        for column, slots in zip(grid.columns, self.shared, strict=True):
            sure = column.is_certain(self.row) and column.is_certain(self.other)
            text = column.describe(slots) if sure else "="
            if text != "-":
                parts.append((column.number, f"{column.name}: {text}"))
        return "; ".join(part for _, part in sorted(parts)) or "-"


@dataclass(frozen=True, slots=True)
class _Ends:
    """For each slot the rows that begin at or before it, and those that end before it."""

    begun: Sequence[int]
    ended: Sequence[int]


def overlaps(
    rows: Sequence[CompiledRow], grid: Grid, budget: Budget, passed_over: Sequence[int] = ()
) -> Iterator[Overlap]:
    """Each row once with every earlier row it overlaps. Raises BudgetSpent.

    `passed_over` may give for each row, as bits, the rows with which an overlap would not matter.
    """
    ends = [_ends(column) for column in grid.columns]
    for row in range(1, grid.rows):
        candidates = (1 << row) - 1 & ~(passed_over[row] if passed_over else 0)
        for column, end in zip(grid.columns, ends, strict=True):
            slots = column.slots[row] & column.domain
            if not slots:
                candidates = 0
                break
            candidates &= end.begun[slots.bit_length() - 1] & ~end.ended[(slots & -slots).bit_length() - 1]
        for other in bits(candidates):
            budget.take(1)
            found = _overlap(rows, grid, row, other)
            if found is not None:
                yield found


def _ends(column: GridColumn) -> _Ends:
    begins, stops = [0] * column.axis.slots, [0] * (column.axis.slots + 1)
    for row, slots in enumerate(column.slots):
        inside = slots & column.domain
        if inside:
            begins[(inside & -inside).bit_length() - 1] |= 1 << row
            stops[inside.bit_length()] |= 1 << row
    begun, ended = [], []
    before = over = 0
    for begin, stop in zip(begins, stops, strict=False):
        before, over = before | begin, over | stop
        begun.append(before)
        ended.append(over)
    return _Ends(begun, ended)


def _overlap(rows: Sequence[CompiledRow], grid: Grid, row: int, other: int) -> Overlap | None:
    """The overlap of two rows, None where there is none or none can be told."""
    certain, found = True, []
    for column in grid.columns:
        shared = column.slots[row] & column.slots[other] & column.domain
        if not shared:
            return None
        if not (column.is_certain(row) and column.is_certain(other)):
            certain = False
            if not _may_meet(rows[row], rows[other], column.number):
                return None
        found.append(shared)
    return Overlap(row, other, tuple(found), certain)


def _may_meet(one: CompiledRow, two: CompiledRow, number: int) -> bool:
    """Whether cells with a computed part hold together somewhere: equal ones do, and any with `-`."""
    first, second = one.conditions[number], two.conditions[number]
    return first.is_any or second.is_any or first == second
