"""Messages come in: landed first, recognised when they were there before, then handed to the receiver.

In: what a source gave. Out: records of `_message` and, for each new one, an effect that processes it in a transaction
of its own; so a message that cannot be processed keeps no other from its turn. Twice the same is taken once; the same
number with another content is put aside.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath

from engine.incidents import worded
from engine.model.criteria import Compare, Every, Selection
from engine.model.records import Effect, Record
from engine.model.traffic import MOST_TRIES, Arrived, Received
from engine.ports import Duplicate, Stale, Unit
from engine.problems import DeliveryError, Refused
from engine.usecases.landing import body_of, fresh_message, landed_by_key, note_state, settle, waiting_message
from engine.usecases.landing_records import (
    ARRIVED,
    BLOCKED,
    FAILED,
    IN,
    MESSAGE,
    QUARANTINED,
    UNMATCHED,
    kept_key,
    kept_said,
    kept_text,
    packed,
    renewed,
)
from engine.usecases.late_receipts import receipt_for, take_receipt
from engine.usecases.runtime import Receiver, Runtime
from engine.usecases.sending import largest
from engine.usecases.turned_back import answers_refused

RECEIVE = "receive"
_RACES = 10
_AT_ONCE_LEASE = timedelta(seconds=60)
"""How long a message that is processed by whoever took it in is left alone by the worker."""


def take_in(runtime: Runtime, channel: str, arrived: Arrived) -> str:
    """Land one message and process it at once; its landed id, also of one that had come before."""
    (landed_id,) = take_in_many(runtime, channel, [arrived], later=_AT_ONCE_LEASE)
    try:
        process(runtime, landed_id)
    except Exception:  # noqa: BLE001 - it is noted there, and the effect tries again
        return landed_id
    return landed_id


def take_in_many(
    runtime: Runtime, channel: str, arrived: Sequence[Arrived], later: timedelta = timedelta()
) -> list[str]:
    """Land messages in one transaction, their processing queued; landed ids, in order. Once this is back, the source
    may forget them. Raises Stale, or what the store raises."""
    held = [packed(runtime.files, one.body, one.kind or "message") for one in arrived]
    for race in range(_RACES):
        try:
            with runtime.store.begin() as unit:
                return _landed(runtime, unit, channel, arrived, held, later)
        except (Duplicate, Stale):  # another worker landed the same; now it can be seen
            if race == _RACES - 1:
                raise
    raise AssertionError("unreachable")


def _landed(
    runtime: Runtime,
    unit: Unit,
    channel: str,
    arrived: Sequence[Arrived],
    held: Sequence[Mapping[str, object]],
    later: timedelta,
) -> list[str]:
    keys = [kept_key(one.key, str(about["digest"])) for one, about in zip(arrived, held, strict=True)]
    known = landed_by_key(unit, IN, channel, list(dict.fromkeys(keys)))
    fresh: dict[str, Record] = {}
    ids = []
    for one, key, about in zip(arrived, keys, held, strict=True):
        before = known.get(key)
        is_twin = before is not None and before.values["digest"] != about["digest"]
        if before is not None and is_twin:
            before = _twin(unit, fresh, before, str(about["digest"]))
        if before is None:
            before = _fresh(runtime, channel, one, "" if is_twin else key, about)
            fresh[before.id] = before
            known.setdefault(key, before)
            if before.values["state"] == ARRIVED:
                unit.put_effect(_processing(runtime, before.id, runtime.clock.now() + later - runtime.ahead(channel)))
        elif before.id not in fresh:
            again = renewed(before, runtime.clock.now(), repeats=int(str(before.values["repeats"] or 0)) + 1)
            unit.update(again, before.version)
            before.values.update(again.values)
        ids.append(before.id)
    unit.insert_many(list(fresh.values()))
    return ids


def _twin(unit: Unit, fresh: Mapping[str, Record], taken: Record, digest: str) -> Record | None:
    """A message of another content under the number of `taken`, where that came before as well."""
    for one in fresh.values():
        if (one.values["number"], one.values["digest"]) == (taken.values["number"], digest):
            return one
    same = (Compare(("number",), "==", taken.values["number"]), Compare(("digest",), "==", digest))
    where = Every((*same, Compare(("channel",), "==", taken.values["channel"]), Compare(("key",), "==", None)))
    found = unit.select(Selection(MESSAGE, where, limit=1))
    return found[0] if found else None


def _fresh(runtime: Runtime, channel: str, one: Arrived, key: str, held: Mapping[str, object]) -> Record:
    """`key` is empty where the number was taken by another content."""
    most = largest(runtime, channel)
    code = "" if key else "MSG201"
    if most and len(one.body) > most and not answers_refused(runtime, channel):  # else it is answered before that
        code = code or "MSG202"
    code = "MSG204" if one.distrusted else code
    now = runtime.clock.now()
    about = {
        "direction": IN,
        "channel": channel,
        "kind": kept_text(one.kind),
        "key": key or None,
        "number": kept_key(one.key, str(held["digest"])),
        "headers": kept_said(one.headers) or None,
        "state": QUARANTINED if code else ARRIVED,
        "code": code,
        "told": worded(code, one.distrusted) if code else None,
    }
    return fresh_message(runtime.ids.new(), now, "engine", {**held, **about})


def _processing(runtime: Runtime, landed_id: str, due: datetime, key: str = "") -> Effect:
    key, payload = f"{RECEIVE}:{landed_id}{key}", {"landed": landed_id}
    return Effect(runtime.ids.new(), RECEIVE, key, due, payload=payload, created_at=runtime.clock.now())


def process_again(runtime: Runtime, unit: Unit, landed_id: str, times: int) -> None:
    """Queue another processing of a message, in the transaction that decides on it."""
    unit.put_effect(_processing(runtime, landed_id, runtime.clock.now(), f":{times}"))


def take_again(runtime: Runtime, effect: Effect) -> None:
    """The worker's turn: process a landed message. Raises what is worth another try."""
    process(runtime, str(effect.payload["landed"]), attempt=effect.attempts)


