"""Messages of AS3 (RFC 4823) as files: whole MIME entities with their heads, receipts among them.

In: messages, or the bytes of a file. Out: bytes, or what a file is. Pure; knows no transport. The codec is that of AS2,
but for the heads' names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from adapters.as2.entities import Entity, Malformed, read, unquoted, written
from adapters.as2.packing import Opened, Packed, opened, packed
from adapters.as2.receipts import (
    NotTrusted,
    Receipt,
    answered,
    asked_digest,
    is_receipt,
    report_of,
)
from adapters.as2.relation import Refusal, Relation
from engine.model.traffic import RECEIPT_FOR, Arrived, Outgoing

FAMILY = "AS3"
_MOST_ID = 998


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file was: the message, or why it is not trusted, and the receipt that its sender is owed, if any."""

    arrived: Arrived
    owed: Receipt | None = None


def file_of(relation: Relation, message: Outgoing, receipts_to: str) -> tuple[Packed, bytes]:
    """A message as a file; its receipt is to be left at an address."""
    sent = packed(relation, message, receipts_to)
    return sent, written(sent.heads, sent.body)


def receipt_file(relation: Relation, receipt: Receipt) -> bytes:
    """A receipt as a file."""
    heads, body = answered(receipt, (relation.own, relation.partner), relation)
    return written(heads, body)


def taken_of(relation: Relation, content: bytes, tag: str, now: datetime) -> Taken:
    """Understand a file. Raises nothing: what is not trusted says why."""
    try:
        entity = read(content)
    except Malformed as fault:
        return Taken(Arrived(content, "", tag=tag, distrusted=str(fault)))
    message_id = entity.heads.get("message-id", "")[:_MOST_ID]
    names = tuple(unquoted(entity.heads.get(f"as3-{one}", "")) for one in ("to", "from"))
    about = {"as3-message-id": message_id, "as3-from": names[1][:_MOST_ID]}
    if names != (relation.own, relation.partner):
        return Taken(Arrived(content, "", headers=about, tag=tag, distrusted="an unknown partner"))
    if is_receipt(entity):
        return Taken(_receipt(relation, entity, content, tag))
    return _message(relation, entity, Arrived(content, "", headers=about, tag=tag), message_id, now)


def _receipt(relation: Relation, entity: Entity, content: bytes, tag: str) -> Arrived:
    try:
        reference = report_of(relation, entity.heads, entity.body).get("original-message-id", "").strip()
    except NotTrusted as fault:
        return Arrived(content, "", tag=tag, distrusted=str(fault))
    return Arrived(content, "", headers={RECEIPT_FOR: reference[:_MOST_ID]}, tag=tag)


def _message(relation: Relation, entity: Entity, came: Arrived, message_id: str, now: datetime) -> Taken:
    wanted, micalg = bool(entity.heads.get("disposition-notification-to")), asked_digest(entity.heads)
    try:
        found = _opened(relation, entity, message_id, micalg, now)
    except Refusal as refusal:
        why = f"{refusal.disposition}: {refusal}"
        owed = Receipt(message_id, disposition=refusal.disposition) if wanted and message_id else None
        return Taken(Arrived(came.body, "", headers=came.headers, tag=came.tag, distrusted=why), owed)
    message = found.message
    headers = {**message.headers, **came.headers}
    arrived = Arrived(message.body, message.key or message_id, message.kind, headers, came.tag)
    return Taken(arrived, Receipt(message_id, found.mic, micalg) if wanted else None)


def _opened(relation: Relation, entity: Entity, message_id: str, micalg: str, now: datetime) -> Opened:
    if expired := relation.ends.expired(now):
        raise Refusal("authentication-failed", expired)
    if not message_id:
        raise Refusal("unexpected-processing-error", "no Message-ID")
    return opened(relation, entity.heads, entity.body, micalg)
