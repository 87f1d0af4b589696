"""Parsing of cells: from the text of a cell to unary tests or to an output value.

In: a cell, its column and the grammar of the table. Out: `UnaryTests` or an operand, or None with the problems (exact
to the column) in the grammar; never an exception. Knows nothing of other cells, rows or results.

Standard: FEEL unary tests (DMN 1.x, grammar rules 7 to 18). Beyond it: in columns of text and codes a bare word is a
text, an expression begins with `=`, `f(a)` asks `f(input, a)`, `under x` is code x with all codes below it. With
`bare_names` texts are always quoted and bare words are names, as FEEL has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.model.tables import Cell, TableInput, TableOutput
from engine.model.types import Kind
from engine.model.values import Scalar
from engine.tables.faults import Fault, place
from engine.tables.literals import TEXTS, UNTYPED, read_literal
from engine.tables.operands import Grammar, OperandReader, family
from engine.tables.scanning import expression_end, words_end
from engine.tables.unary import (
    ANY_VALUE,
    MANY,
    Compare,
    Computed,
    Equals,
    Literal,
    Operand,
    Test,
    UnaryTests,
    Within,
    compare,
)

_SIGN = re.compile(r"<=|>=|<|>")
_NOT = re.compile(r"not\s*\(")
_CALL = re.compile(r"([^\W\d]\w*)\(")
_TEMPORAL = re.compile(r"(?:date and time|date|time|duration)\(")
_STARTS = re.compile(r"""starts\(\s*(?:"([^"\\]+)"|'([^'\\]+)')\s*\)""")
_UNDER = re.compile(r"under\s+(?=\S)")


def read_condition(grammar: Grammar, cell: Cell, column: TableInput) -> UnaryTests | None:
    """The unary tests of an input cell; None when it has problems."""
    try:
        return _ConditionReader(grammar, cell, column).read()
    except Fault as fault:
        grammar.note(fault, cell)
        return None


def read_result(grammar: Grammar, cell: Cell, column: TableOutput) -> Operand | None:
    """The value of an output cell; None when it has problems."""
    try:
        return _ResultReader(grammar, cell, column).read()
    except Fault as fault:
        grammar.note(fault, cell)
        return None


class _ConditionReader(OperandReader):
    """Reads an input cell."""

    def __init__(self, grammar: Grammar, cell: Cell, column: TableInput) -> None:
        super().__init__(grammar, cell, column.type)
        self.column = column
        self.stops = ","

    def read(self) -> UnaryTests:
        if self.text[self.at :] == "-":
            return ANY_VALUE
        opening = _NOT.match(self.text, self.at)
        if opening:
            if not self._is_closed_at_end(opening.end()):
                raise Fault("TAB002", self.at, len(self.text), expected="not(...)")
            self.at, self.stops = opening.end(), ",)"
        tests = [*self._tests()]
        while self.take(","):
            tests += self._tests()
        if opening and not self.take(")"):
            raise self.fault(")")
        if self.at < len(self.text):
            raise self.fault(",")
        return UnaryTests(tuple(tests), opening is not None, self.type.kind in MANY)

    def _is_closed_at_end(self, inside: int) -> bool:
        """Whether the bracket that was opened is closed by the last sign of the cell, if it is closed."""
        return expression_end(self.text, inside, ")") >= len(self.text) - 1

    def _tests(self) -> Sequence[Test]:
        """What stands between two commas: one test, or one for each code under another."""
        self.skip()
        under = _UNDER.match(self.text, self.at)
        if under and self.kind is Kind.CODE and not self.grammar.bare_names:
            return self._under(under.end())
        return (self._test(),)

    def _test(self) -> Test:
        sign = _SIGN.match(self.text, self.at)
        if sign:
            self.at = sign.end()
            self.skip()
            return Compare(sign.group(), self._ordered(self.stops))
        if self.text[self.at : self.at + 1] in ("[", "(", "]"):
            return self._interval()
        special = None if self.grammar.bare_names else self._question()
        return special or self._equality()

    def _equality(self) -> Equals:
        start = self.at
        operand = self.operand(self.stops)
        if isinstance(operand, Computed):
            given = operand.run.type.kind
            return Equals(operand, family(self.kind) != "boolean" and given in (Kind.BOOLEAN, *UNTYPED))
        self._admit(operand.value, start)
        return Equals(operand)

    def _admit(self, value: Scalar, start: int) -> None:
        """An equality must be with something that can occur."""
        if value is not None:
            self.check_listed(value, self.column.allowed, self.column.name, start)
            self.check_whole(value, start)

    def _ordered(self, stops: str) -> Operand:
        """The operand of an order comparison: null and truth values have no order."""
        start = self.at
        operand = self.operand(stops)
        if isinstance(operand, Literal) and (operand.value is None or isinstance(operand.value, bool)):
            raise Fault("TAB002", start, self.end_of(start), expected=self.kind.value)
        return operand

    def _interval(self) -> Within:
        start, opening = self.at, self.text[self.at]
        self.at += 1
        self.skip()
        low = self._ordered("..,")
        if not self.take(".."):
            raise self.fault("..")
        self.skip()
        high = self._ordered("]),[")
        closing = self.text[self.at : self.at + 1]
        if closing not in ("]", ")", "["):
            raise self.fault("]")
        self.at += 1
        interval = Within(low, opening == "[", high, closing == "]")
        if _is_empty(interval):
            raise Fault("TAB007", start, self.at, text=self.text[start : self.at])
        return interval

    def _question(self) -> Test | None:
        """`starts('27')` and `f(a)`: a function asked about the input."""
        starts = _STARTS.match(self.text, self.at)
        if starts and self.kind in TEXTS:
            self.at = starts.end()
            return _beginning(starts.group(1) or starts.group(2))
        call = _CALL.match(self.text, self.at)
        if call is None or _TEMPORAL.match(self.text, self.at):
            return None
        if call.group(1) == "not":
            raise self.fault(self.kind.value)
        start, self.at = self.at, expression_end(self.text, self.at, self.stops)
        arguments = self.text[call.end() : self.at].strip()
        comma = "" if arguments == ")" else ", "
        return self._asked(f"{call.group(1)}({self.column.name}{comma}{arguments}", start)

    def _under(self, start: int) -> list[Test]:
        """A code and all codes that stand under it, by the column `parent` of their list."""
        self.at = words_end(self.text, start, self.stops)
        code = self.text[start : self.at].strip().strip("'\"")
        self._admit(code, start)
        if not self.column.parents:
            raise Fault("TAB023", start, self.end_of(start), value=code, column=self.column.name)
        return [Equals(Literal(one)) for one in _with_descendants(code, self.column.parents)]

    def _asked(self, text: str, start: int) -> Equals:
        run = self.grammar.compiled(text, place(self.cell, start, self.at), written=False)
        if run.type.kind not in (Kind.BOOLEAN, *UNTYPED):
            raise Fault("TAB008", start, self.at, found=run.type.kind.value, expected=Kind.BOOLEAN.value)
        return Equals(Computed(text, run), True)


