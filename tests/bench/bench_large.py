"""A claim of 5,000 rows: created, and changed in one cell, with all checks, on SQLite and PostgreSQL.

There is no peer: the bar is three seconds. A change of one cell must leave one change in history and write one child
row. Run it with `python tests/bench/bench_large.py`.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.usecases.events import raise_event
from engine.usecases.views import EventRequest
from tests.bench.claims import Node, claim, databases

ROWS = 5_000
ROUNDS = 3
BAR = 3.0
Raw = dict[str, Any]


class Row(NamedTuple):
    """Seconds of ours and those allowed, their ratio and what it may be at most."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def large(node: Node) -> Raw:
    """The values of a claim of many rows."""
    values = claim(0, node.clerk.id, rows=ROWS)
    lines = [line | {"qty": 1 + number % 900} for number, line in enumerate(values["lines"])]
    return values | {"lines": lines, "note": "大单"}


def stored_lines(node: Node, record_id: str) -> list[Raw]:
    """The rows as a form would send them back."""
    rows: Any = node.office.values("claim", record_id)["lines"]
    return [{"id": row["id"], "item": row["item"], "qty": row["qty"], "price": str(row["price"])} for row in rows]


def spent(node: Node, request: EventRequest) -> tuple[float, str]:
    """Seconds of one event, and the record."""
    begin = time.perf_counter()
    outcome = raise_event(node.office.runtime, node.clerk, request)
    return time.perf_counter() - begin, outcome.record_id


def once(node: Node) -> tuple[float, float]:
    """Seconds of creating and of changing one cell."""
    created, record_id = spent(node, EventRequest("claim", "enter", raw=large(node)))
    lines = stored_lines(node, record_id)
    lines[ROWS // 2]["item"] = "别的"
    changed, _ = spent(node, EventRequest("claim", "change", record_id, raw={"lines": lines}))
    with node.store.begin(write=False) as unit:
        (change,) = unit.history("claim", record_id)[-1].changes
    assert change == f"lines.{lines[ROWS // 2]['id']}.item"
    return created, changed


def measure(kind: str, url: str) -> list[Row]:
    """Medians on one kind of database."""
    node = Node(url)
    rounds = [once(node) for _ in range(ROUNDS)]
    node.store.close()
    created, changed = (statistics.median(side) for side in zip(*rounds, strict=True))
    return [
        Row(f"{ROWS:,} rows created, {kind}", created, BAR, created / BAR, 1.0),
        Row(f"one cell of {ROWS:,} rows changed, {kind}", changed, BAR, changed / BAR, 1.0),
    ]


def run() -> list[Row]:
    """Both databases."""
    with databases() as urls:
        return [row for kind in ("sqlite", "postgres") for row in measure(kind, urls[kind])]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_thousands_of_rows_within_three_seconds(kind: str) -> None:
    with databases() as urls:
        for row in measure(kind, urls[kind]):
            assert row.ratio <= row.bar, row


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{row.name}: {row.ours:.2f} s (bar {row.peer:.0f} s)\n")
