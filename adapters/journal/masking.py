"""What of a line may be read by operators: secrets and what looks like somebody's data is covered.

In: text. Out: the same with accounts in addresses, values of keys that name secrets, e-mail addresses, what stands in
quotation marks and runs of six digits or more covered. It cannot know a name when it sees one: lines of this program
name kinds and places, and never values.
"""

from __future__ import annotations

import re

HIDDEN = "***"
_LONGEST = 1_000
_COVERED = (
    (re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|“[^”\n]*”|「[^」\n]*」"), HIDDEN),
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{HIDDEN}@"),
    (re.compile(r"(?i)\b(authorization\W+(?:bearer|basic)|bearer)\s+\S+"), rf"\1 {HIDDEN}"),
    (
        re.compile(r"(?i)\b(\w*(?:password|passwd|pwd|secret|token|pin|api_?key)\w*\b[\"']?\s*[=:]\s*)[^\s,;)}\]]+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), HIDDEN),
    (re.compile(r"\d(?:[\d -]{4,}\d)[Xx]?"), HIDDEN),
)


def masked(text: str) -> str:
    """A line that may be read; breaks become blanks, so that nobody writes a line of his own."""
    found = " ".join(text[: 4 * _LONGEST].split())
    for pattern, cover in _COVERED:
        found = pattern.sub(cover, found)
    return found[:_LONGEST]
