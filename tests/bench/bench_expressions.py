"""Speed of expressions beside Jinja's sandbox: ten terms over a record of thirty fields, compiled once, Decimal on.

Run as a program it prints a table; `run()` gives the rows. Rounds are interleaved and medians compared, so that what
else the machine does falls on both sides.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from jinja2.sandbox import SandboxedEnvironment

from engine.expressions.environment import Env
from engine.expressions.expression import check_expression
from engine.expressions.limits import arithmetic
from engine.expressions.names import Scope
from engine.model.types import SYSTEM_FIELDS, Kind, Shape, Type
from engine.problems import NOWHERE

TERMS = (
    "qty > 3 and price * qty * rate < 5000.50 and kind in ('a', 'b', 'c') and active and name != 'none'"
    " and total + freight + insurance <= 99999 and weight - tare >= 0 and level == 2"
    " and discount / 2 < 10 and (bonus or 0) < 5"
)
WARM_UP = 300
ROUNDS = 15
TIMES = 400


@dataclass(frozen=True)
class Row:
    """One comparison: evaluations a second on both sides, and how many times ours must be the peer's."""

    name: str
    ours: float
    peer: float
    ratio: float
    bar: float


NUMBERS = ("qty", "price", "rate", "total", "freight", "insurance", "weight", "tare", "discount", "bonus")


def record() -> dict[str, Any]:
    """Thirty fields with values, as a store gives them."""
    row: dict[str, Any] = {name: Decimal("12.50") for name in NUMBERS}
    row |= {"kind": "b", "active": True, "name": "x", "level": 2, "bonus": None, "rate": Decimal("0.13")}
    return row | {f"other{index}": "value" for index in range(30 - len(row))}


def shape() -> Shape:
    """The record's types."""
    kinds: dict[type, Kind] = {str: Kind.TEXT, bool: Kind.BOOLEAN, int: Kind.INTEGER}
    fields = {name: Type(kinds.get(type(value), Kind.NUMBER)) for name, value in record().items()}
    return Shape("record", {**SYSTEM_FIELDS, **fields}, document="record")


class Nowhere:
    """A world that is never asked."""

    now = datetime(2026, 5, 6)
    today = now.date()
    user = org = device = caller = None


class NoCatalog:
    """Nothing is defined."""

    def shape(self, _document: str) -> None:
        return None

    code_columns = callable = parameter = shape

    def names(self, _kind: str) -> tuple[str, ...]:
        return ()


def ours(text: str, row: dict[str, Any]) -> Callable[[], object]:
    """One evaluation in an environment that stands, as the peer is given a dictionary that stands."""
    found, problems = check_expression(text, NOWHERE, Scope(shape()), NoCatalog())  # type: ignore[arg-type]
    assert found is not None, problems
    env = Env(row, Nowhere())  # type: ignore[arg-type]
    return lambda: found.evaluate(env)


def jinja(text: str, row: dict[str, Any]) -> Callable[[], object]:
    """The same with Jinja's sandbox; its constants are Decimals too, which it can only be given as variables."""
    values = {"c1": Decimal("5000.50"), **row}
    compiled = SandboxedEnvironment().compile_expression(text.replace("5000.50", "c1"))
    return lambda: compiled(values)


def rate(work: Callable[[], object]) -> float:
    """Runs a second."""
    begin = time.perf_counter()
    for _ in range(TIMES):
        work()
    return TIMES / (time.perf_counter() - begin)


def compared(name: str, mine: Callable[[], object], peer: Callable[[], object], bar: float) -> Row:
    """Both sides in turn; the ratio is the median of the rounds' ratios."""
    with arithmetic():  # as a transaction does once; both sides compute with 34 digits
        for _ in range(WARM_UP):
            mine(), peer()
        rounds = [(rate(mine), rate(peer)) for _ in range(ROUNDS)]
    ratio = statistics.median(left / right for left, right in rounds)
    return Row(name, *(statistics.median(side) for side in zip(*rounds, strict=True)), ratio=ratio, bar=bar)


def run() -> list[Row]:
    """All comparisons."""
    row = record()
    mine, peer = ours(TERMS, row), jinja(TERMS, row)
    assert mine() is True
    assert peer()
    simple = "price * qty"
    return [
        compared("10 terms, 30 fields", mine, peer, 8.0),
        compared("one product", ours(simple, row), jinja(simple, row), 8.0),
    ]


def test_expressions_are_fast_enough() -> None:
    for row in run():
        assert row.ratio >= row.bar, row


def main() -> None:
    """Print the table."""
    lines = [f"{'':24}{'ours /s':>12}{'Jinja /s':>12}{'ratio':>8}{'bar':>6}"]
    lines += [f"{row.name:24}{row.ours:12,.0f}{row.peer:12,.0f}{row.ratio:8.1f}{row.bar:6.1f}" for row in run()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
