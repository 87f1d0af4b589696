"""Addresses within the application, kept once they are built: a page links to the same places again and again.

In: an endpoint and its values, as for Flask's `url_for`. Out: the address. Only what one short value or none goes into
is kept; addresses with anything more in them are built each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import request, url_for

MOST_KEPT = 4_000
LONGEST = 80


def addresses() -> Callable[..., str]:
    """A `url_for` of one application that keeps what it has built."""

    @lru_cache(maxsize=MOST_KEPT)
    def kept(_root: str, endpoint: str, name: str, value: str) -> str:
        return url_for(endpoint, **({name: value} if name else {}))  # type: ignore[arg-type]

    def address(endpoint: str, **values: Any) -> str:
        name, value = next(iter(values.items()), ("", ""))
        plain = len(values) < 2 and type(value) is str and len(value) <= LONGEST
        if not plain or endpoint[0] == "." or name[:1] == "_":
            return url_for(endpoint, **values)
        return kept(request.script_root, endpoint, name, value)

    return address
