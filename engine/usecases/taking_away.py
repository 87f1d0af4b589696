"""A long list taken away as a file by the worker: rows with progress, then the file, then a notice to whoever asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.model.criteria import Criterion
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.bounds import bounded
from engine.usecases.errands import DONE, Errand, begin_errand, end_errand, errand_and_owner, note_progress
from engine.usecases.exports import csv_lines, export_cells, export_rows
from engine.usecases.listing import readable_document, where_of
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, ListRequest
from engine.usecases.work import Work

KIND = "export"
MOST = {"csv": 1_000_000, "xlsx": 200_000}
"""Rows of one file: a workbook is made in memory, and spreadsheets end soon after a million."""
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_STEP = 2_000


class Abandoned(Exception):
    """The errand was stopped while its file was being made."""


def start_export(runtime: Runtime, actor: Actor, request: ListRequest, kind: str) -> Errand:
    """Begin to take a list away. Raises Refused without the right, for a filter that is none, for an unknown kind."""
    if kind not in MOST:
        raise Refused((Finding("kind", {"zh": "没有这种文件", "en": "there is no such kind of file"}, ("kind",)),))
    document = readable_document(runtime, actor, request.document)
    if not runtime.rights(document.id, actor).in_general().export:
        raise Refused((), kind="forbidden")
    with bounded(), runtime.store.begin(write=False) as unit:
        where: Criterion = where_of(Work(runtime, unit, actor, Performer()), document, request)
        total = unit.count(document.id, where, MOST[kind] + 1)
    told = {
        "kind": kind,
        "filters": dict(request.filters),
        "text": request.text,
        "sort": request.sort,
        "columns": list(request.columns),
        "cut": total > MOST[kind],
    }
    return begin_errand(runtime, actor, KIND, document.id, min(total, MOST[kind]), told, later=True)


def run_export(runtime: Runtime, errand_id: str) -> None:
    """Make the file of an errand and tell its owner. Raises Refused when it is not granted any more."""
    found = errand_and_owner(runtime, errand_id)
    if found is None:
        return
    errand, owner = found
    kind = str(errand.asked["kind"])
    title = runtime.definitions.documents[errand.document].title.worded(owner.language)
    try:
        content = _csv(runtime, owner, errand) if kind == "csv" else _workbook(runtime, owner, errand, title)
    except Abandoned:
        return
    name = f"{title}-{runtime.clock.now():%Y%m%d-%H%M}.{kind}"
    stored = runtime.files.put(content, name, MEDIA[kind])
    text = f"导出完成：{name}" if owner.language == "zh" else f"Export finished: {name}"
    end_errand(runtime, errand, DONE, {}, stored, text)


def _csv(runtime: Runtime, owner: Actor, errand: Errand) -> bytes:
    titles, rows = export_rows(runtime, owner, _request(errand), MOST["csv"])
    return b"".join(csv_lines([one.worded(owner.language) for one in titles], _counted(runtime, errand, rows)))


def _workbook(runtime: Runtime, owner: Actor, errand: Errand, title: str) -> bytes:
    titles, forms, rows = export_cells(runtime, owner, _request(errand), MOST["xlsx"])
    head = [one.worded(owner.language) for one in titles]
    return runtime.workbook.write(title, head, _counted(runtime, errand, rows), forms)


def _request(errand: Errand) -> ListRequest:
    asked: Mapping[str, Any] = errand.asked
    return ListRequest(
        errand.document,
        filters={str(name): str(value) for name, value in asked["filters"].items()},
        text=str(asked["text"]),
        sort=str(asked["sort"]),
        columns=tuple(asked["columns"]),
    )


def _counted(runtime: Runtime, errand: Errand, rows: Iterator[Sequence[object]]) -> Iterator[Sequence[object]]:
    handled = 0
    for row in rows:
        yield row
        handled += 1
        if handled % _STEP == 0 and note_progress(runtime, errand, handled, {}).ended:
            raise Abandoned
    note_progress(runtime, errand, handled, {}, total=handled)
