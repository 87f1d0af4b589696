"""Messages whose partners bring them to a door: landed before they are answered, or put aside.

In: what a door read. Out: landed messages, and what the door may answer. Processing is the worker's; a channel that an
operator stopped takes nothing, so its partner comes again.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from engine.incidents import worded
from engine.model.records import Effect
from engine.model.traffic import RECEIPT_FOR, Arrived, Outgoing
from engine.ports import Duplicate
from engine.problems import DeliveryError, Incident
from engine.usecases.landing import fresh_message
from engine.usecases.landing_records import IN, MESSAGE, QUARANTINED, kept_key, kept_said, packed
from engine.usecases.licensing import exchanges
from engine.usecases.listeners import records_of
from engine.usecases.runtime import Runtime
from engine.usecases.taking_in import take_in_many

UNTRUSTED = "MSG204"
_NOT_TAKEN = frozenset({"MSG201", "MSG202"})
"""Kept, and not as what the partner meant: another content under a number that is taken, or too large."""


def take_from_door(runtime: Runtime, channel: str, arrived: Arrived) -> str:
    """Land a message, once for each key; empty, or the code by which it was put aside. Raises DeliveryError where the
    channel is stopped, Stale, or what the store raises."""
    _check_wanted(runtime, channel)
    return outcomes(runtime, take_in_many(runtime, channel, [arrived]))[0]


def outcomes(runtime: Runtime, landed_ids: Sequence[str]) -> list[str]:
    """What the senders of landed messages are told: empty, or the code by which one was put aside."""
    with runtime.store.begin(write=False) as unit:
        found = unit.fetch_many(MESSAGE, landed_ids)
    codes = [str(found[one].values["code"] or "") if one in found else "" for one in landed_ids]
    return [code if code in _NOT_TAKEN else "" for code in codes]


def answer_by(runtime: Runtime, channel: str, receipt: Outgoing) -> None:
    """Queue a receipt that was asked for later: it leaves by a channel like any message. Raises what the store
    raises."""
    now, effect_id = runtime.clock.now(), runtime.ids.new()
    body = base64.b64encode(receipt.body).decode()
    payload = {"channel": channel, "body": body, "form": "base64", "headers": dict(receipt.headers)}
    payload["number"] = receipt.headers.get(RECEIPT_FOR, "")[:200]
    with runtime.store.begin() as unit:
        unit.put_effect(Effect(effect_id, "send", f"receipt:{effect_id}", now, payload=payload, created_at=now))


def put_aside(runtime: Runtime, channel: str, arrived: Arrived, why: str) -> None:
    """Keep what is not to be trusted, as it came; the same again is kept once. Raises DeliveryError where the channel
    is stopped, or what the store raises."""
    _check_wanted(runtime, channel)
    held = packed(runtime.files, arrived.body, "message")
    number = kept_key("", str(held["digest"]))
    about = {"direction": IN, "channel": channel, "kind": "", "key": f"!{number}"[:200], "number": number}
    state = {"state": QUARANTINED, "code": UNTRUSTED, "told": kept_said(worded(UNTRUSTED, why))}
    headers = {"headers": kept_said(arrived.headers) or None}
    record = fresh_message(runtime.ids.new(), runtime.clock.now(), "engine", {**held, **about, **headers, **state})
    try:
        with runtime.store.begin() as unit:
            unit.insert(record)
    except Duplicate:
        return


def _check_wanted(runtime: Runtime, channel: str) -> None:
    with runtime.store.begin(write=False) as unit:
        found = records_of(unit, [channel]).get(channel)
    if not exchanges(runtime) or (found is not None and not found.values["wanted"]):
        raise DeliveryError(Incident(channel, "stopped"))
