"""Cells that name something else: codes by code or title, records by a field, their number or their name.

In: a transaction and the places of columns. Out: raw values of cells. Raises Malformed, worded for the person at the
cell. Only records that the actor may see are found, and only by fields that he may see, perhaps masked: whoever knows
a value may use it, nobody learns one.
"""

from __future__ import annotations

from datetime import date

from engine.access.rights import Rights
from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.loading.nearest import slip
from engine.model.criteria import ALWAYS, Compare, Criterion, Every, Order, Selection, Some
from engine.model.documents import Document, Field
from engine.model.records import Record
from engine.model.types import Kind
from engine.sheets.cells import CodeBook, codes_value, is_blank, is_coded, plain, raw_value
from engine.sheets.columns import Place
from engine.usecases.presenting import label_field
from engine.usecases.work import Work

_ENOUGH = 6
_SHOWN = 40
_MOST_NAMES = 1_000
"""Records among which a misspelt name is looked for, newest first."""


class CellReader:
    """Reads cells within one transaction; what was looked up once is not looked up again."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._books: dict[str, CodeBook] = {}
        self._known: dict[tuple[str, str, str], str | Malformed] = {}
        self._names: dict[tuple[str, str], list[str]] = {}

    def read(self, place: Place, cell: object) -> object:
        """The raw value of a cell."""
        wanted = place.field
        if is_coded(wanted):
            return codes_value(cell, wanted, self._book(wanted.type.of, self._work.now.date()))
        if wanted.type.kind is Kind.REF and wanted.type.of:
            return None if is_blank(cell) else self._record(place, cell)
        if wanted.type.kind is Kind.REFS and wanted.type.of and isinstance(cell, str):
            parts = [part.strip() for part in cell.replace("、", ",").replace("，", ",").replace(";", ",").split(",")]
            return [self._record(place, part) for part in parts if part]
        return raw_value(cell, wanted)

    def _book(self, listed: str, day: date) -> CodeBook:
        if listed not in self._books:
            runtime = self._work.runtime
            key = f"{listed} {day.isoformat()}"
            made = runtime.force.once("code book", key, lambda: CodeBook.of(runtime.definitions.codes[listed], day))
            self._books[listed] = made
        return self._books[listed]

    def _record(self, place: Place, cell: object) -> str:
        document = place.field.type.of
        wanted = str(raw_value(cell, place.by) if place.by is not None else plain(cell).strip())
        key = (document, place.by.name if place.by is not None else "", wanted)
        if key not in self._known:
            try:
                self._known[key] = self._look_up(document, place.by, wanted)
            except Malformed as fault:
                self._known[key] = fault
        found = self._known[key]
        if isinstance(found, Malformed):
            raise found
        return found

    def _shown(self, rights: Rights, name: str) -> Criterion:
        """Where the field may be seen, masked at least: by a hidden one nobody is found."""
        return ALWAYS if rights.sees_everywhere(name) else rights.rows_showing(self._work.world, name, clear=False)

    def _look_up(self, name: str, by: Field | None, wanted: str) -> str:
        document = self._work.runtime.definitions.documents[name]
        rights = self._work.runtime.rights(name, self._work.actor)
        ways = [Every((self._shown(rights, way.path[0]), way)) for way in _ways(document, by, wanted)]
        where = Every((rights.rows(self._work.world), Some(tuple(ways))))
        found = self._work.unit.select(Selection(name, where, limit=_ENOUGH))
        seen = [one for one in found if rights.on(one.values, self._work.world).any]
        if len(seen) == 1:
            return seen[0].id
        raise _several(seen, wanted) if seen else _not_found(document, wanted, self._nearest(document, by, wanted))

    def _nearest(self, document: Document, by: Field | None, wanted: str) -> str:
        """What was probably meant, among records that the actor sees by a text that he sees."""
        name = by.name if by is not None else label_field(document)
        field, rights = document.fields.get(name), self._work.runtime.rights(document.id, self._work.actor)
        if field is None or field.type.kind is not Kind.TEXT or field.protect or not rights.sees_everywhere(name):
            return ""
        key = (document.id, name)
        if key not in self._names:
            newest = (Order("changed_at", descending=True),)
            wanted_by = Selection(document.id, rights.rows(self._work.world), newest, limit=_MOST_NAMES)
            found = self._work.unit.select(wanted_by)
            seen = [one for one in found if rights.on(one.values, self._work.world).reads(name)]
            self._names[key] = [str(one.values[name]) for one in seen if one.values[name]]
        return slip(wanted, self._names[key])


def _ways(document: Document, by: Field | None, wanted: str) -> list[Compare]:
    """How a record may be named; without a field: by its number, its name, or what is unique of it."""
    if by is not None:
        names = [by.name]
    else:
        unique = [key.fields[0] for key in document.uniques if len(key.fields) == 1 and key.when is None]
        unique += [field.name for field in document.fields.values() if field.unique]
        names = list(dict.fromkeys(["number", label_field(document), *unique]))
    ways: list[Compare] = []
    for name in names:
        field = document.fields.get(name)
        if field is None or field.type.kind is not Kind.REF:
            value = wanted if field is None else _typed(field, wanted, strict=by is not None)
            ways += [] if value is None else [Compare((name,), "==", value)]
    return ways


def _typed(field: Field, wanted: str, *, strict: bool) -> object:
    try:
        return parse(wanted, field)
    except Malformed:
        if strict:
            raise
        return None


def _not_found(document: Document, wanted: str, meant: str) -> Malformed:
    short = wanted[:_SHOWN]
    zh, en = f"没有找到{document.title.zh}“{short}”", f"no {document.title.worded('en')} {short!r} was found"
    return Malformed(
        "unknown_choice",
        f"{zh}，是否应为“{meant}”" if meant else zh,
        f"{en}; did you mean {meant!r}?" if meant else en,
    )


def _several(found: list[Record], wanted: str) -> Malformed:
    count = f"{len(found)}" if len(found) < _ENOUGH else f"{_ENOUGH}+"
    numbers = "、".join(str(one.values["number"]) for one in found[:3] if one.values.get("number"))
    named = (f"（{numbers}…）", f" ({numbers} …)") if numbers else ("", "")
    short = wanted[:_SHOWN]
    return Malformed(
        "ambiguous",
        f"“{short}”有{count}条记录{named[0]}，无法确定是哪一条，请改填编号",
        f"{short!r} names {count} records{named[1]}: give the number",
    )
