"""A list taken away: its rows as text, and those rows as CSV. Filters, rights and masks are the list's.

In: a list request. Out: titles and rows, judged before the first one leaves and read in pieces.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.access.masks import masked
from engine.access.rights import RecordRights
from engine.model.criteria import Criterion, Order, Selection
from engine.model.documents import Document
from engine.model.formula import Title
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
    row_of,
    state_title,
    where_of,
)
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, FieldView, ListRequest
from engine.usecases.work import Work

_NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?")
_PIECE = 500
"""Records read in one transaction: long ones would hold back the upkeep of the database."""


def export_rows(
    runtime: Runtime, actor: Actor, request: ListRequest, most: int = 100_000
) -> tuple[tuple[Title, ...], Iterator[Sequence[str]]]:
    """Titles and rows of everything a list would show, page by page, for a sheet. Raises Refused without the right."""
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
    return titles, _exported(runtime, actor, _Export(document, names, where, order, most))


@dataclass(frozen=True, slots=True)
class _Export:
    """What is taken away: judged before the first row leaves."""

    document: Document
    names: Sequence[str]
    where: Criterion
    order: tuple[Order, ...]
    most: int


def _exported(runtime: Runtime, actor: Actor, wanted: _Export) -> Iterator[Sequence[str]]:
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
) -> tuple[list[Sequence[str]], int, tuple[object, ...] | None]:
    """The next rows, how many records were looked at, and where they end; each piece in a transaction of its own."""
    document, names, order = wanted.document, wanted.names, wanted.order
    rows: list[Sequence[str]] = []
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        presenter, machine = Presenter(work.world), work.machine(document.id)
        records = unit.select(Selection(document.id, wanted.where, order, after, limit=limit))
        for record in records:
            rights = work.rights(document.id, record.values, actor)
            if rights.export:
                row = row_of(presenter, document, names, record.values, rights)
                rows.append([*_texts(row, names, rights), state_title(machine, record.values).worded(actor.language)])
    last = records[-1] if records else None
    end = None if last is None else (*(last.values[part.field] for part in order), last.id)
    return rows, len(records), end


def _texts(row: Mapping[str, FieldView], names: Sequence[str], rights: RecordRights) -> Iterator[str]:
    for name in names:
        view = row.get(name)
        if view is None:
            yield ""
        elif name in rights.export_masked and not view.masked:
            yield masked(view.text, view.field.mask)
        else:
            yield view.text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
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
