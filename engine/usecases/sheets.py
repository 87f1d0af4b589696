"""Documents out of sheets: a template, a dry run that says what is wrong with which cell, all rows or the good ones.

In: who imports, a sheet's id, a file or pasted text. Out: views. Rows become work in the store: what is sent once is
never doubled, and goes on where it stood after whatever killed it. Small sheets are tried and taken at once, larger
ones by the worker.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.records import AuditEntry, Record
from engine.model.sheets import Sheet
from engine.model.types import Kind
from engine.model.workbooks import EXAMPLES, ReadSheet, TemplateColumn
from engine.ports import Unreadable
from engine.problems import Finding, Refused
from engine.sheets.advice import rule_of
from engine.sheets.columns import Place, is_for_people
from engine.sheets.findings import CellFinding
from engine.sheets.layout import Group, Row, Unfit, data_rows, faults_of, groups, lay_out, part_up
from engine.sheets.text import decode, read_text
from engine.usecases.code_titles import code_title
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.imports import ImportView, read
from engine.usecases.runtime import Runtime
from engine.usecases.sheet_records import CHECKING, IMPORT, PART, ROWS_IN_PART, Understood, UnderstoodPage, rows_data
from engine.usecases.sheet_taking import advance, queue_step
from engine.usecases.sheet_use import InUse, in_use, may_import
from engine.usecases.views import Actor
from engine.usecases.work import Work

LARGEST = 50 << 20
MOST_ROWS = 200_000
_CHOICES = 500
_AT_A_TIME = 4
_WORKBOOK = b"PK"
_TEXT_FILES = (".csv", ".tsv", ".txt")
_FORMS = {Kind.DATE: "date", Kind.DATETIME: "datetime", Kind.INTEGER: "number", Kind.NUMBER: "number"}


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet that the actor may import by; `columns` are those that he may fill."""

    id: str
    title: Title
    document: str
    document_title: Title
    columns: tuple[TemplateColumn, ...]


# --- sheets ----------------------------------------------------------------------------------------------------------


def sheets_of(runtime: Runtime, actor: Actor, document: str) -> tuple[SheetView, ...]:
    """The sheets by which the actor may bring in documents of a type; none without the right."""
    found = (InUse.of(runtime, one) for one in runtime.definitions.sheets.values() if one.document == document)
    return tuple(
        _sheet_view(runtime, actor, one) for one in found if one is not None and may_import(runtime, actor, one)
    )


def may_bring_in(runtime: Runtime, actor: Actor, document: str) -> bool:
    """Whether there is any sheet by which the actor may import."""
    found = (InUse.of(runtime, one) for one in runtime.definitions.sheets.values() if one.document == document)
    return any(one is not None and may_import(runtime, actor, one) for one in found)


def template(runtime: Runtime, actor: Actor, document: str, sheet_id: str) -> tuple[SheetView, bytes]:
    """An empty workbook to be filled in. Raises Refused."""
    used = in_use(runtime, actor, document, sheet_id)
    view = _sheet_view(runtime, actor, used)
    examples = EXAMPLES.get(actor.language) or EXAMPLES["zh"]
    page = used.sheet.page or view.title.worded(actor.language)
    return view, runtime.workbook.template(page, view.columns, examples)


def _sheet_view(runtime: Runtime, actor: Actor, used: InUse) -> SheetView:
    columns = tuple(_template_column(runtime, actor, used.sheet, place) for place in _shown(runtime, actor, used))
    title = used.sheet.title if used.sheet.title.zh else used.document.title
    return SheetView(used.sheet.id, title, used.document.id, used.document.title, columns)


def _shown(runtime: Runtime, actor: Actor, used: InUse) -> list[Place]:
    """Places of fields that the actor may know of: the others are not even told as heads."""
    rights = runtime.rights(used.document.id, actor).in_general()
    return [one for one in used.places if one.is_asked or rights.reads(one.path[0])]


def _template_column(runtime: Runtime, actor: Actor, sheet: Sheet, place: Place) -> TemplateColumn:
    shown = place.by or place.field
    hint = place.field.hint.worded(actor.language)
    return TemplateColumn(
        place.column.head,
        hint,
        _FORMS.get(shown.type.kind, "text"),
        place.column.width,
        is_needed(place),
        _choices(runtime, shown, actor.language),
        tuple(row.get(place.column.name, "") for row in sheet.examples),
        place.column.path[-1] if sheet.tags else "",
        rule_of(shown, actor.language, needed=is_needed(place)) if sheet.tags else "",
    )


def is_needed(place: Place) -> bool:
    """Whether no row does without the column."""
    field = place.field
    return field.required is True and field.show is True and field.default is None and is_for_people(field)


def _choices(runtime: Runtime, field: Field, language: str) -> tuple[str, ...]:
    if field.type.kind is Kind.BOOLEAN:
        return ("是", "否") if language == "zh" else ("yes", "no")
    if field.type.kind is not Kind.CODE:
        return ()
    day = runtime.clock.now().date().isoformat()
    entries = [one for one in runtime.definitions.codes[field.type.of].entries if one.dated.holds_on(day)]
    titles = [code_title(one, language) for one in entries]
    if len(entries) > _CHOICES:
        return ()
    named = zip(entries, titles, strict=True)
    return tuple(one.code if titles.count(title) > 1 else title for one, title in named)


