"""What a template sees: values that know how to show themselves.

In: stored values, already cut to what the reader may see. Out: views. A code shows its title and still has its code and
the columns of its list; a reference shows its title and leads on to the fields of the other document. Knows no template
language and no paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from html import escape
from typing import Protocol, runtime_checkable


class Html(str):
    """Text that is HTML already, made by the engine itself; everything else is escaped."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


class Absent:
    """What `member` answers for a name that a view does not have."""


ABSENT = Absent()


@runtime_checkable
class View(Protocol):
    """A value with members."""

    def member(self, name: str) -> object:
        """The member of that name, or ABSENT."""
        ...


@dataclass(frozen=True, slots=True)
class CodeView:
    """A code of a list. Equal to its code, so that `purpose == 'other'` reads as in expressions.

    `every` gives the list's entries in order, for a row of boxes to tick. A field in which nothing is chosen is a view
    too, without code and title: false, and equal to nothing.
    """

    code: str
    title: str
    columns: Mapping[str, object] = field(default_factory=dict)
    every: Callable[[], tuple[CodeView, ...]] = field(default=tuple, repr=False)

    def __str__(self) -> str:
        return self.title

    def __bool__(self) -> bool:
        return bool(self.code or self.title)

    def __eq__(self, other: object) -> bool:
        return self.code == (other.code if isinstance(other, CodeView) else "" if other is None else other)

    def __hash__(self) -> int:
        return hash(self.code)

    def member(self, name: str) -> object:
        """`code`, `title`, `all` or a column of the list."""
        if name in self.columns:
            return self.columns[name]
        if name == "all":
            return self.every()
        return {"code": self.code, "title": self.title}.get(name, ABSENT)


@dataclass(frozen=True, slots=True)
class CodesView:
    """Several codes of a list; `all` are the list's entries in order, chosen or not, for a row of boxes to tick."""

    chosen: tuple[CodeView, ...]
    all: tuple[CodeView, ...] = ()

    def __iter__(self) -> Iterator[CodeView]:
        return iter(self.chosen)

    def __len__(self) -> int:
        return len(self.chosen)

    def __contains__(self, code: object) -> bool:
        return code in self.chosen

    def __str__(self) -> str:
        return "、".join(code.title for code in self.chosen)

    def member(self, name: str) -> object:
        """`all`."""
        return self.all if name == "all" else ABSENT


@dataclass(frozen=True, slots=True)
class RefView:
    """A reference to another document; `fields` may be looked up only when they are asked for."""

    id: str
    title: str
    fields: Mapping[str, object] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return self.title

    def member(self, name: str) -> object:
        """A field of the other document, or `id` and `title` where it has no such fields."""
        if name in self.fields:
            return self.fields[name]
        return {"id": self.id, "title": self.title}.get(name, ABSENT)


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a child table, or any other group of named values."""

    fields: Mapping[str, object]

    def member(self, name: str) -> object:
        """The value of that name."""
        return self.fields.get(name, ABSENT)


@dataclass(frozen=True, slots=True)
class EmptyRow:
    """A row that fills a table up to its printed height: each of its values is empty."""

    def member(self, name: str) -> object:
        """Nothing, whatever is asked for."""
        return None


@dataclass(frozen=True, slots=True)
class FileView:
    """An attachment; `src` is a `data:` address when it is a picture that can be printed."""

    name: str
    src: str = ""

    def __str__(self) -> str:
        return self.name

    def member(self, name: str) -> object:
        """`name` or `src`."""
        return {"name": self.name, "src": self.src}.get(name, ABSENT)


Rows = tuple[RowView | RefView | EmptyRow, ...]
Display = (
    str | int | Decimal | bool | date | datetime | time | Html | CodeView | RefView | RowView | FileView
    | CodesView | tuple[RefView, ...] | tuple[FileView, ...] | Rows | None
)  # fmt: skip


class PrintView(Protocol):
    """Everything that one print may show: names to display values.

    What the reader may not see is not in it or masked: the access projection has been applied by whoever built it.
    """

    def __getitem__(self, name: str, /) -> Display:
        """The value. Raises KeyError."""
        ...

    def __iter__(self) -> Iterator[str]:
        """Every name."""
        ...


def shown(value: object) -> str:
    """A value as paper shows it without a filter; what is empty shows nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case time():
            return f"{value:%H:%M}"
        case Decimal():
            return f"{value:f}"
        case tuple() | list():
            return "、".join(shown(item) for item in value)
        case _:
            return str(value)


def markup(value: object) -> Html:
    """The same as HTML."""
    if hasattr(value, "__html__"):
        return Html(value.__html__())
    return Html(escape(shown(value)))
