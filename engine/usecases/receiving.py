"""What comes in is understood: a message becomes rows, each finds its document, and an event follows.

In: a landed message. Out: `Received`; documents moved by their own events, in the transaction that settles the message.
A message of many documents goes row by row, each in a transaction of its own that is done once, so that one row that is
refused keeps no other back. What comes later than the state allows is kept beside its document and changes nothing,
unless the machine says otherwise (`late_events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from engine.envelopes.admission import NotAdmitted
from engine.incidents import worded
from engine.mappings.compiled import CompiledMapping
from engine.mappings.read import MessageFault, ReadMessage
from engine.model.messages import MessageMapping
from engine.model.traffic import Received
from engine.model.xml_shapes import local_name
from engine.ports.xml import SchemaFault, UnreadableMessage
from engine.problems import Refused
from engine.usecases.acting import ENGINE
from engine.usecases.admitting import admit_envelope, guarded
from engine.usecases.arrived_message import CHANNEL, TOPIC, Came, came
from engine.usecases.enveloping import envelope_for, out_of_envelope
from engine.usecases.events import in_work
from engine.usecases.finishing import opened
from engine.usecases.landing import settle, topic_of, waiting_message
from engine.usecases.message_mappings import envelopes_by, listened, root_of, understanding
from engine.usecases.message_rows import joined, refusal, take_rows, without_document
from engine.usecases.runtime import Runtime
from engine.usecases.turned_back import (
    OVERSIZED,
    REFUSAL,
    RULES,
    SCHEMA,
    UNKNOWN,
    UNREADABLE,
    is_oversized,
    legible,
    turned_back,
)
from engine.usecases.work import Work

UNMATCHED, FAILED, QUARANTINED = "unmatched", "failed", "quarantined"
Row = Mapping[str, object]


def receive(runtime: Runtime, channel: str, content: bytes, landed_id: str) -> Received:
    """Understand a landed message. Implements `engine.usecases.runtime.Receiver`."""
    if channel in runtime.definitions.offers:  # it was answered when it came: whoever called calls again
        return Received(QUARANTINED, code="MSG211", text=worded("MSG211"), kind=channel)
    told: dict[str, object] = {}
    back = partial(turned_back, runtime, channel, said=told, content=content, landed_id=landed_id)
    try:
        mappings, content, message = _meant(runtime, channel, content, landed_id, told)
        if is_oversized(runtime, channel, back.keywords["content"]):
            return back(Received(QUARANTINED, code="MSG202", text=worded("MSG202")), OVERSIZED)
        if not mappings:
            number = str(message.get("id") or "")
            return back(Received(UNMATCHED, code="MSG206", text=worded("MSG206"), number=number), UNKNOWN)
        chosen, read, faults = _read(mappings, content)
        read.message = {**message, **read.message}
    except NotAdmitted as refused:
        texts = {language: f"{refused.word} {refused.code}: {text}" for language, text in refused.text.items()}
        return back(Received(QUARANTINED, code="MSG210", text=joined("MSG210", [texts])), refused.why)
    except UnreadableMessage as error:
        return back(Received(QUARANTINED, code="MSG204", text=joined("MSG204", [error.text])), UNREADABLE)
    said = {"kind": chosen.mapping.id, "number": str(read.message.get("id") or "")}
    wrong, why = [*_schema_texts(faults if chosen.mapping.is_strict else ()), *_fault_texts(read.faults)], SCHEMA
    if not wrong:
        wrong, why = _not_admitted(runtime, chosen.mapping, read, content, landed_id)
    about = _told(runtime, chosen, read, content)
    if wrong:
        received = Received(FAILED, code="MSG209", text=joined("MSG209", wrong), **said)
        return _refused(runtime, chosen.mapping, received, about.saying({REFUSAL: why}), content, landed_id)
    return _taken(runtime, chosen.mapping, read, about, content, landed_id)


def _taken(
    runtime: Runtime, mapping: MessageMapping, read: ReadMessage, about: Came, content: bytes, landed_id: str
) -> Received:
    """What becomes of the rows of a message; what cannot be done is answered as one that was not taken."""
    about = about.saying({REFUSAL: RULES})
    answer = partial(_answered, mapping, about, content)
    try:
        return take_rows(runtime, mapping, read.documents, about, landed_id, answer)
    except Refused as refused:
        if refused.kind == "stale":
            raise
        return _refused(runtime, mapping, refusal(mapping, refused, about), about, content, landed_id)


def _meant(
    runtime: Runtime, channel: str, content: bytes, landed_id: str, said: dict[str, object]
) -> tuple[Sequence[CompiledMapping], bytes, Row]:
    """Which mappings a message is for, what is within its envelope, what that says; what was learnt of it is `said` as
    well where it raises. A channel that is listened to says so itself; of any other XML tells it by its root. Raises
    UnreadableMessage, NotAdmitted."""
    topic = topic_of(runtime, landed_id)
    told = listened(runtime, channel, topic)
    by: Row = {CHANNEL: channel, TOPIC: topic}
    if (sealed := envelope_for(runtime, channel, told)) is not None:
        content, about = out_of_envelope(runtime, sealed, content, landed_id)
        by = {**about, **by}
        said.update(by)
    if told and not all(one.roots for one in told):
        return told, content, by
    root = root_of(runtime, content)
    envelopes = () if any(root in one.roots for one in told) else envelopes_by(runtime, channel, root)
    said["kind"] = "" if envelopes else local_name(root)
    if not envelopes:
        return _by_root(runtime, told, root), content, by
    inner = opened(envelopes, content, said)
    admit_envelope(runtime, inner.envelope, content, landed_id)
    return _by_root(runtime, told, root_of(runtime, inner.content)), inner.content, {**inner.message, **by}


def _by_root(runtime: Runtime, told: Sequence[CompiledMapping], root: str) -> Sequence[CompiledMapping]:
    """Of the mappings that listen those that read such a root, all of them where none does; else whoever reads it."""
    return [one for one in told if root in one.roots] or told or understanding(runtime, root)


def _told(runtime: Runtime, chosen: CompiledMapping, read: ReadMessage, content: bytes) -> Came:
    """What a message says of itself."""
    root = root_of(runtime, content) if chosen.mapping.also else ""
    return came(runtime, chosen, content, read.message, documents=len(read.documents), root=root)


def _not_admitted(
    runtime: Runtime, mapping: MessageMapping, read: ReadMessage, content: bytes, landed_id: str
) -> tuple[list[Mapping[str, str]], str]:
    """Why the guards of the mapping do not let a message in, with the word for it; nothing where they do."""
    try:
        guarded(runtime, mapping.accept, content, read.documents[0] if read.documents else {}, read.message, landed_id)
    except NotAdmitted as refused:
        return [refused.text], refused.why
    return [], ""


def _refused(
    runtime: Runtime, mapping: MessageMapping, received: Received, message: Came, content: bytes, landed_id: str
) -> Received:
    """Do what the mapping says about a message that is not taken, and settle it in the same transaction."""
    if not mapping.refused:
        return received

    def act(work: Work) -> Received:
        record = waiting_message(work.unit, landed_id)
        if record is not None:
            _answered(mapping, message, content, work, received)
            settle(work.unit, record, work.now, received)
        return received

    return in_work(runtime, ENGINE, act)


def _answered(mapping: MessageMapping, message: Came, content: bytes, work: Work, received: Received) -> None:
    """Do what the mapping says about a message that is not taken, or not all of it."""
    why = {"fault": received.text["zh"], "content": legible(content)}
    without_document(work, mapping.refused, message.saying(why))


def _read(
    mappings: Sequence[CompiledMapping], content: bytes
) -> tuple[CompiledMapping, ReadMessage, Sequence[SchemaFault]]:
    """The message as the first mapping reads it whose schema allows it, else the first. Raises UnreadableMessage."""
    judged, unread = [], None
    for one in mappings:
        try:
            judged.append((one, *one.judged(content)))
        except UnreadableMessage as error:
            unread = unread or error
    if not judged and unread is not None:
        raise unread
    sound = [found for found in judged if not found[2]]
    return next((found for found in sound if not found[1].faults), (sound or judged)[0])


def _schema_texts(faults: Sequence[SchemaFault]) -> list[Mapping[str, str]]:
    return [dict.fromkeys(("zh", "en"), f"{one.line}: {one.path}: {one.text}") for one in faults]


def _fault_texts(faults: Sequence[MessageFault]) -> list[Mapping[str, str]]:
    places = [f"{one.line}: " if one.line else "" for one in faults]
    return [
        {language: f"{place}{text}" for language, text in one.text.items()}
        for place, one in zip(places, faults, strict=True)
    ]
