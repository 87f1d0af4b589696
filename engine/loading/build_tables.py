"""Building of decision tables: columns with their types, rows of cells as they are written.

In: the entry of a table. Out: `engine.model.tables.DecisionTable`. What the cells say is read by `engine.tables`; here
only their number is checked. Of a workbook only the path is known.
"""

from __future__ import annotations

from collections.abc import Container
from decimal import Decimal
from pathlib import PurePosixPath

from engine.loading.build_fields import FieldBuilder
from engine.loading.entry import Entry, title_of
from engine.loading.piece import Piece, is_mapping
from engine.model.formula import DatedSpan, Title
from engine.model.tables import Cell, DecisionTable, HitPolicy, TableInput, TableOutput, TableRow
from engine.model.types import Type
from engine.model.values import Scalar
from engine.problems import Problem


def build_table(name: str, entry: Entry, fields: FieldBuilder, workbooks: Container[str]) -> DecisionTable:
    """One decision table; `workbooks` are the paths of those that there are."""
    inputs = tuple(_input(column, piece, fields) for column, piece in _columns(entry, "inputs"))
    outputs = tuple(_output(column, piece, fields) for column, piece in _columns(entry, "outputs"))
    hit = entry.text("hit", HitPolicy.UNIQUE)
    return DecisionTable(
        id=name,
        hit=HitPolicy(hit) if hit in list(HitPolicy) else HitPolicy.UNIQUE,
        inputs=inputs,
        outputs=outputs,
        rows=tuple(
            row for piece in entry.several("rows") if (row := _row(piece, len(inputs), len(outputs))) is not None
        ),
        title=entry.title(),
        where=entry.where,
        source=entry.text("source"),
        sheet=_workbook(entry, workbooks),
        system=entry.origin.system,
    )


def _workbook(entry: Entry, workbooks: Container[str]) -> str:
    """The path of the workbook that holds the rows; empty where there is none."""
    name = entry.text("sheet")
    path = str(PurePosixPath(entry.where.file).with_name(name)) if name else ""
    if path and path not in workbooks:
        entry.report("NAM009", entry.at("sheet"), file=path)
    return path


def _columns(entry: Entry, key: str) -> list[tuple[str, Piece]]:
    piece = entry.piece(key)
    return [] if piece is None else list(piece.entries().items())


def _input(name: str, piece: Piece, fields: FieldBuilder) -> TableInput:
    kind, title = _typed(piece, fields)
    if not is_mapping(piece.value):
        return TableInput(name, kind, piece.where, title)
    entry = Entry.of(piece, "table_column")
    within = entry.piece("within")
    return TableInput(name, kind, piece.where, title, _allowed(entry), None if within is None else _cell(within))


def _output(name: str, piece: Piece, fields: FieldBuilder) -> TableOutput:
    kind, title = _typed(piece, fields)
    if not is_mapping(piece.value):
        return TableOutput(name, kind, piece.where, title)
    entry = Entry.of(piece, "table_column")
    default = entry.piece("default")
    return TableOutput(
        name, kind, piece.where, title, _allowed(entry),
        tuple(_cell(one) for one in entry.several("values")), None if default is None else _cell(default),
    )  # fmt: skip


def _typed(piece: Piece, fields: FieldBuilder) -> tuple[Type, Title]:
    if not is_mapping(piece.value):
        return fields.phrase_type(piece)[0], Title()
    entry = Entry.of(piece, "table_column")
    kind, title = entry.piece("type"), entry.piece("title")
    if kind is None:
        entry.missing("type")
    return fields.phrase_type(kind or piece)[0], Title() if title is None else title_of(title)


def _allowed(entry: Entry) -> tuple[Scalar, ...]:
    found = (piece.value for piece in entry.several("allowed"))
    return tuple(value for value in found if isinstance(value, str | bool | int | Decimal))


def _row(piece: Piece, inputs: int, outputs: int) -> TableRow | None:
    """A list of cells, or `when` and `then` with dates."""
    if is_mapping(piece.value):
        entry = Entry.of(piece, "table_row")
        when, then, dated = entry.several("when"), entry.several("then"), entry.dated()
    else:
        cells = piece.items()
        when, then, dated = cells[:inputs], cells[inputs:], DatedSpan()
    if len(when) != inputs or len(then) != outputs:
        values = {"cells": f"{len(when)} + {len(then)}", "columns": f"{inputs} + {outputs}"}
        piece.origin.problems.append(Problem("SHP016", piece.where, values))
        return None
    return TableRow(tuple(map(_cell, when)), tuple(map(_cell, then)), piece.where, dated)


def _cell(piece: Piece) -> Cell:
    """A cell as it is written; an empty one says null."""
    return Cell(piece.raw if piece.value is not None else "null", piece.where)
