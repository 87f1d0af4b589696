"""Whether the browser can decide an expression by itself: from the form's own values, the date, and code columns."""

from __future__ import annotations

from collections.abc import Iterable

from engine.expressions import nodes
from engine.expressions.functions import FUNCTIONS
from engine.expressions.kinds import MOMENTS
from engine.expressions.nodes import Node

_ASKS_THE_SERVER = (
    nodes.Follow,
    nodes.Parameter,
    nodes.Under,
    nodes.Invoke,
    nodes.Referred,
    nodes.Back,
    nodes.Documents,
    nodes.History,
)


def is_local(every: Iterable[Node]) -> bool:
    """Whether nothing of the expression needs the server, told from all its nodes."""
    return not any(_asks(node) for node in every)


def _asks(node: Node) -> bool:
    if isinstance(node, nodes.Call):
        return not FUNCTIONS[node.function].browser
    if isinstance(node, nodes.Surrounding):
        return node.word not in {"this", "event", "today", "now"}
    if isinstance(node, nodes.Operation) and node.rule == "moment":
        return _counts_working_days(node)
    return isinstance(node, _ASKS_THE_SERVER)


def _counts_working_days(node: nodes.Operation) -> bool:
    """Whether a moment may be moved by working days, which takes the calendar: only plain units surely do not."""
    duration = node.right if node.left.type.kind in MOMENTS else node.left
    leaves = [inner for inner in nodes.walk(duration) if inner.type.kind.value == "duration"]
    constants = [leaf.value for leaf in leaves if isinstance(leaf, nodes.Constant)]
    others = [leaf for leaf in leaves if not isinstance(leaf, nodes.Constant | nodes.Operation | nodes.Negative)]
    return bool(others) or any(getattr(value, "working_days", 0) for value in constants)
