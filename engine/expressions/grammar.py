"""Text to syntax: a white list over Python's own parser. Nothing that is parsed here is ever run.

In: the text of an expression and its place in a file. Out: `Parsed`, or the problems found, each with its column.
Knows no names and no types.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Decimal

from engine.expressions import syntax
from engine.expressions.lexical import (
    Flaw,
    Masked,
    disguised,
    leading_zero,
    mask,
    other_spelling,
    plain_name,
    too_deep,
)
from engine.expressions.limits import MAX_CHAIN, MAX_CHARACTERS, MAX_DEPTH, MAX_DIGITS, MAX_NODES
from engine.expressions.syntax import Parsed, Place, Syntax
from engine.problems import Problem, Span

_ARITHMETIC: dict[type[ast.operator], syntax.Arithmetic] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%",
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], syntax.Ordering] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in",
}  # fmt: skip
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_FOREIGN_WORDS = {"True": "true", "False": "false", "None": "null"}
_NUMBER = re.compile(r"\d+(\.\d+)?")
_RESERVED = frozenset({"is", "lambda"})


class _Refused(Exception):
    """Ends the reading of one expression with a flaw."""

    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw
        super().__init__(flaw.code)


def parse_expression(text: str, where: Span) -> Parsed | list[Problem]:
    """Read an expression. Never raises: what cannot be read becomes problems EXP001 to EXP009."""
    found = _read(text)
    if isinstance(found, Parsed):
        return found
    return [_problem(flaw, where) for flaw in found]


def _problem(flaw: Flaw, where: Span) -> Problem:
    values = {"found": flaw.found, "suggestion": flaw.suggestion}
    return Problem(flaw.code, where.shifted(flaw.start, flaw.end), values, flaw.suggestion)


def _read(text: str) -> Parsed | list[Flaw]:
    if not text.strip():
        return [Flaw("EXP006", 0, len(text))]
    if len(text) > MAX_CHARACTERS:
        return [Flaw("EXP004", MAX_CHARACTERS, len(text), f"characters > {MAX_CHARACTERS}")]
    masked = mask(text)
    if isinstance(masked, list):
        return masked
    if too_deep(masked.text, MAX_DEPTH):
        return [Flaw("EXP004", 0, len(text), f"depth > {MAX_DEPTH}")]
    margin = len(masked.text) - len(masked.text.lstrip())
    try:
        body = disguised(masked.text.strip())
        return Parsed(text, _Reader(text, masked, margin, body).read(ast.parse(body, mode="eval").body))
    except _Refused as refused:
        return [refused.flaw]
    except SyntaxError as error:
        return [_syntax_flaw(masked.text, margin + (error.offset or len(masked.text) + 1) - 1)]
    except (ValueError, MemoryError, RecursionError):
        return [Flaw("EXP004", 0, len(text), f"depth > {MAX_DEPTH}")]


def _syntax_flaw(masked: str, near: int) -> Flaw:
    near = min(near, max(len(masked) - 1, 0))
    flaw = other_spelling(masked, near) or leading_zero(masked) or _reserved_word(masked, near)
    if flaw is not None:
        return flaw
    word = re.match(r"\w+|\S?", masked[near:])
    return Flaw("EXP001", near, near + max(len(word.group()) if word else 1, 1), word.group() if word else "")


def _reserved_word(masked: str, near: int) -> Flaw | None:
    words = [match for match in re.finditer(r"\w+", masked) if match.group() in _RESERVED]
    word = min(words, key=lambda match: abs(match.start() - near), default=None)
    return Flaw("EXP008", word.start(), word.end(), word.group()) if word else None


class _Reader:
    """Turns Python's tree into ours, counting as it goes."""

    def __init__(self, text: str, masked: Masked, margin: int, body: str) -> None:
        self.text = text
        self.masked = masked
        self.margin = margin
        self.nodes = 0
        self._offsets = None if body.isascii() else _byte_offsets(body)

    def read(self, node: ast.expr, depth: int = 1, chain: int = 0) -> Syntax:
        self.nodes += 1
        place = self.place(node)
        if depth > MAX_DEPTH or chain > MAX_CHAIN or self.nodes > MAX_NODES:
            raise _Refused(Flaw("EXP004", place.start, place.end, self._bound(depth, chain)))
        reader = _READERS.get(type(node))
        if reader is None:
            raise _Refused(Flaw("EXP003", place.start, place.end, self.written(place)))
        return reader(self, node, place, depth, chain)

    def _bound(self, depth: int, chain: int) -> str:
        if depth > MAX_DEPTH:
            return f"depth > {MAX_DEPTH}"
        return f"chain > {MAX_CHAIN}" if chain > MAX_CHAIN else f"nodes > {MAX_NODES}"

    def place(self, node: ast.expr | ast.keyword) -> Place:
        return Place(self._character(node.col_offset), self._character(node.end_col_offset or node.col_offset))

    def _character(self, offset: int) -> int:
        return self.margin + (offset if self._offsets is None else self._offsets[offset])

    def written(self, place: Place) -> str:
        return self.text[place.start : place.end]

    def constant(self, node: ast.Constant, place: Place, _depth: int, _chain: int) -> Syntax:
        if isinstance(node.value, str):
            end, value = self.masked.strings.get(place.start, (-1, ""))
            if end != place.end:  # a prefix, or two strings side by side
                raise _Refused(Flaw("EXP003", place.start, place.end, self.written(place)))
            return syntax.Constant(place, value)
        written = self.written(place)
        if isinstance(node.value, bytes):
            raise _Refused(Flaw("EXP003", place.start, place.end, written))
        if written in _FOREIGN_WORDS:
            raise _Refused(Flaw("EXP003", place.start, place.end, written, _FOREIGN_WORDS[written]))
        if not _NUMBER.fullmatch(written):
            plain = written.replace("_", "")
            hint = plain if _NUMBER.fullmatch(plain) else ""
            raise _Refused(Flaw("EXP005", place.start, place.end, written, hint))
        if len(written.replace(".", "").lstrip("0")) > MAX_DIGITS:
            raise _Refused(Flaw("EXP004", place.start, place.end, f"digits > {MAX_DIGITS}"))
        return syntax.Constant(place, Decimal(written) if "." in written else int(written))

    def name(self, node: ast.Name, place: Place, _depth: int, _chain: int) -> Syntax:
        name = self._name(node.id, place)
        if name in _WORDS:
            return syntax.Constant(place, _WORDS[name])
        return syntax.Name(place, name)

    def _name(self, found: str, place: Place) -> str:
        """Python folds compatibility letters (ＡＢ to AB): a name that was folded is not the one that was written."""
        name = ".".join(plain_name(part) for part in found.split("."))
        if self.written(place) != name:
            raise _Refused(Flaw("EXP002", place.start, place.end, self.written(place), name))
        return name

    def member(self, node: ast.Attribute, place: Place, depth: int, chain: int) -> Syntax:
        base = self.read(node.value, depth, chain + 1)
        written = self.text[base.at.end : place.end]
        name = re.search(r"\w+\Z", written)
        start = place.end - (len(name.group()) if name else 0)
        found = self._name(node.attr, Place(start, place.end))
        return syntax.Member(place, base, found, Place(start, place.end))

    def prefix(self, node: ast.UnaryOp, place: Place, depth: int, _chain: int) -> Syntax:
        operators: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not"}
        operator = operators.get(type(node.op))
        if operator is None:
            raise _Refused(Flaw("EXP003", place.start, place.start + 1, "~"))
        operand = self.read(node.operand, depth + 1)
        return syntax.Prefix(place, operator, operand)  # type: ignore[arg-type]

    def infix(self, node: ast.BinOp, place: Place, depth: int, chain: int) -> Syntax:
        operator = _ARITHMETIC.get(type(node.op))
        left = self.read(node.left, depth, chain + 1)
        right = self.read(node.right, depth + 1)
        if operator is None:
            start, end = self._between(node.left, node.right)
            written = self.text[start:end]
            hint = {"**": "power(x, n)", "//": "floor(x / y)", "&": "and", "|": "or"}.get(written, "")
            raise _Refused(Flaw("EXP003", start, end, written, hint))
        return syntax.Infix(place, operator, left, right)

    def comparison(self, node: ast.Compare, place: Place, depth: int, _chain: int) -> Syntax:
        first = self.read(node.left, depth + 1)
        rest: list[tuple[syntax.Ordering, Syntax]] = []
        before = node.left
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            ours = _COMPARISONS.get(type(operator))
            if ours is None:
                hint = "==" if isinstance(operator, ast.Is) else "!="
                raise _Refused(Flaw("EXP003", *self._between(before, operand), "is", hint))
            before = operand
            rest.append((ours, self.read(operand, depth + 1)))
        return syntax.Comparison(place, first, tuple(rest))

    def _between(self, left: ast.expr, right: ast.expr) -> tuple[int, int]:
        """Where the operator between two operands stands."""
        start, end = self.place(left).end, self.place(right).start
        written = self.text[start:end]
        return start + len(written) - len(written.lstrip(" )")), start + len(written.rstrip(" ("))

    def junction(self, node: ast.BoolOp, place: Place, depth: int, _chain: int) -> Syntax:
        parts = tuple(self.read(part, depth + 1) for part in node.values)
        return syntax.Junction(place, "and" if isinstance(node.op, ast.And) else "or", parts)

    def conditional(self, node: ast.IfExp, place: Place, depth: int, _chain: int) -> Syntax:
        test, yes, no = (self.read(part, depth + 1) for part in (node.test, node.body, node.orelse))
        return syntax.Conditional(place, test, yes, no)

    def items(self, node: ast.Tuple, place: Place, depth: int, _chain: int) -> Syntax:
        return syntax.Items(place, tuple(self.read(member, depth + 1) for member in node.elts))

    def call(self, node: ast.Call, place: Place, depth: int, _chain: int) -> Syntax:
        name, name_at = self._called(node.func)
        arguments = [syntax.Argument(self.place(arg), "", self.read(arg, depth + 1)) for arg in node.args]
        for key in node.keywords:
            at = self.place(key)
            if key.arg is None:
                raise _Refused(Flaw("EXP003", at.start, at.end, "**"))
            named = self._name(key.arg, Place(at.start, at.start + len(key.arg)))
            arguments.append(syntax.Argument(at, named, self.read(key.value, depth + 1)))
        return syntax.Call(place, name, name_at, tuple(arguments))

    def _called(self, node: ast.expr) -> tuple[str, Place]:
        place, names = self.place(node), list[str]()
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            raise _Refused(Flaw("EXP003", place.start, place.end, self.written(place)))
        return self._name(".".join([node.id, *reversed(names)]), place), place


_READERS: dict[type[ast.expr], Callable[..., Syntax]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.Attribute: _Reader.member,
    ast.UnaryOp: _Reader.prefix,
    ast.BinOp: _Reader.infix,
    ast.Compare: _Reader.comparison,
    ast.BoolOp: _Reader.junction,
    ast.IfExp: _Reader.conditional,
    ast.Tuple: _Reader.items,
    ast.Call: _Reader.call,
}


def _byte_offsets(text: str) -> dict[int, int]:
    """UTF-8 byte offset to character offset."""
    offsets, at = {}, 0
    for index, char in enumerate(text):
        offsets[at] = index
        at += len(char.encode("utf-8", "surrogatepass"))
    offsets[at] = len(text)
    return offsets
