"""What came of an import, and what is to become of it: its view, the marked sheet, all rows or the good ones.

In: who asks, an import's id. Out: views, only of one's own imports. Nothing is made here but by `sheet_taking`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import groupby

from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.records import Record
from engine.model.workbooks import Mark, MarkedPage, MarkedRow
from engine.problems import Finding, Refused
from engine.sheets.findings import PAGE, CellFinding, on_page, page_of
from engine.usecases.acting import ENGINE
from engine.usecases.auditing import Hidden, watched
from engine.usecases.events import in_work
from engine.usecases.runtime import Runtime
from engine.usecases.sheet_records import (
    BAD,
    CHECKED,
    CHECKING,
    FOUND,
    GOOD,
    IMPORT,
    KEYS,
    KNOWN,
    REFUSED,
    ROWS_IN_PART,
    TAKEN,
    TAKING,
    Part,
    Understood,
    Verdict,
)
from engine.usecases.sheet_taking import advance, parts_of, queue_step, save
from engine.usecases.sheet_use import in_use
from engine.usecases.views import Actor
from engine.usecases.work import Work

ALL, GOOD_ONES = "all", "good"
_RECENT = 5
_AT_A_TIME = 20
_OLD = 1_000


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as its owner sees it. Counts are of documents, `rows` of rows of the sheet; `findings` are the first
    of `told`. `progress` is the share of the present round that is done."""

    id: str
    sheet: str
    document: str
    title: str
    status: str
    rows: int
    good: int
    found: int
    known: int
    bad: int
    taken: int
    refused: int
    told: int
    findings: tuple[CellFinding, ...]
    progress: float
    created_at: datetime
    digest: str = ""

    @property
    def documents(self) -> int:
        """How many documents the rows make."""
        return self.good + self.found + self.known + self.bad

    @property
    def takes(self) -> int:
        """How many documents would come of it."""
        return self.good + self.found

    @property
    def is_running(self) -> bool:
        """Whether the worker has still to do with it."""
        return self.status in (CHECKING, TAKING)


def read(runtime: Runtime, actor: Actor, document: str, import_id: str) -> ImportView:
    """One's own import. Raises Refused(not_found)."""
    with watched(runtime, actor, "import", document), runtime.store.begin(write=False) as unit:
        return _view(_mine(unit.fetch(IMPORT, import_id), actor, document))


def recent(runtime: Runtime, actor: Actor, document: str) -> tuple[ImportView, ...]:
    """One's own last imports of a document type, the newest first."""
    mine: tuple[Criterion, ...] = (Compare(("owner",), "==", actor.id), Compare(("document",), "==", document))
    newest = (Order("created_at", descending=True),)
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(IMPORT, Every(mine), newest, limit=_RECENT))
    return tuple(_view(record) for record in found)


def sent_before(runtime: Runtime, actor: Actor, view: ImportView) -> ImportView | None:
    """An earlier import of the very same file by the same person, of which documents came."""
    with runtime.store.begin(write=False) as unit:
        record = _mine(unit.fetch(IMPORT, view.id), actor, view.document)
    same = (one for one in recent(runtime, actor, view.document) if one.id != view.id and one.taken)
    return next((one for one in same if one.digest == record.values["digest"]), None)


def _mine(record: Record | None, actor: Actor, document: str) -> Record:
    if record is None or record.values["deleted"] or record.values["document"] != document:
        raise Refused((), kind="not_found")
    if record.values["owner"] != actor.id:
        raise Hidden
    return record


def _view(record: Record) -> ImportView:
    values = record.values
    counts, told = values["counts"], values["told"]
    assert isinstance(counts, dict)
    assert isinstance(told, list)
    understood = Understood.from_data(values["layout"])
    findings = (*understood.findings, *(CellFinding.from_data(one) for one in told))
    parts, place, created = int(str(values["parts"])), int(str(values["place"])), values["created_at"]
    assert isinstance(created, datetime)
    named = {name: int(counts.get(name, 0)) for name in (GOOD, FOUND, KNOWN, BAD, TAKEN, REFUSED)}
    return ImportView(
        id=record.id,
        sheet=str(values["sheet"]),
        document=str(values["document"]),
        title=str(values["title"] or ""),
        status=str(values["status"]),
        rows=int(str(values["rows"])),
        **named,
        told=int(counts.get("findings", 0)) + len(understood.findings),
        findings=findings,
        progress=place / parts if parts else 1.0,
        created_at=created,
        digest=str(values["digest"]),
    )


def marked(runtime: Runtime, actor: Actor, document: str, import_id: str) -> tuple[str, bytes]:
    """The sheet as it came, each bad cell marked; once rows were taken, only those that were left. Raises Refused."""
    with watched(runtime, actor, "import", document), runtime.store.begin(write=False) as unit:
        record = _mine(unit.fetch(IMPORT, import_id), actor, document)
    understood = Understood.from_data(record.values["layout"])
    rows = _marked_rows(runtime, record.id, understood, actor.language)
    sheet = runtime.definitions.sheets.get(str(record.values["sheet"]))
    if len(understood.pages) > 1 or (sheet is not None and sheet.group):  # rows of one document may stand apart
        rows = iter(sorted(rows, key=lambda row: row.number))
    return str(record.values["title"] or ""), runtime.workbook.marked(_pages(understood, rows))


