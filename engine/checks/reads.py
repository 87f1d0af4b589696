"""What a formula reads: fields of its own document, and records of others with the equalities that tie them to ours.

In: the checked tree of a formula and where it stands (in the document or in a row of a child table). Out: own paths,
and watches on other document types. Knows no text and no order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.expressions import nodes
from engine.expressions.expression import Checked
from engine.expressions.nodes import Node
from engine.expressions.selecting import Group, Plan, Test, split
from engine.model.documents import Document
from engine.model.program import Path, Watch
from engine.model.types import Kind

DOCUMENT: Mapping[int, Path] = {0: ()}
"""Own rows by frame, for a formula that stands in the document: `()` is the document."""


def row_frames(table: str) -> Mapping[int, Path]:
    """The same for a formula that stands in a row of a child table."""
    return {0: (table,), -1: ()}


def own_reads(checked: Checked, document: Document, table: str = "") -> set[Path]:
    """Paths of the document's own fields that a formula reads; `(table,)` alone for a table whose rows it goes over.

    `table` is the child table in whose rows the formula stands.
    """
    found = set()
    for base, *steps in checked.reads:
        if base in _OWN and steps:
            first = [table] if table and base == "row" else []
            path = tuple([*first, *steps][:2])
            found.add(path if document.field_at(path) is not None else path[:1])
    return found


_OWN = frozenset({"row", "this", "parent", "up"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads nodes by the frames that are our own rows."""

    frames: Mapping[int, Path]

    def owner(self, node: Node) -> Path | None:
        """The own row that a node is: the document or a child row."""
        if isinstance(node, nodes.Here):
            return () if node.what == "parent" and node.frame in self.frames else self.frames.get(node.frame)
        if isinstance(node, nodes.Surrounding) and node.word == "this":
            return ()
        return None

    def path(self, node: Node) -> Path | None:
        """The own path that a value is, through references too; child rows have none."""
        if isinstance(node, nodes.Field):
            if self.owner(node.row) == ():
                return (node.name,)
            if isinstance(node.row, nodes.Follow):
                before = self.path(node.row.reference)
                return None if before is None else (*before, node.name)
        if isinstance(node, nodes.Identity) and self.owner(node.row) == ():
            return ("id",)
        if isinstance(node, nodes.Convert | nodes.Qualified):
            return self.path(node.operand if isinstance(node, nodes.Convert) else node.reference)
        return None


def watches(root: Node, base: Mapping[int, Path]) -> Iterator[Watch]:
    """Records of other types whose change may alter what a formula gives."""
    reader = Reader(base)
    for node in nodes.walk(root):
        if isinstance(node, nodes.Aggregate):
            yield from _source_watches(reader, node)
        elif isinstance(node, nodes.Follow) and node.document:
            path = reader.path(node.reference)
            yield Watch(node.document, () if path is None else ((path, "id"),))


def _source_watches(reader: Reader, node: nodes.Aggregate) -> Iterator[Watch]:
    source = node.source
    if isinstance(source, nodes.Documents):
        pairs = tuple(_pairs(reader, split(node.where, node.frame).plan))
        yield Watch(source.document, pairs)
    elif isinstance(source, nodes.Back):
        ours = reader.path(source.owner)
        in_rows = not source.field or "." in source.field
        yield Watch(source.target, () if ours is None or in_rows else ((ours, source.field),))
    elif isinstance(source, nodes.Referred):
        path = reader.path(source.references)
        single = source.references.type.kind is Kind.REF
        yield Watch(source.document, ((path, "id"),) if path is not None and single else ())


def _pairs(reader: Reader, plan: Plan) -> Iterator[tuple[Path, str]]:
    """Equalities between a field of theirs and a path of ours; all of them must hold."""
    if isinstance(plan, Group) and plan.every:
        for part in plan.parts:
            yield from _pairs(reader, part)
    elif isinstance(plan, Test) and plan.operator == "==" and len(plan.path) == 1:
        ours = reader.path(plan.value)
        if ours is not None:
            yield ours, plan.path[0]


def wanted_indexes(root: Node) -> Iterator[tuple[str, Path]]:
    """Document types that a formula selects from, each with the fields that are equal to something known."""
    for node in nodes.walk(root):
        if isinstance(node, nodes.Aggregate) and isinstance(node.source, nodes.Documents):
            plan = split(node.where, node.frame).plan
            yield node.source.document, tuple(dict.fromkeys(_equal_fields(plan)))


def _equal_fields(plan: Plan) -> Iterable[str]:
    if isinstance(plan, Group) and plan.every:
        for part in plan.parts:
            yield from _equal_fields(part)
    elif isinstance(plan, Test) and plan.operator == "==" and len(plan.path) == 1:
        yield plan.path[0]
