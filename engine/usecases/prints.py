"""Prints: a document through its template to PDF, archived by hash; and the archived files given out again."""

from __future__ import annotations

from collections.abc import Mapping

from engine.documents.wording import fill
from engine.expressions.environment import Env
from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.records import Record
from engine.model.system import PrintForm
from engine.model.values import StoredFile
from engine.printing.render import render
from engine.problems import Refused
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import PRINTED
from engine.usecases.paper import paper_values
from engine.usecases.reading import note_reading, opened
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work, Working


def make_print(
    runtime: Runtime, actor: Actor, document: str, record_id: str, print_id: str, again: bool = False
) -> StoredFile:
    """The PDF of a print, made anew or (`again`) the one archived last. Raises Refused, DeliveryError."""
    form = runtime.definitions.prints.get(print_id)
    if form is None or form.document != document:
        raise Refused((), kind="not_found")
    with runtime.store.begin(write=False) as unit:
        work, working, rights = opened(runtime, unit, actor, document, record_id)
        if not rights.prints_form(print_id):
            raise Refused((), kind="forbidden")
        version = int(str(working.values["version"]))
        known = archived(work, working, print_id)
        if known and (again or known[0].values["of_version"] == version):
            file = known[0].values["file"]
            assert isinstance(file, StoredFile)
            return file
        html = _html(work, working, form, paper_values(work, working, rights))
        name = f"{working.values['number'] or record_id[:8]}-{print_id}.pdf"
    content = runtime.pdf.write(html, style="", base=form.folder, title=form.title.zh)
    stored = runtime.files.put(content, name, "application/pdf")
    in_work(runtime, actor, lambda work: _archive(work, document, record_id, print_id, stored, version))
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


def _html(work: Work, working: Working, form: PrintForm, values: Mapping[str, object]) -> str:
    env = Env(working.values, work.world, this=working.values)
    code = work.runtime.qr.svg(fill(form.qr, env)) if form.qr is not None else ""
    return render(form, values, qr=code)


def _archive(work: Work, document: str, record_id: str, print_id: str, file: StoredFile, version: int) -> None:
    values = {**system_values(work), "document": document, "record_id": record_id}
    work.unit.insert(Record(PRINTED, {**values, "print": print_id, "file": file, "of_version": version}))


def open_file(
    runtime: Runtime, actor: Actor, document: str, record_id: str, file_hash: str
) -> tuple[StoredFile, bytes]:
    """An attachment or archived print of a record that the actor may see. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        work, working, rights = opened(runtime, unit, actor, document, record_id)
        found = [file for name, file in _attached(working) if rights.reads(name) and name not in rights.masked]
        for form in runtime.definitions.prints.values():
            if form.document == document and rights.prints_form(form.id):
                found += [record.values["file"] for record in archived(work, working, form.id)]
        for file in found:
            if isinstance(file, StoredFile) and file.hash == file_hash:
                return file, runtime.files.get(file_hash)
    raise Refused((), kind="not_found")


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
