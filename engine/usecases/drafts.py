"""Drafts: what somebody typed into a form and has not sent, kept for this person, encrypted like protected fields.

In: the request that the form would make. Out: drafts, to be put back into the form. A form is told from another by the
key that it was opened with, so that two forms of one kind do not write over each other. Nothing here is judged: the
form does that when it is sent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Title
from engine.model.machines import Event
from engine.model.records import Record
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.forms import edits
from engine.usecases.internal import DRAFT
from engine.usecases.presenting import Presenter, label_field
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest
from engine.usecases.work import Work

LARGEST = 8 * 1024 * 1024
"""Characters of one draft as JSON: some 5,000 rows of twenty columns."""
MOST = 50
"""Drafts of one person; the oldest make room for new ones."""
KEPT = timedelta(days=30)
_VERSIONS = range(2**31)
"""Versions that a record can have; a form may claim any."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that was begun. `request` is what it would send; `label` names its document, where it has a name yet."""

    id: str
    at: datetime
    request: EventRequest
    title: Title
    event_title: Title
    label: str = ""


def keep(runtime: Runtime, actor: Actor, request: EventRequest) -> Draft:
    """Keep what a form holds; what it held before is replaced. Raises Refused: no such form, too large.

    `request.changed` are the fields that the person touched. Passwords are never kept.
    """
    content = _content(*_form_of(runtime, actor, request), request)
    about: dict[str, object] = {
        "owner": actor.id,
        "document": request.document,
        "event": request.event,
        "record_id": request.record_id,
        "of_version": _version(request),
        "content": content,
    }
    return _read(runtime, in_work(runtime, actor, lambda work: _put(work, _id_of(actor, request), about)))


def _version(request: EventRequest) -> int | None:
    """The version that the form was opened on; null is not looked for in the range, which would be gone through."""
    version = request.version
    return version if version is not None and version in _VERSIONS else None


def _put(work: Work, draft_id: str, about: Mapping[str, object]) -> Record:
    held = work.unit.fetch(DRAFT, draft_id, lock=True)
    if held is not None:
        version = held.version
        held.values.update(about, version=version + 1, changed_at=work.now, deleted=False)
        work.unit.update(held, version)
        return held
    _make_room(work, work.actor)
    record = Record(DRAFT, {**system_values(work), **about, "id": draft_id})
    try:
        work.unit.insert(record)
    except Duplicate:
        raise Stale from None  # another request of the same form was first: look again
    return record


def mine(runtime: Runtime, actor: Actor) -> tuple[Draft, ...]:
    """All drafts of the actor, newest first, of forms that the actor may still have."""
    with runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        return tuple(draft for one in _own(unit, actor) if (draft := _named(work, one)) is not None)


def drafts_of(
    runtime: Runtime, actor: Actor, document: str, event: str, record_id: str | None = None
) -> tuple[Draft, ...]:
    """The actor's drafts of one form, newest first."""
    form = (Compare(("document",), "==", document), Compare(("event",), "==", event))
    with runtime.store.begin(write=False) as unit:
        found = [_read(runtime, one) for one in _own(unit, actor, form)]
    return tuple(one for one in found if one.request.record_id == record_id)


def opened(runtime: Runtime, actor: Actor, draft_id: str) -> Draft:
    """One's own draft. Raises Refused(not_found)."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(DRAFT, draft_id)
    if record is None or not _is_own(record, actor):
        raise Refused((), kind="not_found")
    return _read(runtime, record)


def drop(runtime: Runtime, actor: Actor, draft_id: str) -> None:
    """Forget one's own draft, content and all. Raises Refused(not_found)."""

    def act(work: Work) -> None:
        record = work.unit.fetch(DRAFT, draft_id, lock=True)
        if record is None or not _is_own(record, actor):
            raise Refused((), kind="not_found")
        _forget(work, record)

    in_work(runtime, actor, act)


def drop_sent(runtime: Runtime, actor: Actor, request: EventRequest) -> None:
    """Forget the draft of a form that has been sent, if there is one."""
    if request.key:
        with suppress(Refused):
            drop(runtime, actor, _id_of(actor, request))


# --- what is kept ----------------------------------------------------------------------------------------------------


def _id_of(actor: Actor, request: EventRequest) -> str:
    about = (actor.id, request.document, request.record_id or "", request.event, request.key)
    return hashlib.sha256("\0".join(("draft", *about)).encode()).hexdigest()[:32]


