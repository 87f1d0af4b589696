"""The answer of an offer: built from expressions or from the rows of its query, in its envelope where it has one.

In: an offer, the scope of a call. Out: plain data, or bytes. What a query reads passes the projection of whoever
reads. Names that the envelope's answer has at its top stand there; all others are its body.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.envelopes.wrapping import Wrapper
from engine.expressions.environment import Env
from engine.mappings.json_messages import scalar
from engine.mappings.ways import BODY, MESSAGE
from engine.model.crypto import CryptoRefused
from engine.model.envelopes import Envelope
from engine.model.guards import Fresh, Once
from engine.model.interfaces import ROWS, Offer, Part
from engine.model.values import StoredFile
from engine.problems import Refused
from engine.sources.ordering import in_order
from engine.sources.selection import selected
from engine.usecases.acting import ENGINE
from engine.usecases.admitting import Entrant, answers_of, body_bytes
from engine.usecases.offer_views import Told
from engine.usecases.projected import ProjectedWorld
from engine.usecases.proving import partner_key
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work
from engine.usecases.world import RecordWorld

Row = Mapping[str, object]


def answer_of_rows(work: Work, offer: Offer, actor: Actor, caller: Row | None, env: Env) -> Row:
    """The answer as data. Raises Refused(not_found) for a query without a row, unless its answer asks for `rows`."""
    if offer.of is None:
        return _object(offer.answer, env)
    whole = RecordWorld(work.runtime, work.unit, actor, work.now)
    whole.asking = caller
    outer = Env({}, ProjectedWorld(whole), names=env.locals)
    rows = selected(offer.of, offer.filter, outer)
    inners = in_order((outer.inner(row, names=env.locals) for row in rows), offer.sort)
    found = [inner.row for inner in inners]
    if not found and not any(part.each is not None for part in offer.answer.values()):
        raise Refused((), kind="not_found")
    names = {**dict(env.locals), ROWS: found}
    return _object(offer.answer, outer.inner(found[0] if found else {}, names=names))


def answer_file(offer: Offer, env: Env) -> StoredFile | None:
    """The file that is answered in the place of data. Raises Refused(not_found) where there is none."""
    if offer.file is None:
        return None
    found = offer.file(env)
    if not isinstance(found, StoredFile):
        raise Refused((), kind="not_found")
    return found


def answer_of_refusal(runtime: Runtime, offer: Offer, told: Told) -> Row:
    """What is answered to a call that was refused, where the offer words that itself."""
    names = {"code": told.word, "text": told.text}
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
        return _object(offer.otherwise, Env({}, world, names=names))


def _object(parts: Mapping[str, Part], env: Env) -> Row:
    return {name: _part(part, env) for name, part in parts.items()}


def _part(part: Part, env: Env) -> object:
    if part.each is not None:
        rows = part.each(env) or ()
        assert isinstance(rows, list | tuple)
        return [_object(part.parts, env.inner(row, index=at, names=env.locals)) for at, row in enumerate(rows)]
    if part.value is not None:
        return _plain(part.value.value(env))
    return _object(part.parts, env)


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return value.get("id")
    return scalar(value, "")


def wrapped_answer(runtime: Runtime, offer: Offer, entrant: Entrant, told: Told) -> bytes:
    """The answer in the offer's envelope: signed by this node, sealed where the call was."""
    envelope = runtime.definitions.envelopes[offer.envelope]
    wrapper = answers_of(runtime, offer.envelope)
    data = dict(told.data)
    if told.duplicate:
        data["duplicate"] = True
    if wrapper is None or envelope.mapping.format != "json":
        shown = {"code": told.code, "text": told.text, "field": ",".join(told.fields)}
        return body_bytes({name: one for name, one in {**shown, **data}.items() if one != ""})
    tops = {leaf.name: leaf for leaf in envelope.answer}
    body = {name: one for name, one in data.items() if name not in tops}
    names = {
        **dict.fromkeys(wrapper.compiled.names),
        **_repeated(runtime, envelope, entrant),
        "code": told.code,
        "text": told.text,
        "field": ",".join(told.fields) or None,
        "duplicate": told.duplicate or None,
    }
    for name, one in data.items():
        leaf = tops.get(name)
        if leaf is not None and leaf.value is not None and leaf.value.text in names:
            names[leaf.value.text] = one
    return _sealed(runtime, wrapper, envelope, entrant, names, body or None)


def _repeated(runtime: Runtime, envelope: Envelope, entrant: Entrant) -> dict[str, object]:
    """What an answer repeats of its call, and what is its own: the moment, what this side calls itself."""
    names = {name: one for name, one in entrant.names.items() if name not in ("signature", "sealed_key", BODY)}
    for guard in envelope.accept:
        if isinstance(guard, Fresh):
            names[guard.at] = runtime.clock.now()
    security = envelope.security
    if security is not None and security.own is not None:
        names[security.partner_name] = own_name(runtime, envelope)
    return names


def own_name(runtime: Runtime, envelope: Envelope) -> object:
    """What this side calls itself in an envelope."""
    own = envelope.security.own if envelope.security is not None else None
    if own is None:
        return None
    with runtime.store.begin(write=False) as unit:
        return own.value(Env({}, RecordWorld(runtime, unit, ENGINE, runtime.clock.now())))


def _sealed(
    runtime: Runtime, wrapper: Wrapper, envelope: Envelope, entrant: Entrant, names: Row, body: Row | None
) -> bytes:
    crypto = runtime.crypto().provider() if runtime.crypto is not None and envelope.security is not None else None
    try:
        partner = partner_key(runtime, envelope, entrant.caller) if entrant.was_sealed else None
    except CryptoRefused:
        partner = None
    message = {"id": "", "kind": "", "at": runtime.clock.now(), **entrant.message}
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
        env = Env(names, world, names={MESSAGE: message})
        return wrapper.wrapped(env, body, crypto, partner)


def request_names(runtime: Runtime, envelope: Envelope) -> dict[str, object]:
    """The names of a call that this side makes: a fresh number where one must not come twice, the moment, itself."""
    names: dict[str, object] = {}
    for guard in envelope.accept:
        if isinstance(guard, Once):
            names[guard.of] = runtime.ids.new()
        elif isinstance(guard, Fresh):
            names[guard.at] = runtime.clock.now()
    if envelope.security is not None:
        names[envelope.security.partner_name] = own_name(runtime, envelope)
    return names
