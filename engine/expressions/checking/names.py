"""Names and dotted paths: what a name means in its frame, and what stands behind a dot.

A name is a field of the row at hand, else a named value of the place, else a word of the surroundings, else a unit of
time, else a query or document type. Nothing falls through to another row: that is said with `up`, `this`, `parent`.
"""

from __future__ import annotations

from decimal import Decimal

from engine.expressions import nodes, syntax
from engine.expressions.checking import paths
from engine.expressions.checking.checker import Checker, Frame, checks, null, row_of, rows_of
from engine.expressions.functions import FUNCTIONS
from engine.expressions.kinds import LOOSE, described
from engine.expressions.nodes import Node
from engine.expressions.syntax import Place
from engine.model.types import ANY, BOOLEAN, INTEGER, NUMBER, TEXT, Kind, Type
from engine.model.values import Duration

UNITS = {
    "second": Duration(seconds=Decimal(1)),
    "minute": Duration(seconds=Decimal(60)),
    "hour": Duration(seconds=Decimal(3600)),
    "day": Duration(seconds=Decimal(86_400)),
    "week": Duration(seconds=Decimal(604_800)),
    "month": Duration(months=1),
    "year": Duration(months=12),
    "working_day": Duration(working_days=1),
}
"""Units of time, as names: `45 * day`."""

WORDS = ("self", "this", "up", "parent", "row", "event", "user", "org", "device", "caller", "today", "now", "values")
"""Words of the surroundings; a field of the same name comes first."""

_FILE_PARTS = {"name": TEXT, "size": INTEGER, "media": TEXT, "hash": TEXT}


@checks(syntax.Constant)
def constant(_checker: Checker, node: syntax.Constant, _frame: Frame) -> Node:
    value = node.value
    if value is None:
        return null(node.at)
    kinds = {str: TEXT, bool: BOOLEAN, int: INTEGER}
    return nodes.Constant(kinds.get(type(value), NUMBER).required(), node.at, value)


@checks(syntax.Name)
def name(checker: Checker, node: syntax.Name, frame: Frame) -> Node:
    found = look_up(checker, node.name, frame, node.at)
    if found is None and frame.scope.row is paths.LOOSE_ROW:
        return nodes.Field(ANY, node.at, here(frame, node.at), node.name, sure=False)
    return found if found is not None else unknown(checker, node, frame)


def look_up(checker: Checker, name: str, frame: Frame, at: Place) -> Node | None:
    """What a bare name means in a frame, or None."""
    scope = frame.scope
    if (field := scope.row.fields.get(name)) is not None:
        if name in scope.locals:
            checker.warn("EXP034", at, name=name)
        return paths.field(checker, here(frame, at), name, field, at)
    if (type_ := scope.locals.get(name)) is not None:
        return paths.local(nodes.Local(type_, at, name, frame.number))
    if name in WORDS:
        return _word(checker, name, frame, at)
    if name in UNITS:
        return nodes.Constant(Type(Kind.DURATION, optional=False), at, UNITS[name])
    return _defined(checker, name, at, frame)


def rows_named(checker: Checker, written: syntax.Syntax, frame: Frame) -> Node:
    """What stands where rows are asked for. A flow that keeps a record under the name of its type (`drawer: drawer`)
    means all records there, never the one."""
    name = written.name if isinstance(written, syntax.Name) else ""
    shape = checker.catalog.shape(name) if frame.scope.row.kept and name in frame.scope.row.fields else None
    if shape is None or not shape.document:
        return checker.check(written, frame)
    return nodes.Documents(rows_of(shape), written.at, shape.document)


def here(frame: Frame, at: Place) -> Node:
    """The row of a frame."""
    return nodes.Here(row_of(frame.scope.row), at, "row", frame.number)


def _word(checker: Checker, word: str, frame: Frame, at: Place) -> Node | None:
    scope = frame.scope
    if word == "self":
        return here(frame, at)
    if word == "row":
        numbered = scope.in_child
        return nodes.Number(INTEGER, at, frame.number) if numbered else checker.problem("EXP016", at, name=word)
    if word == "parent" and scope.parent is not None:
        return nodes.Here(row_of(scope.parent), at, "parent", frame.number)
    if word == "up" and (outer := frame.up()) is not None:
        return here(outer, at)
    if word in {"this", "event"} and (shape := scope.this if word == "this" else scope.event) is not None:
        return nodes.Surrounding(row_of(shape), at, word)  # type: ignore[arg-type]
    if word in {"today", "now"}:
        kind = Kind.DATE if word == "today" else Kind.DATETIME
        return nodes.Surrounding(Type(kind, optional=False), at, word)  # type: ignore[arg-type]
    if word in {"user", "org", "device", "caller"} and (type_ := getattr(scope, word)) is not None:
        return nodes.Surrounding(type_.nullable(), at, word)  # type: ignore[arg-type]
    return checker.problem("EXP016", at, name=word)


