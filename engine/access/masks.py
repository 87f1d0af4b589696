"""Masks of protected values: `6****4` shows the first six and last four characters."""

from __future__ import annotations

import re
from functools import lru_cache

_MASK = re.compile(r"(\d*)(\*+)(\d*)")


def masked(text: str, mask: str) -> str:
    """The text with its middle hidden; a text too short for the mask is hidden whole. An empty mask hides all."""
    first, stars, last = _parts(mask or "****")
    if len(text) <= first + last:
        return stars
    return text[:first] + stars + (text[-last:] if last else "")


@lru_cache(maxsize=256)
def _parts(mask: str) -> tuple[int, str, int]:
    """How many characters are shown, what stands for the others; of what is no mask nothing is shown."""
    match = _MASK.fullmatch(mask)
    return (int(match[1] or 0), match[2], int(match[3] or 0)) if match is not None else (0, "****", 0)
