"""What every check is given, and how it words what it finds.

In: definitions as loaded, places, names. Out: problems. A check asks for the place of a key, never for a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from engine.checks.catalog import Reach, Shared, spelled
from engine.loading.nearest import nearest
from engine.model.documents import Document, Field
from engine.model.machines import Machine
from engine.model.system import SHARED, Definitions
from engine.ports.xml import Xml
from engine.problems import NOWHERE, Problem, Severity, Span


class Places(Protocol):
    """Positions inside an element, by the keys that lead there (`engine.loading` gives it)."""

    def value(self, owner: Span, *keys: str | int) -> Span:
        """Where a value stands; the nearest one around it where it is not written."""
        ...

    def key(self, owner: Span, *keys: str | int) -> Span:
        """Where a key stands."""
        ...


Glyphs = Callable[[str], set[str]]
"""Which signs of a text no font of the installation draws."""


def every_sign(text: str) -> set[str]:
    """Where nobody says which fonts there are, every sign is taken to be drawn."""
    del text
    return set()


@dataclass(frozen=True)
class Subject:
    """Definitions under check."""

    definitions: Definitions
    places: Places
    names: Reach
    shared: Shared
    sources: Mapping[str, str]
    elements: Mapping[tuple[str, str], Span]
    missing_glyphs: Glyphs = every_sign
    xml: Xml | None = None
    """Reads the schemas of messages; without it mappings are not compared with them."""

    def element(self, kind: str, key: str) -> Span:
        """The place of an element's id."""
        return self.elements.get((kind, key), NOWHERE)

    def documents(self) -> Iterator[Document]:
        """All document types."""
        yield from self.definitions.documents.values()

    def machine(self, document: str) -> Machine | None:
        """The machine of a document type."""
        return self.definitions.machines.get(document)

    def fields(self, document: str) -> Mapping[str, Field]:
        """Fields of a document type; none where it is unknown."""
        found = self.definitions.documents.get(document)
        return found.fields if found is not None else {}

    def known(self, kind: str, system: str) -> Iterable[str]:
        """All ids of a kind in reach of a system."""
        return spelled(self.names, kind, system)

    def roles(self, system: str) -> dict[str, None]:
        """Roles that definitions of a system may name: its own, those of systems it uses; shared ones know all."""
        systems = self.definitions.systems
        own = systems.get(system)
        reach = list(systems) if own is None or system == SHARED else [system, *own.uses, SHARED]
        return {role: None for name in reach if name in systems for role in systems[name].roles}

    def listed(self, owner: Span, *keys: str | int, names: Iterable[str]) -> Iterator[tuple[str, Span]]:
        """Names under a key that holds one of them or a list, with their places."""
        whole = self.places.value(owner, *keys)
        for index, name in enumerate(names):
            place = self.places.value(owner, *keys, index)
            yield name, whole if place == owner else place

    def word(self, owner: Span, *keys: str | int, name: str) -> Span:
        """The place of one word under a key that holds one or several."""
        whole = self.places.value(owner, *keys)
        for index in range(100):
            place = self.places.value(owner, *keys, index)
            if place == owner:
                return whole
            if self.text_at(place) == name:
                return place
        return whole

    def word_in(self, where: Span, word: str) -> Span:
        """The place of a word inside a value; the value where it does not stand there."""
        offset = self.text_at(where).find(word)
        return where.shifted(offset, offset + len(word)) if offset >= 0 else where

    def name_of(self, where: Span, name: str) -> Span:
        """The key of an entry whose value begins at `where`: before it on the line, or alone on a line above."""
        lines = self.sources.get(where.file, "").split("\n")[: where.line]
        before = lines[-1][: where.column - 1] if lines else ""
        for number, text in zip(range(where.line, 0, -1), [before, *reversed(lines[:-1])], strict=False):
            if (found := _last_key(text, name)) >= 0:
                return Span(where.file, number, found + 1, number, found + 1 + len(name))
            if number < where.line - 3:
                break
        return where

    def text_at(self, where: Span) -> str:
        """What stands in a place of one line."""
        lines = self.sources.get(where.file, "").split("\n", where.line)
        line = lines[where.line - 1] if len(lines) >= where.line else ""
        return line[where.column - 1 : where.end_column - 1] if where.line == where.end_line else ""


def _last_key(text: str, name: str) -> int:
    """Offset of the last `name:` in a line, or -1."""
    found = [match.start(1) for match in re.finditer(rf"(?:^|[\s{{,\"'])({re.escape(name)})[\"']?\s*:", text)]
    return found[-1] if found else -1


def problem(code: str, where: Span, *, suggestion: str = "", related: tuple[Span, ...] = (), **values: str) -> Problem:
    """A defect that keeps the definitions from being put in force."""
    return Problem(code, where, values, suggestion, related=related)


def warning(code: str, where: Span, *, suggestion: str = "", related: tuple[Span, ...] = (), **values: str) -> Problem:
    """Something that is allowed and probably not meant."""
    return Problem(code, where, values, suggestion, Severity.WARNING, related)


def unknown(code: str, name: str, known: Iterable[str], where: Span, **values: str) -> Problem:
    """A name that nothing answers to, with the nearest that does."""
    return Problem(code, where, {"name": name, **values}, nearest(name, list(known)))
