"""Doors that others prescribe: a call comes in, is let in, understood, done in one transaction, and answered.

In: an offer, the bytes of a call, who brought a token. Out: the answer's data or bytes. Every call lands and stands in
the audit, also one that was refused; what it did and the note of it are one transaction. The same again, where the
offer says by what, does nothing and is answered as the first was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.envelopes.admission import NotAdmitted
from engine.expressions.environment import Env
from engine.mappings.json_messages import parsed
from engine.mappings.ways import MESSAGE
from engine.model.envelopes import Envelope
from engine.model.guards import Code, Rate, Size
from engine.model.interfaces import BODY, RAW, Offer
from engine.model.records import Record
from engine.ports.xml import UnreadableMessage
from engine.problems import Finding, Refused
from engine.usecases.acting import ENGINE, Performer
from engine.usecases.admitting import Entrant, enveloped, guarded
from engine.usecases.arrived_message import CHANNEL, came
from engine.usecases.call_limits import may_come, worth_keeping
from engine.usecases.desk import Working
from engine.usecases.events import in_work
from engine.usecases.jobs import NO_DOCUMENT
from engine.usecases.landing_records import FAILED, QUARANTINED
from engine.usecases.message_mappings import mapping_of, root_of
from engine.usecases.message_rows import take_rows_within
from engine.usecases.offer_answers import answer_file, answer_of_refusal, answer_of_rows, wrapped_answer
from engine.usecases.offer_bodies import take_body
from engine.usecases.offer_landing import caller_id, entry, land_refused, record
from engine.usecases.offer_notes import made_before, note_made, noted
from engine.usecases.offer_views import Answered, Asked, Told
from engine.usecases.promises import promise
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.watching import RUN
from engine.usecases.work import Applied, Work

Row = Mapping[str, object]
_BY_GUARD = {"size": 413, "encoding": 415, "rate": 429, "shape": 400, "known": 401, "verify": 401}
_BY_KIND = {"findings": 422, "forbidden": 403, "not_found": 404, "unauthorized": 401}


def answer(runtime: Runtime, offer: Offer, asked: Asked) -> Answered:
    """Serve one call. Raises nothing that the caller is at fault for."""
    entrant = Entrant(asked.content)
    try:
        entrant = _let_in(runtime, offer, asked)
        told = served(runtime, offer, asked, entrant)
    except NotAdmitted as refused:
        entrant = getattr(refused, "entrant", entrant)
        told = Told(
            refused.word, refused.code, refused.text["zh"], _named(refused), status=_BY_GUARD.get(refused.word, 403)
        )
        whose = caller_id(entrant, asked) or asked.address
        if refused.word != "rate" or worth_keeping(runtime, f"{offer.id}:{whose}"):
            land_refused(runtime, offer, asked, entrant, told, "MSG210", QUARANTINED)
    except Refused as refused:
        told = refusal(runtime, offer, refused)
        land_refused(runtime, offer, asked, entrant, told, "MSG205", FAILED)
    if offer.otherwise and told.word != "ok":
        told = replace(told, data=answer_of_refusal(runtime, offer, told), word="ok", status=200)
    if offer.is_bare:
        return Answered(told)
    return Answered(told, wrapped_answer(runtime, offer, entrant, told))


def _named(refused: NotAdmitted) -> tuple[str, ...]:
    return (refused.name,) if refused.name else ()


# --- who comes in ----------------------------------------------------------------------------------------------------


def _let_in(runtime: Runtime, offer: Offer, asked: Asked) -> Entrant:
    """Raises NotAdmitted; Refused for a token without the role."""
    envelope = runtime.definitions.envelopes.get(offer.envelope)
    if asked.size > asked.most:
        raise _too_large(envelope)
    if asked.encoding:
        text = "报文不能压缩或另行编码", "the message may not be compressed or encoded otherwise"
        raise NotAdmitted("encoding", envelope.codes.get("malformed", "malformed") if envelope else "malformed", *text)
    entrant = Entrant(asked.content)
    if envelope is not None:
        entrant = enveloped(runtime, envelope, asked.content, asked.size, seconds=offer.seconds)
    if not (offer.public or (envelope is not None and envelope.proves)):
        if asked.actor is None:
            raise Refused((_finding("unauthorized", "请提供有效令牌", "a valid token is wanted"),), kind="unauthorized")
        if not asked.actor.roles & set(offer.roles):
            raise Refused((_finding("forbidden", "您不能调用此接口", "you may not call this"),), kind="forbidden")
    if offer.limit is not None:
        key = f"{offer.id}:{_per(offer, asked, entrant)}"
        if not may_come(runtime, key, offer.limit):
            guards = envelope.accept if envelope is not None else ()
            named = [one.code for one in guards if isinstance(one, Rate)]
            raise NotAdmitted("rate", named[0] if named else "rate", "请求过于频繁", "too many requests")
    return entrant


def _too_large(envelope: Envelope | None) -> NotAdmitted:
    """What is not read to its end, in the code of the envelope's own bound where it has one."""
    guards = envelope.accept if envelope is not None else ()
    named = [one.code for one in guards if isinstance(one, Size)]
    return NotAdmitted("size", named[0] if named else "size", "报文过大", "the message is too large")


