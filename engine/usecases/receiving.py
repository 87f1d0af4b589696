"""What comes in is understood: a message becomes rows, each finds its document, and an event follows.

In: a landed message. Out: `Received`; documents moved by their own events, in the transaction that settles the message.
A message of many documents goes row by row, each in a transaction of its own that is done once, so that one row that is
refused keeps no other back. What comes later than the state allows is kept beside its document and changes nothing,
unless the machine says otherwise (`late_events`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.envelopes.admission import NotAdmitted
from engine.expressions.environment import Env
from engine.incidents import worded
from engine.machines.step import Obstacle
from engine.mappings.compiled import CompiledMapping
from engine.mappings.read import MessageFault, ReadMessage
from engine.mappings.ways import MESSAGE
from engine.model.actions import Act
from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.messages import Match, MessageMapping
from engine.model.traffic import Received
from engine.ports import SchemaFault, UnreadableMessage
from engine.problems import Refused
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.admitting import admit_envelope, guarded
from engine.usecases.desk import Inputs, Working
from engine.usecases.events import in_work
from engine.usecases.finishing import opened
from engine.usecases.jobs import NO_DOCUMENT
from engine.usecases.landing import confirm, settle, topic_of, waiting_message
from engine.usecases.message_mappings import envelopes_of, listened, mapping_of, root_of, understanding
from engine.usecases.runtime import Runtime
from engine.usecases.watching import RUN
from engine.usecases.work import Applied, Work

KEEP, REFUSE = "keep", "refuse"
PROCESSED, UNMATCHED, FAILED, QUARANTINED = "processed", "unmatched", "failed", "quarantined"
_TOLD = 5
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
        return Received(QUARANTINED, code="MSG210", text=_joined("MSG210", [why]))
    except UnreadableMessage as error:
        return Received(QUARANTINED, code="MSG204", text=_joined("MSG204", [error.text]))
    said = {"kind": chosen.mapping.id, "number": str(read.message.get("id") or "")}
    wrong = [*_schema_texts(faults if chosen.mapping.is_strict else ()), *_fault_texts(read.faults)]
    if wrong or (wrong := _not_admitted(runtime, chosen.mapping, read, content)):
        received = Received(FAILED, code="MSG209", text=_joined("MSG209", wrong), **said)
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
    admit_envelope(runtime, inner.envelope, content)
    return understanding(runtime, root_of(runtime, inner.content)), inner.content, inner.message


def _not_admitted(
    runtime: Runtime, mapping: MessageMapping, read: ReadMessage, content: bytes
) -> list[Mapping[str, str]]:
    """Why the guards of the mapping do not let a message in; nothing where they do."""
    try:
        guarded(runtime, mapping.accept, content, read.documents[0] if read.documents else {}, read.message)
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
            _without_document(work, mapping.refused, {**about, **why})
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
    return [{language: f"{one.line}: {text}" for language, text in one.text.items()} for one in faults]


def _joined(code: str, texts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    more = f" (+{len(texts) - _TOLD})" if len(texts) > _TOLD else ""
    head = worded(code)
    between = {"zh": "：", "en": ": "}
    return {
        language: head[language] + between[language] + "; ".join(one[language] for one in texts[:_TOLD]) + more
        for language in ("zh", "en")
    }


# --- rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one row."""

    state: str
    document: str = ""
    record_id: str = ""
    text: Mapping[str, str] | None = None


def take_rows(
    runtime: Runtime, mapping: MessageMapping, rows: Sequence[Row], message: Row, landed_id: str = ""
) -> Received:
    """Let the rows of a message have their effect, and settle the message. Raises Refused for a single row."""
    if len(rows) == 1:
        return in_work(runtime, ENGINE, lambda work: _single(work, mapping, rows[0], message, landed_id))
    done = [_one_of_many(runtime, mapping, row, message, f"{landed_id}:{at}") for at, row in enumerate(rows)]
    received = _summed(mapping, done, message)

    def act(work: Work) -> Received:
        _settle(work, landed_id, received)
        return received

    return in_work(runtime, ENGINE, act)


def take_rows_within(work: Work, mapping: MessageMapping, rows: Sequence[Row], message: Row) -> Received:
    """Let all rows have their effect in a transaction that is under way: all of them or none. Raises Refused."""
    done = [_take(work, mapping, row, message) for row in rows]
    return _summed(mapping, done, message)


def _single(work: Work, mapping: MessageMapping, row: Row, message: Row, landed_id: str) -> Received:
    record = waiting_message(work.unit, landed_id) if landed_id else None
    if landed_id and record is None:
        return Received(PROCESSED)  # somebody else was faster; what stands there is kept
    done = _take(work, mapping, row, message)
    received = _summed(mapping, [done], message)
    if record is not None:
        settle(work.unit, record, work.now, received)
    return received


def _settle(work: Work, landed_id: str, received: Received) -> None:
    record = waiting_message(work.unit, landed_id) if landed_id else None
    if record is not None:
        settle(work.unit, record, work.now, received)


def _one_of_many(runtime: Runtime, mapping: MessageMapping, row: Row, message: Row, mark: str) -> _Done:
    """One row in a transaction of its own; done once, however often the message is processed."""

    def act(work: Work) -> _Done:
        if mark and work.unit.seen("row", mark):
            return _Done(PROCESSED)
        done = _take(work, mapping, row, message)
        if done.state == UNMATCHED:
            raise _Nothing
        return done

    try:
        return in_work(runtime, ENGINE, act)
    except _Nothing:
        return _Done(UNMATCHED)
    except Refused as refused:
        if refused.kind == "stale":
            raise
        return _Done(FAILED, text=_refusal(refused))


