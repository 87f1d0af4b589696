"""Masks of protected values: `6****4` shows the first six and last four characters."""

from __future__ import annotations

import re

_MASK = re.compile(r"(\d*)(\*+)(\d*)")


def masked(text: str, mask: str) -> str:
    """The text with its middle hidden; a text too short for the mask is hidden whole. An empty mask hides all."""
    match = _MASK.fullmatch(mask or "****")
    if match is None:
        return "****"
    first, last = int(match[1] or 0), int(match[3] or 0)
    if len(text) <= first + last:
        return match[2]
    return text[:first] + match[2] + (text[-last:] if last else "")
