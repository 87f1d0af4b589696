"""A template as the checker reads it: what is shown, looped over, asked and set, each with its place in the text.

Only what prints may use has a form here; a template that uses more has no outline. Places (`at`) are offsets of
characters from the beginning of the text. Pure data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from engine.problems import Span


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Member:
    """`of.name`."""

    of: Expression
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, number or truth value written in the template."""

    value: object
    at: int


@dataclass(frozen=True, slots=True)
class Filtered:
    """`of | name(arguments)`."""

    of: Expression
    name: str
    arguments: tuple[Expression, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Compared:
    """`left == right` and its like; chains are several of them in a `Combined`."""

    left: Expression
    operator: str
    right: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Combined:
    """Anything else made of parts: arithmetic, logic, lists, tests."""

    parts: tuple[Expression, ...]
    at: int


Expression = Name | Member | Constant | Filtered | Compared | Combined


@dataclass(frozen=True, slots=True)
class Shown:
    """`{{ value }}`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Loop:
    """`{% for names in over if test %}`."""

    names: tuple[str, ...]
    over: Expression
    test: Expression | None
    body: Sequence[Statement]
    otherwise: Sequence[Statement]
    at: int


@dataclass(frozen=True, slots=True)
class Choice:
    """`{% if %}` with all its branches; a branch without a test is the last one."""

    branches: Sequence[tuple[Expression | None, Sequence[Statement]]]


@dataclass(frozen=True, slots=True)
class Assigned:
    """`{% set name = value %}`."""

    name: str
    value: Expression
    at: int


@dataclass(frozen=True, slots=True)
class Included:
    """`{% include "name" %}`."""

    name: str
    at: int


Statement = Shown | Loop | Choice | Assigned | Included


class Unreadable(Exception):
    """A template has no outline: `code` and `values` as in a problem, `at` the place."""

    def __init__(self, code: str, at: int, values: Mapping[str, str]) -> None:
        self.code, self.at, self.values = code, at, values
        super().__init__(f"{code} at {at}: {dict(values)}")


def names_in(part: object) -> Iterator[str]:
    """Every variable that is read in a statement, an expression or a list of them."""
    if isinstance(part, Name):
        yield part.name
    elif isinstance(part, list | tuple):
        for each in part:
            yield from names_in(each)
    elif isinstance(part, Expression | Statement):
        for each in fields(part):
            yield from names_in(getattr(part, each.name))


def span(text: str, file: str, at: int, length: int = 1) -> Span:
    """The place of an offset in a text."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return Span(file, line, column, line, column + length)
