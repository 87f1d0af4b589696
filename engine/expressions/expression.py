"""The door of the package: an expression checked in its scope, ready to be evaluated, split and sent to the browser.

In: the text of a key and its place, the scope it stands in, the catalog of what is defined. Out: `Checked`, or problems
with their columns. Compiling waits for the first evaluation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.expressions.checking import Checker, Frame
from engine.expressions.checking.names import rows_named
from engine.expressions.checking.paths import as_source, inner_scope
from engine.expressions.compiling.gathering import Placed
from engine.expressions.compiling.program import rows_program, value_program
from engine.expressions.exchange import node_to_json
from engine.expressions.grammar import parse_expression
from engine.expressions.kinds import described
from engine.expressions.locality import is_local
from engine.expressions.names import Catalog, Scope
from engine.expressions.nodes import Node, walk
from engine.expressions.reading import Path, Reads, frozen
from engine.expressions.syntax import Parsed
from engine.model.types import Kind, Type
from engine.problems import Problem, Severity, Span


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """An expression that may be evaluated.

    `reads` are the paths it reads, each beginning with its base (`row`, `this`, `parent`, `up`, `event`, `values` …);
    `reads_of` the fields it reads of other document types. `evaluate` takes an `Env` and gives a value of `type`; it
    raises `engine.expressions.limits.Exhausted` beyond the bounds. `local`: the browser can decide it alone.
    """

    source: str
    where: Span
    type: Type
    reads: frozenset[Path]
    reads_of: Mapping[str, frozenset[str]]
    node: Node
    local: bool
    evaluate: Callable[[Any], Any] = field(repr=False)
    rows: Callable[[Any], Sequence[Placed]] = field(repr=False)
    """For an expression that is a source: its rows, each with the row it belongs to (or None) and its number from 0."""

    def holds(self, env: object) -> bool:
        """Whether a condition is true; null counts as false."""
        return self.evaluate(env) is True

    def to_json(self) -> Mapping[str, object]:
        """The checked tree as plain data, for the browser twin."""
        return node_to_json(self.node)


def check_expression(
    text: str, where: Span, scope: Scope, catalog: Catalog, *, expected: Type | None = None, as_rows: bool = False
) -> tuple[Checked | None, tuple[Problem, ...]]:
    """Parse and check; `as_rows` where rows are asked for. Without errors there is a Checked, whatever warnings come
    with it. Never raises."""
    parsed = parse_expression(text, where)
    if not isinstance(parsed, Parsed):
        return None, tuple(parsed)
    checker = Checker(catalog, where, text)
    frame = Frame(scope, 0)
    node = rows_named(checker, parsed.root, frame) if as_rows else checker.check(parsed.root, frame)
    if expected is not None and not _failed(checker.problems):
        node = _expected(checker, node, expected)
    if _failed(checker.problems):
        return None, tuple(checker.problems)
    return checked_node(text, where, node), tuple(checker.problems)


def _failed(problems: Sequence[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _expected(checker: Checker, node: Node, expected: Type) -> Node:
    fitting = checker.coerce(node, expected)
    if fitting is not None:
        return fitting
    if expected.kind is Kind.BOOLEAN:
        hint = f"{checker.written(node.at)} != null"
        return checker.problem("EXP026", node.at, hint, kind=described(node.type), of="")
    hint = f"text({checker.text})" if expected.kind is Kind.TEXT else ""
    return checker.problem("EXP025", node.at, hint, kind=described(node.type), expected=described(expected))


def checked_node(text: str, where: Span, node: Node) -> Checked:
    """A checked expression from its node."""
    every = walk(node)
    reads = Reads(every)
    value, rows = Lazy(value_program, node), Lazy(rows_program, node)
    checked = Checked(
        source=text,
        where=where,
        type=node.type,
        reads=frozenset(reads.paths),
        reads_of=frozen(reads.documents),
        node=node,
        local=is_local(every),
        evaluate=value,
        rows=rows,
    )
    value.kept_in(checked, "evaluate")
    rows.kept_in(checked, "rows")
    return checked


class Lazy:
    """A function that is made at its first call, of what it is about, and then stands in its own place where that is
    known. There are two for each expression: nothing of them is made in advance."""

    __slots__ = ("_about", "_holder", "_made", "_make", "_name")

    def __init__(self, make: Callable[..., Callable[[Any], Any]], *about: object) -> None:
        self._make, self._about = make, about
        self._made: Callable[[Any], Any] | None = None
        self._holder: object = None
        self._name = ""

    def kept_in(self, holder: object, name: str) -> None:
        """Say where the function is kept, so that later calls go to it directly."""
        self._holder, self._name = holder, name

    def __call__(self, env: Any) -> Any:
        made = self._made
        if made is None:
            made = self._made = self._make(*self._about)
            if self._holder is not None:
                object.__setattr__(self._holder, self._name, made)  # the holder is frozen for all others
        return made(env)


def source_scope(checked: Checked, scope: Scope, catalog: Catalog) -> Scope | None:
    """The scope of a row of a checked source, for the expressions that stand beside it; None where it has no rows."""
    source = as_source(Checker(catalog, checked.where, checked.source), checked.node)
    return inner_scope(scope, source) if source is not None else None
