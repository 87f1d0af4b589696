"""A list taken away as a file: CSV for programs, a workbook for people; filters, rights and masks are the list's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from flask import Blueprint, Response, abort, stream_with_context

from engine.usecases import listing
from engine.web.doors import signed_in
from engine.web.lists import list_request
from engine.web.surroundings import actor, runtime, title

blueprint = Blueprint("exports", __name__)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NUMBER = re.compile(r"[+-]?[\d,]+(\.\d+)?")


@blueprint.get("/d/<document>/export.<kind>")
@signed_in
def export(document: str, kind: str) -> Response:
    """All documents of a list as a file."""
    if kind not in {"csv", "xlsx"}:
        abort(404)
    titles, rows = listing.export_rows(runtime(), actor(), list_request(document))
    head = [title(one) for one in titles]
    declared = runtime().definitions.documents[document]
    name = f"{title(declared.title)}-{runtime().clock.now():%Y%m%d-%H%M}.{kind}"
    if kind == "csv":
        response = Response(stream_with_context(csv_lines(head, rows)), mimetype="text/csv")
    else:
        response = Response(runtime().workbook.write(title(declared.title), head, rows), mimetype=WORKBOOK)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


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
