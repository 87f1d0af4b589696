"""Decisions per second against zen-engine, at 1,000 and 10,000 rows, in one process, rounds interleaved.

A table of n rows, an equality over 100 texts and an interval of numbers, one row hit at random; both sides keep their
compiled decision. Run it with `python tests/bench/bench_tables.py`.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
import zen

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.model.tables import Cell, DecisionTable, HitPolicy, TableInput, TableOutput, TableRow
from engine.model.types import Kind, Type
from engine.tables.compile import compile_table

BAR = 50.0
ROUNDS = 5
TEXTS = 100


class Row(NamedTuple):
    """One measurement: evaluations a second of ours and of the peer, the ratio and what it has to reach."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


def cells(size: int) -> list[tuple[str, int, int, str]]:
    """(text, from, until, result) of each row; nothing overlaps."""
    return [(f"k{n % TEXTS}", (n // TEXTS) * 10, (n // TEXTS) * 10 + 10, f"r{n}") for n in range(size)]


def questions(size: int, count: int) -> list[tuple[str, int]]:
    """Inputs that hit a row at random, always the same ones."""
    chance = random.Random(20260101)  # noqa: S311 - no secret
    return [(f"k{chance.randrange(TEXTS)}", chance.randrange(size // TEXTS * 10)) for _ in range(count)]


def our_table(size: int) -> Callable[[str, int], object]:
    """The table in this engine."""
    table = DecisionTable(
        "bench",
        HitPolicy.FIRST,
        (
            TableInput("kind", Type(Kind.CODE, optional=False)),
            TableInput("amount", Type(Kind.NUMBER, optional=False)),
        ),
        (TableOutput("rate", Type(Kind.TEXT)),),
        tuple(
            TableRow((Cell(f'"{text}"'), Cell(f"[{low}..{high})")), (Cell(f'"{result}"'),))
            for text, low, high, result in cells(size)
        ),
    )
    compiled, problems = compile_table(table, lambda _text, _where, _inputs: (None, ()))
    assert compiled is not None, problems
    return lambda text, amount: compiled.decide({"kind": text, "amount": Decimal(amount)})["rate"]  # type: ignore[call-overload]


def zen_table(size: int) -> Callable[[str, int], object]:
    """The same table in zen-engine, its decision compiled once."""
    rules = [
        {"_id": str(number), "a": f'"{text}"', "b": f"[{low}..{high})", "o": f'"{result}"'}
        for number, (text, low, high, result) in enumerate(cells(size))
    ]
    content = {
        "hitPolicy": "first",
        "inputs": [
            {"id": "a", "name": "kind", "type": "expression", "field": "kind"},
            {"id": "b", "name": "amount", "type": "expression", "field": "amount"},
        ],
        "outputs": [{"id": "o", "name": "rate", "type": "expression", "field": "rate"}],
        "rules": rules,
    }
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
        {"id": "t", "type": "decisionTableNode", "name": "t", "position": {"x": 1, "y": 0}, "content": content},
        {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "e1", "sourceId": "in", "targetId": "t", "type": "edge"},
        {"id": "e2", "sourceId": "t", "targetId": "out", "type": "edge"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    return lambda text, amount: decision.evaluate({"kind": text, "amount": amount})["result"]["rate"]


def per_second(ask: Callable[[str, int], object], inputs: list[tuple[str, int]]) -> float:
    """Evaluations a second over all inputs."""
    start = time.perf_counter()
    for text, amount in inputs:
        ask(text, amount)
    return len(inputs) / (time.perf_counter() - start)


def measure(size: int) -> Row:
    """Both engines at one size, after they agreed on the answers."""
    ours, peer = our_table(size), zen_table(size)
    many, few = questions(size, 20_000), questions(size, 100 if size > 1_000 else 300)
    assert [ours(*one) for one in few] == [peer(*one) for one in few]
    rounds = [(per_second(ours, many), per_second(peer, few)) for _ in range(ROUNDS)]
    mine, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    return Row(f"decision table, {size:,} rows", mine, theirs, mine / theirs, BAR)


def run() -> list[Row]:
    """All rows of this bench."""
    return [measure(1_000), measure(10_000)]


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_decides_fifty_times_as_fast(size: int) -> None:
    row = measure(size)
    assert row.ratio >= row.bar, row


if __name__ == "__main__":
    for row in run():
        speeds = f"{row.ours:,.0f}/s against {row.peer:,.0f}/s"
        sys.stdout.write(f"{row.name}: {speeds}, {row.ratio:.0f} x (bar {row.bar:.0f})\n")
