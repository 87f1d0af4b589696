"""Pages that come back find their documents: the code names the paper, the paper its record, the print its event.

In: a scan that waits, or a page and a number given by hand. Out: the event raised in the name of who brought the page,
so that rights and guards hold as at any other door. A page of another unit's paper is as unknown as one without a code.
Whatever happens, the page is kept and listed; the same page again does nothing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.documents.uploads import fits
from engine.model.criteria import Compare, Every, Selection
from engine.model.prints import PrintForm, ScannedPage
from engine.model.records import Record
from engine.model.values import StoredFile
from engine.ports import ScanReader, UnreadableScan
from engine.problems import Finding, Refused
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work, raise_event
from engine.usecases.held import DONE, FAILED, WAITING, keep, take
from engine.usecases.papers import digest_of, papers_of, token_in
from engine.usecases.paperwork import PAGE, SCAN
from engine.usecases.reading import opened
from engine.usecases.runtime import Runtime
from engine.usecases.scans import FILED, OPEN, REFUSED, UNREAD, note_page, page_in_sight, pages_of, scanned_forms
from engine.usecases.views import Actor, EventRequest
from engine.usecases.work import Work

_UNKNOWN = {
    "zh": "没有识别到本单位的单据，请手工归档",
    "en": "no document of your unit was recognised: file it by hand",
}
_OLD = {
    "zh": "纸面内容与现存数据不一致（打印后数据有变更），请核对后手工归档",
    "en": "the data have changed since this paper was printed: compare, then file it by hand",
}
_REASONS = {
    "broken": ("文件已损坏，无法读取", "the file is broken"),
    "locked": ("文件有密码，无法读取", "the file is locked with a password"),
    "pages": ("页数过多，请分成几份", "too many pages: send it in parts"),
    "pixels": ("图像尺寸过大，请以300 dpi扫描", "too many dots: scan with 300 to the inch"),
    "slow": ("文件无法在规定时间内读取", "the file could not be read in time"),
}


@dataclass(frozen=True, slots=True)
class _Found:
    """A paper that the actor may see and bring back."""

    form: PrintForm
    record_id: str
    number: str
    agrees: bool


def file_next(runtime: Runtime) -> bool:
    """Read one scan that waits and file its pages; False when none does."""
    scan = take(runtime, SCAN) if runtime.scans is not None else None
    if scan is None or runtime.scans is None:
        return False
    trouble = _through(runtime, runtime.scans, scan)
    in_work(runtime, ENGINE, lambda work: _end(work, scan.id, FAILED if trouble else DONE, trouble))
    return True


def _through(runtime: Runtime, reader: ScanReader, scan: Record) -> Mapping[str, str] | None:
    """Read a scan and file its pages; what kept it from that."""
    owner = actor_of(runtime, str(scan.values["owner"]))
    if owner is None:
        return {"zh": "账号已停用", "en": "the account is disabled"}
    try:
        _read(runtime, reader, scan)
    except UnreadableScan as unreadable:
        zh, en = _REASONS.get(unreadable.reason, _REASONS["broken"])
        return {"zh": zh, "en": en}
    _file(runtime, reader, owner, scan.id)
    return None


def _end(work: Work, scan_id: str, state: str, trouble: Mapping[str, str] | None) -> None:
    fresh = work.unit.fetch(SCAN, scan_id, lock=True)
    if fresh is not None and fresh.values["state"] == WAITING:
        keep(work, fresh, state=state, trouble=trouble)


def _read(runtime: Runtime, reader: ScanReader, scan: Record) -> None:
    """Keep every page, all in one transaction. Raises UnreadableScan."""
    with runtime.store.begin(write=False) as unit:
        if pages_of(unit, scan.id):
            return  # read before whoever did it was stopped
    file = scan.values["file"]
    assert isinstance(file, StoredFile)
    pages = [(one, *_stored(runtime, one)) for one in reader.read(runtime.files.get(file.hash), file.media)]
    about = {"scan": scan.id, "owner": scan.values["owner"], "org": scan.values["org"], "state": UNREAD}
    about |= {"document": "", "record_id": "", "print": "", "trouble": _UNKNOWN}

    def act(work: Work) -> None:
        if pages_of(work.unit, scan.id):
            return
        for place, (page, picture, small) in enumerate(pages, 1):
            token = next((found for code in page.codes if (found := token_in(code))), "")
            own = {"place": place, "picture": picture, "small": small, "token": token}
            work.unit.insert(Record(PAGE, {**system_values(work), **about, **own}))

    in_work(runtime, ENGINE, act)


def _stored(runtime: Runtime, page: ScannedPage) -> tuple[StoredFile, StoredFile]:
    put = runtime.files.put
    return put(page.picture, "page.jpg", "image/jpeg"), put(page.small, "page-small.jpg", "image/jpeg")


def _file(runtime: Runtime, reader: ScanReader, actor: Actor, scan_id: str) -> None:
    with runtime.store.begin(write=False) as unit:
        waiting = [one for one in pages_of(unit, scan_id) if one.values["state"] == UNREAD and one.values["token"]]
    for token in dict.fromkeys(str(one.values["token"]) for one in waiting):
        pages = [one for one in waiting if one.values["token"] == token]
        found = _paper(runtime, actor, token)
        if found is None:
            continue
        if found.agrees or _filed_before(runtime, found, pages):
            _bring(runtime, reader, actor, found, pages)
        else:
            _note(runtime, found, pages, REFUSED, _OLD)


def _paper(runtime: Runtime, actor: Actor, token: str) -> _Found | None:
    """The paper with a token, where the actor may see its document and bring its pages."""
    with runtime.store.begin(write=False) as unit:
        papers = papers_of(unit, token, limit=1)
        if not papers:
            return None
        values = papers[0].values
        form = next((one for one in scanned_forms(runtime, actor) if one.id == values["print"]), None)
        sights = values["sights"]
        if form is None or not isinstance(sights, Mapping):
            return None
        try:
            _, working, rights = opened(runtime, unit, actor, form.document, str(values["record_id"]))
        except Refused:
            return None
        if form.scanned is None or not rights.raises(form.scanned.event):
            return None
        agrees = digest_of(unit, runtime.secret, sights) == values["digest"]
        return _Found(form, str(working.values["id"]), str(working.values["number"] or ""), agrees)


def _bring(
    runtime: Runtime, reader: ScanReader, actor: Actor, found: _Found, pages: Sequence[Record]
) -> Refused | None:
    """Raise the event of the print with these pages; what the document refuses is told at the pages."""
    scanned = found.form.scanned
    assert scanned is not None
    if not _filed_before(runtime, found, pages):
        file = _bound(runtime, reader, found, pages)
        about = f"{found.form.document}\0{found.record_id}\0{file.hash}"
        key = "scan:" + hashlib.sha256(about.encode()).hexdigest()
        request = EventRequest(found.form.document, scanned.event, found.record_id, asked={scanned.into: file}, key=key)
        try:
            raise_event(runtime, actor, request)
        except Refused as refused:
            _note(runtime, found, pages, REFUSED, _told(refused))
            return refused
    _note(runtime, found, pages, FILED, {})
    return None


def _bound(runtime: Runtime, reader: ScanReader, found: _Found, pages: Sequence[Record]) -> StoredFile:
    """The pages as one file: a PDF where the event takes one, else the picture of the first."""
    scanned = found.form.scanned
    assert scanned is not None
    event = runtime.definitions.machines[found.form.document].events[scanned.event]
    pictures = [file for one in pages if isinstance(file := one.values["picture"], StoredFile)]
    name = f"{found.number or found.record_id[:8]}-{found.form.id}"
    bound = StoredFile("", f"{name}.pdf", 0, "application/pdf")
    if fits(event.ask[scanned.into], bound):
        content = reader.bind([runtime.files.get(one.hash) for one in pictures])
        return runtime.files.put(content, bound.name, bound.media)
    return runtime.files.put(runtime.files.get(pictures[0].hash), f"{name}.jpg", "image/jpeg")


def _filed_before(runtime: Runtime, found: _Found, pages: Sequence[Record]) -> bool:
    """Whether all these very pictures belong to the document already: somebody scanned them before."""
    named = (Compare(("document",), "==", found.form.document), Compare(("record_id",), "==", found.record_id))
    with runtime.store.begin(write=False) as unit:
        filed = unit.select(Selection(PAGE, Every((*named, Compare(("state",), "==", FILED))), limit=500))
    known = {one.values["picture"].hash for one in filed if isinstance(one.values["picture"], StoredFile)}
    return all(isinstance(one.values["picture"], StoredFile) and one.values["picture"].hash in known for one in pages)


def _note(runtime: Runtime, found: _Found, pages: Sequence[Record], state: str, trouble: Mapping[str, str]) -> None:
    about = {"document": found.form.document, "record_id": found.record_id, "print": found.form.id}

    def act(work: Work) -> None:
        for page in pages:
            fresh = work.unit.fetch(PAGE, page.id, lock=True)
            if fresh is not None and fresh.values["state"] in OPEN:
                note_page(work, fresh, state=state, trouble=dict(trouble), **about)

    in_work(runtime, ENGINE, act)


def _told(refused: Refused) -> dict[str, str]:
    texts = [one.text for one in refused.findings]
    zh = "；".join(one.get("zh", "") for one in texts) or "单据现在不接收扫描件"
    en = "; ".join(one.get("en") or one.get("zh", "") for one in texts) or "the document takes no page now"
    return {"zh": zh, "en": en}


def file_by_hand(runtime: Runtime, actor: Actor, page_id: str, print_id: str, number: str) -> None:
    """Say whose a page is: the number of a document that the actor may see. Raises Refused.

    A number that is unknown and one of another unit's document are refused alike.
    """
    form = next((one for one in scanned_forms(runtime, actor) if one.id == print_id), None)
    with runtime.store.begin(write=False) as unit:
        page = page_in_sight(runtime, unit, actor, page_id)
        numbered = Compare(("number",), "==", number.strip())
        rows = unit.select(Selection(form.document, numbered, limit=2)) if form is not None and number.strip() else []
        found = None
        if form is not None and form.scanned is not None and len(rows) == 1:
            try:
                _, working, rights = opened(runtime, unit, actor, form.document, rows[0].id)
                if rights.raises(form.scanned.event) and rights.reads("number"):
                    found = _Found(form, rows[0].id, str(working.values["number"] or ""), agrees=True)
            except Refused:
                found = None
    if found is None or runtime.scans is None:
        text = {"zh": "没有找到这个编号的单据", "en": "there is no document with this number"}
        raise Refused((Finding("number", text),))
    if page.values["state"] in OPEN:
        refused = _bring(runtime, runtime.scans, actor, found, [page])
        if refused is not None:
            raise refused