def _per(offer: Offer, asked: Asked, entrant: Entrant) -> str:
    """What a limit counts by: a name of the envelope, the address, or whoever calls."""
    per = offer.limit.per if offer.limit is not None else ""
    if per in entrant.names:
        return str(entrant.names[per])
    if per == "address":
        return asked.address
    caller = caller_id(entrant, asked)
    return caller or asked.address


def _reader(offer: Offer, asked: Asked, entrant: Entrant) -> Actor:
    """With whose rights a query reads."""
    if asked.actor is not None and not entrant.caller:
        return asked.actor
    return Actor(caller_id(entrant, asked) or "public", offer.id, frozenset(offer.roles), address=asked.address)


# --- what is done ----------------------------------------------------------------------------------------------------


def served(runtime: Runtime, offer: Offer, asked: Asked, entrant: Entrant) -> Told:
    """Do what an offer says for a call that was let in. Raises Refused, NotAdmitted."""
    rows, message = _rows(runtime, offer, entrant)
    actor = _reader(offer, asked, entrant)

    def act(work: Work) -> Told:
        work.world.asking = entrant.caller
        values = rows[0] if offer.mapping else _bound(work, offer, asked, entrant)
        names = _Names(runtime, asked.content, {BODY: values, MESSAGE: message})
        env = Env({}, work.world, names=names)
        landed = record(work, offer, asked, entrant, message)
        note, again = noted(work, offer, entrant.content, caller_id(entrant, asked), env)
        if again and note is not None:
            names.update(made_before(work, note))
        else:
            _do(work, offer, rows, message, names, landed)
            note_made(work, note, names)
            promise(work, offer, landed, env)
        data, file = answer_of_rows(work, offer, actor, entrant.caller, env), answer_file(offer, env)
        work.unit.insert(landed)
        work.unit.append_audit(entry(runtime, offer, asked, entrant, "ok", values))
        return Told("ok", _code(runtime, offer, "ok"), data=data, duplicate=again, file=file)

    return in_work(runtime, replace(ENGINE, address=asked.address), act)


def _rows(runtime: Runtime, offer: Offer, entrant: Entrant) -> tuple[list[Row], Row]:
    """The rows of a message that a mapping reads. Raises Refused, NotAdmitted."""
    message: Row = {"id": "", "kind": offer.id, "at": runtime.clock.now(), **entrant.message}
    if not offer.mapping:
        return [], message
    compiled = mapping_of(runtime, offer.mapping)
    try:
        read, faults = compiled.judged(entrant.content)
    except UnreadableMessage as error:
        raise Refused((Finding("malformed", error.text),)) from error
    findings = [Finding("malformed", one.text, (one.element,)) for one in read.faults]
    findings += [
        Finding("malformed", {"zh": one.text, "en": one.text}, (one.path,))
        for one in (faults if compiled.mapping.is_strict else ())
    ]
    if findings:
        raise Refused(findings)
    names = {CHANNEL: offer.id, **message, **read.message}
    root = root_of(runtime, entrant.content) if compiled.mapping.also else ""
    message = came(runtime, compiled, entrant.content, names, documents=len(read.documents), root=root)
    found = guarded(runtime, compiled.mapping.accept, entrant.content, _first(read.documents), message)
    entrant.caller = entrant.caller or found.caller
    return [{**dict.fromkeys(compiled.names), **row} for row in read.documents] or [{}], message


