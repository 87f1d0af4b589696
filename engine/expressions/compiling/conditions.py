"""Conditions for a store, built at run time out of the parts of an expression that are known before any row is read.

Expressions say that null equals null and nothing else; a store compares in three values. What is built here selects
exactly the rows for which the expression is true (or false, where it stands under a `not`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from engine.expressions.environment import World
from engine.model.criteria import (
    ALWAYS,
    NEVER,
    Among,
    Compare,
    CompareFields,
    Criterion,
    Every,
    HasRow,
    Holds,
    Like,
    Not,
    Operator,
    Some,
)

Path = tuple[str, ...]


def null(path: Path) -> Criterion:
    """The field is null."""
    return Compare(path, "==", None)


def compare(path: Path, operator: Operator, value: Any) -> Criterion:
    """The field compared with a value, as expressions compare."""
    if operator == "==":
        return Compare(path, "==", value)
    if operator == "!=":
        different = Compare(path, "!=", value)
        return different if value is None else Some((different, null(path)))
    return NEVER if value is None else Compare(path, operator, value)


def compare_known(path: Path, value: Any) -> Criterion:
    """Equality that a missing value cannot satisfy: what `find` asks."""
    return NEVER if value is None else Compare(path, "==", value)


def compare_fields(left: Path, operator: Operator, right: Path) -> Criterion:
    """Two fields of the row compared, as expressions compare."""
    both = CompareFields(left, operator, right)
    if operator == "==":
        return Some((both, Every((null(left), null(right)))))
    if operator == "!=":
        one = Every((null(left), Compare(right, "!=", None)))
        other = Every((Compare(left, "!=", None), null(right)))
        return Some((both, one, other))
    return both


def among(path: Path, values: Collection[Any] | None, *, negated: bool = False) -> Criterion:
    """The field is one of the values, or (negated) none of them."""
    known = tuple(value for value in values or () if value is not None)
    has_null = values is not None and len(known) < len(values)
    if not negated:
        inside: Criterion = Among(path, known) if known else NEVER
        return Some((inside, null(path))) if has_null else inside
    outside: Criterion = Not(Among(path, known)) if known else ALWAYS
    if has_null:
        return Every((outside, Compare(path, "!=", None)))
    return Some((outside, null(path))) if known else ALWAYS


def holds(path: Path, value: Any, *, negated: bool = False) -> Criterion:
    """A field of several has the value, or (negated) has it not."""
    if value is None:
        return ALWAYS if negated else NEVER
    return Some((Not(Holds(path, value)), null(path))) if negated else Holds(path, value)


def like(path: Path, text: Any, *, start: bool) -> Criterion:
    """The field contains (or begins with) a text; wider than the expression, which knows capitals."""
    return NEVER if text is None else Like(path, text, start)


def below(world: World, path: Path, document: str, ancestor: Any, *, negated: bool = False) -> Criterion:
    """The field names a record of a tree that is the ancestor or stands under it."""
    if ancestor is None:
        return NEVER
    inside = Among(path, tuple(world.below(document, ancestor)))
    return Not(inside) if negated else inside


def has_row(table: str, inside: Criterion, *, negated: bool = False) -> Criterion:
    """A child table has such a row, or (negated) has none."""
    return Not(HasRow(table, inside)) if negated else HasRow(table, inside)


def when(value: Any, wanted: bool) -> Criterion:
    """A part that does not depend on the row at all."""
    return ALWAYS if value is wanted else NEVER


def every(parts: Sequence[Criterion]) -> Criterion:
    """All parts; NEVER as soon as one is."""
    flat: list[Criterion] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Every) else (part,))
    if NEVER in flat:
        return NEVER
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def some(parts: Sequence[Criterion]) -> Criterion:
    """One part; ALWAYS as soon as one is."""
    flat: list[Criterion] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Some) else (part,))
    if ALWAYS in flat:
        return ALWAYS
    return flat[0] if len(flat) == 1 else Some(tuple(flat))
