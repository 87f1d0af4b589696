"""Which protected fields a view shows in the clear: the one place that knows, for pages and for screens of flows.

In: components with their expressions. Out: fields by document type, wherever an expression leads: those of the rows
themselves, of records that they refer to, behind columns of queries, in what records are called. What is only asked,
compared or counted is not shown. Nothing here reads a record; who may see what is asked of the rights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from engine.access.rights import RecordRights
from engine.expressions import nodes
from engine.expressions.compiling.program import value_program
from engine.expressions.expression import Checked, Lazy
from engine.expressions.nodes import Node, walk
from engine.model.formula import Formula
from engine.model.free_pages import Board, Chart, Figure, Grid, Part, Source, Table, Text
from engine.model.system import Definitions, Query
from engine.model.touch_parts import Details, Entry, Keypad
from engine.model.types import Kind
from engine.sources.criteria import checked_of
from engine.usecases.presenting import label_field
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.wording_cells import rows_shape

_TELLS_NONE = (
    nodes.Constant, nodes.Parameter, nodes.Number, nodes.Identity, nodes.Invoke, nodes.Under,
    nodes.Not, nodes.Compare, nodes.Among, nodes.Junction,
)  # fmt: skip
_RECORD = frozenset({Kind.REF, Kind.ROW})
_INNER = (nodes.Aggregate, nodes.Through, nodes.Share)


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of a document type (`table.column` within a table). `record` gives the record or its id from the
    environment that the expression is evaluated in; None where it may be of several."""

    document: str
    name: str
    record: Callable[[object], object] | None = None


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A node whose value is shown: the shape that it is a field of, or the records of which its value is one."""

    shape: str
    document: str
    table: str
    name: str
    record: Callable[[object], object] | None
    names: str
    """The document type whose records are the value: they are shown by their names."""
    value: Callable[[object], object] | None


def shown_by(definitions: Definitions, part: Part) -> Iterator[ShownField]:
    """Protected fields that a component shows whoever looks."""
    for formula in _formulas(part):
        yield from shown_in(definitions, formula, named=not isinstance(part, Text))
    for source in _called(part):
        shape = rows_shape(source.of)
        if shape is not None and shape.document:
            yield from _protected(definitions, [_label(definitions, shape.document, None)])


def shown_in(definitions: Definitions, formula: Formula, *, named: bool = True) -> tuple[ShownField, ...]:
    """Protected fields whose values an expression gives on; `named` where records stand there by their names."""
    return tuple(_protected(definitions, _fields(definitions, formula, named, frozenset())))


def clear_of(runtime: Runtime, actor: Actor, parts: Iterable[Part]) -> Mapping[str, frozenset[str]]:
    """Document types and those of their protected fields that components show somebody in the clear."""
    found: dict[str, set[str]] = {}
    for part in parts:
        for one in shown_by(runtime.definitions, part):
            found.setdefault(one.document, set()).add(one.name)
    general = {document: runtime.rights(document, actor).in_general() for document in found}
    clear = {
        document: frozenset(name for name in names if is_clear(general[document], name))
        for document, names in found.items()
    }
    return {document: names for document, names in clear.items() if names}


# --- components --------------------------------------------------------------------------------------------------


def _formulas(part: Part) -> Iterator[Formula]:
    """The expressions whose values a component shows."""
    if isinstance(part, Table | Board):
        yield from (cell.value for cell in part.cells)
    if isinstance(part, Board | Grid):
        yield from (one for one in (part.per, part.label) if one is not None)
    if isinstance(part, Grid) and part.contents is not None:
        yield part.contents.label
        yield from (cell.value for cell in part.contents.cells)
    if isinstance(part, Chart):
        yield from (one for one in (part.x, part.split, *(cell.value for cell in part.y)) if one is not None)
    if isinstance(part, Figure):
        yield part.value
    if isinstance(part, Text):
        pieces = (piece for one in (part.text, *part.text.others.values()) for piece in one.pieces)
        yield from (piece[0] for piece in pieces if not isinstance(piece, str))
    if isinstance(part, Details):
        yield from (formula for _, formula, _ in part.columns)
    if isinstance(part, Entry):
        yield from (one.formula for one in part.given.values() if one.formula is not None)
    if isinstance(part, Keypad) and part.default is not None and part.default.formula is not None:
        yield part.default.formula


def _called(part: Part) -> Iterator[Source]:
    """Sources whose documents a component calls by their names."""
    if isinstance(part, Grid):
        yield part.source


# --- expressions -------------------------------------------------------------------------------------------------


def _fields(
    definitions: Definitions, formula: Formula, named: bool, within: frozenset[tuple[str, str]]
) -> Iterator[ShownField]:
    for leaf in _leaves(checked_of(formula)):
        at = (leaf.shape, leaf.name)
        columns = [] if at in within else [*_columns(definitions, *at)]
        for column in columns:
            made = _fields(definitions, column, named, within | {at})
            yield from (replace(one, record=None) for one in made)  # of whatever the row was made of
        if leaf.document and not columns:
            name = f"{leaf.table}.{leaf.name}" if leaf.table else leaf.name
            yield ShownField(leaf.document, name, leaf.record)
        if named and leaf.names in definitions.documents:
            yield _label(definitions, leaf.names, leaf.value)


def _label(definitions: Definitions, document: str, record: Callable[[object], object] | None) -> ShownField:
    return ShownField(document, label_field(definitions.documents[document]), record)


def _columns(definitions: Definitions, shape: str, name: str) -> Iterator[Formula]:
    """What a column of a query is made of."""
    query: Query | None = definitions.queries.get(shape)
    while query is not None:
        yield from (columns[name] for columns in (query.per, query.columns) if name in columns)
        query = query.inner


def _protected(definitions: Definitions, fields: Iterable[ShownField]) -> Iterator[ShownField]:
    for one in fields:
        declared = definitions.documents.get(one.document)
        field = declared.field_at(tuple(one.name.split("."))) if declared is not None else None
        if field is not None and field.protect:
            yield one


def is_clear(rights: RecordRights, name: str) -> bool:
    """Whether rights let a field be seen as it is."""
    column = name.partition(".")[0]
    return rights.reads(column) and column not in rights.masked


@lru_cache(maxsize=4_096)
def _leaves(checked: Checked) -> tuple[_Leaf, ...]:
    return tuple(_leaf(node) for node in _values(checked.node))


def _leaf(node: Node) -> _Leaf:
    kind = node.type
    names = (
        (kind.of or (kind.shape.document if kind.shape is not None else ""))
        if kind.kind in _RECORD | {Kind.REFS}
        else ""
    )
    value = _program(node) if kind.kind in _RECORD else None
    shape = node.row.type.shape if isinstance(node, nodes.Field) else None
    if shape is None or not isinstance(node, nodes.Field):
        return _Leaf("", "", "", "", None, names, value)
    document, table = shape.document, ""
    if shape.parent and not document:
        document, table = shape.parent, shape.name.removeprefix(f"{shape.parent}.")
    record = _program(node.row) if document and not table else None
    return _Leaf(shape.name, document, table, node.name, record, names, value)


def _program(node: Node) -> Callable[[object], object] | None:
    """The value of a part of an expression, where it stands for itself."""
    every = walk(node)
    opened = {one.frame for one in every if isinstance(one, _INNER)}
    if any(isinstance(one, nodes.Here) and one.frame > 0 and one.frame not in opened for one in every):
        return None
    return Lazy(value_program, node)


def _values(node: Node) -> Iterator[Node]:
    """The nodes inside an expression whose values it gives on."""
    if isinstance(node, _TELLS_NONE):
        return
    if isinstance(node, nodes.Field | nodes.Here | nodes.Follow | nodes.Local | nodes.Surrounding):
        yield node
    elif isinstance(node, nodes.Aggregate):
        yield node
        if node.value is not None:
            yield from _values(node.value)
    elif isinstance(node, nodes.Conditional):
        yield from _values(node.yes)
        yield from _values(node.no)
    else:
        for inner in nodes.children(node):
            yield from _values(inner)
