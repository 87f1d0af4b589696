"""What is kept of a call: its record among the messages, its entry in the audit.

In: an offer, the call as it came, who made it, what it was told. Out: records; those of a refused call are stored here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from engine.incidents import worded
from engine.model.interfaces import Offer
from engine.model.records import AuditEntry, Record
from engine.usecases.admitting import Entrant
from engine.usecases.landing import fresh_message
from engine.usecases.landing_records import IN, PROCESSED, kept_said, kept_text, packed
from engine.usecases.offer_views import Asked, Told
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

MOST_OF_STRANGERS = 4_096
"""Bytes that are kept of a call by somebody who is not known, or calls too often: anybody can send one."""
_OF_STRANGERS = frozenset({401, 429})
Row = Mapping[str, object]


def caller_id(entrant: Entrant, asked: Asked) -> str:
    """Who calls, as the audit names them."""
    if entrant.caller is not None:
        return f"{entrant.document}:{entrant.caller['id']}"
    return asked.actor.id if asked.actor is not None else ""


def record(work: Work, offer: Offer, asked: Asked, entrant: Entrant, message: Row) -> Record:
    return landed(work.runtime, offer, asked, entrant, {"state": PROCESSED, "number": kept_text(message.get("id"))})


def landed(runtime: Runtime, offer: Offer, asked: Asked, entrant: Entrant, values: Row) -> Record:
    now: datetime = runtime.clock.now()
    about = {
        "direction": IN,
        "channel": offer.id,
        "kind": offer.id,
        "title": offer.title.zh,
        "key": None,
        "headers": {"caller": caller_id(entrant, asked), "address": asked.address},
        "document": "",
        "record_id": "",
        "settled_at": now,
        **packed(runtime.files, asked.content, offer.id),
        "size": asked.size,
    }
    return fresh_message(runtime.ids.new(), now, "engine", {**about, **values})


def land_refused(
    runtime: Runtime, offer: Offer, asked: Asked, entrant: Entrant, told: Told, incident: str, state: str
) -> None:
    if told.status in _OF_STRANGERS:
        asked = replace(asked, content=asked.content[:MOST_OF_STRANGERS])
    said = f"{told.word} {told.code}: {told.text}"
    values = {"state": state, "code": incident, "told": kept_said(worded(incident, said))}
    record = landed(runtime, offer, asked, entrant, {"number": _number(entrant), **values})
    with runtime.store.begin() as unit:
        unit.insert(record)
        unit.append_audit(entry(runtime, offer, asked, entrant, told.word, {}))


def _number(entrant: Entrant) -> str:
    return kept_text(entrant.names.get("request_id") or entrant.message.get("id"))


def entry(runtime: Runtime, offer: Offer, asked: Asked, entrant: Entrant, word: str, values: Row) -> AuditEntry:
    """The audit's entry. Of values only those that the offer says are kept."""
    known = {**values, **entrant.names, **{f"message.{name}": one for name, one in entrant.message.items()}}
    detail = {"result": word, **{name: str(known[name])[:200] for name in offer.log if known.get(name) is not None}}
    return AuditEntry(
        runtime.clock.now(), caller_id(entrant, asked) or "public", "offer", offer.id, "", detail, asked.address
    )
