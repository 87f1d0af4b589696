"""Building of sheets: which columns of a workbook lead to which fields.

In: entries judged by the schema. Out: `Sheet`s. Whether fields and events exist is found by the checks.
"""

from __future__ import annotations

from engine.loading.entry import Entry, text_of
from engine.loading.names import Names
from engine.model.sheets import Sheet, SheetColumn


def build_sheet(name: str, entry: Entry, names: Names) -> Sheet:
    """One sheet."""
    document = entry.piece("document")
    system = entry.origin.system
    return Sheet(
        id=name,
        title=entry.title(),
        document=""
        if document is None
        else names.resolve("document", text_of(document), system, document.where, entry.origin.problems),
        event=entry.text("event"),
        columns={path: _column(path, found) for path, found in entry.entries("columns", "sheet_column").items()},
        group=entry.text("group"),
        match=entry.names("match"),
        found=entry.text("found"),
        examples=tuple(
            {path: text_of(cell) for path, cell in row.entries().items()} for row in entry.several("examples")
        ),
        where=entry.where,
        system=system,
        page=entry.text("page"),
        tags=entry.flag("tags"),
    )


def _column(path: str, entry: Entry) -> SheetColumn:
    head, also, width = entry.text("head"), entry.names("also"), entry.whole("width")
    return SheetColumn(tuple(path.split(".")), head, also, width, entry.where)
