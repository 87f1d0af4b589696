"""What comes in is understood: a message becomes rows, each finds its document, and an event follows.

In: a landed message. Out: `Received`; documents moved by their own events, in the transaction that settles the message.
A message of many documents goes row by row, each in a transaction of its own that is done once, so that one row that is
refused keeps no other back. What comes later than the state allows is kept beside its document and changes nothing,
unless the machine says otherwise (`late_events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.envelopes.admission import NotAdmitted
from engine.incidents import worded
from engine.mappings.compiled import CompiledMapping
from engine.mappings.read import MessageFault, ReadMessage
from engine.model.messages import MessageMapping
from engine.model.traffic import Received
from engine.ports.xml import SchemaFault, UnreadableMessage
from engine.usecases.acting import ENGINE
from engine.usecases.admitting import admit_envelope, guarded
from engine.usecases.events import in_work
from engine.usecases.finishing import opened
from engine.usecases.landing import settle, topic_of, waiting_message
from engine.usecases.message_mappings import envelopes_of, listened, root_of, understanding
from engine.usecases.message_rows import joined, take_rows, without_document
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

UNMATCHED, FAILED, QUARANTINED = "unmatched", "failed", "quarantined"
Row = Mapping[str, object]


def receive(runtime: Runtime, channel: str, content: bytes, landed_id: str) -> Received:
    """Understand a landed message. Implements `engine.usecases.runtime.Receiver`."""
    if channel in runtime.definitions.offers:  # it was answered when it came: whoever called calls again
        return Received(QUARANTINED, code="MSG211", text=worded("MSG211"), kind=channel)
    try:
        mappings, content, message = _meant(runtime, channel, content, landed_id)
        if not mappings:
            return Received(UNMATCHED, code="MSG206", text=worded("MSG206"), number=str(message.get("id") or ""))
        chosen, read, faults = _read(mappings, content)
        read.message = {**message, **read.message}
    except NotAdmitted as refused:
        why = {language: f"{refused.word} {refused.code}: {text}" for language, text in refused.text.items()}
        return Received(QUARANTINED, code="MSG210", text=joined("MSG210", [why]))
    except UnreadableMessage as error:
        return Received(QUARANTINED, code="MSG204", text=joined("MSG204", [error.text]))
    said = {"kind": chosen.mapping.id, "number": str(read.message.get("id") or "")}
    wrong = [*_schema_texts(faults if chosen.mapping.is_strict else ()), *_fault_texts(read.faults)]
    if wrong or (wrong := _not_admitted(runtime, chosen.mapping, read, content, landed_id)):
        received = Received(FAILED, code="MSG209", text=joined("MSG209", wrong), **said)
        return _refused(runtime, chosen.mapping, received, read.message, content, landed_id)
    return take_rows(runtime, chosen.mapping, read.documents, read.message, landed_id)


def _meant(
    runtime: Runtime, channel: str, content: bytes, landed_id: str
) -> tuple[Sequence[CompiledMapping], bytes, Row]:
    """Which mappings a message is for, what is within its envelope, what that says. A channel that is listened to says
    so itself; of any other XML tells it by its root. Raises UnreadableMessage, NotAdmitted."""
    if told := listened(runtime, channel, topic_of(runtime, landed_id)):
        return told, content, {}
    root = root_of(runtime, content)
    envelopes = envelopes_of(runtime, root)
    if not envelopes:
        return understanding(runtime, root), content, {}
    inner = opened(envelopes, content)
    admit_envelope(runtime, inner.envelope, content, landed_id)
    return understanding(runtime, root_of(runtime, inner.content)), inner.content, inner.message


def _not_admitted(
    runtime: Runtime, mapping: MessageMapping, read: ReadMessage, content: bytes, landed_id: str
) -> list[Mapping[str, str]]:
    """Why the guards of the mapping do not let a message in; nothing where they do."""
    try:
        guarded(runtime, mapping.accept, content, read.documents[0] if read.documents else {}, read.message, landed_id)
    except NotAdmitted as refused:
        return [refused.text]
    return []


def _refused(
    runtime: Runtime, mapping: MessageMapping, received: Received, message: Row, content: bytes, landed_id: str
) -> Received:
    """Do what the mapping says about a message that is not taken, and settle it in the same transaction."""
    if not mapping.refused:
        return received
    about = {"id": "", "kind": mapping.kind or mapping.id, **message, "at": runtime.clock.now()}
    why = {"fault": received.text["zh"], "content": content.decode("utf-8", "replace")}

    def act(work: Work) -> Received:
        record = waiting_message(work.unit, landed_id)
        if record is not None:
            without_document(work, mapping.refused, {**about, **why})
            settle(work.unit, record, work.now, received)
        return received

    return in_work(runtime, ENGINE, act)


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
