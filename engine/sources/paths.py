"""Conditions looked at from outside: which fields they speak of, and the same condition on a record referred to.

In: a `Criterion`. Out: paths as they stand in it; another `Criterion`. Pure: knows no rights and no store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.model.criteria import (
    NEVER,
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    HasRow,
    Holds,
    Like,
    Matches,
    Not,
    Some,
)

Path = tuple[str, ...]
PARENT = "parent"
"""What a condition on rows of a child table calls the record that they belong to."""


def paths_of(where: Criterion) -> Iterator[Path]:
    """The fields of the record that a condition speaks of, also those that it reaches from a row of a child table."""
    if isinstance(where, HasRow):
        yield (where.table,)
        yield from (path[1:] for path in paths_of(where.criterion) if path[0] == PARENT and len(path) > 1)
        return
    yield from _own(where)
    for part in _parts(where):
        yield from paths_of(part)


def paths_in_rows(where: Criterion) -> Iterator[tuple[str, Path]]:
    """The columns of child tables that a condition speaks of, each with its table."""
    if isinstance(where, HasRow):
        yield from ((where.table, path) for path in paths_of(where.criterion) if path[0] != PARENT)
    for part in _parts(where):
        yield from paths_in_rows(part)


def behind(where: Criterion, path: Path) -> Criterion:
    """The condition on the record that a path leads to; never true for what cannot be asked of it from afar."""
    return NEVER if _is_near(where) else _behind(where, path)


def _behind(where: Criterion, path: Path) -> Criterion:
    if isinstance(where, Every | Some):
        return replace(where, parts=tuple(_behind(part, path) for part in where.parts))
    if isinstance(where, Not):
        return Not(_behind(where.part, path))
    if isinstance(where, CompareFields):
        return replace(where, left=(*path, *where.left), right=(*path, *where.right))
    if isinstance(where, Compare | Among | Holds | Like):
        return replace(where, path=(*path, *where.path))
    raise TypeError(where)


def _is_near(where: Criterion) -> bool:
    """Whether a condition looks into rows or texts, which a store does only for the record itself."""
    return isinstance(where, HasRow | Matches) or any(_is_near(part) for part in _parts(where))


def _parts(where: Criterion) -> tuple[Criterion, ...]:
    if isinstance(where, Every | Some):
        return where.parts
    return (where.part,) if isinstance(where, Not) else ()


def _own(where: Criterion) -> Iterator[Path]:
    if isinstance(where, CompareFields):
        yield where.left
        yield where.right
    elif isinstance(where, Compare | Among | Holds | Like):
        yield where.path