class _ResultReader(OperandReader):
    """Reads an output cell."""

    def __init__(self, grammar: Grammar, cell: Cell, column: TableOutput) -> None:
        super().__init__(grammar, cell, column.type)
        self.column = column

    def read(self) -> Operand:
        start = self.at
        if self.text[start] == "=" and not self.grammar.bare_names:
            start = self.at = start + 1
            operand: Operand = self.computed("")
        else:
            operand = self._literal_result()
        if isinstance(operand, Literal):
            self._check(operand.value, start)
        else:
            self._check_computed(operand.run.type.kind, start)
        return operand

    def _check_computed(self, given: Kind, start: int) -> None:
        """A condition is no result, and a number with decimals no whole one."""
        condition = given is Kind.BOOLEAN and family(self.kind) not in ("", "boolean")
        if condition or (given is Kind.NUMBER and self.kind is Kind.INTEGER):
            raise Fault("TAB008", start, self.at, found=given.value, expected=self.kind.value)

    def _literal_result(self) -> Operand:
        start = self.at
        try:
            found = read_literal(self.text, start, self.kind)
        except ValueError:
            raise self.mismatch("") from None
        if found is not None and found[1] == len(self.text):
            self.at = found[1]
            return Literal(found[0])
        if self.grammar.bare_names:
            return self.computed("")
        if (self.kind in TEXTS or self.kind in UNTYPED) and self.text[start] not in "\"'":
            self.at = len(self.text)
            return Literal(self.text[start:])
        raise self.mismatch("")

    def _check(self, value: Scalar, start: int) -> None:
        if value is not None:
            self.check_listed(value, self.column.allowed, self.column.name, start)
            self.check_whole(value, start)
        elif not self.type.optional and not self.grammar.bare_names:
            raise Fault("TAB016", start, self.end_of(start), column=self.column.name)


def _is_empty(interval: Within) -> bool:
    """Whether no value at all lies within."""
    low, high = interval.low, interval.high
    if not isinstance(low, Literal) or not isinstance(high, Literal):
        return False
    closed = interval.low_closed and interval.high_closed
    return compare("<=" if closed else "<", low.value, high.value) is not True


def _beginning(prefix: str) -> Within:
    """Texts that begin so, as the interval up to the smallest text above all of them."""
    above = ""
    for at in range(len(prefix) - 1, -1, -1):
        if ord(prefix[at]) < 0x10FFFF:
            above = prefix[:at] + chr(ord(prefix[at]) + 1)
            break
    return Within(Literal(prefix), True, Literal(above) if above else None, False)


def _with_descendants(code: str, parents: Mapping[str, str]) -> list[str]:
    """The code and every code whose chain of parents leads to it; a chain that bites its tail ends."""
    found = [code]
    for start in parents:
        seen, at = {code}, start
        while at not in seen and at in parents:
            seen.add(at)
            at = parents[at]
        if at == code and start != code:
            found.append(start)
    return found
