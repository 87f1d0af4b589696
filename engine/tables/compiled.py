"""A table ready to decide.

In: parsed rows and the lookups of their columns. Out: results, or an explanation that says which rows decided, found
by the plain scan and so independent of the index. Knows nothing of texts, files or problems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine.model.tables import DecisionTable, HitPolicy
from engine.problems import Finding, Refused, Span
from engine.tables.index import Lookup
from engine.tables.policies import Disagreement, Settled, Values, ranking, settle
from engine.tables.unary import Literal, Operand, UnaryTests

Result = dict[str, Any]
Inputs = Mapping[str, object]


class TableConflict(Refused):
    """Rows matched together that may not (unique, any); `rows` are their places. The event must not happen."""

    def __init__(self, table: str, rows: Sequence[Span]) -> None:
        self.table, self.rows = table, tuple(rows)
        places = ", ".join(map(str, rows))
        text = {"zh": f"决策表 {table} 有互相矛盾的行：{places}", "en": f"Rows of table {table} contradict: {places}"}
        super().__init__([Finding("table_conflict", text, where=self.rows[0])])


@dataclass(frozen=True, slots=True)
class CompiledRow:
    """A row with its cells parsed; `places` are those of its input cells."""

    conditions: tuple[UnaryTests, ...]
    results: tuple[Operand, ...]
    where: Span
    places: tuple[Span, ...] = ()
    start: date | None = None
    end: date | None = None

    def is_in_force(self, on: date | None) -> bool:
        """Whether the row counts on a business date; without a date only rows without dates count."""
        if on is None:
            return self.start is None and self.end is None
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


@dataclass(frozen=True, slots=True)
class Missed:
    """A row that did not match: it was not in force (`cell` is the row then), or this cell did not hold."""

    row: Span
    cell: Span


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a table gave a result.

    `decided` are the rows that the result was made of, `matched` all rows whose cells held, `missed` the others with
    the first cell that did not hold; `defaulted` says that no row matched and the default was taken.
    """

    result: Result | list[Result]
    decided: tuple[Span, ...]
    matched: tuple[Span, ...]
    missed: tuple[Missed, ...]
    defaulted: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows are found: lookups by input name, the lookup of dates, and the cells that must be asked afterwards."""

    lookups: tuple[tuple[str, Lookup], ...]
    dates: Lookup | None
    asked: Mapping[int, tuple[tuple[str, UnaryTests], ...]]


class CompiledTable:
    """Decides; made by `engine.tables.compile`."""

    __slots__ = ("_all", "_asked", "_asked_rows", "_dates", "_fixed", "_is_single", "_lookups", "_rank", "defaults",
                 "names", "rows", "table")  # fmt: skip

    def __init__(
        self,
        table: DecisionTable,
        rows: Sequence[CompiledRow],
        plan: Plan,
        defaults: Sequence[Operand | None],
        priorities: Sequence[Sequence[object]],
    ) -> None:
        self.table, self.rows = table, tuple(rows)
        self.names = tuple(output.name for output in table.outputs)
        self.defaults = tuple(defaults)
        self._lookups, self._dates, self._asked = plan.lookups, plan.dates, plan.asked
        self._asked_rows = sum(1 << row for row in plan.asked)
        self._all = (1 << len(self.rows)) - 1
        self._rank = ranking(priorities)
        self._is_single = table.hit.is_single
        self._fixed = [_fixed(row.results) for row in self.rows]

    def decide(self, inputs: Inputs, on: date | None = None, world: object = None) -> Result | list[Result]:
        """The result for these inputs, judged by the business date `on`.

        A mapping of output names for the hit policies that give one result (every value None when no row matched and
        there is no default), a list of such mappings for rule_order, output_order and collect. `world` reaches the
        computed cells. Raises TableConflict; TypeError when an input is not of its column's kind.
        """
        rows = self._candidates(inputs, on)
        if self._is_single and not rows & (rows - 1):  # one row at most: no policy has anything to choose
            if not rows:
                return self._named(None, inputs, world)
            row = rows.bit_length() - 1
            if not rows & self._asked_rows or self._holds(row, inputs, world):
                return self._named(self._outputs(row, inputs, world), inputs, world)
            return self._named(None, inputs, world)
        return self._render(self._settle(self._hits(rows, inputs, world), inputs, world), inputs, world)

    def explain(self, inputs: Inputs, on: date | None = None, world: object = None) -> Explanation:
        """The result with the rows that decided; asks every cell and so costs more than `decide`."""
        missed: list[Missed] = []
        matched: list[int] = []
        for number, row in enumerate(self.rows):
            failed = self._first_failing(row, inputs, on, world)
            if failed is None:
                matched.append(number)
            else:
                missed.append(Missed(row.where, failed))
        settled = self._settle(matched, inputs, world)
        return Explanation(
            self._render(settled, inputs, world),
            tuple(self.rows[row].where for row in settled.rows),
            tuple(self.rows[row].where for row in matched),
            tuple(missed),
            not settled.rows and any(self.defaults),
        )

    def _first_failing(self, row: CompiledRow, inputs: Inputs, on: date | None, world: object) -> Span | None:
        if not row.is_in_force(on):
            return row.where
        for number, (column, cell) in enumerate(zip(self.table.inputs, row.conditions, strict=True)):
            if not cell.holds(inputs.get(column.name), inputs, world):
                return row.places[number] if row.places else row.where
        return None

    # --- finding rows

    def _candidates(self, inputs: Inputs, on: date | None) -> int:
        """Rows that the index lets through, as bits."""
        rows = self._all if self._dates is None else self._dates(on)
        name = ""
        try:
            for name, lookup in self._lookups:
                rows &= lookup(inputs.get(name))
                if not rows:
                    break
        except TypeError:
            kind = type(inputs.get(name)).__name__
            raise TypeError(f"table {self.table.id}: input {name} cannot be compared with a {kind}") from None
        return rows

    def _hits(self, rows: int, inputs: Inputs, world: object) -> Iterator[int]:
        """Rows that match, in table order."""
        while rows:
            lowest = rows & -rows
            row = lowest.bit_length() - 1
            if not lowest & self._asked_rows or self._holds(row, inputs, world):
                yield row
            rows ^= lowest

    def _holds(self, row: int, inputs: Inputs, world: object) -> bool:
        """Whether the cells hold that the index could not judge."""
        return all(cell.holds(inputs.get(name), inputs, world) for name, cell in self._asked[row])

    # --- results

    def _settle(self, rows: Sequence[int] | Iterator[int], inputs: Inputs, world: object) -> Settled:
        try:
            return settle(self.table.hit, rows, lambda row: self._outputs(row, inputs, world), self._rank)
        except Disagreement as disagreement:
            raise TableConflict(self.table.id, [self.rows[row].where for row in disagreement.rows]) from None

    def _outputs(self, row: int, inputs: Inputs, world: object) -> Values:
        fixed = self._fixed[row]
        if fixed is not None:
            return fixed
        return tuple(_value(operand, inputs, world) for operand in self.rows[row].results)

    def _named(self, values: Values | None, inputs: Inputs, world: object) -> Result:
        if values is None:
            values = tuple(operand and _value(operand, inputs, world) for operand in self.defaults)
        return dict(zip(self.names, values, strict=True))

    def _render(self, settled: Settled, inputs: Inputs, world: object) -> Result | list[Result]:
        if settled.listed is not None:
            return [self._named(values, inputs, world) for values in settled.listed]
        if settled.values is not None:
            return self._named(settled.values, inputs, world)
        if self.table.hit.is_listing:
            return [self._named(None, inputs, world)] if any(self.defaults) else []
        if self.table.hit is HitPolicy.COUNT and not any(self.defaults):
            return dict.fromkeys(self.names, 0)
        return self._named(None, inputs, world)


def _value(operand: Operand, inputs: Inputs, world: object) -> object:
    return operand.value if isinstance(operand, Literal) else operand.run(inputs, world)


def _fixed(operands: Sequence[Operand]) -> Values | None:
    """The values of a row where none is computed."""
    values = tuple(operand.value for operand in operands if isinstance(operand, Literal))
    return values if len(values) == len(operands) else None
