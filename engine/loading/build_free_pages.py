"""Building of free pages: components of layout, data, text and acts, each with the one verb that names it.

In: a `page` file judged by its schema, or the `pages` of a document type. Out: `engine.model.free_pages.FreePage`.
What this version does not show yet is noted with its place, for a warning, and left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.loading.build_fields import FieldBuilder
from engine.loading.build_pages import build_buttons
from engine.loading.entry import Entry, formula_of, sort_of
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import Formula, Template, Title
from engine.model.free_pages import (
    Axis,
    Board,
    Buttons,
    Cell,
    Chart,
    Columns,
    Component,
    Contents,
    Figure,
    Filters,
    FreePage,
    Grid,
    Group,
    Legend,
    Log,
    Marks,
    Part,
    Source,
    Tab,
    Table,
    Tabs,
    Text,
)
from engine.problems import Span

_LATER_KEYS = ("about", "open", "frame", "path", "static", "scan", "keys", "dialogs", "offline", "count")
SHARED = frozenset({"title", "show", "empty"})
ROWS = frozenset({"where", "sort", "most"})
_FULL = 12


def build_free_page(key: str, entry: Entry, fields: FieldBuilder) -> FreePage:
    """One page."""
    room = Room()
    room.later += [(name, entry.at(name)) for name in _LATER_KEYS if name in entry]
    if entry.text("for", "desk") != "desk":
        room.later.append((f"for: {entry.text('for')}", entry.at("for")))
    drills = entry.entries("drills", "component")
    return FreePage(
        id=key,
        title=entry.title(),
        system=entry.origin.system,
        roles=entry.names("roles"),
        keep=fields.parameters(entry, "keep"),
        body=room.body(entry, "body", ""),
        drills={name: made for name, one in drills.items() if (made := room.component(one, name)) is not None},
        refresh=entry.length("refresh"),
        where=entry.where,
        later=tuple(room.later),
    )


def build_beside(document: str, entries: Sequence[Entry]) -> FreePage | None:
    """What the page of a document type shows beside its fields: bodies of the sections of `detail`, and components
    that stand among them; of several layers one after the other. None where there is none."""
    room, body = Room(), []
    sections = [one for entry in entries for one in _sections(entry)]
    for at, one in enumerate(sections):
        if "panel" not in one:
            found = room.component(Entry(one.pieces, "component", one.where, one.origin), str(at))
        elif "body" in one:
            group = Group(room.body(one, "body", f"{at}."))
            show = one.condition("show", default=True)
            found = Component(str(at), group, one.title("panel"), show, where=one.where)
        else:
            continue
        body += [found] if found is not None else []
    if not body and not room.later:
        return None
    entry = sections[0]
    origin, later = entry.origin.system, tuple(room.later)
    return FreePage(document, Title(), origin, body=tuple(body), where=entry.where, later=later, about=document)


def _sections(entry: Entry) -> list[Entry]:
    """The sections of `detail` of the page that every document of the type has."""
    piece = entry.piece("pages")
    return [] if piece is None or not is_mapping(piece.value) else Entry.of(piece, "page_set").each("detail", "panel")


@dataclass(slots=True)
class Room:
    """One page under construction, or the screen of a step; `parts` are the components that may stand on it."""

    later: list[tuple[str, Span]] = field(default_factory=list)
    parts: Mapping[str, Made] = field(default_factory=lambda: PARTS)
    beside: frozenset[str] = frozenset()  # keys of components that somebody else reads

    def body(self, entry: Entry, key: str, path: str) -> tuple[Component, ...]:
        found = [self.component(one, f"{path}{at}") for at, one in enumerate(entry.each(key, "component"))]
        return tuple(one for one in found if one is not None)

    def component(self, entry: Entry, path: str) -> Component | None:
        """The component; None for one that is not shown yet."""
        verb = next((verb for verb in self.parts if verb in entry), "")
        if not verb:
            name = next((name for name in entry if name not in SHARED | ROWS | self.beside), "")
            self.later.append((name, entry.where))
            return None
        build, keys = self.parts[verb]
        self.later += [(name, entry.at(name)) for name in entry if name not in {verb, *keys} | SHARED | self.beside]
        part = build(self, entry, path)
        return Component(
            path, part, entry.title(), entry.condition("show", default=True), entry.title("empty"), entry.where
        )


def _columns(room: Room, entry: Entry, path: str) -> Part:
    widths = tuple(int(piece.value) for piece in entry.several("columns") if isinstance(piece.value, int))
    parts: tuple[tuple[Component, ...], ...]
    if "left" in entry or "right" in entry:
        parts = (room.body(entry, "left", f"{path}.left."), room.body(entry, "right", f"{path}.right."))
    else:
        parts = tuple((one,) for one in room.body(entry, "body", f"{path}."))
    return Columns(widths or (_FULL // max(1, len(parts)),) * len(parts), parts)


def _panel(room: Room, entry: Entry, path: str) -> Part:
    return Group(room.body(entry, "body", f"{path}."))


def _tabs(room: Room, entry: Entry, path: str) -> Part:
    if (piece := entry.piece("tabs")) is not None and is_mapping(piece.value):
        room.later.append(("tabs: of", piece.where))
    tabs = entry.each("tabs", "tab") if piece is None or not is_mapping(piece.value) else []
    return Tabs(
        tuple(
            Tab(one.title(), room.body(one, "body", f"{path}.{at}."), one.condition("show", default=True))
            for at, one in enumerate(tabs)
        )
    )


def _figure(room: Room, entry: Entry, path: str) -> Part:
    return Figure(
        value=entry.formula("figure") or Formula("null", entry.where),
        sources=_named_sources(entry),
        unit=entry.title("unit"),
        alert=entry.formula("alert"),
        drill=entry.text("drill"),
    )


def _named_sources(entry: Entry) -> dict[str, Source]:
    """Rows by name: `of: {d: SOURCE}`; of one source alone they are called `rows`."""
    piece = entry.piece("of")
    if piece is None:
        return {}
    named = piece.entries() if is_mapping(piece.value) else {"rows": piece}
    return {name: _source(entry, one) for name, one in named.items()}


def _chart(room: Room, entry: Entry, path: str) -> Part:
    return Chart(
        form=entry.text("chart"),
        source=_source(entry, entry.piece("of")),
        x=entry.formula("x") or Formula("null", entry.where),
        y=cells(entry.piece("y")),
        split=entry.formula("split"),
        unit=entry.title("unit"),
        drill=entry.text("drill"),
    )


def _rows(form: str) -> Build:
    def build(room: Room, entry: Entry, path: str) -> Part:
        rows, totals = _source(entry, entry.piece(form)), entry.names("totals")
        return Table(form, rows, _column_cells(entry), totals, entry.text("drill"), entry.flag("numbered"))

    return build


def _board(room: Room, entry: Entry, path: str) -> Part:
    return Board(
        _source(entry, entry.piece("board")),
        entry.formula("per") or Formula("null", entry.where),
        entry.formula("as") or Formula("number", entry.where),
        _column_cells(entry),
        _marks(entry),
        _legend(entry),
    )


def _log(room: Room, entry: Entry, path: str) -> Part:
    since, until, who = (entry.formula(key) for key in ("since", "until", "who"))
    return Log(entry.text("log"), since, until, who, entry.whole("most"))


def _grid(room: Room, entry: Entry, path: str) -> Part:
    held, size = entry.entry("holds", "contents"), [formula_of(piece) for piece in entry.several("size")]
    for key in ("rows", "columns"):
        if key not in entry:
            entry.missing(key)
    return Grid(
        _source(entry, entry.piece("grid")),
        Axis(entry.formula("rows") or Formula("null", entry.where), size[0] if size else None),
        Axis(entry.formula("columns") or Formula("null", entry.where), size[1] if len(size) > 1 else None),
        entry.formula("per"),
        entry.formula("as"),
        _marks(entry),
        None if held is None else _contents(held),
        _legend(entry),
    )


def _contents(entry: Entry) -> Contents:
    label = entry.formula("as") or Formula("number", entry.where)
    return Contents(_source(entry, entry.piece("of")), label, _column_cells(entry), _marks(entry))


def _marks(entry: Entry) -> Marks:
    return Marks(entry.formula("mark"), entry.formula("alert"))


def _legend(entry: Entry) -> Legend:
    found = entry.entry("legend", "legend")
    return Legend() if found is None else Legend(found.title("plain"), found.title("mark"), found.title("alert"))


def _text(room: Room, entry: Entry, path: str) -> Part:
    return Text(entry.template("text") or Template("", entry.where), entry.text("as"))


def _buttons(room: Room, entry: Entry, path: str) -> Part:
    return Buttons(build_buttons(entry.several("buttons")))


def _filters(room: Room, entry: Entry, path: str) -> Part:
    return Filters(entry.names("filters"))


def _source(entry: Entry, piece: Piece | None) -> Source:
    found = None if piece is None else formula_of(piece)
    where = piece.where if piece is not None else entry.where
    rows = found or Formula("null", where)
    return Source(rows, entry.formula("where"), sort_of(entry), entry.whole("most"), where)


def _column_cells(entry: Entry) -> tuple[Cell, ...]:
    return cells(entry.piece("columns"))


def cells(piece: Piece | None) -> tuple[Cell, ...]:
    """Cells: a list of expressions, or expressions by name, each perhaps with a title of its own."""
    if piece is None:
        return ()
    named = piece.entries() if is_mapping(piece.value) else {one.raw: one for one in piece.items()}
    found = []
    for name, one in named.items():
        title, value = Title(), one
        if is_mapping(one.value):
            entry = Entry.of(one, "column")
            title, value = entry.title(), entry.piece("value") or one
        formula = formula_of(value)
        if formula is not None:
            found.append(Cell(name, formula, title))
    return tuple(found)


Build = Callable[[Room, Entry, str], Part]
Made = tuple[Build, frozenset[str]]
PARTS: Mapping[str, Made] = {
    "figure": (_figure, frozenset({"of", "where", "unit", "alert", "drill"})),
    "chart": (_chart, frozenset({"of", "x", "y", "split", "unit", "drill"}) | ROWS),
    "table": (_rows("table"), frozenset({"columns", "totals", "drill", "numbered"}) | ROWS),
    "list": (_rows("list"), frozenset({"columns", "drill"}) | ROWS),
    "cards": (_rows("cards"), frozenset({"columns", "drill"}) | ROWS),
    "log": (_log, frozenset({"since", "until", "who", "most"})),
    "board": (_board, frozenset({"per", "as", "columns", "mark", "alert", "legend"}) | ROWS),
    "grid": (_grid, frozenset({"rows", "columns", "per", "as", "size", "mark", "alert", "holds", "legend"}) | ROWS),
    "panel": (_panel, frozenset({"body"})),
    "tabs": (_tabs, frozenset()),
    "text": (_text, frozenset({"as"})),
    "buttons": (_buttons, frozenset()),
    "filters": (_filters, frozenset()),
    "columns": (_columns, frozenset({"left", "right", "body"})),
}
"""Components by the verb that names them; `columns` last, since tables have columns too."""
