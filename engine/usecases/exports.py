"""A list taken away: its rows as values for a workbook, as text for CSV. Filters, rights and masks are the list's.

In: a list request. Out: titles and rows, judged before the first one leaves and read in pieces.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.model.criteria import Criterion, Order, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.types import Kind
from engine.model.workbooks import CellForm
from engine.problems import Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import note_reading, watched
from engine.usecases.bounds import bounded
from engine.usecases.listing import (
    SYSTEM_TITLES,
    columns_of,
    document_rights,
    field_named,
    order_of,
    readable_document,
    state_title,
    where_of,
)
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, FieldView, ListRequest
from engine.usecases.work import Work

Row = Mapping[str, object]
_NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?")
_PIECE = 500
"""Records read in one transaction: long ones would hold back the upkeep of the database."""
_MOST = 100_000
_KINDS = {
    Kind.INTEGER: "number",
    Kind.NUMBER: "number",
    Kind.DATE: "date",
    Kind.DATETIME: "datetime",
    Kind.TIME: "time",
}
"""Kinds of values that a spreadsheet counts, sorts and sums; all others are text to it."""


def export_rows(
    runtime: Runtime, actor: Actor, request: ListRequest, most: int = _MOST
) -> tuple[tuple[Title, ...], Iterator[Sequence[object]]]:
    """Titles and rows of everything a list would show, worded, page by page. Raises Refused without the right."""
    found = _wanted(runtime, actor, request, most, _text)
    return found.titles, _exported(runtime, actor, found)


def export_cells(
    runtime: Runtime, actor: Actor, request: ListRequest, most: int = _MOST
) -> tuple[tuple[Title, ...], tuple[CellForm, ...], Iterator[Sequence[object]]]:
    """The same with numbers, days and times as values, and how each column shows them. What is masked is text."""
    found = _wanted(runtime, actor, request, most, _cell)
    forms = (*(_form(field_named(found.document, name)) for name in found.names), CellForm())
    return found.titles, forms, _exported(runtime, actor, found)


def _wanted(runtime: Runtime, actor: Actor, request: ListRequest, most: int, cell: _Cell) -> _Export:
    with (
        watched(runtime, actor, "export", request.document),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        document = readable_document(runtime, actor, request.document)
        general = document_rights(runtime, actor, document).in_general()
        if not general.export:
            raise Refused((), kind="forbidden")
        where = where_of(Work(runtime, unit, actor, Performer()), document, request)
    names = columns_of(runtime, document, general, request.columns)
    titles = (*(field_named(document, name).title for name in names), SYSTEM_TITLES["state"])
    order = order_of(runtime, document, request, document_rights(runtime, actor, document))
    note_reading(runtime, actor, "export", document.id, "", names)
    return _Export(document, names, titles, where, order, most, cell)


_Cell = Callable[[FieldView, RecordRights], object]
"""What a value becomes in the file."""


@dataclass(frozen=True, slots=True)
class _Export:
    """What is taken away: judged before the first row leaves."""

    document: Document
    names: Sequence[str]
    titles: tuple[Title, ...]
    where: Criterion
    order: tuple[Order, ...]
    most: int
    cell: _Cell


def _exported(runtime: Runtime, actor: Actor, wanted: _Export) -> Iterator[Sequence[object]]:
    after: tuple[object, ...] | None = None
    given = 0
    while given < wanted.most:
        limit = min(_PIECE, wanted.most - given)
        rows, count, after = _piece(runtime, actor, wanted, after, limit)
        yield from rows
        given += count
        if count < limit:
            return


def _piece(
    runtime: Runtime, actor: Actor, wanted: _Export, after: tuple[object, ...] | None, limit: int
) -> tuple[list[Sequence[object]], int, tuple[object, ...] | None]:
    """The next rows, how many records were looked at, and where they end; each piece in a transaction of its own."""
    document, names, order = wanted.document, wanted.names, wanted.order
    rows: list[Sequence[object]] = []
    ways: dict[int, tuple[RecordRights, Sequence[_Way]]] = {}
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        presenter, machine = Presenter(work.world), work.machine(document.id)
        records = unit.select(Selection(document.id, wanted.where, order, after, limit=limit))
        for record in records:
            rights = work.rights(document.id, record.values, actor)
            if rights.export:
                if id(rights) not in ways:  # rights of many records are one and the same
                    ways[id(rights)] = rights, [_way(wanted, presenter, rights, name) for name in names]
                cells = [way(record.values) for way in ways[id(rights)][1]]
                rows.append([*cells, state_title(machine, record.values).worded(actor.language)])
    last = records[-1] if records else None
    end = None if last is None else (*(last.values[part.field] for part in order), last.id)
    return rows, len(records), end


_Way = Callable[[Row], object]


def _way(wanted: _Export, presenter: Presenter, rights: RecordRights, name: str) -> _Way:
    """How a column is taken from the values of a record: worked out once, since a list has millions of cells."""
    field = field_named(wanted.document, name)
    if not rights.reads(name):
        return lambda values: ""
    if field.is_table or field.kind == "password" or name in rights.masked or name in rights.export_masked:
        return lambda values: wanted.cell(presenter.cell(field, values, rights), rights)
    if wanted.cell is _cell and field.type.kind in _KINDS:
        return lambda values: values.get(name)
    return lambda values: presenter.text(field, values.get(name))


def _text(view: FieldView, rights: RecordRights) -> object:
    return masked(view.text, view.field.mask) if _masks(view, rights) else view.text


def _cell(view: FieldView, rights: RecordRights) -> object:
    counts = view.field.type.kind in _KINDS and not view.masked and not _masks(view, rights)
    return view.value if counts else _text(view, rights)


def _masks(view: FieldView, rights: RecordRights) -> bool:
    """Whether what is seen in the clear is masked once it is taken away."""
    return view.name in rights.export_masked and not view.masked


def _form(field: Field) -> CellForm:
    kind = _KINDS.get(field.type.kind, "text")
    if field.kind == "money":
        return CellForm(kind, 2 if field.scale is None else field.scale, grouped=True)
    return CellForm(kind, 0 if field.type.kind is Kind.INTEGER else field.scale)


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """RFC 4180 lines in UTF-8, with the mark that spreadsheets need to see that it is."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(head)
    yield b"\xef\xbb\xbf" + _taken(buffer)
    for row in rows:
        writer.writerow([harmless(str(cell)) for cell in row])
        if buffer.tell() > 65_536:
            yield _taken(buffer)
    yield _taken(buffer)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (CWE-1236)."""
    if cell[:1] in "=+-@\t\r" and cell and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
