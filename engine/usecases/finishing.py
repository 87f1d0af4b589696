"""The last touch on a message that leaves and the first on one that comes: signature, schema, envelope.

In: the bytes that a mapping gave, or that arrived. Out: the bytes as the far end wants them, or the message within and
what its envelope says. It may be slow and it may ask a card, so it happens outside any transaction; what was finished
once is landed and never finished again. Raises DeliveryError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.expressions.environment import Env
from engine.mappings.compiled import CompiledMapping
from engine.mappings.ways import BODY, MESSAGE
from engine.mappings.xml_writing import expanded
from engine.model.crypto import CryptoRefused, Fault
from engine.model.messages import MessageMapping, Sign
from engine.ports.xml import UnreadableMessage
from engine.problems import DeliveryError, Incident
from engine.signing.xmldsig import sign_xml
from engine.usecases.acting import ENGINE
from engine.usecases.incident_kinds import of_signer
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


def finished(
    runtime: Runtime, mapping: MessageMapping, content: bytes, number: str, headers: object = None
) -> Finished:
    """Sign, judge by the schema, wrap; `headers` say whom it is from and for. Raises Unfinished."""
    content, signer = _signed(runtime, mapping, content)
    _judge(runtime, mapping, content)
    if not mapping.envelope:
        return Finished(content, signer)
    envelope = envelope_of(runtime, mapping.envelope)
    ends = {name: headers.get(name) if isinstance(headers, Mapping) else None for name in ENDS}
    message = {"id": number, "kind": mapping.kind or mapping.id, "at": runtime.clock.now(), **ends}
    wrapped = _wrapped(runtime, envelope, content, message)
    wrapped, carrier = _signed(runtime, envelope.mapping, wrapped)
    _judge(runtime, envelope.mapping, wrapped)
    return Finished(wrapped, signer or carrier)


def _signed(runtime: Runtime, mapping: MessageMapping, content: bytes) -> tuple[bytes, str]:
    sign = mapping.sign
    if sign is None or not _is_wanted(runtime, sign):
        return content, ""
    if runtime.crypto is None:
        raise Unfinished("MSG106", sign.key, "this node has no keys", retry=False)
    before = expanded(sign.before, mapping.namespaces) if sign.before else ""
    try:
        room = runtime.crypto()
        made = sign_xml(content, sign.key, room.provider(), room.xml, profile=sign.profile, before=before)
    except CryptoRefused as refused:
        said = f"{refused.code}: {refused}"
        raise Unfinished(of_signer(refused.code), sign.key, said, retry=refused.code in _TRANSIENT) from refused
    return made, sign.key


def _is_wanted(runtime: Runtime, sign: Sign) -> bool:
    if sign.when is None:
        return True
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
        return sign.when.holds(Env({}, world))


def _judge(runtime: Runtime, mapping: MessageMapping, content: bytes) -> None:
    """Raises Unfinished where the schema turns the message back."""
    if not mapping.schema or runtime.xml is None:
        return
    faults = runtime.xml.judge(mapping.schema, runtime.xml.parse(content))
    if faults:
        told = "; ".join(f"{one.line}: {one.path}: {one.text}" for one in faults[:_TOLD])
        raise Unfinished("MSG107", mapping.id, told, retry=False)


def _wrapped(runtime: Runtime, envelope: CompiledMapping, content: bytes, message: Mapping[str, object]) -> bytes:
    row = {**dict.fromkeys(envelope.names), BODY: content}
    with runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, ENGINE, runtime.clock.now())
        return envelope.write([Env(row, world, names={MESSAGE: message})])


@dataclass(frozen=True, slots=True)
class Opened:
    """What came out of an envelope: the message, and what the envelope says of it."""

    content: bytes
    message: Mapping[str, object]
    envelope: str = ""


def opened(envelopes: Sequence[CompiledMapping], content: bytes) -> Opened:
    """The message within the first envelope that holds one. Raises UnreadableMessage."""
    for envelope in envelopes:
        read = envelope.read(content)
        body = read.documents[0].get(BODY) if read.documents else None
        if isinstance(body, bytes | str) and body:
            inner = body.encode() if isinstance(body, str) else body
            return Opened(inner, read.message, envelope.mapping.id)
    raise UnreadableMessage("empty", "信封里没有报文", "there is no message in the envelope")
