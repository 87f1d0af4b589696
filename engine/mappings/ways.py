"""How an element of a message stands to the row that it is made of, and which rows stand behind one that repeats.

In: linked formulas of leaves. Out: a `Way` with what writes the value and, where the expression can be turned round,
the name that what was read is kept under. A field, a column of a code, the number of a row, a constant and the message
itself can be turned round; whatever is computed is written only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.expressions.environment import Env
from engine.expressions.expression import Checked
from engine.expressions.nodes import CodeColumn, Constant, Field, Here, Local, Node, Number, Table
from engine.model.formula import Formula
from engine.model.types import ANY, TEXT, Kind, Type

Row = Mapping[str, Any]
BODY = "body"
"""The message within an envelope."""
MESSAGE = "message"
"""What the message says of itself: `message.id`, `message.kind`, `message.at`."""


@dataclass(frozen=True, slots=True)
class Way:
    """`kind` says what the value is; `name` the field, or the part of the message; `formula` gives any of them."""

    kind: Literal["field", "column", "number", "constant", "message", "computed"]
    formula: Formula
    type: Type
    name: str = ""
    constant: object = None
    codes: str = ""
    column: str = ""

    @property
    def plain(self) -> bool:
        """Whether the row alone gives the value, by name."""
        return self.kind == "field"

    def value(self, row: Row, env: Env) -> object:
        """The value as the expression gives it."""
        return row.get(self.name) if self.kind == "field" else self.formula(env)


def way_of(formula: Formula) -> Way:
    """The way of a leaf's expression. Raises NotLinked for one that was never checked."""
    linked = formula.linked
    node = linked.node if isinstance(linked, Checked) else None
    kind = linked.type if linked is not None else ANY
    if isinstance(node, Constant):
        return Way("constant", formula, kind, constant=node.value)
    if isinstance(node, Number) and node.frame == 0:
        return Way("number", formula, kind)
    if isinstance(node, Field) and isinstance(node.row, Local) and node.row.name == MESSAGE:
        return Way("message", formula, kind, node.name)
    if (name := _own(node)) is not None:
        return Way("field", formula, kind, name)
    if isinstance(node, CodeColumn) and (name := _own(node.code)) is not None:
        return Way("column", formula, TEXT, name, codes=node.list_id, column=node.column)
    return Way("computed", formula, kind)


def _own(node: Node | None) -> str | None:
    """The field of the row at hand that a node is."""
    if isinstance(node, Field) and isinstance(node.row, Here) and node.row.what == "row" and node.row.frame == 0:
        return node.name
    return None


Rows = Callable[[Row, Env], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Repeated:
    """The rows of an element that repeats; `table` is the child table that they are, "" for any other source."""

    rows: Rows
    table: str = ""


def repeated_of(formula: Formula) -> Repeated:
    """What stands behind `each` of an element."""
    node = formula.linked.node if isinstance(formula.linked, Checked) else None
    if isinstance(node, Table) and isinstance(node.row, Here) and node.row.what == "row" and node.row.frame == 0:
        name = node.name
        return Repeated(lambda row, env: row.get(name) or (), name)
    return Repeated(lambda row, env: _sequence(formula(env)))


def _sequence(value: object) -> Sequence[Row]:
    return value if isinstance(value, list | tuple) else ()


def is_file(kind: Type) -> bool:
    """Whether a value is the content of a file."""
    return kind.kind in (Kind.FILE, Kind.FILES)
