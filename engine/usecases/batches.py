"""Batches: many prints as one PDF, asked for by somebody and made beside the work of people.

In: a selection of a list, or a record whose print is a bundle. Out: a batch, its progress, its file. Every print passes
the projection of whoever asked; what they may not see or print is left out, and told. `engine.usecases.pressing` does
the work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, NamedTuple

from engine.expressions.environment import Env
from engine.model.criteria import Among, Compare, Every, Order, Selection
from engine.model.prints import Bundle, PrintForm
from engine.model.records import Effect, Record
from engine.model.values import StoredFile
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Finding, Refused
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.auditing import watched
from engine.usecases.bounds import bounded
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.files import content_of
from engine.usecases.held import DONE, FAILED, WAITING, waiting
from engine.usecases.paperwork import BATCH, PIECE
from engine.usecases.presenting import Presenter
from engine.usecases.prints import archived
from engine.usecases.reading import opened
from engine.usecases.repeating import document_of
from engine.usecases.runtime import Runtime
from engine.usecases.sights import same, shows_signatures
from engine.usecases.views import Actor
from engine.usecases.work import Work

MOST = 1000
"""Prints of one batch."""
IN_A_PIECE = 10
_SHOWN = 50


class Item(NamedTuple):
    """One print of a batch."""

    document: str
    record_id: str
    print: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch as its owner sees it. `left_out` says what could not be printed, a text per language each."""

    id: str
    title: str
    state: str
    total: int
    done: int
    at: datetime
    pages: int = 0
    file: StoredFile | None = None
    left_out: tuple[Mapping[str, str], ...] = ()

    @property
    def share(self) -> int:
        """Hundredths that are done."""
        return 100 if self.state == DONE else 100 * self.done // max(1, self.total)


def start_batch(
    runtime: Runtime,
    actor: Actor,
    document: str,
    record_ids: Sequence[str],
    print_ids: Sequence[str] = (),
    key: str = "",
) -> str:
    """Print a selection of a list: for each record each of the prints, or all that its type has. Gives the batch's id.

    Raises Refused: no such print, nothing chosen, too many. Records that the actor may not print are left out later.
    """
    forms = runtime.definitions.prints
    named = print_ids or [form.id for form in forms.values() if form.document == document and form.template]
    wrong = [one for one in named if one not in forms or forms[one].document != document or forms[one].bundle]
    rights = runtime.rights(document, actor).in_general() if document in runtime.definitions.documents else None
    if rights is None or not rights.any or wrong or not named:
        raise Refused((), kind="not_found")
    items = [Item(document, record, one) for record in dict.fromkeys(record_ids) for one in named]
    title = "、".join(forms[one].title.zh for one in named)
    return in_work(runtime, actor, lambda work: _queue(work, key, title, items, {}))


def start_bundle(
    runtime: Runtime, actor: Actor, document: str, record_id: str, print_id: str, *, again: bool = False, key: str = ""
) -> str | StoredFile:
    """Print a bundle of a record: the file archived of this version, or (`again`) the last one, else the id of a batch.

    Raises Refused.
    """
    form = runtime.definitions.prints.get(print_id)
    if form is None or form.document != document or form.bundle is None:
        raise Refused((), kind="not_found")
    with watched(runtime, actor, "print", document, record_id), bounded(), runtime.store.begin(write=False) as unit:
        work, working, rights = opened(runtime, unit, actor, document, record_id)
        if not rights.prints_form(print_id):
            raise Refused((), kind="forbidden")
        version = int(str(working.values["version"]))
        known = archived(work, working, print_id)
        if known and (again or known[0].values["of_version"] == version):
            file = known[0].values["file"]
            seen = known[0].values["sights"]
            stale = not again and shows_signatures(seen)  # signing alone makes no version, nor of what lies in a bundle
            if isinstance(file, StoredFile) and not stale and same(Presenter(work.world), seen):
                return file
        if running := _running(unit, actor, record_id, print_id, version):
            return running
        items = list(_bundled(work, working, form, form.bundle))
    about = {"document": document, "record_id": record_id, "print": print_id, "of_version": version}
    title = " ".join((form.title.zh, str(working.values["number"] or ""))).strip()
    return in_work(runtime, actor, lambda work: _queue(work, key, title, items, about))


def _running(unit: Unit, actor: Actor, record_id: str, print_id: str, version: int) -> str:
    """The batch that prints this very bundle for the actor already."""
    own = {"record_id": record_id, "print": print_id, "of_version": version, "owner": "" if actor.special else actor.id}
    same_one = [Compare((name,), "==", value) for name, value in own.items()]
    open_ones = Among(("state",), ("printing", WAITING))
    found = unit.select(Selection(BATCH, Every((*same_one, open_ones)), limit=1))
    return found[0].id if found else ""


def is_bundle(runtime: Runtime, print_id: str) -> bool:
    """Whether a print is several."""
    form = runtime.definitions.prints.get(print_id)
    return form is not None and form.bundle is not None


def start_for(runtime: Runtime, user_id: str, effect: Effect, print_id: str, *, again: bool) -> None:
    """A bundle that an event asked for, in the name of who raised it; in the engine's own where that is nobody who may.

    The effect's key makes it one batch. Raises Refused.
    """
    about = effect.document, effect.record_id, print_id
    whom = actor_of(runtime, user_id) if user_id else None
    if whom is not None:
        try:
            start_bundle(runtime, whom, *about, again=again, key=effect.key)
        except Refused:
            whom = None
    if whom is None:
        start_bundle(runtime, ENGINE, *about, again=again, key=effect.key)


