"""What can be wrong: problems of definitions, findings about values, incidents with the outside.

Pure data for three audiences that are never mixed: a `Problem` speaks to the configurator about a definition and knows
its place to the column; a `Finding` speaks to the person who fills a form; an `Incident` speaks to the operator about
an outside system. Wording is not kept here: problems are worded by `engine.codes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a problem weighs: an error keeps definitions from being put in force."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a definition file; lines and columns are 1-based characters, the end is exclusive.

    `breaks` say where a text and the way it is written go apart (escapes, folded lines): from this offset of the text
    on, at this line and column.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    breaks: tuple[tuple[int, int, int], ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def shifted(self, start: int, end: int) -> Span:
        """The part of a scalar between two character offsets of its text."""
        end = max(end, start + 1)
        line, column = self._at(start)
        last_line, last_column = self._at(end - 1)
        inner = tuple((at - start, on, there) for at, on, there in self.breaks if start < at < end)
        return Span(self.file, line, column, last_line, last_column + 1, inner)

    def _at(self, offset: int) -> tuple[int, int]:
        begin, line, column = 0, self.line, self.column
        for place in self.breaks:
            if place[0] > offset:
                break
            begin, line, column = place
        return line, column + offset - begin


NOWHERE = Span("", 0, 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """One defect of a definition.

    `code` names an entry of the catalogue, `values` fill its wording, `suggestion` is the nearest valid name and
    `related` are other places that belong to it (the first of two duplicates).
    """

    code: str
    where: Span
    values: Mapping[str, str] = field(default_factory=dict)
    suggestion: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[Span, ...] = ()


class DefinitionError(Exception):
    """Definitions cannot be put in force; carries every problem found, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.where, p.code)))
        super().__init__(f"{len(self.problems)} problem(s)")


class Level(StrEnum):
    """What a finding does to the event: refuse it, ask first, or only tell."""

    ERROR = "error"
    CONFIRM = "confirm"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a value that the person must know.

    `at` is the path in the document: `("total",)` for a field, `("lines", "3", "qty")` for a cell (row index from 0),
    `()` for the document. `code` is the rule's id or the check's name; `text` is worded per language. `about` is
    (document, id) of another record that it speaks of.
    """

    code: str
    text: Mapping[str, str]
    at: tuple[str, ...] = ()
    level: Level = Level.ERROR
    where: Span = NOWHERE
    about: tuple[str, ...] = ()


class Refused(Exception):
    """An event did not happen: the findings say why; nothing was changed."""

    def __init__(self, findings: Iterable[Finding], *, kind: str = "findings") -> None:
        self.findings = tuple(findings)
        self.kind = kind  # findings | forbidden | not_found | stale | not_allowed | duplicate
        super().__init__("; ".join(f"{'.'.join(f.at)}: {f.text.get('en', '')}" for f in self.findings) or kind)


@dataclass(frozen=True, slots=True)
class Incident:
    """An outside system did not do its part; `retry` says whether asking again may help."""

    peer: str
    text: str
    retry: bool = True


class DeliveryError(Exception):
    """Raised by adapters when an effect could not be carried out."""

    def __init__(self, incident: Incident) -> None:
        self.incident = incident
        super().__init__(f"{incident.peer}: {incident.text}")


class Faulty(DeliveryError):
    """A definition is at fault, nothing outside: `texts` say which and where, in each language."""

    def __init__(self, peer: str, texts: Mapping[str, str], about: str) -> None:
        self.texts = texts
        super().__init__(Incident(peer, f"{texts['zh']} [{about}]", retry=False))
