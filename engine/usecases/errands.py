"""Errands: what takes longer than a page may wait is done by the worker, piece by piece, for the person who asked.

In: a kind of work, what was asked, how much there is. Out: an errand that its owner can watch and stop, and is told of
when it has ended. What the pieces do is in `engine.usecases.bulk` and `engine.usecases.taking_away`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, BinaryIO

from engine.model.criteria import Compare, Order, Selection
from engine.model.records import Effect, Record
from engine.model.values import StoredFile
from engine.problems import Refused
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.files import content_of
from engine.usecases.internal import ERRAND, NOTICE
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

KEPT = timedelta(days=7)
"""How long an errand and its file can be looked at."""
WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
ENDED = frozenset({DONE, FAILED, STOPPED})


@dataclass(frozen=True, slots=True)
class Errand:
    """One errand. `asked` is what was asked for, `told` what came of it so far; both are JSON."""

    id: str
    kind: str
    document: str
    status: str
    total: int
    handled: int
    asked: Mapping[str, Any]
    told: Mapping[str, Any]
    begun: datetime
    file: StoredFile | None = None
    owner: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ENDED


def begin_errand(
    runtime: Runtime, actor: Actor, kind: str, document: str, total: int, asked: Mapping[str, Any], *, later: bool
) -> Errand:
    """Note an errand; `later` leaves it to the worker, else the caller runs it."""

    def act(work: Work) -> Errand:
        about = {
            "owner": actor.id,
            "kind": kind,
            "document": document,
            "status": WAITING,
            "total": total,
            "handled": 0,
            "asked": json.dumps({**asked, "language": actor.language, "later": later}, ensure_ascii=False),
            "told": "{}",
            "file": None,
        }
        record = Record(ERRAND, {**system_values(work), **about})
        work.unit.insert(record)
        if later:
            put_next(work, record.id, 0)
        return _read(record)

    return in_work(runtime, actor, act)


def put_next(work: Work, errand: str, handled: int) -> None:
    """Queue the next piece of an errand, once."""
    key = f"errand:{errand}:{handled}"
    effect = Effect(work.runtime.ids.new(), "errand", key, work.now, payload={"errand": errand}, created_at=work.now)
    work.unit.put_effect(effect)


def errand(runtime: Runtime, actor: Actor, errand_id: str) -> Errand:
    """One of the actor's own errands. Raises Refused(not_found), also when it was long ago."""
    found = _fetched(runtime, errand_id)
    if found is None or found.owner != actor.id or found.begun + KEPT < runtime.clock.now():
        raise Refused((), kind="not_found")
    return found


def my_errands(runtime: Runtime, actor: Actor, limit: int = 20) -> tuple[Errand, ...]:
    """The actor's errands, newest first."""
    with runtime.store.begin(write=False) as unit:
        own = Selection(
            ERRAND, Compare(("owner",), "==", actor.id), (Order("created_at", descending=True),), limit=limit
        )
        found = [_read(record) for record in unit.select(own)]
    return tuple(one for one in found if one.begun + KEPT >= runtime.clock.now())


def errand_and_owner(runtime: Runtime, errand_id: str) -> tuple[Errand, Actor] | None:
    """An errand that is not over and its owner as the account is now; None where there is nothing to do.

    An owner who is gone or locked out ends the errand.
    """
    found = _fetched(runtime, errand_id)
    if found is None or found.ended:
        return None
    owner = actor_of(runtime, found.owner)
    if owner is None:
        end_errand(runtime, found, FAILED, {})
        return None
    return found, replace(owner, language=str(found.asked.get("language") or "zh"))


def note_progress(runtime: Runtime, before: Errand, handled: int, told: Mapping[str, Any], total: int = 0) -> Errand:
    """Keep how far an errand has come; while it goes on the next piece is queued. A stopped one stays stopped."""

    def act(work: Work) -> Errand:
        record = work.unit.fetch(ERRAND, before.id, lock=True)
        assert record is not None
        if _read(record).ended:
            return _read(record)
        given = {"status": RUNNING, "handled": handled, "told": json.dumps(told, ensure_ascii=False)}
        return _read(_kept(work, record, given | ({"total": total} if total else {})))

    return in_work(runtime, _itself(before), act)


