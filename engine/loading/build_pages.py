"""Building of the generated pages' order: columns, filters and buttons of lists, panels of forms and details.

In: the entries of `pages.yaml`. Out: `engine.model.system.Pages`: one without a name for `list`, `form` and `detail` at
the top, and one for each named page. Free components have their shape judged and are not built here.
"""

from __future__ import annotations

from engine.loading.entry import Entry, formula_of, text_of
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import Formula
from engine.model.system import Pages, Panel

OWN = frozenset({"list", "form", "detail", "card"})


def build_pages(document: str, entry: Entry) -> dict[str, Pages]:
    """Pages by registry key: `order` and `order.entry`."""
    sections = entry.entries("pages", "page_set")
    found: dict[str, Pages] = {}
    if OWN & sections.keys():
        piece = entry.piece("pages")
        own = Entry.of(piece, "page_set") if piece is not None else entry
        found[document] = _pages(document, "", own)
    for name, section in sections.items():
        if name not in OWN:
            found[f"{document}.{name}"] = _pages(document, name, section)
    return found


def _pages(document: str, name: str, entry: Entry) -> Pages:
    shown = entry.entry("list", "list") or Entry({}, "list", entry.where, entry.origin)
    columns = shown.several("columns")
    return Pages(
        title=entry.title() if name else shown.title(),
        columns=shown.names("columns"),
        filters=shown.names("filters"),
        sort=shown.names("sort"),
        form=_panels(entry, "form"),
        detail=_panels(entry, "detail"),
        buttons=_buttons(shown.several("buttons")),
        bulk=_buttons(shown.several("bulk")),
        of=shown.formula("of"),
        filter=shown.formula("where"),
        cells={piece.raw: Formula(piece.raw, piece.where) for piece in columns if not piece.raw.isidentifier()},
        where=entry.where,
        system=entry.origin.system,
        document=document,
        name=name,
    )


def _panels(entry: Entry, key: str) -> tuple[Panel, ...]:
    panels = [panel for panel in entry.each(key, "panel") if "panel" in panel]
    return tuple(
        Panel(panel.title("panel"), panel.names("fields"), _shown(panel)) for panel in panels if "fields" in panel
    )


def _shown(panel: Entry) -> Formula | None:
    piece = panel.piece("show")
    return None if piece is None else formula_of(piece)


def _buttons(pieces: list[Piece]) -> tuple[str, ...]:
    """Ids of events; `import: orders` is kept as `import orders`; buttons of their own making are not named here."""
    found = []
    for piece in pieces:
        if not is_mapping(piece.value):
            found.append(text_of(piece))
        elif len(piece.value) == 1:
            ((verb, subject),) = piece.entries().items()
            found.append(f"{verb} {text_of(subject)}")
    return tuple(found)
