"""The last touch on a message that leaves and the first on one that comes: signature, schema, envelope.

In: the bytes that a mapping gave, or that arrived. Out: the bytes as the far end wants them, or the message within and
what its envelope says. It may be slow and it may ask a card, so it happens outside any transaction; what was finished
once is landed and never finished again. Raises DeliveryError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from engine.expressions.environment import Env
from engine.mappings.compiled import CompiledMapping
from engine.mappings.scalars import Misread
from engine.mappings.ways import BODY, MESSAGE
from engine.mappings.xml_writing import expanded
from engine.model.configured import BUSINESS, TRANSPORT
from engine.model.crypto import CryptoRefused, Fault
from engine.model.envelopes import Envelope
from engine.model.messages import MessageMapping
from engine.ports import DocumentStore, Unit
from engine.ports.xml import UnreadableMessage
from engine.problems import DeliveryError, Incident
from engine.signing.members import sign_members
from engine.signing.xmldsig import sign_xml
from engine.usecases.acting import ENGINE
from engine.usecases.enveloping import Unwrapped, holds_data, in_envelope
from engine.usecases.incident_kinds import STOPPED, of_signer
from engine.usecases.message_mappings import envelope_of
from engine.usecases.outgoing import ENDS
from engine.usecases.runtime import Runtime
from engine.usecases.world import RecordWorld

_TRANSIENT = frozenset({Fault.REMOVED, Fault.REMOTE, Fault.PIN, Fault.LOCKED, Fault.CONSENT, Fault.UNKNOWN_KEY})
"""Faults of a signer that go away when somebody sees to it: the message waits."""
_TOLD = 3


class Unfinished(DeliveryError):
    """A message cannot be made ready; `code` names the kind of incident."""

    def __init__(self, code: str, where: str, said: str, *, retry: bool) -> None:
        self.code = code
        super().__init__(Incident(where, said, retry=retry))


@dataclass(frozen=True, slots=True)
class Finished:
    """A message ready to go; `signer` is the key that signed it, "" for none."""

    content: bytes
    signer: str = ""


def needs_finishing(mapping: MessageMapping) -> bool:
    """Whether there is anything to do."""
    return mapping.sign is not None or bool(mapping.envelope) or bool(mapping.schema)


class _Apart:
    """A unit whose every reading is a transaction of its own, so that nothing is held while a card is asked."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Callable[..., object]:
        def read(*arguments: object, **given: object) -> object:
            with self._store.begin(write=False) as unit:
                return getattr(unit, name)(*arguments, **given)

        return read


def surroundings(runtime: Runtime) -> RecordWorld:
    """What messages that are finished together read: each parameter once for all of them."""
    return RecordWorld(runtime, cast("Unit", _Apart(runtime.store)), ENGINE, runtime.clock.now())


def finished(
    world: RecordWorld, mapping: MessageMapping, content: bytes, number: str, headers: object = None
) -> Finished:
    """Sign, judge by the schema, wrap; `headers` say whom it is from and for. Raises Unfinished."""
    runtime = world.runtime
    content, signer = signed(world, mapping, content)
    _judge(runtime, mapping, content)
    if not mapping.envelope:
        return Finished(content, signer)
    envelope = envelope_of(runtime, mapping.envelope)
    ends = {name: headers.get(name) if isinstance(headers, Mapping) else None for name in ENDS}
    message = {"id": number, "kind": mapping.kind or mapping.id, "at": runtime.clock.now(), **ends}
    declared = runtime.definitions.envelopes[mapping.envelope]
    if holds_data(declared):
        wrapped, carrier = _enveloped(world, declared, content, message)
        return Finished(wrapped, signer or carrier)
    row = {**dict.fromkeys(envelope.names), BODY: content}
    try:
        wrapped = envelope.write([Env(row, world, names={MESSAGE: message})])
    except Misread as refused:  # it cannot be sealed
        raise Unfinished("MSG118", mapping.envelope, refused.text["en"], retry=True) from refused
    wrapped, carrier = signed(world, envelope.mapping, wrapped, TRANSPORT)
    _judge(runtime, envelope.mapping, wrapped)
    return Finished(wrapped, signer or carrier)


def _enveloped(
    world: RecordWorld, envelope: Envelope, content: bytes, message: Mapping[str, object]
) -> tuple[bytes, str]:
    """The message in an envelope in JSON. Raises Unfinished."""
    security = envelope.security
    if security is not None and security.sign and not world.runtime.signing.makes(TRANSPORT):
        raise Unfinished(STOPPED, security.key, "the signature was stopped", retry=True)
    try:
        return in_envelope(world, envelope, content, message)
    except Unwrapped as refused:
        raise Unfinished(refused.code, refused.where, refused.said, retry=refused.retry) from refused
    except CryptoRefused as refused:
        said = str(refused)
        raise Unfinished(of_signer(refused.code), envelope.id, said, retry=refused.code in _TRANSIENT) from refused


def signed(world: RecordWorld, mapping: MessageMapping, content: bytes, purpose: str = BUSINESS) -> tuple[bytes, str]:
    """The message with its own signature, where its mapping wants one, and the key that signed. Raises Unfinished."""
    runtime, sign = world.runtime, mapping.sign
    if sign is None or (sign.when is not None and not sign.when.holds(Env({}, world))):
        return content, ""
    if runtime.crypto is None:
        raise Unfinished("MSG106", sign.key, "this node has no keys", retry=False)
    if not runtime.signing.makes(purpose):
        raise Unfinished(STOPPED, sign.key, "the signature was stopped", retry=True)
    before = expanded(sign.before, mapping.namespaces) if sign.before else ""
    try:
        room = runtime.crypto()
        if sign.over:
            made = sign_members(
                content,
                sign.over,
                sign.key,
                room.provider(),
                value=sign.value,
                number=sign.number,
                profile=sign.profile,
            )
        else:
            made = sign_xml(content, sign.key, room.provider(), room.xml, profile=sign.profile, before=before)
    except CryptoRefused as refused:
        said = str(refused)
        raise Unfinished(of_signer(refused.code), sign.key, said, retry=refused.code in _TRANSIENT) from refused
    return made, sign.key


def _judge(runtime: Runtime, mapping: MessageMapping, content: bytes) -> None:
    """Raises Unfinished where the schema turns the message back."""
    if not mapping.schema or runtime.xml is None:
        return
    faults = runtime.xml.judge(mapping.schema, runtime.xml.parse(content))
    if faults:
        told = "; ".join(f"{one.line}: {one.path}: {one.text}" for one in faults[:_TOLD])
        raise Unfinished("MSG107", mapping.id, told, retry=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """What came out of an envelope: the message, and what the envelope says of it."""

    content: bytes
    message: Mapping[str, object]
    envelope: str = ""


def opened(envelopes: Sequence[CompiledMapping], content: bytes, said: dict[str, object] | None = None) -> Opened:
    """The message within the first envelope that holds one; what an envelope says is `said` even where none does.
    Raises UnreadableMessage."""
    for envelope in envelopes:
        read = envelope.read(content)
        if said is not None:
            said.update(read.message)
        body = read.documents[0].get(BODY) if read.documents else None
        if isinstance(body, bytes | str) and body:
            inner = body.encode() if isinstance(body, str) else body
            return Opened(inner, read.message, envelope.mapping.id)
    raise UnreadableMessage("empty", "信封里没有报文", "there is no message in the envelope")
