"""Checked expressions: every name resolved, every node with its type. What is compiled, split for stores, and sent out.

Frames: an expression has one row at hand, frame 0; frame -1 is the row one scope out (`up`), and each function on a
source opens a frame of its own, numbered from 1. `Here` names a row by its frame.
Long because every kind of node stands in this one place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Literal

from engine.expressions.syntax import Place
from engine.model.types import Kind, Type
from engine.model.values import Duration

ConstantValue = str | int | Decimal | bool | Duration | None
Word = Literal["this", "event", "user", "org", "device", "caller", "today", "now"]
Comparing = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Typed:
    """What every node has."""

    type: Type
    at: Place


@dataclass(frozen=True, slots=True)
class Constant(Typed):
    value: ConstantValue


@dataclass(frozen=True, slots=True)
class Here(Typed):
    """A row by frame: the row itself, or the document that a child row belongs to."""

    what: Literal["row", "parent"]
    frame: int


@dataclass(frozen=True, slots=True)
class Number(Typed):
    """The number of a child row, from 1."""

    frame: int


@dataclass(frozen=True, slots=True)
class Surrounding(Typed):
    """Something of the surroundings, the same in every frame."""

    word: Word


@dataclass(frozen=True, slots=True)
class Local(Typed):
    """A named parameter of the place."""

    name: str
    frame: int


@dataclass(frozen=True, slots=True)
class Parameter(Typed):
    """`values.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Field(Typed):
    """A field of a row. `sure`: the row's mapping always has the key."""

    row: Node
    name: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Follow(Typed):
    """The record that a reference names; `document` is empty when the reference itself says which (`type:id`)."""

    reference: Node
    document: str


@dataclass(frozen=True, slots=True)
class CodeColumn(Typed):
    """A column of the code list row that a code names."""

    code: Node
    list_id: str
    column: str


@dataclass(frozen=True, slots=True)
class Identity(Typed):
    """The id of a row, as a reference holds it; `prefix` is the document type where a reference may name any."""

    row: Node
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Qualified(Typed):
    """A reference to one document type, as one that may name any holds it."""

    reference: Node
    prefix: str


@dataclass(frozen=True, slots=True)
class Convert(Typed):
    """A value of a neighbouring kind: date and datetime, integer and number, rows and references."""

    to: Literal[Kind.DATE, Kind.DATETIME, Kind.INTEGER, Kind.NUMBER, Kind.REFS]
    operand: Node


@dataclass(frozen=True, slots=True)
class Operation(Typed):
    """Arithmetic. `rule` says on what: number, text, moment, moments, duration, scale or any."""

    operator: Literal["+", "-", "*", "/", "%"]
    rule: Literal["number", "text", "moment", "moments", "duration", "scale", "any"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Typed):
    operand: Node


@dataclass(frozen=True, slots=True)
class Not(Typed):
    operand: Node


@dataclass(frozen=True, slots=True)
class Compare(Typed):
    """A chain of comparisons. `loose`: kinds are known at run time only."""

    operators: tuple[Comparing, ...]
    operands: tuple[Node, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Among(Typed):
    """Whether the item is one of the members, or a member of the container."""

    item: Node
    members: tuple[Node, ...]
    container: Node | None
    negated: bool


@dataclass(frozen=True, slots=True)
class Junction(Typed):
    """Three-valued `and` / `or` of conditions."""

    operator: Literal["and", "or"]
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Otherwise(Typed):
    """`or` of values: the first that is not null."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Typed):
    test: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Call(Typed):
    """A registered function; an argument left out is None."""

    function: str
    arguments: tuple[Node | None, ...]


@dataclass(frozen=True, slots=True)
class Under(Typed):
    """Whether a record of a tree is the ancestor or stands under it."""

    document: str
    record: Node
    ancestor: Node


@dataclass(frozen=True, slots=True)
class Invoke(Typed):
    """A decision table or query of the definitions."""

    name: str
    arguments: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Table(Typed):
    """The rows of a child table; `row` is the row or record that has it."""

    row: Node
    name: str


@dataclass(frozen=True, slots=True)
class Referred(Typed):
    """The records that a reference or several references name, as rows."""

    references: Node
    document: str


@dataclass(frozen=True, slots=True)
class Back(Typed):
    """The records of type `target` whose `field` refers to `owner`; `field` is empty when the catalog does not say."""

    owner: Node
    document: str
    name: str
    target: str
    field: str


@dataclass(frozen=True, slots=True)
class Documents(Typed):
    """All records of a document type; accounts of a ledger and what it has beside them are such, too."""

    document: str


@dataclass(frozen=True, slots=True)
class History(Typed):
    """History entries of one record, or of all records of a document type."""

    document: str
    record: Node | None


@dataclass(frozen=True, slots=True)
class Through(Typed):
    """A path over many: for every row of `outer`, in `frame`, the rows of `inner`."""

    outer: Node
    frame: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Values(Typed):
    """Any value that holds rows or members, as a source."""

    value: Node


@dataclass(frozen=True, slots=True)
class Sort(Typed):
    """One sort key of `first`."""

    key: Node
    descending: bool


@dataclass(frozen=True, slots=True)
class Aggregate(Typed):
    """A function on a source; `value` and `where` are judged in `frame`, `extra` outside."""

    function: str
    source: Node
    frame: int
    value: Node | None
    where: Node | None
    order: tuple[Sort, ...] = ()
    extra: Node | None = None


@dataclass(frozen=True, slots=True)
class Share(Typed):
    """This child row's part of a total, split over all rows of its table by a weight, to the last unit."""

    total: Node
    by: Node
    where: Node | None
    table: Table
    own: Node
    frame: int
    digits: int = 2


Source = Table | Referred | Back | Documents | History | Through | Values
Node = (
    Constant | Here | Number | Surrounding | Local | Parameter | Field | Follow | CodeColumn | Identity | Qualified
    | Convert | Operation | Negative | Not | Compare | Among | Junction | Otherwise | Conditional | Call | Under
    | Invoke | Aggregate | Share | Sort | Source
)  # fmt: skip
"""Any checked node."""


_INSIDE: dict[type, tuple[str, ...]] = {}
_PARTS = ("Node", "Table", "Sort")  # whose names the annotations of what holds nodes are made of


def _inside(kind: type) -> tuple[str, ...]:
    """The parts of a kind of node that may hold nodes, asked for once for each kind."""
    names = tuple(slot.name for slot in fields(kind) if any(part in str(slot.type) for part in _PARTS))
    _INSIDE[kind] = names
    return names


def children(node: Typed) -> Iterator[Node]:
    """The nodes directly inside a node."""
    kind = type(node)
    for name in _INSIDE[kind] if kind in _INSIDE else _inside(kind):
        value = getattr(node, name)
        for member in value if isinstance(value, tuple) else (value,):
            inner = member[1] if isinstance(member, tuple) else member
            if inner is not None:
                yield inner


def walk(node: Typed) -> Sequence[Node]:
    """The node and all that is inside it, each before what is inside it."""
    found: list[Node] = []
    _walk(node, found)
    return found


def _walk(node: Typed, found: list[Node]) -> None:
    found.append(node)  # type: ignore[arg-type]
    kind = type(node)
    if _INSIDE[kind] if kind in _INSIDE else _inside(kind):
        for inner in children(node):
            _walk(inner, found)


SOURCES = (Table, Referred, Back, Documents, History, Through, Values)
