"""Checked trees as JSON for the browser, and back: one object a node, `k` names its kind.

Numbers travel as text, so that no reader makes floats of them; types travel as the kind alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any

from engine.expressions import nodes
from engine.expressions.nodes import Node, Typed
from engine.expressions.syntax import Place
from engine.model.types import Kind, Type
from engine.model.values import Duration

KINDS: dict[str, type[Typed]] = {
    kind.__name__.lower(): kind
    for kind in vars(nodes).values()
    if isinstance(kind, type) and issubclass(kind, Typed) and kind is not Typed
}
"""Every kind of node by its name in JSON."""
_NAMES = {kind: name for name, kind in KINDS.items()}


def node_to_json(node: Typed) -> dict[str, object]:
    """The node and all inside it as plain data."""
    found: dict[str, object] = {"k": _NAMES[type(node)], "t": node.type.kind.value}
    if not node.type.optional:
        found["sure"] = True
    for slot in fields(node):
        if slot.name not in {"type", "at"}:
            value = getattr(node, slot.name)
            found[_key(slot.name)] = _constant(value) if isinstance(node, nodes.Constant) else _plain(value)
    return found


def _key(name: str) -> str:
    """`sure` of a field says another thing than that of a type."""
    return "always" if name == "sure" else name


def _constant(value: nodes.ConstantValue) -> object:
    if isinstance(value, Duration):
        return {"months": value.months, "seconds": str(value.seconds), "working_days": value.working_days}
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return {"number": str(value)}
    return value


def _plain(value: Any) -> object:
    if isinstance(value, Typed):
        return node_to_json(value)
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return value.value if isinstance(value, Kind) else value


def node_from_json(found: Mapping[str, Any]) -> Node:
    """The node again; places in the text and shapes are not kept. Raises KeyError or ValueError for foreign data."""
    kind = KINDS[found["k"]]
    type_ = Type(Kind(found["t"]), optional=not found.get("sure", False))
    values = {
        slot.name: _value(found[_key(slot.name)], slot.name) for slot in fields(kind) if slot.name not in {"type", "at"}
    }
    return kind(type=type_, at=Place(0, 0), **values)  # type: ignore[return-value]


def _value(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return tuple(_value(member, "") for member in value)
    if isinstance(value, Mapping):
        if "k" in value:
            return node_from_json(value)
        if "number" in value:
            return Decimal(value["number"]) if "." in value["number"] else int(value["number"])
        return Duration(value["months"], Decimal(value["seconds"]), value["working_days"])
    return Kind(value) if name == "to" else value
