"""Paper that comes back: scans taken in, and what became of each of their pages, as their unit sees them.

In: files of a person, decisions by hand. Out: views. A page is seen by who brought it and by those of the same unit who
may bring pages themselves; which document it belongs to is told only to who may see that document.
`engine.usecases.page_filing` reads the pages and raises the events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.documents.uploads import is_huge, sniffed
from engine.model.criteria import Among, Compare, Criterion, Every, Order, Selection, Some
from engine.model.formula import Title
from engine.model.prints import PrintForm
from engine.model.records import Record
from engine.model.values import StoredFile
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.files import clean_name
from engine.usecases.held import DONE, FAILED, keep, waiting
from engine.usecases.paperwork import PAGE, SCAN
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

LARGEST_PICTURE = 20 << 20
LARGEST = 60 << 20
FILED, UNREAD, REFUSED, ASIDE = "filed", "unread", "refused", "aside"
"""A page belongs to its document; nobody knows whose it is; its document does not take it; it was put aside by hand."""
OPEN = (UNREAD, REFUSED)
_KINDS = ("pdf", "jpg", "png")
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class PageView:
    """One page. `label` and `link` only where the actor may see the document."""

    id: str
    place: int
    state: str
    at: datetime
    trouble: Mapping[str, str]
    print: Title = Title()
    label: str = ""
    link: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ScanView:
    """One scan: `waiting`, `done` or `failed` with its trouble."""

    id: str
    name: str
    state: str
    at: datetime
    pages: tuple[PageView, ...] = ()
    trouble: Mapping[str, str] | None = None

    @property
    def is_done(self) -> bool:
        """Whether nothing more will come of it by itself."""
        return self.state in (DONE, FAILED)


def scanned_forms(runtime: Runtime, actor: Actor) -> list[PrintForm]:
    """Prints whose scanned pages the actor may bring."""
    return [
        form
        for form in runtime.definitions.prints.values()
        if form.scanned is not None
        and form.document in runtime.definitions.documents
        and runtime.rights(form.document, actor).in_general().raises(form.scanned.event)
    ]


def take_scan(runtime: Runtime, actor: Actor, content: bytes, name: str) -> ScanView:
    """Keep a scan, to be read by the worker. The same file of the same person is one scan. Raises Refused."""
    if not scanned_forms(runtime, actor):
        raise Refused((), kind="forbidden")
    media, kind = sniffed(content)
    if kind not in _KINDS:
        raise _refused("只接受PDF、JPEG和PNG文件", "only PDF, JPEG and PNG files are taken")
    most = LARGEST if kind == "pdf" else LARGEST_PICTURE
    if len(content) > most:
        zh, en = (
            f"文件超过{most >> 20} MB，请降低扫描分辨率或分成几份",
            f"larger than {most >> 20} MB: scan with fewer dots, or in parts",
        )
        raise _refused(zh, en)
    if is_huge(content, kind):
        raise _refused("图像尺寸过大，请以300 dpi扫描", "the picture has too many dots: scan with 300 to the inch")
    stored = runtime.files.put(content, clean_name(name), media)
    digest = hashlib.sha256(f"scan\0{actor.id}\0{stored.hash}".encode()).hexdigest()[:32]
    return in_work(runtime, actor, lambda work: _keep(work, digest, stored))


def _keep(work: Work, scan_id: str, stored: StoredFile) -> ScanView:
    known = work.unit.fetch(SCAN, scan_id)
    if known is None:
        about = {"owner": work.actor.id, "org": work.actor.org, "file": stored, "trouble": None}
        known = Record(SCAN, {**system_values(work), **waiting(work.now), **about, "id": scan_id})
        try:
            work.unit.insert(known)
        except Duplicate:  # the same file a moment ago
            raise Stale from None
    elif known.values["state"] == FAILED:  # sent again: perhaps it can be read now
        keep(work, known, **waiting(work.now), trouble=None)
    return _scan_view(work, known)


def _refused(zh: str, en: str) -> Refused:
    return Refused((Finding("scan", {"zh": zh, "en": en}),))


# --- what became of them ---------------------------------------------------------------------------------------------


def scan_view(runtime: Runtime, actor: Actor, scan_id: str) -> ScanView:
    """A scan of the actor's own. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(SCAN, scan_id)
        if record is None or record.values["owner"] != actor.id:
            raise Refused((), kind="not_found")
        return _scan_view(Work(runtime, unit, actor, Performer()), record)


