"""FEEL expressions of exchanged decision tables, as far as decision tables need them.

In: text and the names that exist, which may hold spaces. Out: a function of the named values. Used for case files and
models of other tools alone; definitions are written in the expression language of `engine.expressions`.

Standard: FEEL (DMN 1.x, 10.3.1): arithmetic, comparisons, `and or not`, `if then else`, lists, paths, calls of the
functions below. Whatever cannot be computed is null, as there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from engine.model.types import ANY, Kind, Type
from engine.problems import Problem, Span
from engine.tables.feel_nodes import FUNCTIONS, Node, choice, listing, member, operation
from engine.tables.literals import read_literal
from engine.tables.unary import CellExpression

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_SIGNS = re.compile(r"<=|>=|!=|\*\*|[-+*/<>=(),.\[\]]")
_MOST_CHARACTERS = 4000
_MOST_DEPTH = 50
_WORDS = frozenset({"and", "or", "not", "if", "then", "else", "in", "true", "false", "null"})
_LEVELS = (("or",), ("and",), ("=", "!=", "<=", ">=", "<", ">"), ("+", "-"), ("*", "/"), ("**",))


class FeelError(ValueError):
    """The text is no expression of the part of FEEL that is known here; `at` is the offset."""

    def __init__(self, expected: str, at: int) -> None:
        super().__init__(f"{expected} expected at {at}")
        self.expected, self.at = expected, at


class FeelExpression:
    """A compiled expression; a `CellExpression` of unknown type."""

    type: Type = ANY

    def __init__(self, node: Node) -> None:
        self._node = node

    def __call__(self, inputs: Mapping[str, object], world: object = None) -> object:
        """The value; null when it cannot be computed. `world` may bring more names."""
        names = {**world, **inputs} if isinstance(world, Mapping) else inputs
        try:
            return self._node(names)
        except (TypeError, ValueError, ArithmeticError, DecimalException, KeyError, IndexError):
            return None


def compile_feel(
    text: str, names: Iterable[str], functions: Mapping[str, Callable[..., Any]] | None = None
) -> FeelExpression:
    """Compile an expression; `functions` are added to those that are known. Raises FeelError."""
    return FeelExpression(_Parser(text, names, {**FUNCTIONS, **(functions or {})}).whole())


def feel_cells(names: Iterable[str]) -> Callable[..., tuple[CellExpression | None, tuple[Problem, ...]]]:
    """A compiler of cells that knows these names beside the inputs."""
    known = tuple(names)

    def compile_cell(
        text: str, where: Span, inputs: Mapping[str, Type]
    ) -> tuple[CellExpression | None, tuple[Problem, ...]]:
        try:
            return compile_feel(text, {*known, *inputs}), ()
        except FeelError as error:
            values = {"text": text, "expected": error.expected}
            return None, (Problem("TAB002", where.shifted(error.at, error.at + 1), values),)

    return compile_cell


class _Parser:
    """Recursive descent over the text itself: names with spaces leave no words to cut it into beforehand."""

    def __init__(self, text: str, names: Iterable[str], functions: Mapping[str, Callable[..., Any]]) -> None:
        if len(text) > _MOST_CHARACTERS:
            raise FeelError(f"<= {_MOST_CHARACTERS} characters", _MOST_CHARACTERS)
        self.text, self.at, self.depth = text, 0, 0
        self.functions = functions
        self.names = sorted({*names, *functions} - _WORDS, key=len, reverse=True)

    def whole(self) -> Node:
        node = self.expression()
        self._skip()
        if self.at < len(self.text):
            raise FeelError("operator", self.at)
        return node

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise FeelError("less depth", self.at)
        node = self._choice() if self._word("if") else self._level(0)
        self.depth -= 1
        return node

    def _choice(self) -> Node:
        condition = self.expression()
        self._need(self._word("then"), "then")
        chosen = self.expression()
        self._need(self._word("else"), "else")
        other = self.expression()
        return choice(condition, chosen, other)

    def _level(self, level: int) -> Node:
        """Operators of one strength, from the left."""
        if level == len(_LEVELS):
            return self._unary()
        node = self._level(level + 1)
        while sign := self._operator(_LEVELS[level]):
            node = operation(sign, node, self._level(level + 1))
        return node

    def _operator(self, signs: tuple[str, ...]) -> str:
        for sign in signs:
            if self._word(sign) if sign.isalpha() else self._sign(sign):
                return sign
        return ""

    def _unary(self) -> Node:
        if self._sign("-"):
            operand = self._unary()
            return lambda names: -operand(names)
        node = self._primary()
        while self._sign("."):
            node = member(node, self._identifier())
        return node

    def _primary(self) -> Node:
        self._skip()
        if self._sign("("):
            node = self.expression()
            self._need(self._sign(")"), ")")
            return node
        if self._sign("["):
            return listing(self._arguments("]"))
        literal = self._literal()
        if literal is not None:
            return literal
        return self._name()

    def _literal(self) -> Node | None:
        number = _NUMBER.match(self.text, self.at)
        if number:
            self.at = number.end()
            amount = Decimal(number.group())
            return lambda _: amount
        for word, constant in (("true", True), ("false", False), ("null", None)):
            if self._word(word):
                return lambda _, constant=constant: constant  # type: ignore[misc]
        try:
            found = read_literal(self.text, self.at, Kind.ANY)
        except ValueError:
            raise FeelError("date, time or duration", self.at) from None
        if found is None:
            return None
        value, self.at = found
        return lambda _: value

    def _name(self) -> Node:
        name = self._known_name() or self._identifier()
        if not self._sign("("):
            return lambda names: names.get(name)
        function = self.functions.get(name)
        if function is None:
            raise FeelError("known function", self.at)
        arguments = self._arguments(")")
        return lambda names: function(*(argument(names) for argument in arguments))

    def _known_name(self) -> str:
        """The longest known name that stands here as whole words."""
        for name in self.names:
            end = self.at + len(name)
            if self.text.startswith(name, self.at) and not self.text[end : end + 1].isalnum():
                self.at = end
                return name
        return ""

    def _identifier(self) -> str:
        self._skip()
        match = _IDENTIFIER.match(self.text, self.at)
        if match is None or match.group() in _WORDS - {"not"}:
            raise FeelError("name", self.at)
        self.at = match.end()
        return match.group()

    def _arguments(self, closing: str) -> list[Node]:
        if self._sign(closing):
            return []
        found = [self.expression()]
        while self._sign(","):
            found.append(self.expression())
        self._need(self._sign(closing), closing)
        return found

    def _skip(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def _sign(self, sign: str) -> bool:
        self._skip()
        match = _SIGNS.match(self.text, self.at)
        if match is None or match.group() != sign:
            return False
        self.at = match.end()
        return True

    def _word(self, word: str) -> bool:
        self._skip()
        match = _IDENTIFIER.match(self.text, self.at)
        if match is None or match.group() != word:
            return False
        self.at = match.end()
        return True

    def _need(self, found: bool, expected: str) -> None:
        if not found:
            raise FeelError(expected, self.at)