def _form_of(runtime: Runtime, actor: Actor, request: EventRequest) -> tuple[Document, Event]:
    """The form's document type and event. Raises Refused(not_found) where the actor may not have it."""
    document = runtime.definitions.documents.get(request.document)
    event = None if document is None else runtime.definitions.machines[document.id].events.get(request.event)
    if document is None or event is None or not request.key:
        raise Refused((), kind="not_found")
    if request.record_id is None:
        allowed = edits(event) and runtime.rights(document.id, actor).in_general().create
    else:
        with runtime.store.begin(write=False) as unit:
            allowed = _seen(Work(runtime, unit, actor, Performer()), document.id, request.record_id) is not None
    if not allowed:
        raise Refused((), kind="not_found")
    return document, event


def _content(document: Document, event: Event, request: EventRequest) -> str:
    """A request as text. Raises Refused where it is too large."""
    kept = {
        "raw": _without_secrets(document.fields, request.raw),
        "asked": _without_secrets(event.ask, request.asked),
        "changed": list(request.changed),
        "key": request.key,
    }
    content = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    if len(content) > LARGEST:
        text = {"zh": "内容过多，无法保存草稿", "en": "too much to keep as a draft"}
        raise Refused((Finding("draft_too_large", text),))
    return content


def _without_secrets(fields: Mapping[str, Field], raw: Mapping[str, object]) -> dict[str, object]:
    """Values of known fields; passwords are not kept, and tables that nobody touched come as null."""
    known = {name: value for name, value in raw.items() if name in fields and value is not None}
    return {name: value for name, value in known.items() if fields[name].kind != "password"}


def _make_room(work: Work, actor: Actor) -> None:
    held = list(_own(work.unit, actor))
    for place, record in enumerate(held):
        if place >= MOST - 1 or _changed_at(record) < work.now - KEPT:
            _forget(work, record)


def _forget(work: Work, record: Record) -> None:
    version = record.version
    record.values.update(deleted=True, content=None, version=version + 1, changed_at=work.now)
    work.unit.update(record, version)


# --- what is given ---------------------------------------------------------------------------------------------------


def _own(unit: Unit, actor: Actor, more: Sequence[Criterion] = ()) -> list[Record]:
    where = Every((Compare(("owner",), "==", actor.id), *more))
    return unit.select(Selection(DRAFT, where, (Order("changed_at", descending=True),), limit=MOST))


def _is_own(record: Record, actor: Actor) -> bool:
    return record.values["owner"] == actor.id and not record.values["deleted"]


def _read(runtime: Runtime, record: Record) -> Draft:
    """A kept draft. Raises Refused(not_found) where its form is gone."""
    values = record.values
    document = runtime.definitions.documents.get(str(values["document"]))
    event = None if document is None else runtime.definitions.machines[document.id].events.get(str(values["event"]))
    if document is None or event is None:
        raise Refused((), kind="not_found")
    held = json.loads(str(values["content"]))
    version, record_id = values["of_version"], values["record_id"]
    request = EventRequest(
        document.id,
        event.name,
        str(record_id) if record_id else None,
        version=version if isinstance(version, int) else None,
        raw=held["raw"],
        asked=held["asked"],
        key=held["key"],
        changed=tuple(held["changed"]),
    )
    return Draft(record.id, _changed_at(record), request, document.title, event.title)


def _named(work: Work, record: Record) -> Draft | None:
    """A draft with what its document is called; None where the form is gone or the actor may not have it any more."""
    try:
        draft = _read(work.runtime, record)
    except Refused:
        return None
    document = work.runtime.definitions.documents[draft.request.document]
    if draft.request.record_id is None:
        given = draft.request.raw.get(label_field(document))
        allowed = work.runtime.rights(document.id, work.actor).in_general().create
        return replace(draft, label=given if isinstance(given, str) else "") if allowed else None
    values = _seen(work, document.id, draft.request.record_id)
    return None if values is None else replace(draft, label=Presenter(work.world).label(document.id, values))


def _seen(work: Work, document: str, record_id: str) -> Mapping[str, object] | None:
    """The record that a form changes, where the actor may see it."""
    record = work.unit.fetch_many(document, [record_id]).get(record_id)
    if record is None or record.values.get("deleted"):
        return None
    return record.values if work.rights(document, record.values, work.actor).any else None


def _changed_at(record: Record) -> datetime:
    found = record.values["changed_at"]
    assert isinstance(found, datetime)
    return found
