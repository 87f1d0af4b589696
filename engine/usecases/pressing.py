"""The worker of batches: takes one piece at a time, lays out its prints and has them pressed; joins the last.

A piece is kept as soon as it is made, so a batch that was interrupted goes on where it stood. Nothing of one piece is
in memory when the next is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.prints import Printed
from engine.model.records import Record
from engine.model.values import StoredFile
from engine.ports import Press
from engine.problems import DeliveryError, Faulty, Refused
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.auditing import note_reading
from engine.usecases.batches import Item, pieces_of
from engine.usecases.events import in_work
from engine.usecases.held import DONE, FAILED, WAITING, keep, take
from engine.usecases.layouts import Laid, keep_paper, lay_out
from engine.usecases.paperwork import BATCH, PIECE
from engine.usecases.prints import archive
from engine.usecases.reading import opened
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

_PDF = "application/pdf"
_GONE = {"zh": "一份单据无权打印或已不存在", "en": "a document that is gone or not yours to print"}


@dataclass(slots=True)
class _Piece:
    """What became of one piece."""

    laid: list[Laid] = field(default_factory=list)
    left_out: list[Mapping[str, str]] = field(default_factory=list)
    file: StoredFile | None = None
    marks: list[list[object]] = field(default_factory=list)


def press_next(runtime: Runtime) -> bool:
    """Make one piece, or join one batch; False when nothing waits."""
    if runtime.press is None:
        return False
    piece = take(runtime, PIECE)
    if piece is not None:
        _press(runtime, runtime.press, piece)
        return True
    batch = take(runtime, BATCH)
    if batch is not None:
        _join(runtime, runtime.press, batch)
    return batch is not None


def _press(runtime: Runtime, press: Press, record: Record) -> None:
    batch_id = str(record.values["batch"])
    with runtime.store.begin(write=False) as unit:
        batch = unit.fetch(BATCH, batch_id)
    actor = _owner(runtime, batch)
    if batch is None or actor is None:  # the account is gone: nobody may have it
        in_work(runtime, ENGINE, lambda work: keep(work, record, state=FAILED))
        return
    made = _made(runtime, press, actor, _items(record))

    def note(work: Work) -> None:
        held = work.unit.fetch(BATCH, batch_id, lock=True)  # first: whoever finishes the last piece sees all others
        fresh = work.unit.fetch(PIECE, record.id, lock=True)
        if held is None or fresh is None or fresh.values["state"] != WAITING:
            return  # another worker was quicker after a long pause
        for laid in made.laid:
            keep_paper(work, laid)
        sights = {place: seen for laid in made.laid for place, seen in laid.sights.items()}
        keep(work, fresh, state=DONE, file=made.file, marks=made.marks, left_out=made.left_out, sights=sights)
        if all(one.values["state"] == DONE for one in pieces_of(work.unit, batch_id) if one.id != record.id):
            keep(work, held, state=WAITING, held_until=work.now)

    in_work(runtime, ENGINE, note)
    for laid in made.laid:
        if not actor.special:
            note_reading(runtime, actor, "print", laid.document, laid.record_id, [laid.print])


def _made(runtime: Runtime, press: Press, actor: Actor, items: Sequence[Item]) -> _Piece:
    made = _Piece()
    for item in items:
        try:
            made.laid.append(_laid(runtime, actor, item))
        except Refused:
            made.left_out.append(_GONE)
        except DeliveryError as failed:
            made.left_out.append(_unprinted(failed))
    if made.laid:
        printed = _printed(press, made)
        made.file = runtime.files.put(printed.content, "piece.pdf", _PDF)
        made.marks = [[one.mark, pages] for one, pages in zip(made.laid, printed.pages, strict=True)]
    return made


def _printed(press: Press, made: _Piece) -> Printed:
    """All that was laid out; where something in it cannot be printed, that alone is left out. Raises DeliveryError."""
    try:
        return press.print_all([one.layout for one in made.laid])
    except DeliveryError:
        for laid in tuple(made.laid):
            try:
                press.print_all([laid.layout])
            except DeliveryError as failed:
                made.laid.remove(laid)
                made.left_out.append(_unprinted(failed))
        if not made.laid:
            raise
        return press.print_all([one.layout for one in made.laid])


def _unprinted(failed: DeliveryError) -> Mapping[str, str]:
    told = failed.texts if isinstance(failed, Faulty) else {"zh": str(failed), "en": str(failed)}
    return {"zh": f"一份未能打印：{told['zh']}", "en": f"one could not be printed: {told['en']}"}


def _laid(runtime: Runtime, actor: Actor, item: Item) -> Laid:
    form = runtime.definitions.prints.get(item.print)
    if form is None or form.document != item.document:
        raise Refused((), kind="not_found")
    with runtime.store.begin(write=False) as unit:
        work, working, rights = opened(runtime, unit, actor, item.document, item.record_id)
        if not rights.prints_form(item.print):
            raise Refused((), kind="forbidden")
        return lay_out(work, working, form, rights)


def _join(runtime: Runtime, press: Press, batch: Record) -> None:
    with runtime.store.begin(write=False) as unit:
        pieces = pieces_of(unit, batch.id)
    parts, marks, page = [], [], 0
    for piece in pieces:
        file, rows = piece.values["file"], piece.values["marks"]
        if isinstance(file, StoredFile) and isinstance(rows, list | tuple):
            parts.append(runtime.files.get(file.hash))
            for text, pages in rows:
                marks.append((str(text), page))
                page += int(pages)
    title, actor = str(batch.values["title"]), _owner(runtime, batch) or ENGINE
    name = f"{title.replace('/', '-')}.pdf"
    joined = press.join(parts, marks, title) if parts else None
    stored = None if joined is None else runtime.files.put(joined, name, _PDF)
    sights = {place: seen for one in pieces for place, seen in _sights(one).items()}

    def note(work: Work) -> None:
        fresh = work.unit.fetch(BATCH, batch.id, lock=True)
        if fresh is None or fresh.values["state"] != WAITING:
            return
        keep(work, fresh, state=DONE if stored else FAILED, file=stored)
        about = {name: str(fresh.values[name] or "") for name in ("document", "record_id")}
        if stored is not None and about["record_id"]:
            version = fresh.values["of_version"]
            archive(work, **about, print_id=str(fresh.values["print"]), file=stored, of_version=version, sights=sights)

    in_work(runtime, actor, note)


def _sights(piece: Record) -> Mapping[str, object]:
    found = piece.values["sights"]
    return found if isinstance(found, Mapping) else {}


def _items(piece: Record) -> list[Item]:
    found = piece.values["items"]
    return [Item(*map(str, one)) for one in found] if isinstance(found, list | tuple) else []


def _owner(runtime: Runtime, batch: Record | None) -> Actor | None:
    """In whose name a batch is printed: the engine's own where nobody asked for it."""
    if batch is None:
        return None
    owner = str(batch.values["owner"] or "")
    return actor_of(runtime, owner) if owner else ENGINE