def _defined(checker: Checker, name: str, at: Place, frame: Frame) -> Node | None:
    """A query without parameters, or a document type or ledger."""
    if (signature := checker.catalog.callable(name)) is not None:
        if any(not type_.optional for type_ in signature.params.values()):
            return checker.problem("EXP022", at, name=name, parameters=", ".join(signature.params))
        arguments = this_argument(checker, frame, at) if signature.uses_this else ()
        return paths.local(nodes.Invoke(signature.result.nullable(), at, checker.key("callable", name), arguments))
    if (shape := checker.catalog.shape(name)) is not None:
        return nodes.Documents(rows_of(shape), at, shape.document)
    return None


def this_argument(checker: Checker, frame: Frame, at: Place) -> tuple[tuple[str, Node], ...]:
    """`this`, for a query that belongs to one document."""
    node = _word(checker, "this", frame, at)
    return () if node is None else (("this", node),)


def unknown(checker: Checker, node: syntax.Name, frame: Frame) -> Node:
    """The problem of a name that means nothing here, with the name that may have been meant."""
    outer = frame.up()
    if outer is not None and (node.name in outer.scope.row.fields or node.name in outer.scope.locals):
        suggestion = f"up.{node.name}"
    elif frame.scope.this is not None and node.name in frame.scope.this.fields:
        suggestion = f"this.{node.name}"
    elif node.name in FUNCTIONS:
        suggestion = f"{node.name}(…)"
    else:
        known = (*frame.scope.row.fields, *frame.scope.locals, *WORDS, *UNITS)
        suggestion = checker.nearest(node.name, (*known, *checker.catalog.names("document")))
    return checker.problem("EXP010", node.at, suggestion, name=node.name)


@checks(syntax.Member)
def member(checker: Checker, node: syntax.Member, frame: Frame) -> Node:
    if isinstance(node.base, syntax.Name) and node.base.name not in frame.scope.row.fields:
        found = _of_word(checker, node.base, node, frame)
        if found is not None:
            return found
    if (outer := _upward(node.base, frame)) is not None:
        found = look_up(checker, node.name, outer, node.at)
        return found if found is not None else unknown(checker, syntax.Name(node.name_at, node.name), outer)
    return behind(checker, checker.check(node.base, frame), node, frame)


def _of_word(checker: Checker, base: syntax.Name, node: syntax.Member, frame: Frame) -> Node | None:
    """`values.x`, and documents named with their system: `store.sale`."""
    if base.name == "values" and base.name not in frame.scope.locals:
        type_ = checker.catalog.parameter(node.name)
        if type_ is not None:
            return nodes.Parameter(type_.nullable(), node.at, checker.key("parameter", node.name))
        nearest = checker.nearest(node.name, checker.catalog.names("parameter"))
        return checker.problem("EXP013", node.name_at, nearest, name=node.name)
    if base.name in frame.scope.locals or base.name in WORDS or checker.catalog.shape(base.name) is not None:
        return None
    return _defined(checker, f"{base.name}.{node.name}", node.at, frame)


def _upward(base: syntax.Syntax, frame: Frame) -> Frame | None:
    """The frame that `up`, `up.up` … names; None for anything else."""
    if isinstance(base, syntax.Name):
        known = base.name in frame.scope.row.fields or base.name in frame.scope.locals
        return frame.up() if base.name == "up" and not known else None
    if isinstance(base, syntax.Member) and base.name == "up":
        outer = _upward(base.base, frame)
        return outer.up() if outer is not None else None
    return None


def behind(checker: Checker, base: Node, node: syntax.Member, frame: Frame) -> Node:
    """What a dot reads from a value."""
    kind = base.type.kind
    if kind is Kind.ROW:
        return paths.of_row(checker, base, node)
    if kind is Kind.REF:
        return paths.of_reference(checker, base, node)
    if kind is Kind.CODE:
        return _of_code(checker, base, node)
    if kind in {Kind.ROWS, Kind.REFS}:
        return paths.of_rows(checker, base, node, frame)
    if kind is Kind.FILE and node.name in _FILE_PARTS:
        return nodes.Field(_FILE_PARTS[node.name], node.at, base, node.name, sure=False)
    if kind in LOOSE or kind is Kind.NULL:
        return nodes.Field(ANY, node.at, base, node.name, sure=False)
    return checker.problem("EXP019", node.name_at, name=node.name, kind=described(base.type))


def _of_code(checker: Checker, base: Node, node: syntax.Member) -> Node:
    columns = checker.catalog.code_columns(base.type.of)
    if node.name == "title":
        type_ = (columns or {}).get("title", TEXT)
    elif columns is None:
        type_ = ANY
    elif (found := columns.get(node.name)) is not None:
        type_ = found
    else:
        nearest = checker.nearest(node.name, ("title", *columns))
        return checker.problem("EXP014", node.name_at, nearest, name=node.name, list=base.type.of)
    return nodes.CodeColumn(type_.nullable(), node.at, base, checker.key("code", base.type.of), node.name)
