"""Bounds that keep one expression from taking the machine: sizes of text, of numbers, of work.

Parsing refuses what is too large with a problem; evaluation raises `Exhausted`. The browser twin holds the same bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Context, DivisionByZero, InvalidOperation, Overflow, getcontext, setcontext

MAX_CHARACTERS = 4_000
MAX_DEPTH = 50
MAX_CHAIN = 100  # operators in a row: a + b + c + …
MAX_NODES = 500
MAX_DIGITS = 34  # significant digits of a number, as in IEEE 754 decimal128
MAX_TEXT = 100_000  # characters of a text made by an expression
MAX_STEPS = 600_000  # rows visited by one evaluation, those of nested sources included
MAX_ROWS = 100_000  # rows read from one source
MAX_EXPONENT = 6_144

CONTEXT = Context(
    prec=MAX_DIGITS,
    rounding=ROUND_HALF_UP,
    Emin=-MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    clamp=0,
    traps=[Overflow, InvalidOperation, DivisionByZero],
)
"""Decimal arithmetic of expressions; `evaluate` puts it in force around each evaluation."""


@contextmanager
def arithmetic() -> Iterator[None]:
    """Put the language's arithmetic in force for a stretch of work.

    Every evaluation does so by itself; many evaluations in a row (a transaction, a list) are faster inside.
    """
    outer = getcontext()
    setcontext(CONTEXT)
    try:
        yield
    finally:
        setcontext(outer)


class Exhausted(Exception):
    """An evaluation went beyond a bound; `bound` names it: steps, text, rows or number."""

    def __init__(self, bound: str) -> None:
        self.bound = bound
        super().__init__(f"an expression went beyond the bound on {bound}")


class Budget:
    """Counts the rows that one evaluation visits. Raises Exhausted before the work, not after it.

    `memo` keeps what need not be worked out again within the evaluation.
    """

    __slots__ = ("left", "memo")

    def __init__(self) -> None:
        self.left = MAX_STEPS
        self.memo: dict[object, object] = {}

    def charge(self, rows: int) -> None:
        """Take rows off what is left."""
        self.left -= rows
        if self.left < 0:
            raise Exhausted("steps")
