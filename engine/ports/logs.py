"""What the processes of a node say of themselves, to be searched by operators: no secret, nobody's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

LEVELS = ("info", "warning", "error")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: when, how bad, who said it (process and thread), what. `kind` and `place` are those of a defect, never
    its text; `about` names what is spoken of: channel, code, number."""

    at: datetime
    level: str
    process: str
    thread: str
    text: str
    kind: str = ""
    place: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is asked for; what is empty is not asked. `level` is the least one; `thread` and `text` are parts, whatever
    the case; `older` goes on where a page ended; lines about one of the `codes` have the text, whatever they say."""

    since: datetime | None = None
    until: datetime | None = None
    level: str = ""
    thread: str = ""
    text: str = ""
    older: str = ""
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, newest first; `older` asks for those before them, empty where there are none."""

    lines: Sequence[LogLine]
    older: str = ""


class LogBook(Protocol):
    """The log of all processes of an installation."""

    def find(self, query: LogQuery, limit: int) -> LogPage:
        """A page of what is asked for; a search that has to look at very much ends early, with a way to go on."""
        ...

    def forget(self, before: date) -> int:
        """Remove the days before; how many."""
        ...
