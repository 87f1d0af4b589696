"""The syntax of one expression as written: what the grammar gives and the checker takes. No types, no meaning yet.

Every node knows the characters it was written in, from `start` to `end` (exclusive), counted in the expression's text.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

LiteralValue = str | int | Decimal | bool | None
Arithmetic = Literal["+", "-", "*", "/", "%"]
Ordering = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands in the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Constant:
    at: Place
    value: LiteralValue


@dataclass(frozen=True, slots=True)
class Name:
    at: Place
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`base.name`; `name_at` is the place of the name alone."""

    at: Place
    base: Syntax
    name: str
    name_at: Place


@dataclass(frozen=True, slots=True)
class Prefix:
    at: Place
    operator: Literal["-", "+", "not"]
    operand: Syntax


@dataclass(frozen=True, slots=True)
class Infix:
    at: Place
    operator: Arithmetic
    left: Syntax
    right: Syntax


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chain: `first` compared with each next one in turn."""

    at: Place
    first: Syntax
    rest: tuple[tuple[Ordering, Syntax], ...]


@dataclass(frozen=True, slots=True)
class Junction:
    at: Place
    operator: Literal["and", "or"]
    parts: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    at: Place
    test: Syntax
    yes: Syntax
    no: Syntax


@dataclass(frozen=True, slots=True)
class Items:
    """A list in parentheses: ('a', 'b')."""

    at: Place
    members: tuple[Syntax, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `name` is empty for a positional one."""

    at: Place
    name: str
    value: Syntax


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function, decision table or query; `name` may be dotted (`system.query`)."""

    at: Place
    name: str
    name_at: Place
    arguments: tuple[Argument, ...]


Syntax = Constant | Name | Member | Prefix | Infix | Comparison | Junction | Conditional | Items | Call


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression that is well formed."""

    text: str
    root: Syntax
