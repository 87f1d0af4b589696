"""Raise an event, or try one out without storing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from engine.model.records import Record
from engine.ports import Duplicate, Stale, Unit
from engine.problems import Finding, Refused
from engine.usecases.acting import Performer
from engine.usecases.auditing import note_refusal
from engine.usecases.bounds import bounded
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Inputs, Working
from engine.usecases.duplicates import with_names
from engine.usecases.internal import REQUEST
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor, EventRequest, Outcome
from engine.usecases.work import Work

Result = TypeVar("Result")
_TRIES = 3


def in_work(runtime: Runtime, actor: Actor, act: Callable[[Work], Result]) -> Result:
    """Run one transaction; another's interference is met by trying again, a few times."""
    for attempt in range(_TRIES):
        try:
            with bounded(), runtime.store.begin() as unit:
                return act(Work(runtime, unit, actor, Performer()))
        except Stale:
            if attempt == _TRIES - 1:
                raise Refused(
                    (_finding("busy", "数据正被他人修改，请重试", "others are changing this; try again"),), kind="stale"
                ) from None
    raise AssertionError("unreachable")


def raise_event(runtime: Runtime, actor: Actor, request: EventRequest) -> Outcome:
    """Create a document or raise an event on one. Raises Refused; then nothing was changed, and the audit knows."""
    try:
        return in_work(runtime, actor, lambda work: _raise(work, actor, request))
    except Refused as refused:
        note_refusal(runtime, actor, request, refused)
        if any(one.about for one in refused.findings):
            raise with_names(runtime, actor, refused) from None
        raise


def _raise(work: Work, actor: Actor, request: EventRequest) -> Outcome:
    if request.document not in work.runtime.definitions.documents:
        raise Refused((), kind="not_found")
    answered = _answered(work.unit, actor, request)
    if answered is not None:
        record = work.unit.fetch(request.document, str(answered.values["record_id"]))
        if record is not None:
            declared = work.runtime.definitions.documents[request.document]
            if not work.rights(request.document, record.values, actor).any:
                raise Refused((), kind="not_found")
            _refuse_replay(answered, request, record)
            return _outcome(Working(declared, record.values, None))
    working = _working(work, actor, request)
    if request.key:
        _note_answer(work, actor, request, working)
    work.apply(
        working,
        request.event,
        actor,
        Inputs(request.raw, request.asked, request.confirmed, request.comment, frozenset(request.changed)),
    )
    return replace(_outcome(working), others=_others(work, working), prints=tuple(dict.fromkeys(work.prints)))


def _others(work: Work, working: Working) -> tuple[tuple[str, str], ...]:
    """Records that this transaction made or changed besides, in the order in which it came to them."""
    moved = ((key, one) for key, one in work.touched.items() if one is not working)
    return tuple(key for key, one in moved if one.values["changed_at"] == work.now and one.values["version"])


def _working(work: Work, actor: Actor, request: EventRequest) -> Working:
    if request.record_id is None:
        return work.blank(request.document)
    working = work.open(request.document, request.record_id)
    if not work.rights(request.document, working.values, actor).any:
        raise Refused((), kind="not_found")
    if request.version is not None and request.version != working.values["version"]:
        text = (
            "此记录已被他人修改，请查看后再提交",
            "somebody else has changed this record; look at it and submit again",
        )
        raise Refused((_finding("stale", *text),), kind="stale")
    return working


def _request_id(actor: Actor, request: EventRequest) -> str:
    about = (actor.id, request.document, request.record_id or "", request.event, request.key)
    return hashlib.sha256("\0".join(about).encode()).hexdigest()[:32]


def _answered(unit: Unit, actor: Actor, request: EventRequest) -> Record | None:
    """The note of the request that came first with this key."""
    return unit.fetch(REQUEST, _request_id(actor, request)) if request.key else None


def _digest(request: EventRequest) -> str:
    content = (request.raw, request.asked, request.comment)
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _refuse_replay(answered: Record, request: EventRequest, record: Record) -> None:
    """The same key with other values is no repetition: nothing of it would be kept, so it must not look done.

    As the draft of the Idempotency-Key header has it. Raises Refused.
    """
    if answered.values["digest"] in (None, _digest(request)):
        return
    number = str(record.values["number"] or "")
    text = (
        f"此表单已经提交过{f'（{number}）' if number else ''}，这次的内容没有保存",
        f"this form has been sent before{f' ({number})' if number else ''}; what it holds now was not kept",
    )
    raise Refused((_finding("replayed", *text),), kind="duplicate" if request.record_id is None else "stale")


def _note_answer(work: Work, actor: Actor, request: EventRequest, working: Working) -> None:
    """First of all, so that the same request beside this one waits here and not behind what this one does."""
    values = system_values(work) | {"id": _request_id(actor, request)}
    about = {"document": request.document, "record_id": working.values["id"], "event": request.event}
    about["digest"] = _digest(request)
    try:
        work.unit.insert(Record(REQUEST, {**values, **about}))
    except Duplicate:
        raise Stale from None


def _outcome(working: Working) -> Outcome:
    values = working.values
    return Outcome(
        working.document.id,
        str(values["id"]),
        str(values["number"] or ""),
        str(values["state"] or ""),
        int(str(values["version"])),
        tuple(working.notes),
    )


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
