"""Rows of a message that was understood: each finds its document, and an event follows.

In: rows by a mapping. Out: `Received`; documents moved by their own events. One row is settled with its message in one
transaction; of many each has its own, done once, so that one that is refused keeps no other back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.documents.field_kinds import parse
from engine.documents.malformed import Malformed
from engine.expressions.environment import Env
from engine.incidents import worded
from engine.machines.step import Obstacle
from engine.mappings.ways import MESSAGE
from engine.model.actions import Act
from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.messages import Match, MessageMapping
from engine.model.traffic import Received
from engine.problems import Refused
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.arrived_message import Came
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.jobs import NO_DOCUMENT
from engine.usecases.landing import confirm, settle, waiting_message
from engine.usecases.message_beginnings import NO_UNIT, apply_by, begun, created, set_by
from engine.usecases.message_mappings import mapping_of
from engine.usecases.runtime import Runtime
from engine.usecases.watching import RUN
from engine.usecases.work import Applied, Work

KEEP, REFUSE = "keep", "refuse"
PROCESSED, UNMATCHED, FAILED = "processed", "unmatched", "failed"
_TOLD = 5
Row = Mapping[str, object]


def joined(code: str, texts: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The text of an incident with the first things that were said behind it, by language."""
    more = f" (+{len(texts) - _TOLD})" if len(texts) > _TOLD else ""
    head = worded(code)
    between = {"zh": "：", "en": ": "}
    return {
        language: head[language] + between[language] + "; ".join(one[language] for one in texts[:_TOLD]) + more
        for language in ("zh", "en")
    }


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one row."""

    state: str
    document: str = ""
    record_id: str = ""
    text: Mapping[str, str] | None = None
    code: str = ""


def take_rows(
    runtime: Runtime,
    mapping: MessageMapping,
    rows: Sequence[Row],
    message: Row,
    landed_id: str = "",
    failing: Callable[[Work, Received], None] | None = None,
) -> Received:
    """Let the rows of a message have their effect, and settle the message; where some of many failed, with what is to
    be done then (`failing`). Raises Refused for a single row."""
    if len(rows) == 1:
        return in_work(runtime, ENGINE, lambda work: _single(work, mapping, rows[0], message, landed_id))
    done = [_one_of_many(runtime, mapping, row, _of(message, at), f"{landed_id}:{at}") for at, row in enumerate(rows)]
    received = _summed(mapping, done, message)

    def act(work: Work) -> Received:
        record = waiting_message(work.unit, landed_id) if landed_id else None
        if record is not None:
            if received.state == FAILED and failing is not None:
                failing(work, received)
            settle(work.unit, record, work.now, received)
        return received

    return in_work(runtime, ENGINE, act)


def take_rows_within(work: Work, mapping: MessageMapping, rows: Sequence[Row], message: Row) -> Received:
    """Let all rows have their effect in a transaction that is under way: all of them or none. Raises Refused."""
    done = [_take(work, mapping, row, _of(message, at)) for at, row in enumerate(rows)]
    return _summed(mapping, done, message)


def _of(message: Row, at: int) -> Row:
    """What a message says to one of its documents."""
    return message.of(at) if isinstance(message, Came) else message


def _single(work: Work, mapping: MessageMapping, row: Row, message: Row, landed_id: str) -> Received:
    record = waiting_message(work.unit, landed_id) if landed_id else None
    if landed_id and record is None:
        return Received(PROCESSED)  # somebody else was faster; what stands there is kept
    done = _take(work, mapping, row, message)
    received = _summed(mapping, [done], message)
    if record is not None:
        settle(work.unit, record, work.now, received)
    return received


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
        return _Done(FAILED, text=_refusal(refused), code=code_of(refused))


class _Nothing(Exception):
    """Nothing is to be kept of a row that found no document: it may find one later."""


def code_of(refused: Refused) -> str:
    """The kind of incident of a message that could not be done."""
    return "MSG213" if refused.kind == NO_UNIT else "MSG205"


def refusal(mapping: MessageMapping, refused: Refused, message: Row) -> Received:
    """What is noted of a message whose one document could not be made or moved."""
    code = code_of(refused)
    return Received(FAILED, "", "", mapping.id, str(message.get("id") or ""), code, joined(code, [_refusal(refused)]))


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
    code = next((one.code for one in done if one.code), "MSG205") if state == FAILED else ""
    code = code or ("MSG206" if state == UNMATCHED else "")
    texts = [one.text for one in done if one.text]
    return Received(
        state,
        first.document if len(done) == 1 else "",
        first.record_id if len(done) == 1 else "",
        mapping.id,
        str(message.get("id") or ""),
        code,
        (joined(code, texts) if texts else worded(code)) if code else {},
    )


def _take(work: Work, mapping: MessageMapping, row: Row, message: Row) -> _Done:
    """One row: its document, its event. Raises Refused."""
    full = _complete(work.runtime, mapping, row)
    env = Env(full, work.world, this=full, names={MESSAGE: message})
    event = mapping.event(env) if mapping.event is not None else None
    if not mapping.match:
        return _Done(PROCESSED, *created(work, mapping, full, str(event or ""), env))
    found = _matched(work, mapping, full)
    if found is None and mapping.creates:
        return _Done(PROCESSED, *begun(work, mapping, full, env))
    if found is None:
        without_document(work, mapping.unmatched, message)
        return _Done(UNMATCHED)
    working = work.open(*found)
    if event is not None:
        _raised(work, mapping, working, str(event), env)
    confirm(work.unit, work.now, document=found[0], record_id=found[1])
    return _Done(PROCESSED, *found)


def _complete(runtime: Runtime, mapping: MessageMapping, row: Row) -> Row:
    """A row with a key for every name that the mapping reads; an empty element is nothing."""
    names = mapping_of(runtime, mapping.id).names
    declared = runtime.definitions.documents.get(mapping.document)
    whole = declared.fields if declared is not None else ()
    return {
        **dict.fromkeys(whole),
        **dict.fromkeys(names),
        **{name: None if value == "" else value for name, value in row.items()},
    }


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
    raw = set_by(mapping, inner)
    if machine.late_events != REFUSE and _is_late(work, working, event):
        event = machine.late_events
        if event in ("", KEEP) or _is_late(work, working, event):
            return
    known = machine.events[event].ask if event in machine.events else {}
    apply_by(work, working, event, raw, {name: value for name, value in asked.items() if name in known})


def _is_late(work: Work, working: Working, event: str) -> bool:
    """Whether the state of a document does not allow an event, any more or at all."""
    declared = work.machine(working.document.id).events.get(event)
    return declared is not None and work.obstacle_to(working, declared, ENGINE) is Obstacle.STATE


def without_document(work: Work, acts: Sequence[Act], message: Row) -> None:
    """What a mapping does about a message that belongs to nothing, or is not taken."""
    if acts:
        values: dict[str, object] = {"id": "", "version": 0, "state": None}
        names: dict[str, object] = {MESSAGE: message}
        applied = Applied(Working(NO_DOCUMENT, values, None), RUN, None, {}, ENGINE, names=names)
        Performer().actions(work, applied, acts)
