"""Lint of a table: what is wrong between rows.

In: parsed rows without problems of their own. Out: problems. Duplicates, cells that can never hold, overlaps (unique),
conflicts (any), rows that are never reached (first), gaps over the declared domains. Effort is bounded: what was not
proved is said. A cell with a computed part is given the benefit of the doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engine.model.tables import HitPolicy
from engine.problems import Problem, Severity, Span
from engine.tables.compiled import CompiledRow
from engine.tables.coverage import Budget, BudgetSpent, Search
from engine.tables.grid import Grid, bits, grid_of
from engine.tables.overlaps import Overlap, overlaps
from engine.tables.parsing import ParsedTable

MOST_REPORTS = 20
STEPS = 400_000


def lint_rows(parsed: ParsedTable) -> list[Problem]:
    """Everything that is wrong between rows."""
    duplicates = _duplicates(parsed.rows)
    problems = [_duplicate(parsed, row, first) for row, first in islice(duplicates.items(), MOST_REPORTS)]
    grid = grid_of(parsed)
    if grid is None:
        return [*problems, _stopped(parsed)]
    checks = (_impossible(parsed, grid), _between(parsed, grid, frozenset(duplicates)), _gaps(parsed, grid))
    finished = [_collect(check, problems) for check in checks]
    return problems if all(finished) else [*problems, _stopped(parsed)]


def _collect(check: Iterator[Problem], problems: list[Problem]) -> bool:
    """Add what a check finds, at most so many; False when its budget was spent before the end."""
    try:
        for problem in islice(check, MOST_REPORTS):
            problems.append(problem)  # noqa: PERF402 - what was found before the budget was spent is kept
    except BudgetSpent:
        return False
    return True


def _stopped(parsed: ParsedTable) -> Problem:
    return Problem("TAB017", parsed.table.where, {"table": parsed.table.id}, severity=Severity.WARNING)


def _duplicates(rows: tuple[CompiledRow, ...]) -> dict[int, int]:
    """Rows that say the same as an earlier one: row to the earlier row."""
    seen: dict[object, int] = {}
    found: dict[int, int] = {}
    for number, row in enumerate(rows):
        key = row.conditions, row.results, row.start, row.end
        first = seen.setdefault(key, number)
        if first != number:
            found[number] = first
    return found


def _duplicate(parsed: ParsedTable, row: int, first: int) -> Problem:
    where, other = parsed.rows[row].where, parsed.rows[first].where
    severity = Severity.ERROR if parsed.table.hit is HitPolicy.UNIQUE else Severity.WARNING
    return Problem("TAB013", where, _places(row, first, other), severity=severity, related=(other,))


def _places(row: int, other: int, where: Span) -> dict[str, str]:
    return {"row": str(row + 1), "other": str(other + 1), "place": str(where)}


def _impossible(parsed: ParsedTable, grid: Grid) -> Iterator[Problem]:
    """Cells that lie outside what the column can hold."""
    for column in grid.columns:
        if column.number < 0:
            continue
        for row, slots in enumerate(column.slots):
            if not slots & column.domain:
                text = parsed.table.rows[row].when[column.number].text
                yield Problem("TAB009", parsed.rows[row].places[column.number], {"text": text, "column": column.name})


# --- pairs of rows


def _between(parsed: ParsedTable, grid: Grid, duplicates: frozenset[int]) -> Iterator[Problem]:
    if parsed.table.hit is HitPolicy.FIRST:
        yield from _unreachable(parsed, grid, duplicates)
    if parsed.table.hit is HitPolicy.UNIQUE:
        pairs = overlaps(parsed.rows, grid, Budget(STEPS))
        yield from (_overlap(parsed, grid, "TAB010", pair) for pair in pairs if pair.row not in duplicates)
    if parsed.table.hit is HitPolicy.ANY:
        pairs = overlaps(parsed.rows, grid, Budget(STEPS), _agreeing(parsed.rows))
        yield from (_overlap(parsed, grid, "TAB011", pair) for pair in pairs)


def _agreeing(rows: tuple[CompiledRow, ...]) -> list[int]:
    """For each row the rows with the same results, as bits."""
    masks: dict[object, int] = {}
    for number, row in enumerate(rows):
        masks[row.results] = masks.get(row.results, 0) | 1 << number
    return [masks[row.results] for row in rows]


def _overlap(parsed: ParsedTable, grid: Grid, code: str, pair: Overlap) -> Problem:
    other = parsed.rows[pair.other].where
    values = {**_places(pair.row, pair.other, other), "witness": pair.witness(grid)}
    severity = Severity.ERROR if pair.certain else Severity.WARNING
    return Problem(code, parsed.rows[pair.row].where, values, severity=severity, related=(other,))


def _unreachable(parsed: ParsedTable, grid: Grid, duplicates: frozenset[int]) -> Iterator[Problem]:
    """Rows whose whole box is taken by earlier rows."""
    budget = Budget(STEPS)
    for row in range(1, grid.rows):
        box = grid.box(row)
        if row in duplicates or not all(box):
            continue
        earlier = _earlier(grid, row, budget)
        if any(True for _ in Search(grid, box, budget).open_boxes(earlier)):
            continue
        places = tuple(parsed.rows[other].where for other in bits(earlier))[:3]
        values = {"row": str(row + 1), "place": ", ".join(map(str, places))}
        yield Problem("TAB012", parsed.rows[row].where, values, severity=Severity.WARNING, related=places)


def _earlier(grid: Grid, row: int, budget: Budget) -> int:
    """Earlier certain rows that share a slot with the row in every column."""
    rows = grid.certain & ((1 << row) - 1)
    for column in grid.columns:
        if not rows:
            break
        slots = column.slots[row] & column.domain
        if slots.bit_count() <= rows.bit_count():
            budget.take(slots.bit_count())
            shared = 0
            for slot in bits(slots):
                shared |= column.buckets[slot]
            rows &= shared
        else:
            budget.take(rows.bit_count())
            rows = sum(1 << other for other in bits(rows) if column.slots[other] & slots)
    return rows


# --- gaps


def _gaps(parsed: ParsedTable, grid: Grid) -> Iterator[Problem]:
    """What no row covers, where a result is wanted for everything."""
    if not parsed.table.hit.is_single or any(parsed.defaults):
        return
    box = tuple(column.domain for column in grid.columns)
    columns = sorted(range(len(box)), key=lambda place: grid.columns[place].number % (len(box) + 1))
    for gap in Search(grid, box, Budget(STEPS)).open_boxes(grid.all_rows):
        parts = [f"{grid.columns[place].name}: {grid.columns[place].describe(gap[place])}" for place in columns]
        yield Problem("TAB018", parsed.table.where, {"witness": "; ".join(parts)}, severity=Severity.WARNING)
