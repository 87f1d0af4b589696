"""Building of the generated pages' order: columns, filters and buttons of lists, panels of forms and details.

In: the entries of `pages.yaml`. Out: `engine.model.system.Pages`: one without a name for `list`, `form` and `detail` at
the top, and one for each named page. Free components are built elsewhere.
"""

from __future__ import annotations

from engine.loading.entry import Entry, formula_of, text_of
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import Formula, Title
from engine.model.pages import Button, Pages, Panel

OWN = frozenset({"list", "form", "detail", "card"})
RAISE = "raise"
VERBS = (RAISE, "create", "go", "open", "start", "print", "export", "import", "template")


def build_pages(document: str, entry: Entry) -> dict[str, Pages]:
    """Pages by registry key: `order` and `order.entry`."""
    sections = entry.entries("pages", "page_set")
    found: dict[str, Pages] = {}
    piece = entry.piece("pages")
    if piece is not None and is_mapping(piece.value) and OWN & piece.entries().keys():
        own = Entry.of(piece, "page_set")
        if not _only_beside(own):
            found[document] = _pages(document, "", own)
    for name, section in sections.items():
        if name not in OWN:
            found[f"{document}.{name}"] = _pages(document, name, section)
    return found


def _only_beside(entry: Entry) -> bool:
    """Whether the pages order nothing and only add to the page of a document what stands beside its fields."""
    return OWN & set(entry) == {"detail"} and not _panels(entry, "detail")


def _pages(document: str, name: str, entry: Entry) -> Pages:
    shown = entry.entry("list", "list") or Entry({}, "list", entry.where, entry.origin)
    card = entry.entry("card", "card") or Entry({}, "card", entry.where, entry.origin)
    columns = shown.several("columns")
    acts, bulk = build_buttons(shown.several("buttons")), build_buttons(shown.several("bulk"))
    return Pages(
        title=entry.title() if name else shown.title(),
        columns=shown.names("columns"),
        filters=shown.names("filters"),
        sort=tuple(key.strip() for text in shown.names("sort") for key in text.split(",")),
        form=_panels(entry, "form"),
        detail=_panels(entry, "detail"),
        buttons=_events(acts),
        bulk=_events(bulk),
        acts=acts,
        bulk_acts=bulk,
        card_title=card.template("title"),
        card=card.names("columns"),
        roles=entry.names("roles"),
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


def _events(buttons: tuple[Button, ...]) -> tuple[str, ...]:
    """Ids of events; `import: orders` is kept as `import orders`."""
    plain = (button for button in buttons if button.title == Title() and not button.values)
    return tuple(one.subject if one.verb == RAISE else f"{one.verb} {one.subject}" for one in plain)


def build_buttons(pieces: list[Piece]) -> tuple[Button, ...]:
    """Buttons: ids of events, or a verb with its subject."""
    return tuple(_button(piece) for piece in pieces)


def _button(piece: Piece) -> Button:
    if not is_mapping(piece.value):
        return Button(RAISE, text_of(piece), where=piece.where)
    entry = Entry.of(piece, "button")
    verb = next((verb for verb in VERBS if verb in entry), RAISE)
    return Button(
        verb=verb,
        subject=entry.text(verb),
        title=entry.title(),
        event=entry.text("event"),
        values=entry.givens("with"),
        on=entry.formula("on"),
        per=entry.formulas("per"),
        when=entry.formula("when"),
        where=entry.where,
    )