def _first(rows: list[dict[str, object]]) -> Row:
    return rows[0] if rows else {}


def _bound(work: Work, offer: Offer, asked: Asked, entrant: Entrant) -> Row:
    raw: Mapping[str, object] = asked.arguments
    if offer.body and not asked.arguments:
        body = entrant.body if entrant.body is not None else entrant.content
        try:
            content = body if isinstance(body, bytes) else entrant.content
            raw = body if isinstance(body, Mapping) else parsed(content, offer.seconds)
        except UnreadableMessage as error:
            raise Refused((Finding("malformed", error.text),)) from error
    taken = take_body(work, offer, raw)
    if taken.findings:
        raise Refused(taken.findings)
    return taken.values


def _do(work: Work, offer: Offer, rows: list[Row], message: Row, names: dict[str, object], landed: Record) -> None:
    if offer.do:
        values: dict[str, object] = {"id": "", "version": 0, "state": None}
        applied = Applied(
            Working(NO_DOCUMENT, values, None), RUN, None, {}, ENGINE, names=names, occasion=str(landed.id)
        )
        Performer().actions(work, applied, offer.do)
        made = applied.names.get("created")
        if isinstance(made, Mapping):
            landed.values["record_id"] = made["id"]
            landed.values["document"] = next((one for one, key in work.touched if key == made["id"]), "")
    elif offer.mapping and offer.of is None:
        received = take_rows_within(work, mapping_of(work.runtime, offer.mapping).mapping, rows, message)
        landed.values.update(
            state=received.state, document=received.document, record_id=received.record_id, code=received.code
        )


class _Names(dict[str, object]):
    """Names of an offer; the whole message becomes a file when somebody asks for it."""

    def __init__(self, runtime: Runtime, content: bytes, names: Mapping[str, object]) -> None:
        super().__init__(names)
        self._runtime, self._content = runtime, content

    def get(self, name: str, default: object = None) -> object:
        """The value of a name; the file is made when it is first asked for."""
        if name == RAW and RAW not in self:
            self[RAW] = self._runtime.files.put(self._content, RAW, "application/octet-stream")
        return super().get(name, default)


# --- what is told ----------------------------------------------------------------------------------------------------


def refusal(runtime: Runtime, offer: Offer, refused: Refused) -> Told:
    """How a refusal is told to whoever called."""
    word = _word(refused)
    texts = dict.fromkeys(_said(one) for one in refused.findings)
    fields = tuple(dict.fromkeys(".".join(one.at) for one in refused.findings if one.at))
    status = _BY_KIND.get(refused.kind, 409)
    return Told(word, _code(runtime, offer, word), "；".join(texts) or refused.kind, fields, status=status)


def _said(finding: Finding) -> str:
    text = finding.text.get("zh", "")
    return f"{'.'.join(finding.at)}：{text}" if finding.at else text


def _word(refused: Refused) -> str:
    """What went wrong, in the words of an envelope's codes."""
    if refused.kind == "duplicate":
        return "duplicate"
    if refused.kind == "not_found":
        return "unknown"
    if refused.kind != "findings":
        return "not_allowed"
    codes = {one.code for one in refused.findings}
    if codes <= {"required"}:
        return "missing"
    return "bad_code" if codes <= {"unknown_choice", "required"} else "malformed"


def _code(runtime: Runtime, offer: Offer, word: str) -> Code:
    """How the envelope says a word; an offer without one says the word."""
    envelope = runtime.definitions.envelopes.get(offer.envelope)
    if envelope is None:
        return 0 if word == "ok" else word
    return envelope.codes.get(word, 0 if word == "ok" else word)


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, {"zh": zh, "en": en})
