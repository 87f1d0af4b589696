"""What a search asks for, as a tree of phrases, and the ways to say it to an index.

In: phrases joined by all and any. Out: a query of FTS5, a tsquery, or texts to look for in the kept words. Phrases hold
letters and digits only, so nothing in them can be taken for an operator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.database.words import Phrase


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts of which all, or any one, must be found."""

    every: bool
    parts: tuple[Query, ...]


Query = Phrase | Joined


def joined(parts: Sequence[Query], *, every: bool) -> Query:
    """The parts together; one part alone is itself."""
    return parts[0] if len(parts) == 1 else Joined(every, tuple(parts))


def fts5(query: Query) -> str:
    """The query for SQLite's FTS5."""
    if isinstance(query, Phrase):
        return f'"{" ".join(query.tokens)}"{" *" if query.prefix else ""}'
    return f"({(' AND ' if query.every else ' OR ').join(map(fts5, query.parts))})"


def tsquery(query: Query) -> str:
    """The text of a PostgreSQL tsquery."""
    if isinstance(query, Phrase):
        quoted = [f"'{token}'" for token in query.tokens]
        return f"({' <-> '.join(quoted)}{':*' if query.prefix else ''})"
    return f"({(' & ' if query.every else ' | ').join(map(tsquery, query.parts))})"


def form(query: Query) -> tuple[Any, ...]:
    """The tree without its phrases."""
    if isinstance(query, Phrase):
        return ("phrase",)
    return ("every" if query.every else "some", *map(form, query.parts))


def padded(query: Query) -> Iterator[str]:
    """The phrases as they stand in kept words that have a space on either side, in the order of `form`."""
    if isinstance(query, Phrase):
        yield f" {' '.join(query.tokens)}{'' if query.prefix else ' '}"
        return
    for part in query.parts:
        yield from padded(part)
