"""Paths through rows: fields, references that are followed, child tables, back references, paths over many.

In: a typed base and a name. Out: a typed node; a base that holds many rows gives a source of all the rows behind.
"""

from __future__ import annotations

from engine.expressions import nodes, syntax
from engine.expressions.checking.checker import Checker, Frame, row_document, row_of, rows_of
from engine.expressions.kinds import LISTS, LOOSE, described
from engine.expressions.names import KnowsBackReferences, Scope
from engine.expressions.nodes import SOURCES, Node
from engine.expressions.syntax import Place
from engine.model.types import ANY, DATETIME, INTEGER, TEXT, Kind, Shape, Type

HISTORY_FIELDS = {
    "version": INTEGER,
    "at": DATETIME,
    "actor": TEXT,
    "event": TEXT,
    "from_state": TEXT,
    "to_state": TEXT,
    "comment": TEXT,
    "on_behalf": TEXT,
}
"""What an entry of a record's history holds; `document` refers to the record itself."""


KEPT = ("entries", "closings")
"""What a ledger has beside its accounts."""
LOOSE_ROW = Shape("json", {})
"""A row of foreign data: every name that means nothing else is a part of it, of a kind known at run time only."""


def history_shape(document: str) -> Shape:
    """The shape of history entries of a document type."""
    return Shape("history", {**HISTORY_FIELDS, "document": Type(Kind.REF, of=document)})


def field(checker: Checker, row: Node, name: str, type_: Type, at: Place) -> Node:
    """A field of a row; its rows, where it is a child table or back reference."""
    if type_.kind is not Kind.ROWS:
        return nodes.Field(type_.nullable(), at, row, name, _is_sure(row))
    shape = type_.shape
    owner = row.type.shape
    if shape is not None and shape.document and owner is not None and owner.document:
        return _back(checker, row, name, shape, at)
    return nodes.Table(type_, at, row, name)


def _is_sure(row: Node) -> bool:
    """Whether the row's mapping always has its keys: records and rows do, events and surroundings may not."""
    if isinstance(row, nodes.Surrounding):
        return row.word == "this"
    return isinstance(row, nodes.Here | nodes.Follow)


def _back(checker: Checker, row: Node, name: str, shape: Shape, at: Place) -> Node:
    document = row_document(row.type.shape)
    catalog = checker.catalog
    field = catalog.back_field(document, name) if isinstance(catalog, KnowsBackReferences) else None
    return nodes.Back(rows_of(shape), at, checker.identity(row), document, name, shape.document, field or "")


def local(node: Node) -> Node:
    """A named value or the result of a query: a source where it holds rows."""
    if node.type.kind is Kind.ROWS:
        return nodes.Values(node.type, node.at, node)
    return node


def of_row(checker: Checker, base: Node, node: syntax.Member) -> Node:
    """A field behind a row."""
    shape = base.type.shape
    if shape is None:
        return nodes.Field(ANY, node.at, base, node.name, sure=False)
    if (type_ := shape.fields.get(node.name)) is not None:
        return field(checker, base, node.name, type_, node.at)
    if node.name == "history" and shape.document:
        return nodes.History(rows_of(history_shape(shape.document)), node.at, shape.document, checker.identity(base))
    if node.name == "parent" and shape.parent and isinstance(base, nodes.Follow):
        return nodes.Field(Type(Kind.REF, of=shape.parent), node.at, base, "parent", sure=False)
    nearest = checker.nearest(node.name, shape.fields)
    return checker.problem("EXP011", node.name_at, nearest, name=node.name, of=row_document(shape) or shape.name)


def of_reference(checker: Checker, base: Node, node: syntax.Member) -> Node:
    """A field of the record that a reference names."""
    return of_row(checker, followed(checker, base), node)


def followed(checker: Checker, reference: Node) -> Node:
    """The record that a reference names; of unknown shape when it may name any document."""
    document = reference.type.of
    shape = referred_shape(checker, document)
    if shape is None:
        return nodes.Follow(Type(Kind.ROW), reference.at, reference, document)
    return nodes.Follow(row_of(shape, optional=True), reference.at, reference, row_document(shape))


def referred_shape(checker: Checker, document: str) -> Shape | None:
    """The shape of what a reference names: a record, or a child row (`type.table`)."""
    if not document:
        return None
    found = checker.catalog.shape(document)
    if found is not None or "." not in document:
        return found
    owner, _, table = document.rpartition(".")
    shape = checker.catalog.shape(owner)
    type_ = shape.fields.get(table) if shape is not None else None
    return type_.shape if type_ is not None and type_.kind is Kind.ROWS else None


def of_rows(checker: Checker, base: Node, node: syntax.Member, frame: Frame) -> Node:
    """A path over many: the rows behind every row of a source."""
    if isinstance(base, nodes.Documents) and node.name in KEPT:
        shape = checker.catalog.shape(f"{base.document}.{node.name}")
        if shape is not None and shape.document:
            return nodes.Documents(rows_of(shape), node.at, shape.document)
    if isinstance(base, nodes.Documents) and node.name == "history":
        return nodes.History(rows_of(history_shape(base.document)), node.at, base.document, None)
    source = as_source(checker, base)
    shape = source.type.shape if source is not None else None
    if source is None or shape is None:
        return checker.problem("EXP019", node.name_at, name=node.name, kind=described(base.type))
    inside = checker.open(inner_scope(frame.scope, source), frame)
    row = nodes.Here(row_of(shape), node.at, "row", inside.number)
    inner = of_row(checker, row, node)
    rows = as_source(checker, inner)
    if rows is None or inner.type.kind in LISTS - {Kind.REFS}:
        return checker.problem("EXP017", node.at, f"list({checker.written(base.at)}, {node.name})", name=node.name)
    return nodes.Through(rows.type, node.at, source, inside.number, rows)


def as_source(checker: Checker, node: Node) -> Node | None:
    """A value as a source of rows; None when it holds none."""
    if isinstance(node, SOURCES):
        return node
    kind = node.type.kind
    if kind in {Kind.REF, Kind.REFS} and node.type.of:
        shape = referred_shape(checker, node.type.of)
        type_ = rows_of(shape) if shape is not None else Type(Kind.ROWS, optional=False)
        return nodes.Referred(type_, node.at, node, row_document(shape) or node.type.of)
    if kind is Kind.ROW:
        type_ = rows_of(node.type.shape) if node.type.shape is not None else Type(Kind.ROWS, optional=False)
        return nodes.Values(type_, node.at, node)
    if kind in LISTS or kind is Kind.ROWS or kind in LOOSE:
        item = member_type(node.type)
        return nodes.Values(Type(Kind.ROWS, optional=False, shape=node.type.shape, item=item), node.at, node)
    return None


def member_type(type_: Type) -> Type | None:
    """The type of the members of a list that are not rows."""
    if type_.kind is Kind.CODES:
        return Type(Kind.CODE, of=type_.of)
    if type_.kind is Kind.REFS:
        return Type(Kind.REF, of=type_.of)
    return type_.item


def inner_scope(outer: Scope, source: Node) -> Scope:
    """The scope of a row of a source that is read from a scope."""
    shape = source.type.shape or LOOSE_ROW
    last = source
    while isinstance(last, nodes.Through):
        last = last.inner
    if isinstance(last, nodes.Table):
        return outer.inner(shape, parent=last.row.type.shape, in_child=True)
    return outer.inner(shape)
