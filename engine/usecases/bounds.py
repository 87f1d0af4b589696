"""The bounds of one request: exact arithmetic in force, and a refusal where an evaluation ran beyond them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.expressions.limits import Exhausted, arithmetic
from engine.problems import Finding, Refused


@contextmanager
def bounded() -> Iterator[None]:
    """Around everything that evaluates definitions over what people gave. Raises Refused for what is too much."""
    try:
        with arithmetic():
            yield
    except Exhausted as exhausted:
        text = {"zh": "数据量过大，无法计算", "en": f"too much to compute: {exhausted.bound}"}
        raise Refused((Finding("too_much", text),)) from None