def my_scans(runtime: Runtime, actor: Actor) -> tuple[ScanView, ...]:
    """The actor's scans, newest first."""
    mine = Selection(SCAN, Compare(("owner",), "==", actor.id), (Order("created_at", descending=True),), limit=20)
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        return tuple(_scan_view(work, record) for record in unit.select(mine))


def open_pages(runtime: Runtime, actor: Actor) -> tuple[PageView, ...]:
    """Pages of the actor's unit that wait for a hand, oldest first."""
    if not scanned_forms(runtime, actor):
        return ()
    where = Every((_in_sight(actor), Among(("state",), OPEN)))
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        found = unit.select(Selection(PAGE, where, (Order("created_at"), Order("place")), limit=_SHOWN))
        return tuple(_page_view(work, record) for record in found if _is_for(work, record))


def picture_of(runtime: Runtime, actor: Actor, page_id: str, *, small: bool) -> bytes:
    """The picture of a page. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        file = page_in_sight(runtime, unit, actor, page_id).values["small" if small else "picture"]
    assert isinstance(file, StoredFile)
    return runtime.files.get(file.hash)


def page_in_sight(runtime: Runtime, unit: Unit, actor: Actor, page_id: str) -> Record:
    """A page that the actor may see. Raises Refused(not_found)."""
    record = unit.fetch(PAGE, page_id)
    values = {} if record is None else record.values
    ours = bool(actor.org) and values.get("org") == actor.org and bool(scanned_forms(runtime, actor))
    work = Work(runtime, unit, actor, Performer())
    if record is None or not (_is_own(record, actor) or (ours and _is_for(work, record))):
        raise Refused((), kind="not_found")
    return record


def _is_own(page: Record, actor: Actor) -> bool:
    return bool(actor.id) and page.values["owner"] == actor.id


def _is_for(work: Work, page: Record) -> bool:
    """Whether the unit of who brought a page may look at it: once its document is known, those who see that."""
    about = str(page.values["document"] or ""), str(page.values["record_id"] or "")
    return not about[1] or _is_own(page, work.actor) or any(True for _ in _labels(work, *about))


def put_aside(runtime: Runtime, actor: Actor, page_id: str) -> None:
    """Take a page that belongs to no document off the list; it is kept. Raises Refused(not_found)."""

    def act(work: Work) -> None:
        record = page_in_sight(runtime, work.unit, actor, page_id)
        if record.values["state"] in OPEN:
            note_page(work, record, state=ASIDE)

    in_work(runtime, actor, act)


def note_page(work: Work, record: Record, **values: object) -> None:
    """Store what became of a page."""
    version = record.version
    record.values.update(values, version=version + 1, changed_at=work.now, changed_by=work.actor.id)
    work.unit.update(record, version)


def pages_of(unit: Unit, scan_id: str) -> list[Record]:
    """The pages of a scan, in order."""
    return unit.select(Selection(PAGE, Compare(("scan",), "==", scan_id), (Order("place"),), limit=1000))


def _in_sight(actor: Actor) -> Criterion:
    mine = Compare(("owner",), "==", actor.id)
    return Some((mine, Compare(("org",), "==", actor.org))) if actor.org else mine


def _scan_view(work: Work, record: Record) -> ScanView:
    values, file = record.values, record.values["file"]
    at = values["created_at"]
    assert isinstance(file, StoredFile)
    assert isinstance(at, datetime)
    pages = tuple(_page_view(work, one) for one in pages_of(work.unit, record.id))
    return ScanView(record.id, file.name, str(values["state"]), at, pages, _texts(values["trouble"]) or None)


def _page_view(work: Work, record: Record) -> PageView:
    values, at = record.values, record.values["created_at"]
    assert isinstance(at, datetime)
    form = work.runtime.definitions.prints.get(str(values["print"] or ""))
    about = str(values["document"] or ""), str(values["record_id"] or "")
    label = next(_labels(work, *about), "")
    return PageView(
        record.id,
        int(str(values["place"])),
        str(values["state"]),
        at,
        _texts(values["trouble"]),
        form.title if form is not None and label else Title(),
        label,
        about if label else None,
    )


def _labels(work: Work, document: str, record_id: str) -> Iterator[str]:
    """What a document is called, for who may see it."""
    row = work.world.follow(document, record_id) if document in work.runtime.definitions.documents else None
    if row is not None and not row.get("deleted"):
        rights = work.rights(document, row, work.actor)
        if rights.any:
            presenter = Presenter(work.world)
            parts = (presenter.label(document, row, rights), presenter.number(row, rights))
            yield " ".join(dict.fromkeys(part for part in parts if part))


def _texts(value: object) -> Mapping[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}
