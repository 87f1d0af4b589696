"""Messages leave: effects that send are taken together, landed, handed to their channels, and what came of it is noted.

In: effects of kind `send`, oldest first. Out: for each None or the fault. What was noted as sent is not sent again when
its effect comes back after a crash; between handing over and noting, the message's key tells the far end that it is
the same.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.incidents import worded
from engine.model.records import Effect, Record
from engine.model.traffic import MOST_TRIES, Outgoing
from engine.ports import Channel, Pipeline, Unit
from engine.ports.receipts import Awaiting
from engine.problems import DeliveryError, Incident
from engine.usecases.finishing import Unfinished, finished, needs_finishing, surroundings
from engine.usecases.incident_kinds import UNFINISHED, over
from engine.usecases.landing import body, fresh_message, is_done, tell
from engine.usecases.landing_records import (
    BLOCKED,
    CONFIRMED,
    FAILED,
    MESSAGE,
    OUT,
    SENDING,
    SENT,
    kept_key,
    outgoing_of,
    packed,
    renewed,
)
from engine.usecases.late_receipts import await_receipt, reference_of
from engine.usecases.licensing import UNLICENSED, exchanges, standing
from engine.usecases.runtime import Runtime
from engine.usecases.world import RecordWorld

_UNANSWERED = 3
_EVER = 1_000_000
Outcome = tuple[Effect, Exception | None]


@dataclass(frozen=True, slots=True)
class _Sending:
    """One message on its way: its effect, its record as landed."""

    effect: Effect
    record: Record
    message: Outgoing
    fault: Exception | None = None  # what keeps it from going out as the far end wants it


def attempts_of(runtime: Runtime, effect: Effect) -> int:
    """How often an effect is tried before it is given up; a channel of the node may say another number."""
    if not exchanges(runtime) or runtime.signing.is_stopped:
        return _EVER  # what waits for people is not given up
    bound = runtime.node.channels.get(str(effect.payload.get("channel") or ""))
    service = runtime.definitions.services.get(str(effect.payload.get("service") or ""))
    called = runtime.node.services.get(service.to) if service is not None else None
    return next((one.tries for one in (bound, called) if one is not None), MOST_TRIES)


def largest(runtime: Runtime, channel: str) -> int:
    """How many bytes a message of a channel has at most; 0 for any number."""
    bound = runtime.node.channels.get(channel)
    return 0 if bound is None else bound.most


def send_all(runtime: Runtime, effects: Sequence[Effect]) -> list[Outcome]:
    """Send what effects say; what became of each, in their order."""
    channels: dict[str, list[Effect]] = {}
    for effect in effects:
        channels.setdefault(str(effect.payload["channel"]), []).append(effect)
    outcomes: dict[str, Exception | None] = {}
    for name, wanted in channels.items():
        try:
            outcomes.update(_over(runtime, name, wanted))
        except Exception as fault:  # noqa: BLE001 - one channel's defect must not keep the others from sending
            outcomes.update({effect.id: fault for effect in wanted})
    return [(effect, outcomes[effect.id]) for effect in effects]


def _over(runtime: Runtime, name: str, effects: Sequence[Effect]) -> Mapping[str, Exception | None]:
    going = _landed(runtime, name, effects)
    ready = [one for one in going if one.fault is None]
    try:
        found = iter(_handed(runtime, name, ready))
    except Exception as defect:  # noqa: BLE001 - whatever it is, it is noted with its messages, and they are tried again
        found = iter([defect] * len(ready))
    faults = [next(found) if one.fault is None else one.fault for one in going]
    with runtime.store.begin() as unit:
        standing = unit.fetch_locked(MESSAGE, [one.record.id for one in going])
        there = [(one, fault) for one, fault in zip(going, faults, strict=True) if one.record.id in standing]
        noted = [_noted(runtime, unit, one.effect, standing[one.record.id], fault) for one, fault in there]
        unit.update_many([record for record in noted if record is not None])
    sent = {one.effect.id: fault for one, fault in zip(going, faults, strict=True)}
    return {effect.id: sent.get(effect.id) for effect in effects}


def _landed(runtime: Runtime, name: str, effects: Sequence[Effect]) -> list[_Sending]:
    """Note that they are being sent; those that need no more sending are left out."""
    ids = {effect.id: str(effect.payload.get("landed") or effect.id) for effect in effects}
    with runtime.store.begin(write=False) as unit:
        stood = unit.fetch_many(MESSAGE, list(ids.values()))
    world = surroundings(runtime)
    made = {effect.id: _made(world, effect, stood.get(ids[effect.id])) for effect in effects}
    with runtime.store.begin() as unit:
        known = unit.fetch_many(MESSAGE, list(ids.values()))
        going: list[_Sending] = []
        fresh = []
        for effect in effects:
            before = known.get(ids[effect.id])
            if before is not None and (is_done(before) or ids[effect.id] in {one.record.id for one in going}):
                continue
            ready = made[effect.id]
            if before is None and ready.held is None:
                continue  # the message was removed; nothing is left to send
            record = _renewed(runtime, before, ready) if before is not None else _fresh(runtime, name, effect, ready)
            message = outgoing_of(record, ready.content or b"")
            record.values["reference"] = reference_of(runtime.channels.get(name), message) or None
            if before is None:
                fresh.append(record)
            else:
                unit.update(record, before.version)
            going.append(_Sending(effect, record, message, ready.fault))
        unit.insert_many(fresh)
    return going


def _renewed(runtime: Runtime, record: Record, ready: _Made) -> Record:
    held = {**ready.held, "signer": ready.signer, "code": ""} if ready.held is not None else {}
    tries = int(str(record.values["tries"] or 0)) + 1
    return renewed(record, runtime.clock.now(), state=SENDING, tries=tries, **held)


@dataclass(frozen=True, slots=True)
class _Made:
    """A message as it goes out. `held` is what is to be kept of it, None where what is kept stands already."""

    content: bytes | None
    held: Mapping[str, object] | None
    signer: str = ""
    fault: Exception | None = None


def _made(world: RecordWorld, effect: Effect, record: Record | None) -> _Made:
    """Sign and wrap what was not yet; what cannot be is kept as it is, with its fault."""
    runtime = world.runtime
    if record is not None and record.values["code"] not in UNFINISHED:
        try:
            return _Made(body(runtime.files, record), None)
        except KeyError as lost:  # its file is gone or damaged: that is this message's matter alone
            return _Made(b"", None, fault=lost)
    if record is None and "body" not in effect.payload:
        return _Made(None, None)
    raw = content_of(effect) if "body" in effect.payload else body(runtime.files, record) if record else b""
    kind = str(effect.payload.get("mapping") or (record.values["kind"] if record else ""))
    mapping = runtime.definitions.mappings.get(kind)
    title = kind or effect.key
    if mapping is None or not needs_finishing(mapping):
        return _Made(raw, packed(runtime.files, raw, title), str(effect.payload.get("signer") or ""))
    try:
        headers = effect.payload.get("headers") or (record.values["headers"] if record else None)
        ready = finished(world, mapping, raw, str(effect.payload.get("number") or effect.key), headers)
    except Exception as fault:  # noqa: BLE001 - a defect of one message must not keep the others from going out
        return _Made(raw, packed(runtime.files, raw, title) if record is None else None, fault=fault)
    return _Made(ready.content, packed(runtime.files, ready.content, title), ready.signer)


def content_of(effect: Effect) -> bytes:
    """The body that an effect carries: text, or bytes in base64 where `form` says so."""
    text = str(effect.payload["body"])
    return base64.b64decode(text) if effect.payload.get("form") == "base64" else text.encode()


def _fresh(runtime: Runtime, name: str, effect: Effect, ready: _Made) -> Record:
    held = {**(ready.held or {}), "signer": ready.signer}
    kind = str(effect.payload.get("mapping") or "")
    mapping = runtime.definitions.mappings.get(kind)
    headers = effect.payload.get("headers")
    about = {
        "direction": OUT,
        "channel": name,
        "kind": kind,
        "title": mapping.title.zh if mapping is not None else "",
        "key": kept_key(effect.key, str(held["digest"])),
        "number": str(effect.payload.get("number") or effect.key),
        "state": SENDING,
        "tries": 1,
        "headers": dict(headers) if isinstance(headers, Mapping) else None,
        "failing": effect.payload.get("failed") or None,
        "document": effect.document,
        "record_id": effect.record_id,
    }
    return fresh_message(effect.id, runtime.clock.now(), "engine", {**held, **about})


def _handed(runtime: Runtime, name: str, going: Sequence[_Sending]) -> list[Exception | None]:
    """Hand all over; what came of each."""
    if not exchanges(runtime):
        waiting = DeliveryError(Incident(name, str(standing(runtime).fault or "no licence")))
        return [_Coded(UNLICENSED, waiting) for _ in going]
    channel = runtime.channels.get(name)
    if channel is None:
        lost = DeliveryError(Incident(name, "this node binds no such channel", retry=False))
        return [_Coded("MSG104", lost) for _ in going]
    most = largest(runtime, name)
    small = [one.message for one in going if not most or len(one.message.body) <= most]
    results: Iterator[Incident | None]
    results = iter(channel.send_many(small)) if isinstance(channel, Pipeline) else _one_by_one(channel, small)
    found: list[Exception | None] = []
    for one in going:
        if most and len(one.message.body) > most:
            large = Incident(name, f"{len(one.message.body)} bytes, {most} at most", retry=False)
            found.append(_Coded("MSG103", DeliveryError(large)))
        else:
            incident = next(results)
            found.append(None if incident is None else DeliveryError(incident))
    return found


def _one_by_one(channel: Channel, messages: Sequence[Outgoing]) -> Iterator[Incident | None]:
    """Each message's outcome. After some that the far side did not answer in a row the rest is not tried: waiting for
    each would take longer than the effects are ours."""
    unanswered = 0
    incident: Incident | None = None
    for message in messages:
        if unanswered < _UNANSWERED:
            incident = _sent(channel, message)
            unanswered = unanswered + 1 if incident is not None and incident.retry else 0
        yield incident


def _sent(channel: Channel, message: Outgoing) -> Incident | None:
    try:
        channel.send(message.body, key=message.key, kind=message.kind, headers=message.headers)
    except DeliveryError as failed:
        return failed.incident
    return None


class _Coded(DeliveryError):
    """A failure whose code is known where it is found."""

    def __init__(self, code: str, error: DeliveryError) -> None:
        self.code = code
        super().__init__(error.incident)


def _noted(runtime: Runtime, unit: Unit, effect: Effect, record: Record, fault: Exception | None) -> Record | None:
    """What became of a message, to be kept; None where nothing is: its receipt was quicker, or is awaited."""
    now = runtime.clock.now()
    if record.values["state"] == CONFIRMED:
        return None
    if fault is None and record.values["reference"]:
        channel = runtime.channels.get(str(record.values["channel"]))
        if isinstance(channel, Awaiting):
            await_receipt(runtime, unit, record, channel)
            return None
    if fault is None:
        return renewed(record, now, state=SENT, sent_at=now, code="", told=None)
    retry, said = True, type(fault).__name__
    code = "MSG105"
    if isinstance(fault, DeliveryError):
        retry, said = fault.incident.retry, fault.incident.text
        code = fault.code if isinstance(fault, _Coded | Unfinished) else "MSG101" if retry else "MSG102"
    bound = runtime.node.channels.get(str(record.values["channel"] or ""))
    code = over(code, bound.adapter if bound is not None else "")
    again = retry and effect.attempts < attempts_of(runtime, effect)
    return tell(renewed(record, now, state=BLOCKED if again else FAILED, code=code, told=worded(code, said)))
