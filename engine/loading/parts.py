"""Merging of what several files say of one document type: parts that it uses, its own files, extensions elsewhere.

In: the files of every document and part as pieces. Out: `Layers`, whose sections are entries merged by name: parts
first, then the document's own, then extensions. Knows which keys add up; builds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.loading.entry import Entry
from engine.loading.names import Names
from engine.loading.nearest import nearest
from engine.loading.piece import Origin, Piece, is_mapping
from engine.loading.places import Places
from engine.problems import Problem, Span

FIELDS = "fields"
# A part of this name takes a name of that kind; its value is an id or path and may stand where one is wanted.
TAKEN_ID = frozenset({"mapping", "document", "field", "table", "event", "notice", "print", "code"})


@dataclass(slots=True)
class Owned:
    """The files of one document or part: kind of file to its root piece."""

    id: str
    system: str
    where: Span
    files: dict[str, Piece] = field(default_factory=dict)

    def seen_by(self, origin: Origin) -> Owned:
        """The same files as the user of a part sees them: with its names and what it gave."""
        files = {}
        for kind, piece in self.files.items():
            theirs = Origin(piece.origin.source, origin.problems, origin.system, origin.given)
            files[kind] = Piece(piece.value, theirs, piece.key, piece.start, piece.end)
        return Owned(self.id, self.system, self.where, files)


@dataclass(slots=True)
class Layers:
    """The files that make up one document type, weakest first; `parts` is how many of them are parts."""

    own: Owned
    layers: list[Owned]
    parts: int
    places: Places

    def roots(self, kind: str) -> list[Entry]:
        """The root entries of one kind of file, weakest first, extensions among them."""
        return [Entry.of(layer.files[kind], kind) for layer in self.layers if kind in layer.files]

    def root(self, kind: str) -> Entry:
        """The root entries of parts and the document itself merged, later keys replacing earlier ones."""
        merged: Entry | None = None
        for layer in self.layers[: self.parts + 1]:
            if kind in layer.files:
                found = Entry.of(layer.files[kind], kind)
                merged = found if merged is None else combined(merged, found, (), self.places)
        return merged or Entry({}, kind, self.own.where, _nowhere(self.own))

    def named(self, kind: str, section: str, shape: str, add: Sequence[str] = ()) -> dict[str, Entry]:
        """Entries by name; the same name in two layers is one entry whose `add` keys add up."""
        merged: dict[str, Entry] = {}
        by_part: dict[str, Entry] = {}
        for index, layer in enumerate(self.layers):
            if kind not in layer.files:
                continue
            for name, entry in Entry.of(layer.files[kind], kind).entries(section, shape).items():
                if index < self.parts and name in by_part:
                    self._conflict(kind, section, name, by_part[name], entry)
                elif index < self.parts:
                    by_part[name] = entry
                elif index > self.parts and section == FIELDS and name in merged:
                    _keeps_type(merged[name], entry, name)
                merged[name] = combined(merged[name], entry, add, self.places) if name in merged else entry
        return merged

    def _conflict(self, kind: str, section: str, name: str, first: Entry, second: Entry) -> None:
        own = self.own.files.get(kind)
        named = own is not None and name in Entry.of(own, kind).entries(section, "")
        if not named:
            second.report("NAM004", second.where, related=(first.where,), name=name, document=self.own.id)


def _keeps_type(first: Entry, second: Entry, name: str) -> None:
    """An extension may tighten a field and never change what is stored."""
    if "type" in second and second.text("type") != first.text("type"):
        second.report("NAM013", second.at("type"), related=(first.where,), name=name)


def _nowhere(owned: Owned) -> Origin:
    return next(iter(owned.files.values())).origin


def combined(under: Entry, over: Entry, add: Iterable[str], places: Places) -> Entry:
    """Two entries as one: keys of the later one replace, those of `add` follow behind the earlier one's."""
    pieces = {**under.pieces, **over.pieces}
    for key in add:
        if key in under.pieces and key in over.pieces:
            first = under.pieces[key]
            pieces[key] = Piece(
                first.value, first.origin, first.key, first.start, first.end, (*first.more, *over.pieces[key].items())
            )
    places.join(over.where, under.where)
    return Entry(pieces, over.shape, over.where, over.origin)


@dataclass(slots=True)
class PartBook:
    """All parts, by system and name, and how a `use` finds them."""

    names: Names
    parts: Mapping[str, Owned]

    def used(self, entry: Entry, origin: Origin) -> list[Owned]:
        """The parts that an entry's `use` names, as its owner sees them."""
        found = []
        for piece in entry.several("use"):
            for name, given in _named_parts(piece):
                part = self._part(name, given, origin)
                if part is not None:
                    found.append(part)
        return found

    def _part(self, name: str, given: Piece, origin: Origin) -> Owned | None:
        key = self.names.resolve("part", name, origin.system, given.key_where, origin.problems)
        part = self.parts.get(key)
        if part is None:
            near = nearest(name, self.names.known("part", origin.system))
            origin.problems.append(Problem("NAM003", given.key_where, {"name": name}, near))
            return None
        taken = self._taken(part, given, origin)
        return part.seen_by(Origin(origin.source, origin.problems, origin.system, taken))

    def _taken(self, part: Owned, given: Piece, origin: Origin) -> dict[str, str]:
        """What the part was given for each name that it takes, as text of an expression."""
        root = part.files.get("document")
        takes = Entry.of(root, "document").piece("takes") if root is not None else None
        wanted = takes.entries() if takes is not None else {}
        values = given.entries()
        for name in wanted.keys() - values.keys():
            origin.problems.append(Problem("NAM005", given.key_where, {"name": name, "part": part.id}))
        for name in values.keys() - wanted.keys():
            where = values[name].key_where
            origin.problems.append(Problem("NAM006", where, {"name": name, "part": part.id}, nearest(name, wanted)))
        return {name: _as_text(wanted[name].raw, values[name]) for name in wanted.keys() & values.keys()}


def _named_parts(piece: Piece) -> list[tuple[str, Piece]]:
    if is_mapping(piece.value):
        return list(piece.entries().items())
    return [(piece.raw, piece)]


def _as_text(kind: str, piece: Piece) -> str:
    """An id or path as it stands; other text as a literal of the expression language."""
    if isinstance(piece.value, str) and piece.value.startswith("="):
        return f"({piece.value[1:].strip()})"
    if kind.strip().rpartition(" ")[2] in TAKEN_ID or not isinstance(piece.value, str):
        return piece.raw
    return "'" + piece.value.replace("\\", "\\\\").replace("'", "\\'") + "'"
