"""Building of screens of flows: the components of free pages, and those that people fill in, type on and tap.

In: the entries of a `screen`, judged by the schema; document types as built. Out: components. What is not shown on such
screens is noted with its place, for a warning, and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.loading.build_fields import FieldBuilder
from engine.loading.build_free_pages import PARTS, Made, Room, cells
from engine.loading.entry import Entry, given_of
from engine.loading.nearest import nearest
from engine.loading.piece import is_mapping
from engine.model import touch_parts
from engine.model.documents import Document, Field
from engine.model.formula import Formula, Title
from engine.model.free_pages import Component, Part
from engine.model.types import NUMBER, TEXT

_ELSEWHERE = frozenset({"buttons", "filters"})
"""Components of pages that lead to pages; a screen of a flow leads to its steps."""
_NUMBER = "number"


@dataclass(slots=True)
class TouchRoom(Room):
    """One screen under construction."""

    fields: FieldBuilder = field(kw_only=True)
    documents: Mapping[str, Document] = field(kw_only=True)

    def __post_init__(self) -> None:
        self.beside = frozenset({"pick", "choose"})
        self.parts = {**_PARTS, **{verb: made for verb, made in PARTS.items() if verb not in _ELSEWHERE}}

    def component(self, entry: Entry, path: str) -> Component | None:
        """The component, with what a tap on one of its rows means."""
        found = Room.component(self, entry, path)
        into, chosen = entry.text("pick"), entry.text("choose")
        return replace(found, pick=touch_parts.Pick(into, chosen)) if found and (into or chosen) else found


def _room(room: Room) -> TouchRoom:
    assert isinstance(room, TouchRoom)
    return room


def _form(room: Room, entry: Entry, _path: str) -> Part:
    """Fields of a document type, or fields written out."""
    piece, given = entry.piece("form"), entry.givens("with")
    if piece is None or is_mapping(piece.value):
        return touch_parts.Entry(_room(room).fields.parameters(entry, "form"), given)
    where, origin = piece.where, piece.origin
    key = _room(room).fields.names.resolve("document", piece.raw, origin.system, where, origin.problems)
    document = _room(room).documents.get(key)
    if document is None:
        near = nearest(piece.raw, _room(room).fields.names.known("document", origin.system))
        entry.report("REF001", where, near, name=piece.raw)
        return touch_parts.Entry({}, given, key)
    return touch_parts.Entry(_fields(entry, document), given, key)


def _fields(entry: Entry, document: Document) -> dict[str, Field]:
    """The fields that are named, in their order; without any those that people fill in."""
    if "fields" not in entry:
        own = {name: one for name, one in document.fields.items() if not one.is_table and not one.is_engines_own}
        return {name: one for name, one in own.items() if one.show is not False and one.edit is not False}
    found = {}
    for piece in entry.several("fields"):
        if (one := document.fields.get(piece.raw)) is not None:
            found[one.name] = one
        else:
            entry.report("REF002", piece.where, nearest(piece.raw, document.fields), name=piece.raw, owner=document.id)
    return found


def _typed(entry: Entry, verb: str, kind: str = "") -> Field:
    """The field behind something that is typed."""
    number = kind == _NUMBER
    return Field(
        entry.text(verb), entry.title(), "decimal" if number else "text", NUMBER if number else TEXT, entry.at(verb)
    )


def _keypad(room: Room, entry: Entry, _path: str) -> Part:
    kind, default = entry.text("kind", "digits"), entry.piece("default")
    return touch_parts.Keypad(
        _typed(entry, "keypad", kind), kind, entry.flag("hidden"), None if default is None else given_of(default)
    )


def _search(room: Room, entry: Entry, _path: str) -> Part:
    return touch_parts.Search(_typed(entry, "search"))


def _picture(room: Room, entry: Entry, _path: str) -> Part:
    given = entry.given("picture")
    if given is not None and given.formula is not None:
        return touch_parts.Picture(file=given.formula)
    return touch_parts.Picture(entry.text("picture"))


def _details(room: Room, entry: Entry, _path: str) -> Part:
    row = entry.asked("fields") or Formula("null", entry.where)
    shown: tuple[tuple[str, Formula, Title], ...] = tuple(
        (one.name, one.value, one.title) for one in cells(entry.piece("columns"))
    )
    return touch_parts.Details(row, shown)


_PARTS: Mapping[str, Made] = {
    "form": (_form, frozenset({"fields", "with"})),
    "keypad": (_keypad, frozenset({"kind", "hidden", "default"})),
    "search": (_search, frozenset()),
    "picture": (_picture, frozenset()),
    "fields": (_details, frozenset({"columns"})),
}
"""Components by the verb that names them, before those of pages: `fields` has columns too."""
