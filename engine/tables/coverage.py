"""What no row covers: a search for stretches of a box that a set of rows leaves open.

In: a grid, a box of slots, the rows that count, a budget of steps. Out: open boxes, one for each way in which the rows
differ; none means proved. Used for gaps (all rows, the whole domain) and for rows that are never reached (earlier
rows, the box of the row). Knows nothing of hit policies or of problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from engine.tables.grid import Grid, GridColumn, bits

Box = tuple[int, ...]


class BudgetSpent(Exception):
    """The search took more steps than it was given; nothing more is known."""


@dataclass(slots=True)
class Budget:
    """Steps that proofs may still take."""

    steps: int

    def take(self, steps: int) -> None:
        """Use steps; raises BudgetSpent."""
        self.steps -= steps
        if self.steps < 0:
            raise BudgetSpent


@dataclass(slots=True)
class Search:
    """One search; sub-boxes that were proved covered are remembered."""

    grid: Grid
    box: Box
    budget: Budget
    covered: set[tuple[int, int]] = field(default_factory=set)

    def open_boxes(self, rows: int) -> Iterator[Box]:
        """Boxes inside the box that none of the rows covers. Raises BudgetSpent."""
        return self._below(0, rows, self._covering(rows))

    def _covering(self, rows: int) -> list[int]:
        """For each column the rows that cover it and all later columns as a whole."""
        found = [rows]
        for column, slots in zip(reversed(self.grid.columns), reversed(self.box), strict=True):
            self.budget.take(found[-1].bit_count() + 1)
            found.append(sum(1 << row for row in bits(found[-1]) if not slots & ~column.slots[row]))
        return found[::-1]

    def _below(self, depth: int, rows: int, covering: Sequence[int]) -> Iterator[Box]:
        if not rows:
            yield self.box[depth:]
            return
        if rows & covering[depth] or (depth, rows) in self.covered:
            return
        is_open = False
        for left, slots in self._split(self.grid.columns[depth], self.box[depth], rows):
            for rest in self._below(depth + 1, left, covering):
                is_open = True
                yield slots, *rest
        if not is_open:
            self.covered.add((depth, rows))

    def _split(self, column: GridColumn, slots: int, rows: int) -> list[tuple[int, int]]:
        """Slots grouped by the rows that have them: (rows, slots)."""
        groups: dict[int, int] = {}
        for stretch in self._stretches(column, slots, rows):
            self.budget.take(1)
            lowest = (stretch & -stretch).bit_length() - 1
            left = rows & column.buckets[lowest]
            groups[left] = groups.get(left, 0) | stretch
        return list(groups.items())

    def _stretches(self, column: GridColumn, slots: int, rows: int) -> Iterator[int]:
        """Neighbouring slots between which none of the rows begins or ends."""
        if rows.bit_count() * 2 > slots.bit_count():
            yield from (1 << slot for slot in bits(slots))
            return
        edges = 0
        for row in bits(rows):
            self.budget.take(1)
            edges |= column.slots[row] ^ (column.slots[row] << 1)
        start = 0
        for edge in bits(edges | 1 << slots.bit_length()):
            stretch = slots & ((1 << edge) - (1 << start))
            start = edge
            if stretch:
                yield stretch
