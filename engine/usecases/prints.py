"""Prints: a document through its template to PDF, archived by hash; and the archived files given out again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.records import Record
from engine.model.values import StoredFile
from engine.problems import Refused
from engine.usecases.auditing import Hidden, note_reading, watched
from engine.usecases.bounds import bounded
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.files import content_of
from engine.usecases.internal import PRINTED, TASK
from engine.usecases.layouts import keep_paper, lay_out
from engine.usecases.presenting import Presenter
from engine.usecases.reading import opened
from engine.usecases.runtime import Runtime
from engine.usecases.sights import enough, same, shows_signatures, signatures_in
from engine.usecases.signatures import standing
from engine.usecases.views import Actor
from engine.usecases.work import Work


def make_print(
    runtime: Runtime, actor: Actor, document: str, record_id: str, print_id: str, again: bool = False
) -> StoredFile:
    """The PDF of a print: the one archived of this version, or (`again`) the last one, else made now and archived.

    Raises Refused, DeliveryError; bundles are made by `engine.usecases.batches`. Whoever sees less than the maker did
    gets a print of their own, never the other.
    """
    form = runtime.definitions.prints.get(print_id)
    if form is None or form.document != document or form.bundle is not None:
        raise Refused((), kind="not_found")
    with (
        watched(runtime, actor, "print", document, record_id),
        bounded(),
        runtime.store.begin(write=False) as unit,
    ):
        work, working, rights = opened(runtime, unit, actor, document, record_id)
        if not rights.prints_form(print_id):
            raise Refused((), kind="forbidden")
        presenter, version = Presenter(work.world), int(str(working.values["version"]))
        known = [one for one in archived(work, working, print_id) if same(presenter, one.values["sights"])]
        if known and (again or (known[0].values["of_version"] == version and is_up_to_date(work, working, known[0]))):
            file = known[0].values["file"]
            assert isinstance(file, StoredFile)
            return file
        laid = lay_out(work, working, form, rights)
        name = f"{working.values['number'] or record_id[:8]}-{print_id}.pdf"
    layout = laid.layout
    content = runtime.pdf.write(layout.html, style=layout.style, base=layout.base, title=form.title.zh)
    stored = runtime.files.put(content, name, "application/pdf")

    def keep(work: Work) -> None:
        keep_paper(work, laid)
        archive(work, document, record_id, print_id, file=stored, of_version=version, sights=laid.sights)

    in_work(runtime, actor, keep)
    note_reading(runtime, actor, "print", document, record_id, [print_id])
    return stored


def archived(work: Work, working: Working, print_id: str) -> list[Record]:
    """Archived files of a print of a record, newest first."""
    parts = (
        Compare(("record_id",), "==", working.values["id"]),
        Compare(("document",), "==", working.document.id),
        Compare(("print",), "==", print_id),
    )
    return work.unit.select(Selection(PRINTED, Every(parts), (Order("created_at", descending=True),), limit=20))


def is_up_to_date(work: Work, working: Working, printed: Record) -> bool:
    """Whether a file archived of the present version shows the signatures of now: signing alone makes no version."""
    sights = printed.values["sights"]
    if not isinstance(sights, Mapping) or not shows_signatures(sights):
        return True
    return signatures_in(sights, TASK) == {task.id for task in standing(work, working)}


def archive(work: Work, document: str, record_id: str, print_id: str, **made: object) -> None:
    """Keep a print that was made: its `file`, `of_version` and `sights`."""
    about = {"document": document, "record_id": record_id, "print": print_id}
    work.unit.insert(Record(PRINTED, {**system_values(work), **about, **made}))


def open_file(
    runtime: Runtime, actor: Actor, document: str, record_id: str, file_hash: str
) -> tuple[StoredFile, BinaryIO]:
    """An attachment or archived print of a record that the actor may see. Raises Refused(not_found)."""
    with watched(runtime, actor, "file", document, record_id), runtime.store.begin(write=False) as unit:
        work, working, rights = opened(runtime, unit, actor, document, record_id)
        presenter = Presenter(work.world)
        found = [file for name, file in _attached(working) if rights.reads(name) and name not in rights.masked]
        for form in runtime.definitions.prints.values():
            if form.document == document and rights.prints_form(form.id):
                kept = archived(work, working, form.id)
                found += [one.values["file"] for one in kept if enough(presenter, one.values["sights"])]
        for file in found:
            if isinstance(file, StoredFile) and file.hash == file_hash:
                return file, content_of(runtime, file)
        raise Hidden  # whoever asks by digest for what this record does not show


def _attached(working: Working) -> list[tuple[str, object]]:
    files: list[tuple[str, object]] = []
    for name, field in working.document.fields.items():
        value = working.values.get(name)
        if field.is_table:
            for row in value or []:  # type: ignore[attr-defined]
                files += [(name, cell) for inner, cell in row.items() if inner in field.fields]
        else:
            files += [(name, one) for one in (value if isinstance(value, tuple) else (value,))]
    return files
