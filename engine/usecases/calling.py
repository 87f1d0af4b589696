"""Calls of outside services: asked by the worker, once per key, and what they answer comes back as an event.

In: effects of kind `call`. Out: the call and its answer, landed; the event `ok` with what was answered, or a receipt
understood by its mapping. Raises DeliveryError: what may go well later is tried again, the rest becomes the event
`failed`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from engine.envelopes import securing
from engine.envelopes.wrapping import SIGNATURE, Wrapper
from engine.expressions.environment import Env
from engine.incidents import worded
from engine.mappings.json_messages import parsed
from engine.mappings.ways import MESSAGE
from engine.model.crypto import CryptoRefused, PublicKey
from engine.model.envelopes import Envelope
from engine.model.guards import Once, Rate
from engine.model.interfaces import Service
from engine.model.messages import MessageMapping
from engine.model.records import Effect
from engine.model.traffic import Arrived
from engine.ports.crypto import CryptoProvider
from engine.ports.xml import UnreadableMessage
from engine.problems import DeliveryError, Incident, Refused
from engine.signing.members import raw_members
from engine.usecases.acting import ENGINE
from engine.usecases.admitting import Entrant, RecordGate, answers_of, body_bytes, wrapper_of
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.finishing import signed, surroundings
from engine.usecases.landing import body_of, fresh_message
from engine.usecases.landing_records import BLOCKED, FAILED, OUT, SENT, packed, renewed
from engine.usecases.landing_records import MESSAGE as LANDED
from engine.usecases.licensing import exchanges
from engine.usecases.offer_answers import request_names
from engine.usecases.proving import partner_key
from engine.usecases.runtime import Runtime
from engine.usecases.sending import attempts_of
from engine.usecases.taking_in import take_in
from engine.usecases.work import Work
from engine.usecases.world import RecordWorld

CALL = "call"
FORM = "application/x-www-form-urlencoded"
_AGAIN = frozenset({408, 409, 423, 425, 429})
"""Answers below 500 after which asking again may help."""
_GIVEN_UP = 1 << 30
"""Attempts of what is asked once, while somebody waits: nobody asks again by itself."""
Row = Mapping[str, object]


# --- asking ----------------------------------------------------------------------------------------------------------


def ask(runtime: Runtime, effect: Effect) -> None:
    """Ask a service and let its answer have its effect. Raises DeliveryError."""
    answered = _landed_answer(runtime, effect)
    if effect.payload.get("ok"):
        _answer(runtime, effect, answered)


def answer_of(runtime: Runtime, payload: Row, key: str) -> bytes:
    """Ask a service now, and give what it answers, a receipt understood; the call is kept as one of the worker is.
    Raises DeliveryError."""
    now = runtime.clock.now()
    return _landed_answer(runtime, Effect(runtime.ids.new(), CALL, key, now, payload=payload, attempts=_GIVEN_UP))


def _landed_answer(runtime: Runtime, effect: Effect) -> bytes:
    """The answer of a service; what was asked and how it went is kept, a receipt taken in. Raises DeliveryError."""
    service = runtime.definitions.services[str(effect.payload["service"])]
    content = _content(runtime, effect)
    try:
        content = _signed(runtime, service, content)
        answered = _asked(runtime, service, effect, content)
    except DeliveryError as failed:
        _land(runtime, service, effect, content, failed.incident)
        raise
    _land(runtime, service, effect, content, None)
    if service.receipt:
        take_in(runtime, service.id, Arrived(answered, effect.key, service.receipt))
    return answered


def _content(runtime: Runtime, effect: Effect) -> bytes:
    """What is asked: as the effect carries it, or as it landed where somebody asks again on purpose."""
    if "body" in effect.payload:
        return base64.b64decode(str(effect.payload["body"]))
    found = body_of(runtime, str(effect.payload["landed"]))
    return b"" if found is None else found[1]


def _signed(runtime: Runtime, service: Service, content: bytes) -> bytes:
    """What is asked with the signature that its mapping wants. Raises Unfinished."""
    mapping = runtime.definitions.mappings.get(service.mapping)
    if mapping is None or mapping.sign is None or _is_signed(mapping, content):
        return content
    return signed(surroundings(runtime), mapping, content)[0]


def _is_signed(mapping: MessageMapping, content: bytes) -> bool:
    """Whether it was signed when it was asked before."""
    sign = mapping.sign
    return sign is not None and bool(sign.over) and sign.value in raw_members(content.decode())


def _asked(runtime: Runtime, service: Service, effect: Effect, content: bytes) -> bytes:
    """The answer within its envelope. Raises DeliveryError."""
    port = runtime.services.get(service.to)
    if port is None:
        raise _failed(service, "this node binds no such service", retry=False)
    if not exchanges(runtime):
        raise _failed(service, "no licence", retry=True)
    envelope = runtime.definitions.envelopes.get(service.envelope)
    sent, names = (content, {}) if envelope is None else _wrapped(runtime, service, envelope, effect, content)
    key = str(effect.payload.get("key") or effect.key)
    how = {"method": service.method, "path": service.path, "key": key, "kind": service.id}
    if service.form:
        sent = urlencode({service.form: sent.decode()}).encode()
        replied = port.ask(sent, **how, seconds=service.timeout, media=FORM)
    else:
        replied = port.ask(sent, **how, seconds=service.timeout)
    if not 200 <= replied.status < 300:
        again = replied.status >= 500 or replied.status in _AGAIN
        raise _failed(service, f"HTTP {replied.status}", retry=again)
    if envelope is None:
        return replied.body
    return _opened(runtime, service, envelope, effect, replied.body, names)


def _failed(service: Service, said: str, *, retry: bool) -> DeliveryError:
    return DeliveryError(Incident(service.to, said, retry=retry))


def _wrapped(
    runtime: Runtime, service: Service, envelope: Envelope, effect: Effect, content: bytes
) -> tuple[bytes, Row]:
    """A call in its envelope: fresh each time it is tried, since a number must not come twice."""
    wrapper = wrapper_of(runtime, envelope.id)
    names = {**dict.fromkeys(wrapper.compiled.names), **request_names(runtime, envelope)}
    try:
        crypto, partner = _keys(runtime, envelope, effect)
        if envelope.security is not None and envelope.security.seal and partner is None:
            raise _failed(service, "the partner is not known, or has no certificate", retry=False)
        with runtime.store.begin(write=False) as unit:
            world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
            message = {"id": effect.id, "kind": service.id, "at": runtime.clock.now()}
            env = Env(names, world, names={MESSAGE: message})
            return wrapper.wrapped(env, parsed(content), crypto, partner), names
    except CryptoRefused as refused:
        raise _failed(service, f"{refused.code}: {refused}", retry=True) from refused
    except UnreadableMessage as error:
        raise _failed(service, error.text["en"], retry=False) from error


def _keys(runtime: Runtime, envelope: Envelope, effect: Effect) -> tuple[CryptoProvider | None, PublicKey | None]:
    """Who signs, and for whom is sealed."""
    if envelope.security is None or runtime.crypto is None:
        return None, None
    return runtime.crypto().provider(), partner_key(runtime, envelope, _partner(runtime, envelope, effect))


def _partner(runtime: Runtime, envelope: Envelope, effect: Effect) -> Row | None:
    from_effect = effect.payload.get("partner")
    known = envelope.known
    if known is None or from_effect in (None, ""):
        return None
    gate = RecordGate(runtime, envelope, b"", Entrant(b""))
    return gate.find(known.document, known.by, from_effect)


# --- what was answered -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What the envelope of an answer says."""

    code: object
    text: str
    body: object