def queue_next(runtime: Runtime, found: Errand) -> None:
    """Let the worker go on with an errand."""
    in_work(runtime, _itself(found), lambda work: put_next(work, found.id, found.handled))


def end_errand(
    runtime: Runtime,
    before: Errand,
    status: str,
    told: Mapping[str, Any],
    file: StoredFile | None = None,
    text: str = "",
) -> Errand:
    """Note that an errand has ended; a text goes to its owner as a notice."""

    def act(work: Work) -> Errand:
        record = work.unit.fetch(ERRAND, before.id, lock=True)
        assert record is not None
        if _read(record).ended:
            return _read(record)
        kept = _kept(work, record, {"status": status, "told": json.dumps(told, ensure_ascii=False), "file": file})
        if text:
            about = {"document": ERRAND, "record_id": before.id, "recipient": before.owner, "text": text}
            work.unit.insert(Record(NOTICE, {**system_values(work), **about, "read_at": None}))
        return _read(kept)

    return in_work(runtime, _itself(before), act)


def stop_errand(runtime: Runtime, actor: Actor, errand_id: str) -> Errand:
    """Stop one of the actor's own errands; what is done stays done. Raises Refused(not_found)."""
    found = errand(runtime, actor, errand_id)
    return end_errand(runtime, found, STOPPED, found.told)


def fail_errand(runtime: Runtime, errand_id: str, text: str = "") -> None:
    """Note that an errand cannot be carried out."""
    found = _fetched(runtime, errand_id)
    if found is not None and not found.ended:
        words = text or ("后台任务未能完成" if found.asked.get("language") != "en" else "A background task failed")
        end_errand(runtime, found, FAILED, {**found.told, "reason": words}, text=words)


def errand_file(runtime: Runtime, actor: Actor, errand_id: str) -> tuple[StoredFile, BinaryIO]:
    """The file of one's own errand, while one may still take the list away. Raises Refused."""
    found = errand(runtime, actor, errand_id)
    if found.file is None or found.document not in runtime.definitions.documents:
        raise Refused((), kind="not_found")
    if not runtime.rights(found.document, actor).in_general().export:
        raise Refused((), kind="forbidden")
    return found.file, content_of(runtime, found.file)


def forget_errands(runtime: Runtime) -> int:
    """Empty what can be looked at no more; how many errands."""
    old = Compare(("created_at",), "<", runtime.clock.now() - KEPT)
    with runtime.store.begin(write=False) as unit:
        found = unit.select(Selection(ERRAND, old, limit=_AT_A_TIME))
    for record in found:
        in_work(runtime, ENGINE, partial(_forget, errand_id=record.id))
    return len(found)


_AT_A_TIME = 500


def _forget(work: Work, errand_id: str) -> None:
    record = work.unit.fetch(ERRAND, errand_id, lock=True)
    if record is not None and not record.values["deleted"]:
        _kept(work, record, {"deleted": True, "status": STOPPED, "asked": "{}", "told": "{}", "file": None})


def _itself(found: Errand) -> Actor:
    return Actor(found.owner, "")


def _fetched(runtime: Runtime, errand_id: str) -> Errand | None:
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(ERRAND, errand_id)
    return None if record is None or record.values["deleted"] else _read(record)


def _kept(work: Work, record: Record, given: Mapping[str, object]) -> Record:
    version = record.version
    record.values.update(given, version=version + 1, changed_at=work.now)
    work.unit.update(record, version)
    return record


def _read(record: Record) -> Errand:
    values = record.values
    begun, file = values["created_at"], values["file"]
    assert isinstance(begun, datetime)
    return Errand(
        record.id,
        str(values["kind"]),
        str(values["document"]),
        str(values["status"]),
        int(str(values["total"] or 0)),
        int(str(values["handled"] or 0)),
        json.loads(str(values["asked"] or "{}")),
        json.loads(str(values["told"] or "{}")),
        begun,
        file if isinstance(file, StoredFile) else None,
        str(values["owner"]),
    )
