"""Envelopes in JSON around messages that go by channels: signed and sealed for their receiver, proved and opened here.

In: a message and what it says of itself, or an envelope as it came. Out: the envelope ready to go and the key that
signed it, or the message within and what its envelope says, `sender` being the partner that was proved. Whom a message
is for is its mapping's `receiver`: the name by which the envelope knows partners.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.expressions.environment import Env
from engine.mappings.compiled import CompiledMapping
from engine.mappings.json_messages import parsed
from engine.mappings.ways import BODY, MESSAGE
from engine.model.configured import TRANSPORT
from engine.model.crypto import PublicKey
from engine.model.envelopes import Envelope
from engine.model.messages import MessageLeaf
from engine.ports.xml import UnreadableMessage
from engine.usecases.admitting import Entrant, RecordGate, enveloped, wrapper_of
from engine.usecases.message_mappings import declared_channel
from engine.usecases.offer_answers import request_names
from engine.usecases.outgoing import ENDS
from engine.usecases.proving import partner_key
from engine.usecases.runtime import Runtime
from engine.usecases.world import RecordWorld

Row = Mapping[str, object]
SENDER, RECEIVER = ENDS


class Unwrapped(Exception):
    """A message cannot be put into its envelope; `code` is the kind of incident, `retry` whether that may pass."""

    def __init__(self, code: str, where: str, said: str, *, retry: bool) -> None:
        self.code, self.where, self.said, self.retry = code, where, said, retry
        super().__init__(said)


def in_envelope(world: RecordWorld, envelope: Envelope, content: bytes, message: Row) -> tuple[bytes, str]:
    """A message in its envelope, and the key that signed it. Raises Unwrapped, CryptoRefused."""
    runtime, security = world.runtime, envelope.security
    wrapper = wrapper_of(runtime, envelope.id)
    names = {**dict.fromkeys(wrapper.compiled.names), **request_names(runtime, envelope)}
    env = Env(names, world, names={MESSAGE: message})
    if security is None:
        return wrapper.wrapped(env, _body(content), None, None), ""
    if runtime.crypto is None:
        raise Unwrapped("MSG106", security.key, "this node has no keys", retry=False)
    if not runtime.signing.makes(TRANSPORT):
        raise Unwrapped("MSG117", security.key, "the signature was stopped", retry=True)
    partner = _key_of(runtime, envelope, message.get(RECEIVER))
    if security.seal and partner is None:
        said = f"{message.get(RECEIVER) or '?'}: not known, or without a certificate"
        raise Unwrapped("MSG118", envelope.id, said, retry=True)
    return wrapper.wrapped(env, _body(content), runtime.crypto().provider(), partner), security.key


def _key_of(runtime: Runtime, envelope: Envelope, partner: object) -> PublicKey | None:
    known = envelope.known
    if known is None or partner in (None, ""):
        return None
    found = RecordGate(runtime, envelope, b"", Entrant(b"")).find(known.document, known.by, partner)
    return partner_key(runtime, envelope, found)


def _body(content: bytes) -> object:
    """An object of JSON as it is, anything else as text. Raises Unwrapped."""
    try:
        return parsed(content)
    except UnreadableMessage:
        pass
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Unwrapped("MSG107", "", "what is no UTF-8 text cannot stand in JSON", retry=False) from None


def envelope_for(runtime: Runtime, channel: str, told: Sequence[CompiledMapping]) -> Envelope | None:
    """The envelope in JSON that what comes by a channel is in: the one that the channel names, else that of the
    mappings that listen."""
    declared = declared_channel(runtime, channel)
    named = declared.envelope if declared is not None else ""
    name = named or next((one.mapping.envelope for one in told if one.mapping.envelope), "")
    envelope = runtime.definitions.envelopes.get(name)
    return envelope if envelope is not None and holds_data(envelope) else None


def holds_data(envelope: Envelope) -> bool:
    """Whether the message within stands in the envelope as data of JSON, not as a value wrapped like any other."""
    packed = any(leaf.wrap for leaf in _leaves(envelope.mapping.tree) if leaf.value and leaf.value.text == BODY)
    return envelope.mapping.format == "json" and (envelope.security is not None or not packed)


def _leaves(leaves: Sequence[MessageLeaf]) -> Iterator[MessageLeaf]:
    for leaf in leaves:
        yield leaf
        yield from _leaves(leaf.children)


def out_of_envelope(runtime: Runtime, envelope: Envelope, content: bytes, landed_id: str) -> tuple[bytes, Row]:
    """The message within, and what the envelope says. Raises NotAdmitted."""
    entrant = enveloped(runtime, envelope, content, len(content), landed_id)
    if envelope.security is None or entrant.caller is None:
        return entrant.content, entrant.message
    return entrant.content, {**entrant.message, SENDER: entrant.names.get(envelope.security.partner_name)}
