"""Building of scenarios: executable examples, kept as data that the scenario runner interprets.

In: the entry of one scenario. Out: a mapping with its name, place, document type, system and the keys as written.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.loading.entry import Entry

KEYS = ("title", "today", "now", "flow", "as", "given", "steps", "explain", "expect")


def build_scenario(name: str, entry: Entry, document: str) -> Mapping[str, object]:
    """One scenario; `where` is its place, `document` the registry key of the type it stands beside."""
    kept = {key: piece.value for key in KEYS if (piece := entry.piece(key)) is not None}
    return {"name": name, "where": entry.where, "document": document, "system": entry.origin.system, **kept}
