"""What an expression reads: paths from the row at hand and its surroundings, and fields of other document types.

In: a checked node. Out: sets, used to order computed fields, to refresh pages, to look again at documents that wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.expressions import nodes
from engine.expressions.nodes import Node

Path = tuple[str, ...]


def frame_sources(every: Iterable[Node]) -> dict[int, Node]:
    """The source whose rows each inner frame goes over, of all nodes of an expression."""
    found: dict[int, Node] = {}
    for node in every:
        if isinstance(node, nodes.Aggregate):
            found[node.frame] = node.source
        elif isinstance(node, nodes.Through):
            found[node.frame] = node.outer
        elif isinstance(node, nodes.Share):
            found[node.frame] = node.table
    return found


class Reads:
    """Collects what one expression reads.

    `paths` begin with their base: `row`, `this`, `parent`, `up`, `event`, `user`, `org`, `device`, `caller`, `values`.
    Behind a reference the path goes on with the fields of the record that it names. `documents` maps a document type
    to the fields that are read of its records.
    """

    def __init__(self, every: Sequence[Node]) -> None:
        self._sources = frame_sources(every)
        self.paths: set[Path] = set()
        self.documents: dict[str, set[str]] = {}
        for node in every:
            self._note(node)
        self.paths = {path for path in self.paths if not self._is_passed(path)}

    def _note(self, node: Node) -> None:
        if isinstance(node, nodes.Field | nodes.Table | nodes.Back):
            self._note_field(node)
        elif isinstance(node, nodes.Parameter):
            self.paths.add(("values", node.name))
        elif isinstance(node, nodes.Documents | nodes.Referred):
            self.documents.setdefault(node.document, set())
        elif isinstance(node, nodes.Identity) and (path := self.path(node.row)) is not None:
            self.paths.add((*path, "id"))

    def _note_field(self, node: nodes.Field | nodes.Table | nodes.Back) -> None:
        path = self.path(node)
        if path is not None:
            self.paths.add(path)
        if isinstance(node, nodes.Back):
            self.documents.setdefault(node.target, set()).update([node.field] if node.field else [])
            return
        shape = node.row.type.shape
        if shape is not None and shape.document and not self._is_own(node.row):
            self.documents.setdefault(shape.document, set()).add(node.name)

    def _is_own(self, row: Node) -> bool:
        """Whether the row is one that the expression stands in, not one that it went to."""
        return isinstance(row, nodes.Surrounding) or (isinstance(row, nodes.Here) and row.frame <= 0)

    def path(self, node: Node) -> Path | None:
        """The path by which a node is reached, where it is one."""
        if isinstance(node, nodes.Here):
            return self._here(node)
        if isinstance(node, nodes.Surrounding):
            return (node.word,)
        if isinstance(node, nodes.Field | nodes.Table):
            return self._behind(node.row, node.name)
        if isinstance(node, nodes.Back):
            return self._behind(node.owner, node.name)
        inner = _passed_through(node)
        return self.path(inner) if inner is not None else None

    def _behind(self, row: Node, name: str) -> Path | None:
        path = self.path(row)
        return None if path is None else (*path, name)

    def _here(self, node: nodes.Here) -> Path | None:
        if node.frame == 0:
            return (node.what,)
        if node.frame < 0:
            return ("up",) * -node.frame if node.what == "row" else (*("up",) * -node.frame, "parent")
        source = self._sources.get(node.frame)
        if source is None:
            return None
        path = self.path(source)
        return path[:-1] if path is not None and node.what == "parent" else path

    def _is_passed(self, path: Path) -> bool:
        """Whether the path is only the way to a longer one that is read as well."""
        return any(len(other) > len(path) and other[: len(path)] == path for other in self.paths) and path[-1] == "id"


def _passed_through(node: Node) -> Node | None:
    """What a node leads on from: a reference that is followed, the last leg of a path over many."""
    if isinstance(node, nodes.Follow):
        return node.reference
    if isinstance(node, nodes.Referred):
        return node.references
    if isinstance(node, nodes.Identity):
        return node.row
    if isinstance(node, nodes.Qualified):
        return node.reference
    if isinstance(node, nodes.CodeColumn):
        return node.code
    if isinstance(node, nodes.Through):
        return node.inner
    if isinstance(node, nodes.Values):
        return node.value
    return None


def frozen(documents: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """The same mapping with sets that cannot change."""
    return {document: frozenset(fields) for document, fields in documents.items()}