def _opened(
    runtime: Runtime, service: Service, envelope: Envelope, effect: Effect, content: bytes, asked: Row
) -> bytes:
    """The body of an answer that is this partner's, to this call, and well. Raises DeliveryError."""
    wrapper = answers_of(runtime, envelope.id)
    try:
        if wrapper is None:
            tree = parsed(content)
            outcome = _Outcome(tree.get("code"), str(tree.get("text") or ""), tree)
        else:
            outcome = _proved(runtime, service, envelope, effect, wrapper, content, asked)
    except UnreadableMessage as error:
        raise _failed(service, f"the answer cannot be read: {error.text['en']}", retry=True) from error
    if str(outcome.code) == str(envelope.codes.get("ok", 0)):
        return body_bytes(outcome.body)
    later = [envelope.codes.get(word) for word in ("unreachable", "internal")]
    later += [one.code for one in envelope.accept if isinstance(one, Rate)]
    raise _failed(service, f"{outcome.code} {outcome.text}", retry=str(outcome.code) in {str(one) for one in later})


def _proved(
    runtime: Runtime,
    service: Service,
    envelope: Envelope,
    effect: Effect,
    wrapper: Wrapper,
    content: bytes,
    asked: Row,
) -> _Outcome:
    found = wrapper.opened(content)
    crypto, partner = _keys(runtime, envelope, effect)
    security, names, body = envelope.security, found.names, found.body
    code, text = names.get("code"), str(names.get("text") or "")
    if security is not None and security.sign and crypto is not None:
        said = names.get(SIGNATURE)
        if partner is None or not securing.holds(crypto, partner, wrapper.signed(found.tree), said):
            raise _failed(service, f"the signature of the answer does not hold ({code} {text})", retry=True)
        for guard in envelope.accept:
            if isinstance(guard, Once) and guard.of in wrapper.paths and names.get(guard.of) != asked.get(guard.of):
                raise _failed(service, "the answer belongs to another call", retry=True)
        if names.get("sealed_key") not in (None, ""):
            opened = securing.unsealed(crypto, security.key, names["sealed_key"], body)
            if opened is None:
                raise _failed(service, "the answer cannot be opened", retry=False)
            body = parsed(opened)
    return _Outcome(code, text, body)