class _Nothing(Exception):
    """Nothing is to be kept of a row that found no document: it may find one later."""


def _refusal(refused: Refused) -> dict[str, str]:
    texts = {
        language: "; ".join(dict.fromkeys(one.text.get(language, "") for one in refused.findings))
        for language in ("zh", "en")
    }
    return {language: text or refused.kind for language, text in texts.items()}


def _summed(mapping: MessageMapping, done: Sequence[_Done], message: Row) -> Received:
    states = [one.state for one in done]
    state = next((one for one in (FAILED, UNMATCHED) if one in states), PROCESSED)
    first = next((one for one in done if one.record_id), _Done(state))
    code = {FAILED: "MSG205", UNMATCHED: "MSG206"}.get(state, "")
    texts = [one.text for one in done if one.text]
    return Received(
        state,
        first.document if len(done) == 1 else "",
        first.record_id if len(done) == 1 else "",
        mapping.id,
        str(message.get("id") or ""),
        code,
        (_joined(code, texts) if texts else worded(code)) if code else {},
    )


def _take(work: Work, mapping: MessageMapping, row: Row, message: Row) -> _Done:
    """One row: its document, its event. Raises Refused."""
    full = _complete(work.runtime, mapping, row)
    env = Env(full, work.world, names={MESSAGE: message})
    event = mapping.event(env) if mapping.event is not None else None
    if not mapping.match:
        return _created(work, mapping, full, str(event or ""), env)
    found = _matched(work, mapping, full)
    if found is None:
        _without_document(work, mapping.unmatched, message)
        return _Done(UNMATCHED)
    working = work.open(*found)
    if event is not None:
        _raised(work, mapping, working, str(event), env)
    confirm(work.unit, work.now, document=found[0], record_id=found[1])
    return _Done(PROCESSED, *found)


def _complete(runtime: Runtime, mapping: MessageMapping, row: Row) -> Row:
    """A row with a key for every name that the mapping reads; an empty element is nothing."""
    names = mapping_of(runtime, mapping.id).names
    return {**dict.fromkeys(names), **{name: None if value == "" else value for name, value in row.items()}}


def _matched(work: Work, mapping: MessageMapping, row: Row) -> tuple[str, str] | None:
    """Document type and id of the first document that a message belongs to; of several the newest."""
    for match in mapping.match:
        where = _where(work, match, row)
        if where is None:
            continue
        newest = (Order("created_at", descending=True),)
        found = work.unit.select(Selection(match.document, where, newest, limit=1, tables=()))
        if found:
            return match.document, found[0].id
    return None


def _where(work: Work, match: Match, row: Row) -> Criterion | None:
    """What a document must equal; None where the message does not say all of it."""
    fields = work.runtime.definitions.documents[match.document].fields
    parts: list[Criterion] = [Compare(("deleted",), "==", False)]
    for name in match.by:
        value = row.get(name)
        if value is not None and name in fields:
            try:
                value = parse(value, fields[name])
            except Malformed:
                return None
        if value is None:
            return None
        parts.append(Compare((name,), "==", value))
    return Every(tuple(parts))


def _raised(work: Work, mapping: MessageMapping, working: Working, event: str, env: Env) -> None:
    machine = work.machine(working.document.id)
    inner = Env(env.row, work.world.as_of(work.day_of(working)), this=working.values, names=env.locals)
    asked = {name: given.value(inner) for name, given in mapping.values.items()}
    raw = {name: given.value(inner) for name, given in mapping.set.items()}
    if machine.late_events != REFUSE and _is_late(work, working, event):
        event = machine.late_events
        if event in ("", KEEP) or _is_late(work, working, event):
            return
    known = machine.events[event].ask if event in machine.events else {}
    work.apply(working, event, ENGINE, Inputs(raw=raw, asked={n: v for n, v in asked.items() if n in known}))


def _is_late(work: Work, working: Working, event: str) -> bool:
    """Whether the state of a document does not allow an event, any more or at all."""
    declared = work.machine(working.document.id).events.get(event)
    return declared is not None and work.obstacle_to(working, declared, ENGINE) is Obstacle.STATE


def _created(work: Work, mapping: MessageMapping, row: Row, event: str, env: Env) -> _Done:
    """A new document out of a message. Fields that are computed are left to be computed."""
    working = work.blank(mapping.document)
    fields = working.document.fields
    raw = {
        name: value
        for name, value in row.items()
        if value is not None and name in fields and (fields[name].value is None or fields[name].edit is True)
    }
    raw |= {name: given.value(env) for name, given in mapping.set.items()}
    asked = {name: given.value(env) for name, given in mapping.values.items()}
    known = work.machine(mapping.document).events[event].ask
    work.apply(working, event, ENGINE, Inputs(raw=raw, asked={n: v for n, v in asked.items() if n in known}))
    return _Done(PROCESSED, mapping.document, str(working.values["id"]))


def _without_document(work: Work, acts: Sequence[Act], message: Row) -> None:
    """What a mapping does about a message that belongs to nothing, or is not taken."""
    if acts:
        values: dict[str, object] = {"id": "", "version": 0, "state": None}
        names: dict[str, object] = {MESSAGE: message}
        applied = Applied(Working(NO_DOCUMENT, values, None), RUN, None, {}, ENGINE, names=names)
        Performer().actions(work, applied, acts)
