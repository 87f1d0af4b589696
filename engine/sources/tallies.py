"""Counts and sums of records that a store can work out by itself: millions of rows need not be read for one figure.

In: expressions beside a source as they are linked. Out: the paths to group by and the fields to add up, or None where
only reading the rows can tell. Knows no store and no values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.expressions import nodes
from engine.expressions.nodes import Node
from engine.expressions.selecting import Path, path_of
from engine.model.formula import Formula
from engine.model.types import Kind
from engine.sources.criteria import checked_of, selector

_NUMBERS = (Kind.INTEGER, Kind.NUMBER)


@dataclass(frozen=True, slots=True)
class Counting:
    """What to ask of a store about one document type."""

    document: str
    by: tuple[Path, ...] = ()
    sums: tuple[str, ...] = ()


def grouped_counts(
    of: Formula, where: Formula | None, by: Sequence[Formula], sums: Sequence[Formula]
) -> Counting | None:
    """Rows of a document type counted by paths, numbers of theirs added up."""
    document = _document(of, where)
    paths = [path_of(checked_of(key).node, 0) for key in by]
    fields = [_number(checked_of(value).node, 0) for value in sums]
    if not document or None in paths or None in fields:
        return None
    return Counting(document, tuple(path for path in paths if path), tuple(name for name in fields if name))


def single_figure(of: Formula, where: Formula | None, name: str, value: Formula) -> Counting | None:
    """`count(rows)` or `sum(rows, field)` alone, over rows that are called `name`."""
    document, node = _document(of, where), checked_of(value).node
    if not document or not isinstance(node, nodes.Aggregate) or node.where is not None or not _reads(node.source, name):
        return None
    if node.function == "count" and node.value is None:
        return Counting(document)
    if node.function == "sum" and node.value is not None:
        field = _number(node.value, node.frame)
        return Counting(document, (), (field,)) if field else None
    return None


def _document(of: Formula, where: Formula | None) -> str:
    """The document type of a source whose condition a store answers whole; empty for others."""
    node = checked_of(of).node
    exact = where is None or selector(checked_of(where)).residual is None
    return node.document if isinstance(node, nodes.Documents) and exact else ""


def _reads(source: Node, name: str) -> bool:
    while isinstance(source, nodes.Values | nodes.Convert):
        source = next(nodes.children(source))
    return isinstance(source, nodes.Local) and source.name == name


def _number(node: Node, frame: int) -> str | None:
    path = path_of(node, frame)
    return path[0] if path is not None and len(path) == 1 and node.type.kind in _NUMBERS else None


def reads(formula: Formula, name: str) -> bool:
    """Whether an expression looks at the rows of that name."""
    return any(isinstance(node, nodes.Local) and node.name == name for node in nodes.walk(checked_of(formula).node))
