"""Building of rules and of access: what is refused, asked or warned about, and who sees and does what.

In: entries with the parts' merged in. Out: `Rule`s and `Grant`s. Whether fields and events exist the checks
find.
"""

from __future__ import annotations

from dataclasses import replace

from engine.loading.entry import Entry, template_of
from engine.loading.piece import is_mapping
from engine.model.access import ALL, EditGrant, Grant
from engine.model.documents import Rule
from engine.model.formula import Template
from engine.problems import Level


def build_rule(name: str, entry: Entry, table: str = "") -> Rule:
    """One rule; `table` is the child table whose part brought it."""
    level = entry.text("level", Level.ERROR)
    message = entry.piece("message")
    if message is None:
        entry.missing("message")
    if "check" not in entry and "when" not in entry:
        entry.missing("check")
    return Rule(
        id=f"{table}.{name}" if table else name,
        message=Template("", entry.where) if message is None else template_of(message),
        check=entry.formula("check"),
        when=entry.formula("when"),
        each=entry.text("each") or table,
        at=entry.names("at"),
        on=entry.names("on"),
        level=Level(level) if level in list(Level) else Level.ERROR,
        dated=entry.dated(),
        where=entry.where,
    )


def build_grant(role: str, entry: Entry) -> Grant:
    """What a role may do."""
    export = entry.entry("export", "export")
    return Grant(
        role=role,
        rows=entry.formula("rows"),
        read=entry.names("read"),
        hide=entry.names("hide"),
        mask=entry.names("mask"),
        create=entry.flag("create"),
        edit=_edit(entry),
        events=_all_or_names(entry, "events"),
        print=_all_or_names(entry, "print"),
        export=export is not None or entry.flag("export"),
        export_mask=export.names("mask") if export else (),
        bring_in=entry.flag("import"),
        deny=entry.names("deny"),
        where=entry.where,
    )


def _edit(entry: Entry) -> EditGrant:
    piece = entry.piece("edit")
    if piece is None or not is_mapping(piece.value):
        return EditGrant(_all_or_names(entry, "edit"))
    edit = Entry.of(piece, "edit")
    grant = EditGrant(_all_or_names(edit, "fields"), edit.formula("when"))
    return grant if "fields" in edit else replace(grant, fields=ALL)


def _all_or_names(entry: Entry, key: str) -> tuple[str, ...]:
    """`true` stands for all of them, `false` for none."""
    piece = entry.piece(key)
    if piece is not None and isinstance(piece.value, bool):
        return ALL if piece.value else ()
    return entry.names(key)