def _bundled(work: Work, working: Working, form: PrintForm, bundle: Bundle) -> Iterator[Item]:
    """What a bundle holds, in order: for each row each print whose document is there."""
    env = Env(working.values, work.world.as_of(work.day_of(working)), this=working.values)
    for row in _listed(bundle.each(env)):
        inner = env.inner(row, parent=working.values)
        for bundled in bundle.prints:
            linked = (bundled.of or bundle.each).linked
            found = row if bundled.of is None else bundled.of(inner)
            kind = document_of(linked.type) if linked is not None else ""
            for one in _listed(found):
                name, _, bare = _id_of(one).rpartition(":")
                yield Item(name or kind, bare, bundled.print)


def _listed(found: object) -> Sequence[Mapping[str, object]]:
    several = found if isinstance(found, list | tuple) else (found,)
    return [one for one in several if one is not None]


def _id_of(one: object) -> str:
    return str(one["id"]) if isinstance(one, Mapping) else str(one)


def _queue(work: Work, key: str, title: str, items: Sequence[Item], about: Mapping[str, object]) -> str:
    if not items or len(items) > MOST:
        zh, en = f"一次可打印1至{MOST}份，现有{len(items)}份", f"1 to {MOST} prints at a time, found {len(items)}"
        raise Refused((Finding("batch", {"zh": zh, "en": en}),), kind="not_allowed")
    fresh = system_values(work)
    if key:
        fresh["id"] = hashlib.sha256(f"batch\0{work.actor.id}\0{key}".encode()).hexdigest()[:32]
        if work.unit.fetch(BATCH, str(fresh["id"])) is not None:
            return str(fresh["id"])
    named = {"document": "", "record_id": "", "print": "", "of_version": 0, **about}
    owner = "" if work.actor.special else work.actor.id
    told = {"owner": owner, "title": title, "total": len(items), "file": None, "left_out": []}
    batch = Record(BATCH, {**fresh, **waiting(work.now), **named, **told, "state": "printing"})
    try:
        work.unit.insert(batch)
    except Duplicate:  # the same request a moment ago
        raise Stale from None
    pieces = [items[start : start + IN_A_PIECE] for start in range(0, len(items), IN_A_PIECE)]
    work.unit.insert_many([_piece(work, batch.id, place, held) for place, held in enumerate(pieces)])
    return batch.id


def _piece(work: Work, batch: str, place: int, items: Sequence[Item]) -> Record:
    made: dict[str, object] = {"file": None, "marks": [], "left_out": [], "sights": {}}
    about = {"batch": batch, "place": place, "items": [list(item) for item in items]}
    return Record(PIECE, {**system_values(work), **waiting(work.now), **about, **made})


# --- what becomes of them --------------------------------------------------------------------------------------------


def batch_view(runtime: Runtime, actor: Actor, batch_id: str) -> BatchView:
    """A batch of the actor's own. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        return _view(unit, _own(unit, actor, batch_id))


def my_batches(runtime: Runtime, actor: Actor) -> tuple[BatchView, ...]:
    """The actor's batches, newest first."""
    mine = Selection(BATCH, Compare(("owner",), "==", actor.id), (Order("created_at", descending=True),), limit=_SHOWN)
    with runtime.store.begin(write=False) as unit:
        return tuple(_view(unit, record) for record in unit.select(mine))


def batch_file(runtime: Runtime, actor: Actor, batch_id: str) -> tuple[StoredFile, BinaryIO]:
    """The finished file of a batch of the actor's own. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        file = _own(unit, actor, batch_id).values["file"]
    if not isinstance(file, StoredFile):
        raise Refused((), kind="not_found")
    return file, content_of(runtime, file)


def pieces_of(unit: Unit, batch_id: str) -> list[Record]:
    """The pieces of a batch, in order."""
    return unit.select(Selection(PIECE, Compare(("batch",), "==", batch_id), (Order("place"),), limit=MOST))


def _own(unit: Unit, actor: Actor, batch_id: str) -> Record:
    record = unit.fetch(BATCH, batch_id)
    if record is None or not actor.id or record.values["owner"] != actor.id:
        raise Refused((), kind="not_found")
    return record


def _view(unit: Unit, record: Record) -> BatchView:
    values, pieces = record.values, pieces_of(unit, record.id)
    finished = [one for one in pieces if one.values["state"] == DONE]
    state = str(values["state"])
    if state == "printing" and any(one.values["state"] == FAILED for one in pieces):
        state = FAILED
    at, file = values["created_at"], values["file"]
    assert isinstance(at, datetime)
    return BatchView(
        record.id,
        str(values["title"]),
        "printing" if state == WAITING else state,
        int(str(values["total"])),
        sum(len(_rows(one.values["items"])) for one in finished),
        at,
        file=file if isinstance(file, StoredFile) else None,
        left_out=tuple(text for one in finished for text in _texts(one.values["left_out"])),
    )


def _rows(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _texts(value: object) -> Iterable[Mapping[str, str]]:
    return [{str(k): str(v) for k, v in one.items()} for one in _rows(value) if isinstance(one, Mapping)]