# --- taking in -------------------------------------------------------------------------------------------------------


def begin(runtime: Runtime, actor: Actor, document: str, sheet_id: str, content: bytes, name: str) -> ImportView:
    """Take a workbook or text file in, and try its rows out. Raises Refused, with what is wrong with the file."""
    used = in_use(runtime, actor, document, sheet_id)
    try:
        return _begin(runtime, actor, used, _sheets_in(runtime, content, name), name, content)
    except Unreadable as fault:
        raise Refused((Finding("unreadable", fault.text),)) from None


def paste(runtime: Runtime, actor: Actor, document: str, sheet_id: str, text: str) -> ImportView:
    """The same with rows out of a spreadsheet's clipboard, heads first."""
    used = in_use(runtime, actor, document, sheet_id)
    try:
        return _begin(runtime, actor, used, [read_text(text)], "", text.encode(errors="replace"))
    except Unreadable as fault:
        raise Refused((Finding("unreadable", fault.text),)) from None


def _sheets_in(runtime: Runtime, content: bytes, name: str) -> Sequence[ReadSheet]:
    if not content.strip():
        raise Unreadable("文件是空的", "the file is empty")
    if name.lower().endswith(_TEXT_FILES) and not content.startswith(_WORKBOOK):
        return [read_text(decode(content), name)]
    return runtime.workbook.open(content)


def _begin(
    runtime: Runtime, actor: Actor, used: InUse, sheets: Sequence[ReadSheet], name: str, content: bytes
) -> ImportView:
    places = _shown(runtime, actor, used)
    group = used.sheet.group
    found = lay_out(sheets, places, [place for place in places if _is_wanted(used, place)], group)
    findings = found.findings
    if isinstance(found, Unfit) or not found.is_sound:
        raise Refused(tuple(_file_finding(one) for one in findings if one.is_error))
    pages = tuple(UnderstoodPage.of(page) for page in found.pages)
    understood = Understood(pages, findings, faults_of(found))
    columns = [page.columns[group] for page in pages if group in page.columns]

    def act(work: Work) -> Record:
        record = _new_import(work, used.sheet, understood, name, content)
        _store_parts(work, record, part_up(groups(lambda: _bounded(data_rows(found)), columns), ROWS_IN_PART))
        return record

    record = in_work(runtime, actor, act)
    if record.values["parts"] == 1:
        advance(runtime, {"import": record.id, "status": CHECKING, "place": 0})
    return read(runtime, actor, used.document.id, record.id)


def _is_wanted(used: InUse, place: Place) -> bool:
    """Whether a sheet without the column's head cannot be taken; rows of some tables may be missing altogether."""
    table = used.document.fields.get(place.table)
    return is_needed(place) and (table is None or table.rows_min > 0)


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise Unreadable(f"最多导入{MOST_ROWS}行，请分成几个文件", f"at most {MOST_ROWS} rows: send several files")
        yield row


def _new_import(work: Work, sheet: Sheet, understood: Understood, name: str, content: bytes) -> Record:
    about = {"owner": work.actor.id, "document": sheet.document, "sheet": sheet.id, "title": name[:200]}
    begun = {"status": CHECKING, "which": "", "place": 0, "parts": 0, "rows": 0, "finished_at": None}
    known = {"counts": {}, "layout": understood.to_data(), "told": [], "language": work.actor.language}
    digest = {"digest": hashlib.sha256(content).hexdigest()}
    return Record(IMPORT, {**system_values(work), **about, **begun, **known, **digest})


def _store_parts(work: Work, record: Record, parts: Iterable[list[Group]]) -> None:
    """Rows into the store, some parts at a time: they are never all in memory."""
    waiting: list[Record] = []
    count = rows = 0
    for count, part in enumerate(parts, 1):
        kept = {"batch": record.id, "place": count - 1, "next": 0, "verdicts": []}
        kept["groups"] = [rows_data(group) for group in part]
        rows += sum(len(group) for group in part)
        waiting.append(Record(PART, {**system_values(work), **kept}))
        if len(waiting) >= _AT_A_TIME:
            work.unit.insert_many(waiting)
            waiting = []
    if not count:
        raise Unreadable("表头下面没有数据", "there is nothing below the heads")
    work.unit.insert_many(waiting)
    record.values.update(parts=count, rows=rows)
    work.unit.insert(record)
    queue_step(work, record)
    detail = {"sheet": record.values["sheet"], "rows": rows}
    about = str(record.values["document"])
    work.unit.append_audit(AuditEntry(work.now, work.actor.id, "import", about, "", detail, work.actor.address))


def _file_finding(found: CellFinding) -> Finding:
    """What is wrong with a file as a whole, its place in front."""
    rows = {"zh": f"第{found.line}行", "en": f"row {found.line}"} if found.line else {}
    places = dict.fromkeys(rows, found.address) if found.column else rows
    marks = {"zh": "：", "en": ": "}
    return Finding(
        found.code,
        {name: f"{places[name]}{marks[name]}{text}" if places else text for name, text in found.text.items()},
    )