def _answer(runtime: Runtime, effect: Effect, content: bytes) -> None:
    """Raise the event `ok` with what it asks for out of the answer; one that cannot happen any more is passed over."""
    event = str(effect.payload["ok"])
    try:
        data: Row = parsed(content) if content else {}
    except UnreadableMessage:
        data = {}

    def act(work: Work) -> None:
        if work.unit.seen("effect", f"{effect.key}:{event}"):
            return
        working = work.open(effect.document, effect.record_id)
        known = work.machine(effect.document).events[event].ask
        asked = {name: data[name] for name in known if name in data}
        work.apply(working, event, ENGINE, Inputs(asked=asked))

    try:
        in_work(runtime, ENGINE, act)
    except Refused as refused:
        if refused.kind not in ("not_allowed", "not_found"):
            raise


def _land(runtime: Runtime, service: Service, effect: Effect, content: bytes, incident: Incident | None) -> None:
    """Keep the call and what became of it."""
    now = runtime.clock.now()
    state, code = SENT, ""
    told: Mapping[str, str] | None = None
    if incident is not None:
        again = incident.retry and effect.attempts < attempts_of(runtime, effect)
        state, code = BLOCKED if again else FAILED, "MSG101" if incident.retry else "MSG102"
        told = worded(code, incident.text)
    about: dict[str, object] = {"state": state, "code": code, "told": told, "sent_at": now if not code else None}
    with runtime.store.begin() as unit:
        before = unit.fetch(LANDED, str(effect.payload.get("landed") or effect.id))
        if before is not None:
            tries = int(str(before.values["tries"] or 0)) + 1
            unit.update(renewed(before, now, tries=tries, **about), before.version)
            return
        held = packed(runtime.files, content, service.id)
        names = {
            "direction": OUT, "channel": service.id, "kind": service.id, "title": service.title.zh, "key": effect.key,
            "number": str(effect.payload.get("key") or effect.id), "tries": 1,
            "headers": {name: one for name, one in effect.payload.items() if name != "body"},
            "document": effect.document, "record_id": effect.record_id,
        }  # fmt: skip
        unit.insert(fresh_message(effect.id, now, "engine", {**names, **held, **about}))
