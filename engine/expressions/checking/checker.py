"""The checker itself: frames, problems, conversions between neighbouring kinds. What it checks registers itself.

A part of an expression that is wrong becomes a null of unknown kind, so that the rest is still judged.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.expressions import nodes
from engine.expressions.kinds import MOMENTS, NUMBERS, described, is_loose, same_document, same_family
from engine.expressions.names import Catalog, NameKind, ResolvesNames, Scope
from engine.expressions.nodes import Node
from engine.expressions.syntax import Place, Syntax
from engine.model.types import ANY, NULL, Kind, Shape, Type
from engine.problems import Problem, Severity, Span


@dataclass(frozen=True, slots=True)
class Frame:
    """A row of the expression: its scope, its number, and the frame that it was opened in."""

    scope: Scope
    number: int
    outer: Frame | None = None

    def up(self) -> Frame | None:
        """The frame one row out."""
        if self.outer is not None or self.scope.up is None:
            return self.outer
        return Frame(self.scope.up, self.number - 1)


Rule = Callable[["Checker", object, Frame], Node]
_RULES: dict[type[object], Callable[..., Node]] = {}
Written = TypeVar("Written", bound=Callable[..., Node])


def checks(kind: type[object]) -> Callable[[Written], Written]:
    """Registers what checks a kind of syntax."""

    def registered(rule: Written) -> Written:
        _RULES[kind] = rule
        return rule

    return registered


class Checker:
    """Checks one expression. `problems` grows; `frames` counts the rows opened so far."""

    def __init__(self, catalog: Catalog, where: Span, text: str = "") -> None:
        self.catalog = catalog
        self.where = where
        self.text = text
        self.problems: list[Problem] = []
        self.frames = 0

    def check(self, syntax: Syntax, frame: Frame) -> Node:
        """The typed node."""
        return _RULES[type(syntax)](self, syntax, frame)

    def open(self, scope: Scope, outer: Frame | None) -> Frame:
        """A new frame."""
        self.frames += 1
        return Frame(scope, self.frames, outer)

    def problem(self, code: str, at: Place, suggestion: str = "", **values: str) -> Node:
        """Note an error; the null that stands for what was wrong."""
        self._note(code, at, suggestion, Severity.ERROR, values)
        return nodes.Constant(ANY, at, None)

    def warn(self, code: str, at: Place, suggestion: str = "", **values: str) -> None:
        """Note a warning."""
        self._note(code, at, suggestion, Severity.WARNING, values)

    def _note(self, code: str, at: Place, suggestion: str, severity: Severity, values: dict[str, str]) -> None:
        where = self.where.shifted(at.start, at.end)
        self.problems.append(Problem(code, where, {**values, "suggestion": suggestion}, suggestion, severity))

    def key(self, kind: NameKind, name: str) -> str:
        """The key under which a world knows a name."""
        return self.catalog.resolved(kind, name) if isinstance(self.catalog, ResolvesNames) else name

    def written(self, at: Place) -> str:
        """The text at a place."""
        return self.text[at.start : at.end]

    # --- neighbouring kinds ----------------------------------------------------------------------------------------

    def pair(self, left: Node, right: Node) -> tuple[Node, Node]:
        """Two values made comparable: rows stand for their references, dates for their first moments."""
        left, right = self._as_reference(left, right), self._as_reference(right, left)
        if left.type.kind is Kind.REF and right.type.kind is Kind.REF and bool(left.type.of) != bool(right.type.of):
            left, right = qualified(left), qualified(right)
        if {left.type.kind, right.type.kind} == MOMENTS:
            left, right = converted(left, Kind.DATETIME), converted(right, Kind.DATETIME)
        return left, right

    def _as_reference(self, node: Node, other: Node) -> Node:
        if node.type.kind is Kind.ROW and (other.type.kind in {Kind.REF, Kind.ROW, Kind.TEXT} or is_loose(other.type)):
            return self.identity(node)
        return node

    def identity(self, row: Node, *, of_any: bool = False) -> Node:
        """The reference that a row stands for."""
        document = row_document(row.type.shape)
        if row.type.shape is not None and "id" not in row.type.shape.fields and not document:
            return self.problem("EXP018", row.at, name=self.written(row.at))
        type_ = Type(Kind.REF, of="" if of_any else document, optional=row.type.optional)
        return nodes.Identity(type_, row.at, row, document if of_any else "")

    def comparable(self, left: Node, right: Node, at: Place) -> bool:
        """Whether two values of their types can be equal; a problem when not."""
        if not same_family(left.type, right.type):
            self.problem("EXP021", at, left=described(left.type), right=described(right.type))
            return False
        refs = left.type.kind is Kind.REF and right.type.kind is Kind.REF
        if refs and not same_document(left.type.of, right.type.of):
            self.problem("EXP028", at, left=left.type.of, right=right.type.of)
            return False
        return True

    def coerce(self, node: Node, expected: Type) -> Node | None:
        """The value as the expected type wants it; None when it does not fit."""
        actual, kind = node.type, expected.kind
        if is_loose(actual, expected) or actual.kind is Kind.NULL:
            return node
        if kind is Kind.REF and actual.kind in {Kind.ROW, Kind.REF}:
            return self._reference(node, expected)
        if kind in {Kind.REFS, Kind.LIST} and actual.kind in {Kind.ROWS, Kind.REFS, Kind.LIST}:
            return converted(node, Kind.REFS) if kind is Kind.REFS and actual.kind is not Kind.REFS else node
        if kind in NUMBERS and actual.kind in NUMBERS:
            return converted(node, kind)
        if kind in MOMENTS and actual.kind in MOMENTS:
            return converted(node, kind)
        if actual.kind is kind:
            return node
        return node if kind in _ACCEPTS and actual.kind in _ACCEPTS[kind] else None

    def _reference(self, node: Node, expected: Type) -> Node | None:
        document = node.type.of if node.type.kind is Kind.REF else row_document(node.type.shape)
        if not same_document(document, expected.of):
            return None
        if node.type.kind is Kind.ROW:
            return self.identity(node, of_any=not expected.of)
        return node if expected.of else qualified(node)

    def nearest(self, name: str, known: Iterable[str]) -> str:
        """The known name that is meant, or nothing."""
        names = list(dict.fromkeys(known))
        folded = next((known_name for known_name in names if known_name.lower() == name.lower()), "")
        return folded or next(iter(difflib.get_close_matches(name, names, 1, 0.6)), "")


_ACCEPTS: dict[Kind, frozenset[Kind]] = {
    Kind.TEXT: frozenset({Kind.CODE, Kind.REF}),
    Kind.CODE: frozenset({Kind.TEXT}),
    Kind.REF: frozenset({Kind.TEXT}),
    Kind.CODES: frozenset({Kind.LIST}),
    Kind.FILES: frozenset({Kind.FILE, Kind.LIST}),
    Kind.ROWS: frozenset({Kind.REFS, Kind.REF, Kind.ROW, Kind.LIST}),
    Kind.ROW: frozenset({Kind.REF}),
}
"""What a kind takes as it stands, beside itself."""


def row_document(shape: Shape | None) -> str:
    """The id under which references name rows of a shape: the document type, or `type.table` for a child row."""
    if shape is None:
        return ""
    return shape.document or (f"{shape.parent}.{shape.name}" if shape.parent else "")


def row_of(shape: Shape, *, optional: bool = False) -> Type:
    """The type of one row of a shape."""
    return Type(Kind.ROW, of=row_document(shape), optional=optional, shape=shape)


def rows_of(shape: Shape) -> Type:
    """The type of many rows of a shape."""
    return Type(Kind.ROWS, of=row_document(shape), optional=False, shape=shape)


def qualified(node: Node) -> Node:
    """A reference as one that may name any document holds it."""
    if node.type.kind is not Kind.REF or not node.type.of:
        return node
    if isinstance(node, nodes.Identity):
        return replace(node, prefix=node.type.of, type=replace(node.type, of=""))
    return nodes.Qualified(replace(node.type, of=""), node.at, node, node.type.of)


def converted(node: Node, kind: Kind) -> Node:
    """The value as a neighbouring kind."""
    if node.type.kind is kind or node.type.kind is Kind.NULL:
        return node
    type_ = Type(kind, of=node.type.of, optional=node.type.optional)
    return nodes.Convert(type_, node.at, kind, node)  # type: ignore[arg-type]


def null(at: Place) -> Node:
    """The constant null."""
    return nodes.Constant(NULL, at, None)
