"""Receipts that come later: a message that was handed over stays open until its partner's receipt, or its time is over.

In: channels that await receipts, receipts that have landed. Out: the message that left is sent, or failed with the
reason; the receipt is processed, matches nothing, or is put aside. A receipt that is not the partner's changes nothing.
One that comes too late still counts, as long as nobody has sent the message anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from engine.incidents import worded
from engine.model.criteria import Compare, Every, Selection
from engine.model.records import Effect, Record
from engine.model.traffic import RECEIPT_FOR, Outgoing, Received
from engine.ports import Channel, Unit
from engine.ports.receipts import Awaiting, Untrusted
from engine.problems import DeliveryError, Incident
from engine.usecases.landing import body, note_state
from engine.usecases.landing_records import (
    AWAITING,
    FAILED,
    MESSAGE,
    OUT,
    QUARANTINED,
    SENDING,
    SENT,
    UNMATCHED,
    outgoing_of,
)
from engine.usecases.runtime import Runtime

OVERDUE = "overdue"
"""Kind of the effect that ends the waiting."""
_LATE, _REFUSED = "MSG115", "MSG102"


def reference_of(channel: Channel | None, message: Outgoing) -> str:
    """What a later receipt will call a message; empty where none is awaited."""
    if not isinstance(channel, Awaiting) or not channel.within:
        return ""
    return channel.reference(message.key, message.headers)


def await_receipt(runtime: Runtime, unit: Unit, record: Record, channel: Awaiting) -> None:
    """Note that a message was handed over, and when its waiting ends. One whose receipt was quicker is left alone."""
    if record.values["state"] != SENDING:
        return
    now = runtime.clock.now()
    _put(runtime, unit, record, now + timedelta(seconds=channel.within))
    note_state(unit, record, now, AWAITING, sent_at=now, code="", told=None)


def end_waiting(runtime: Runtime, effect: Effect) -> None:
    """The time is over, or a receipt has refused the message. Raises DeliveryError where it has failed, so that what
    the definitions say about a failure happens."""
    landed_id = str(effect.payload["landed"])
    with runtime.store.begin() as unit:
        record = unit.fetch(MESSAGE, landed_id, lock=True)
        if record is None or record.values["reference"] != effect.payload["reference"]:
            return  # it was sent anew since, and that sending is waited for
        if record.values["state"] == AWAITING:
            note_state(unit, record, runtime.clock.now(), FAILED, code=_LATE, told=worded(_LATE))
        elif record.values["state"] != FAILED or not effect.payload.get("refused"):
            return
    raise DeliveryError(Incident(str(record.values["channel"]), "no receipt, or one that refuses", retry=False))


def receipt_for(record: Record) -> str:
    """What message a landed one is the receipt for; empty where it is none."""
    headers = record.values["headers"]
    return str(headers.get(RECEIPT_FOR) or "") if isinstance(headers, Mapping) else ""


def take_receipt(runtime: Runtime, reference: str, receipt: bytes) -> Received:
    """Judge a receipt and note what it says of its message. Raises DeliveryError while its channel is not bound."""
    with runtime.store.begin(write=False) as unit:
        record = _sent(unit, reference)
    if record is None:
        return Received(UNMATCHED, kind="receipt", number=reference[:200], code="MSG212", text=worded("MSG212"))
    name = str(record.values["channel"])
    about = str(record.values["document"] or ""), str(record.values["record_id"] or "")
    said = Received("processed", *about, kind="receipt", number=str(record.values["number"]))
    channel = runtime.channels.get(name)
    if not isinstance(channel, Awaiting):
        raise DeliveryError(Incident(name, "this node binds no such channel"))
    refused = ""
    try:
        channel.judge(outgoing_of(record, body(runtime.files, record)), receipt)
    except Untrusted as why:
        told = worded("MSG204", str(why))
        return Received(QUARANTINED, kind="receipt", number=said.number, code="MSG204", text=told)
    except DeliveryError as fault:
        refused = fault.incident.text
    _note(runtime, record.id, reference, refused)
    return said


def _sent(unit: Unit, reference: str) -> Record | None:
    about = Compare(("reference",), "==", reference), Compare(("direction",), "==", OUT)
    found = unit.select(Selection(MESSAGE, Every(about), limit=1))
    return found[0] if found else None


def _note(runtime: Runtime, landed_id: str, reference: str, refused: str) -> None:
    with runtime.store.begin() as unit:
        record = unit.fetch(MESSAGE, landed_id, lock=True)
        if record is None or record.values["reference"] != reference or not _is_open(record):
            return
        now = runtime.clock.now()
        if not refused:
            sent_at = record.values["sent_at"] or now
            note_state(unit, record, now, SENT, sent_at=sent_at, settled_at=now, code="", told=None)
            return
        note_state(unit, record, now, FAILED, code=_REFUSED, told=worded(_REFUSED, refused))
        unit.cancel_effects(f"{OVERDUE}:{record.id}:")
        _put(runtime, unit, record, now, refused=True)


def _put(runtime: Runtime, unit: Unit, record: Record, due: datetime, *, refused: bool = False) -> None:
    """Queue the end of the waiting; it raises the event that the definitions name for a failure."""
    values = record.values
    payload = {"landed": record.id, "reference": values["reference"], "failed": values["failing"], "refused": refused}
    about = str(values["document"] or ""), str(values["record_id"] or "")
    key = f"{OVERDUE}:{record.id}:{record.version}"
    unit.put_effect(Effect(runtime.ids.new(), OVERDUE, key, due, *about, payload, created_at=runtime.clock.now()))


def _is_open(record: Record) -> bool:
    """Whether a message still waits for its receipt, or waited too long."""
    late = record.values["state"] == FAILED and record.values["code"] == _LATE
    return late or record.values["state"] in {SENDING, AWAITING}
