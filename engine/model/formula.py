"""Pieces of definitions that are computed: formulas, given values, texts with formulas in braces, titles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.model.types import Type
from engine.problems import NOWHERE, Span


class Linked(Protocol):
    """A checked and compiled expression; what `engine.expressions` gives back for a formula."""

    @property
    def type(self) -> Type:
        """Type of the result."""
        ...

    @property
    def local(self) -> bool:
        """Whether a browser can decide it from a form's own values and code columns."""
        ...

    def evaluate(self, env: Any) -> object:
        """The value in an `engine.expressions.environment.Env`."""
        ...

    def to_json(self) -> object:
        """The checked tree for the browser."""
        ...


class NotLinked(RuntimeError):
    """A formula was evaluated before the checker had linked it: a defect of the engine."""


@dataclass(slots=True, eq=False)
class Formula:
    """An expression as written. The checker links it once, before the definitions are put in force.

    One formula belongs to one scope: a part used by two documents gives each of them a formula of its own.
    """

    text: str
    where: Span = NOWHERE
    linked: Linked | None = None

    def __call__(self, env: object) -> object:
        """The value; raises NotLinked when never checked."""
        if self.linked is None:
            raise NotLinked(f"{self.where}: {self.text}")
        return self.linked.evaluate(env)

    def holds(self, env: object) -> bool:
        """Whether the condition is true; null counts as false."""
        return self(env) is True


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an order: what rows are compared by, and whether the greatest comes first."""

    formula: Formula
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """The order of rows: by the first key, among equals by the next. What has no value comes last."""

    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a key that gives: a literal, or a formula where the text began with `=`.

    A literal list or mapping may hold further `Given`s where texts inside it began with `=`. `rows` fills a child table
    from a source (`lines: {each: …}`).
    """

    literal: object = None
    formula: Formula | None = None
    where: Span = NOWHERE
    rows: RowSource | None = None

    def value(self, env: object) -> object:
        """The literal, or what the formula gives."""
        return self.literal if self.formula is None else self.formula(env)


@dataclass(frozen=True, slots=True)
class RowSource:
    """How a table fills itself: one row for each row of a source, grouped `per`, with the given columns.

    `same` copies equally named columns. `keep` is true for tables copied once (`from`), false for computed ones.
    """

    each: Formula
    given: Mapping[str, Given] = field(default_factory=dict)
    same: bool = False
    per: Mapping[str, Formula] = field(default_factory=dict)
    where: Formula | None = None
    sort: Sort | None = None
    keep: bool = False
    on: tuple[str, ...] = ()  # events at which rows are copied; without any: when the source is first there
    most: int | None = None


@dataclass(slots=True, eq=False)
class Template:
    """Text with expressions in braces. `pieces` are literal texts and (formula, format) pairs, split by the builder."""

    text: str
    where: Span = NOWHERE
    pieces: Sequence[str | tuple[Formula, str]] = ()
    others: Mapping[str, Template] = field(default_factory=dict)  # wordings in further languages


@dataclass(frozen=True, slots=True)
class Title:
    """A wording per language; Chinese first, English falls back to Chinese."""

    zh: str = ""
    en: str = ""

    def __str__(self) -> str:
        return self.zh

    def worded(self, language: str) -> str:
        """The wording in a language, or the one there is."""
        return (self.en if language == "en" else self.zh) or self.zh or self.en

    def texts(self) -> Mapping[str, str]:
        """Both wordings by language."""
        return {"zh": self.zh or self.en, "en": self.en or self.zh}


@dataclass(frozen=True, slots=True)
class DatedSpan:
    """From and until, both included, as ISO dates; empty means open."""

    start: str = ""
    end: str = ""
    source: str = field(default="")

    def holds_on(self, day: str) -> bool:
        """Whether an ISO date lies within."""
        return (not self.start or self.start <= day) and (not self.end or day <= self.end)
