"""Did you mean: the known name that is nearest to a misspelt one.

In: a word and the names that there are. Out: one of them, or nothing when none is near. The one module that imports
RapidFuzz.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import DamerauLevenshtein


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that is probably meant: one with few slips of the pen, else one that holds the word or begins it."""
    return slip(word, names) or _inside(word.lower(), names)


def slip(word: str, names: Iterable[str]) -> str:
    """The name with the fewest slips of the pen; at most one in three letters, compared without case."""
    lowered = word.lower()
    limit = max(1, min(3, (len(word) + 1) // 3))
    best, found = limit + 1, ""
    for name in names:
        distance = DamerauLevenshtein.distance(lowered, name.lower(), score_cutoff=limit)
        if distance < best:
            best, found = distance, name
    return found


def _inside(word: str, names: Iterable[str]) -> str:
    """A name that holds the word or begins it: `reason_code` for `reason`, `max` for `maximum`."""
    if len(word) < 4:
        return ""
    near = [name for name in names if word in name.lower() or (len(name) > 2 and word.startswith(name.lower()))]
    return min(near, key=len, default="")
