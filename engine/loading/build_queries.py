"""Building of queries: a source read with joins, filters, groups and computed columns.

In: entries judged by the schema. Out: `engine.model.system.Query`. The types of its columns are found by the checks;
until then its shape has their names alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.loading.build_fields import FieldBuilder
from engine.loading.build_pages import build_buttons
from engine.loading.entry import Entry, formula_of, sort_of
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import Formula, Title
from engine.model.system import Join, Query
from engine.model.types import ANY, Shape


@dataclass(frozen=True, slots=True)
class QueryBuilder:
    """Builds queries of a system or of one document type."""

    fields: FieldBuilder

    def query(self, name: str, entry: Entry, document: str = "") -> Query:
        """One query."""
        columns = entry.piece("columns")
        cells = _columns(columns)
        alias, of, inner = self._source(entry)
        per = entry.formulas("per")
        names = [*per, *(cell for cell in cells if cell not in per)]
        return Query(
            id=name,
            title=entry.title(),
            of=of,
            shape=Shape(name, dict.fromkeys(names, ANY)),
            takes=self.fields.parameters(entry),
            joins={join: _join(join, found) for join, found in entry.entries("join", "join").items()},
            where=entry.formula("where"),
            per=per,
            columns={cell: formula for cell, (formula, _) in cells.items()},
            titles={cell: title for cell, (_, title) in cells.items() if title.zh or title.en},
            filters=entry.names("filters"),
            sort=sort_of(entry),
            roles=entry.names("roles"),
            position=entry.where,
            system=entry.origin.system,
            document=document,
            alias=alias,
            inner=inner,
            bulk=build_buttons(entry.several("bulk")),
        )

    def _source(self, entry: Entry) -> tuple[str, Formula, Query | None]:
        """The name of the rows, the source, and the query written in place of one."""
        piece = entry.piece("of")
        if piece is None:
            entry.missing("of")
            return "", Formula("null", entry.where), None
        alias = ""
        if is_mapping(piece.value) and len(piece.value) == 1:
            ((alias, piece),) = piece.entries().items()
        if is_mapping(piece.value):
            inner = self.query(alias, Entry.of(piece, "query"))
            return alias, inner.of, inner
        return alias, formula_of(piece) or Formula("null", piece.where), None


def _columns(piece: Piece | None) -> dict[str, tuple[Formula, Title]]:
    found: dict[str, tuple[Formula, Title]] = {}
    for name, cell in ({} if piece is None else piece.entries()).items():
        title, value = Title(), cell
        if is_mapping(cell.value):
            entry = Entry.of(cell, "column")
            title, value = entry.title(), entry.piece("value") or cell
        formula = formula_of(value)
        if formula is not None:
            found[name] = (formula, title)
    if piece is not None and isinstance(piece.value, list):
        return {item.raw.replace(".", "_"): (Formula(item.raw, item.where), Title()) for item in piece.items()}
    return found


def _join(name: str, entry: Entry) -> Join:
    return Join(
        name=name,
        to=entry.formula("to") or Formula("null", entry.where),
        on=entry.formula("on") or Formula("true", entry.where),
        keep=entry.text("keep", "matched"),
        newest=entry.text("newest"),
        where=entry.formula("where"),
        position=entry.where,
    )
