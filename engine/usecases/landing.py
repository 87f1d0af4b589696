"""Landing: every message is kept before anything else happens to it, and what becomes of it is noted there.

In: messages that leave or have arrived, and what became of them. Out: records of `_message`. Whoever carries a message
out or takes it in calls here within a transaction; what operators ask and do is in `landed` and `landed_acts`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.model.criteria import Among, Compare, Criterion, Every, Selection
from engine.model.records import Record
from engine.model.traffic import Received
from engine.ports import FileStore, Unit
from engine.usecases.landing_records import (
    ABNORMAL,
    ARRIVED,
    AWAITING,
    BLOCKED,
    CONFIRMED,
    DISCARDED,
    MESSAGE,
    OUT,
    PROCESSED,
    SENDING,
    SENT,
    kept_said,
    kept_text,
    renewed,
    unpacked,
)
from engine.usecases.runtime import Runtime

LOG = logging.getLogger("guiju.messages")
_TOLD = ("channel", "direction", "kind", "number", "code")
_WAITING = (ARRIVED, BLOCKED)
_MANY = 1_000


def fresh_message(message_id: str, now: datetime, by: str, values: Mapping[str, object]) -> Record:
    """A message that lands now."""
    system = {
        "id": message_id,
        "version": 1,
        "created_at": now,
        "created_by": by,
        "changed_at": now,
        "changed_by": by,
        "deleted": False,
        "frozen": False,
    }
    return Record(MESSAGE, {**system, "tries": 0, "resent": 0, "repeats": 0, "code": "", **values})


def waiting_message(unit: Unit, landed_id: str) -> Record | None:
    """A message that has arrived and waits to be processed, locked until the commit; None when somebody else has done
    with it. A receiver begins its transaction with this and ends it with `settle`: so each is processed once."""
    record = unit.fetch(MESSAGE, landed_id, lock=True)
    return record if record is not None and record.values["state"] in _WAITING else None


def settle(unit: Unit, record: Record, now: datetime, received: Received) -> None:
    """Note what became of a message that had arrived, in the transaction of whatever it caused."""
    values = record.values
    found = {
        "state": received.state,
        "document": received.document or values["document"],
        "record_id": received.record_id or values["record_id"],
        "kind": received.kind or values["kind"],
        "number": kept_text(received.number) or values["number"],
        "signer": received.signer or values["signer"],
        "code": received.code,
        "told": kept_said(received.text) or None,
        "settled_at": now,
    }
    unit.update(renewed(record, now, **found), record.version)


def note_state(unit: Unit, record: Record, now: datetime, state: str, **values: object) -> None:
    """Note a message's state, and what else is known; what is abnormal stands in the log."""
    fresh = renewed(record, now, state=state, **values)
    tell(fresh)
    unit.update(fresh, record.version)


def tell(record: Record) -> Record:
    """A message as it is to be kept; what is abnormal stands in the log."""
    if record.values["state"] in ABNORMAL:
        about = {name: str(record.values.get(name) or "") for name in _TOLD}
        LOG.warning("a message is %s", record.values["state"], extra={"about": about})
    return record


def confirm(unit: Unit, now: datetime, *, document: str, record_id: str, kind: str = "") -> int:
    """A receipt has come for what was sent of a document: its messages (of one mapping) are confirmed; how many. A
    receipt may be quicker than the note that its message was handed over."""
    about: list[Criterion] = [Compare(("document",), "==", document), Compare(("record_id",), "==", record_id)]
    about += [Compare(("direction",), "==", OUT), Among(("state",), (SENDING, SENT))]
    about += [Compare(("kind",), "==", kind)] if kind else []
    found = unit.select(Selection(MESSAGE, Every(tuple(about)), limit=_MANY))
    for record in found:
        note_state(unit, record, now, CONFIRMED, sent_at=record.values["sent_at"] or now, settled_at=now)
    return len(found)


def landed_by_key(unit: Unit, direction: str, channel: str, keys: Sequence[str]) -> dict[str, Record]:
    """What has landed under these keys."""
    about = Compare(("direction",), "==", direction), Compare(("channel",), "==", channel)
    found = unit.select(Selection(MESSAGE, Every((*about, Among(("key",), tuple(keys)))), limit=len(keys)))
    return {str(record.values["key"]): record for record in found}


def body_of(runtime: Runtime, landed_id: str) -> tuple[Record, bytes] | None:
    """A landed message with its body, for a receiver that wants to know more than the bytes. Raises KeyError where its
    file is lost."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(MESSAGE, landed_id)
    return None if record is None else (record, body(runtime.files, record))


def topic_of(runtime: Runtime, landed_id: str) -> str:
    """The topic under which a message came; empty where its headers tell none."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(MESSAGE, landed_id) if landed_id else None
    headers = record.values["headers"] if record is not None else None
    return str(headers.get("topic") or "") if isinstance(headers, Mapping) else ""


def body(files: FileStore, record: Record) -> bytes:
    """The bytes of a message as they came or left. Raises KeyError where its file is lost."""
    return unpacked(files, record.values)


def is_done(record: Record) -> bool:
    """Whether a message needs no more sending or processing: done, given up, or for its receipt to come."""
    return record.values["state"] in {SENT, AWAITING, CONFIRMED, PROCESSED, DISCARDED}
