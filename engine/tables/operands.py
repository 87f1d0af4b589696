"""Operands of cells: one value, literal or computed, read from a place in a cell.

In: a cell, the type of its column, the grammar of the table. Out: an operand and the place behind it; raises `Fault`.
Knows nothing of tests, lists and intervals around it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.loading.nearest import nearest
from engine.model.tables import Cell
from engine.model.types import Kind, Type
from engine.model.values import Scalar
from engine.problems import Problem, Span
from engine.tables.faults import Fault, in_workbook, place, typed_ascii
from engine.tables.literals import NUMBERS, TEXTS, UNTYPED, read_literal
from engine.tables.scanning import expression_end, words_end
from engine.tables.unary import CellCompiler, CellExpression, Computed, Literal, Operand

MOST_CHARACTERS = 4000

_SPACES = re.compile(r"\s*")
_PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def element_kind(kind: Type) -> Kind:
    """Kind of what a cell is compared with: the members' one where a value may be several."""
    if kind.kind is Kind.LIST:
        return kind.item.kind if kind.item is not None else Kind.ANY
    return {Kind.CODES: Kind.CODE, Kind.REFS: Kind.REF, Kind.FILES: Kind.FILE}.get(kind.kind, kind.kind)


def family(kind: Kind) -> str:
    """Kinds that compare with each other share a family; the empty one goes with all."""
    if kind in NUMBERS:
        return "number"
    if kind in TEXTS:
        return "text"
    return "" if kind in UNTYPED else kind.value


@dataclass(slots=True)
class Grammar:
    """What all cells of a table share: the compiler of expressions, the names in scope, the dialect, the problems."""

    compiler: CellCompiler
    scope: Mapping[str, Type]
    bare_names: bool = False
    problems: list[Problem] = field(default_factory=list)
    sets: dict[int, frozenset[Scalar]] = field(default_factory=dict)

    def members(self, allowed: tuple[Scalar, ...]) -> frozenset[Scalar]:
        """The values of a list as a set, made once for a list."""
        key = id(allowed)
        if key not in self.sets:
            self.sets[key] = frozenset(allowed)
        return self.sets[key]

    def compiled(self, text: str, where: Span, *, written: bool = True) -> CellExpression:
        """The expression; raises an empty Fault when it has problems, which are noted.

        Text that is not `written` so in the cell has no columns of its own: its problems lie at `where` as a whole.
        """
        expression, problems = self.compiler(text, where, self.scope)
        exact = written and not in_workbook(where)
        self.problems.extend(problem if exact else replace(problem, where=where) for problem in problems)
        if expression is None:
            raise Fault("", 0, 0)
        return expression

    def note(self, fault: Fault, cell: Cell) -> None:
        """Keep the problem, unless it was kept before."""
        if fault.code:
            self.problems.append(fault.problem(cell))


class OperandReader:
    """Reads one cell from left to right; `at` is the place reached."""

    def __init__(self, grammar: Grammar, cell: Cell, kind: Type) -> None:
        self.grammar, self.cell, self.type = grammar, cell, kind
        self.kind = element_kind(kind)
        self.text = cell.text.rstrip()
        self.at = len(self.text) - len(self.text.lstrip())
        if len(self.text) > MOST_CHARACTERS:
            raise Fault("TAB002", 0, MOST_CHARACTERS, expected=f"<= {MOST_CHARACTERS}")
        if self.at == len(self.text):
            raise Fault("TAB002", 0, 1, expected="-")

    def operand(self, stops: str) -> Operand:
        """One value up to one of the stop signs."""
        if self._at_end(stops):
            raise self.fault(self.kind.value)
        if self.text[self.at : self.at + 1] == "=" and not self.grammar.bare_names:
            self.at += 1
            return self.computed(stops)
        start = self.at
        literal = self._literal(stops)
        if literal is not None:
            return literal
        self.at = start
        if self.grammar.bare_names:
            return self.computed(stops)
        if self.kind in TEXTS or self.kind in UNTYPED:
            return Literal(self._bare_text(stops))
        raise self.mismatch(stops)

    def _literal(self, stops: str) -> Literal | None:
        try:
            found = read_literal(self.text, self.at, self.kind)
        except ValueError:
            raise self.mismatch(stops) from None
        if found is None:
            return None
        value, end = found
        self.at = end
        self.skip()
        if self._at_end(stops):
            return Literal(value)
        if self.grammar.bare_names or (self.kind in TEXTS and value is None):
            return None
        raise self.fault(",")

    def _at_end(self, stops: str) -> bool:
        rest = self.text[self.at : self.at + 2]
        return not rest or (rest == ".." and ".." in stops) or (rest[0] != "." and rest[0] in stops)

    def computed(self, stops: str) -> Computed:
        """An expression up to one of the stop signs."""
        self.skip()
        start = self.at
        self.at = expression_end(self.text, start, stops)
        text = self.text[start : self.at].rstrip()
        if not text:
            raise self.fault(self.kind.value)
        run = self.grammar.compiled(text, place(self.cell, start, start + len(text)))
        own, given = family(self.kind), family(element_kind(run.type))
        if own and given and own != given and run.type.kind is not Kind.BOOLEAN:
            raise Fault("TAB008", start, self.at, found=run.type.kind.value, expected=self.kind.value)
        return Computed(text, run)

    def _bare_text(self, stops: str) -> str:
        start = self.at
        self.at = words_end(self.text, start, stops)
        text = self.text[start : self.at].strip()
        if not text or text[0] in "\"'":
            self.at = start
            raise self.fault(self.kind.value)
        return text

    def check_listed(self, value: Scalar, allowed: tuple[Scalar, ...], column: str, start: int) -> None:
        """A value must be one of those that there are."""
        if allowed and value not in self.grammar.members(allowed):
            near = typed_ascii(str(value)) or nearest(str(value), (str(one) for one in allowed))
            raise Fault("TAB004", start, self.end_of(start), suggestion=near, value=str(value), column=column)

    def check_whole(self, value: Scalar, start: int) -> None:
        """A whole number must be one."""
        if self.kind is Kind.INTEGER and not isinstance(value, int):
            raise Fault("TAB003", start, self.end_of(start), text=str(value), kind=self.kind.value)

    def end_of(self, start: int) -> int:
        """End of what was read from `start`, spaces behind it left out."""
        return start + max(1, len(self.text[start : self.at].rstrip()))

    def skip(self) -> None:
        """Go over spaces."""
        spaces = _SPACES.match(self.text, self.at)
        self.at = spaces.end() if spaces else self.at

    def take(self, sign: str) -> bool:
        """Go over a sign, if it stands here."""
        self.skip()
        if self.text.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False

    def fault(self, expected: str) -> Fault:
        """Something else stands here, where `expected` should."""
        self.skip()
        at = min(self.at, max(len(self.text) - 1, 0))
        return Fault("TAB002", at, at + 1, suggestion=typed_ascii(self.text), expected=expected)

    def mismatch(self, stops: str) -> Fault:
        """What stands here is no value of the column's kind."""
        start = self.at
        end = max(expression_end(self.text, start, stops), start + 1)
        text = self.text[start:end].strip()
        near = typed_ascii(text)
        if not near and _PATH.fullmatch(text):
            near = f"={text}"
        return Fault("TAB003", start, start + max(1, len(text)), suggestion=near, text=text, kind=self.kind.value)