def _pages(understood: Understood, rows: Iterator[MarkedRow]) -> Iterator[MarkedPage]:
    """Rows in order as the pages that they stand on."""
    for index, found in groupby(rows, lambda row: page_of(row.number)):
        page = understood.pages[index]
        yield MarkedPage(page.title, page.head_row, (replace(row, number=row.number % PAGE) for row in found))


def _marked_rows(runtime: Runtime, import_id: str, understood: Understood, language: str) -> Iterator[MarkedRow]:
    firsts = [min(page.columns.values(), default=1) for page in understood.pages]
    about_heads = _marks(understood.findings, language, firsts)
    for index, page in enumerate(understood.pages):
        for row, cells in page.above:
            number = on_page(index, row)
            yield MarkedRow(number, cells, about_heads.get(number, {}))
    place, parts = 0, _parts_from(runtime, import_id, 0)
    while parts:
        for part in parts:
            for group, verdict in zip(part.groups, part.verdicts or [Verdict(GOOD)] * len(part.groups), strict=True):
                marks = _marks(verdict.findings, language, firsts)
                for number, cells in group:
                    yield MarkedRow(number, cells, marks.get(number, {}))
        place += len(parts)
        parts = _parts_from(runtime, import_id, place)


def _parts_from(runtime: Runtime, import_id: str, place: int) -> list[Part]:
    with runtime.store.begin(write=False) as unit:
        return parts_of(unit, import_id, place, _AT_A_TIME)


def _marks(findings: Iterable[CellFinding], language: str, firsts: Sequence[int]) -> dict[int, dict[int, Mark]]:
    """Marks by row and column; what is about a row stands at the first cell of its page."""
    found: dict[int, dict[int, Mark]] = {}
    for one in findings:
        row, column = found.setdefault(one.row, {}), one.column or firsts[page_of(one.row)]
        text, other = one.text.get(language) or one.text["zh"], row.get(column)
        row[column] = (
            Mark(text, one.is_error) if other is None else Mark(f"{other.text}\n{text}", other.is_error or one.is_error)
        )
    return found


# --- going on --------------------------------------------------------------------------------------------------------


def take(runtime: Runtime, actor: Actor, document: str, import_id: str, which: str) -> ImportView:
    """Make documents of all rows, or of the good ones; once, however often it is asked. Raises Refused."""

    def act(work: Work) -> bool:
        record = _mine(work.unit.fetch(IMPORT, import_id, lock=True), actor, document)
        if record.values["status"] != CHECKED:
            return False
        view = _view(record)
        if which == ALL and view.bad:
            raise _refused("bad_rows", "还有错误的行，不能全部导入", "some rows are wrong: not all can be taken")
        if not view.takes:
            raise _refused("nothing", "没有可以导入的行", "there is nothing to take")
        save(work, record, status=TAKING, place=0, which=which)
        queue_step(work, record)
        return view.rows <= ROWS_IN_PART

    in_use(runtime, actor, document, read(runtime, actor, document, import_id).sheet)
    if in_work(runtime, actor, act):
        advance(runtime, {"import": import_id, "status": TAKING, "place": 0})
    return read(runtime, actor, document, import_id)


def forget_before(runtime: Runtime, moment: datetime) -> int:
    """Forget the rows of all imports that nothing was done with since; how many. One that is being taken stays."""
    old = (Compare(("changed_at",), "<", moment), Compare(("status",), "!=", TAKING))
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(IMPORT, Every(old), limit=_OLD))
    for record in found:
        in_work(runtime, ENGINE, partial(_forget, import_id=record.id))
    return len(found)


def drop(runtime: Runtime, actor: Actor, document: str, import_id: str) -> None:
    """Forget an import and the rows that were sent; documents that came of it stay. Raises Refused."""

    def act(work: Work) -> None:
        record = _mine(work.unit.fetch(IMPORT, import_id, lock=True), actor, document)
        if record.values["status"] == TAKING:
            raise _refused("running", "正在导入，请等它结束", "it is running: wait for its end")
        _forget(work, import_id)

    in_work(runtime, actor, act)


def _forget(work: Work, import_id: str) -> None:
    record, keys = (work.unit.fetch(kind, import_id, lock=True) for kind in (IMPORT, KEYS))
    if record is None or record.values["deleted"]:
        return
    save(work, record, deleted=True, layout=None, told=[])
    if keys is not None:
        save(work, keys, deleted=True, keys={})
    for place in range(0, int(str(record.values["parts"])), _AT_A_TIME):
        for part in parts_of(work.unit, import_id, place, _AT_A_TIME):
            save(work, part.record, deleted=True, groups=[], verdicts=[])


def _refused(code: str, zh: str, en: str) -> Refused:
    return Refused((Finding(code, {"zh": zh, "en": en}),), kind="not_allowed")