def process(runtime: Runtime, landed_id: str, attempt: int = 1) -> None:
    """Hand a message that waits to the receiver and note what it says. Raises what may go well later; on the last
    attempt the message is put aside instead."""
    try:
        found = body_of(runtime, landed_id)
        if found is None or found[0].values["state"] not in (ARRIVED, BLOCKED):
            return
        if attempt > MOST_TRIES:  # it took the process with it each time: nobody was left to note that
            received = Received(QUARANTINED, code="MSG203", text=worded("MSG203"))
        else:
            received = _understood(runtime, found[0], found[1])
    except Exception as fault:
        later = isinstance(fault, DeliveryError | Stale | Refused)
        _blocked(runtime, landed_id, "MSG207" if later else "MSG208", _said(fault), last=attempt >= MOST_TRIES)
        if attempt < MOST_TRIES:
            raise
    else:
        _noted(runtime, landed_id, received)


def _understood(runtime: Runtime, record: Record, content: bytes) -> Received:
    """What the receiver says; a refusal is an answer too, unless somebody else was changing the same."""
    if reference := receipt_for(record):
        return take_receipt(runtime, reference, content)
    try:
        return _receiver(runtime)(runtime, str(record.values["channel"]), content, record.id)
    except Refused as refused:
        if refused.kind == "stale":
            raise
        text = {language: f"{one}: {_findings(refused, language)}" for language, one in worded("MSG205").items()}
        return Received(FAILED, code="MSG205", text=text)


def _findings(refused: Refused, language: str) -> str:
    texts = dict.fromkeys(one.text.get(language) or one.text.get("zh", "") for one in refused.findings)
    return ("；" if language == "zh" else "; ").join(texts) or refused.kind


def _said(fault: Exception) -> str:
    """A defect's kind and place; its text may quote values."""
    if isinstance(fault, DeliveryError):
        return fault.incident.text
    if isinstance(fault, Refused | Stale):
        return ""
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{type(fault).__name__} {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _noted(runtime: Runtime, landed_id: str, received: Received) -> None:
    """Note what became of a message unless its receiver did so already."""
    with runtime.store.begin() as unit:
        record = waiting_message(unit, landed_id)
        if record is not None:
            settle(unit, record, runtime.clock.now(), received)


def _blocked(runtime: Runtime, landed_id: str, code: str, said: str, *, last: bool) -> None:
    with runtime.store.begin() as unit:
        record = waiting_message(unit, landed_id)
        if record is None:
            return
        tries = int(str(record.values["tries"] or 0)) + 1
        state, why = (QUARANTINED, "MSG203") if last else (BLOCKED, code)
        note_state(unit, record, runtime.clock.now(), state, code=why, told=worded(why, said), tries=tries)


def _receiver(runtime: Runtime) -> Receiver:
    return runtime.receiver or unreceived


def unreceived(runtime: Runtime, channel: str, content: bytes, landed_id: str) -> Received:
    """The receiver of a node that has none: what comes stays where it landed."""
    return Received(UNMATCHED, code="MSG206", text=worded("MSG206"))
