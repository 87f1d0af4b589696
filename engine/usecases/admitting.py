"""What comes in an envelope, or bare under guards, before anything is done about it: read, judged, opened.

In: a message as it came, the envelope or guards that it must meet. Out: who sends it, what it says of itself, and what
is within; or `NotAdmitted`. What a guard notes, such as a number that must not come again, is kept at once and stays.
Long because each guard of a message is answered here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import takewhile
from types import MappingProxyType

from engine.envelopes import securing
from engine.envelopes.admission import Admission, NotAdmitted, Proof, Row, admit, needed
from engine.envelopes.wrapping import SEALED_KEY, Wrapped, Wrapper
from engine.expressions.environment import Env
from engine.mappings.json_messages import parsed
from engine.mappings.ways import BODY, MESSAGE
from engine.model.criteria import Compare, Every, Selection
from engine.model.crypto import CryptoRefused, PublicKey
from engine.model.envelopes import Envelope
from engine.model.formula import Formula
from engine.model.guards import Guard, Limit, Size, Unsealed, Verified, Wellformed
from engine.ports import Unit
from engine.ports.crypto import CryptoRoom
from engine.ports.xml import UnreadableMessage
from engine.usecases.acting import ENGINE
from engine.usecases.call_limits import may_come
from engine.usecases.landing_records import kept_text
from engine.usecases.message_mappings import answer_of, envelope_of, kept
from engine.usecases.proving import partner_key, proof_of, proof_of_members
from engine.usecases.runtime import Runtime
from engine.usecases.world import RecordWorld

ONCE = "once"
SIGNER = "signer"
"""What a message says of itself once its signature was proved: the number of the certificate."""


@dataclass(slots=True)
class Entrant:
    """What was let in: who sends it, what its envelope says, the message within in bytes and, of JSON, as data."""

    content: bytes
    names: Row = field(default_factory=dict)
    message: Row = field(default_factory=dict)
    caller: Row | None = None
    document: str = ""
    body: object = None
    was_sealed: bool = False


def wrapper_of(runtime: Runtime, name: str) -> Wrapper:
    """The messages of an envelope in JSON."""
    security = runtime.definitions.envelopes[name].security
    return kept(runtime, "wrapper", name, lambda: Wrapper(envelope_of(runtime, name), security))


def answers_of(runtime: Runtime, name: str) -> Wrapper | None:
    """The answers of an envelope in JSON; None where it says nothing of them."""
    envelope = runtime.definitions.envelopes[name]
    if not envelope.answer:
        return None
    return kept(runtime, "answers", name, lambda: Wrapper(answer_of(runtime, name), envelope.security, is_answer=True))


def enveloped(
    runtime: Runtime,
    envelope: Envelope,
    content: bytes,
    size: int,
    landed_id: str = "",
    seconds: Mapping[str, str] = MappingProxyType({}),
) -> Entrant:
    """Let a message in an envelope in. Raises NotAdmitted; `size` counts what was not kept of it as well, `seconds` are
    names that may stand twice within what is sealed."""
    entrant, admission = Entrant(content), Admission(size)
    gate = RecordGate(runtime, envelope, content, entrant, landed_id, seconds)
    first = list(takewhile(lambda one: isinstance(one, Size), envelope.accept))
    admit(first, admission, gate)
    try:
        gate.read()
    except UnreadableMessage as error:
        raise _unreadable(envelope.accept, envelope.codes.get("malformed", ""), error) from error
    admission.names = {**entrant.names, **{f"{MESSAGE}.{name}": one for name, one in entrant.message.items()}}
    admission.faults = [*gate.faults, *_missing(envelope.accept, admission.names, has_body=entrant.body is not None)]
    try:
        admit(envelope.accept[len(first) :], admission, gate)
    except NotAdmitted as refused:
        refused.entrant = replace(entrant, caller=admission.caller)  # type: ignore[attr-defined]
        raise
    entrant.caller = admission.caller
    entrant.document = envelope.known.document if envelope.known is not None and admission.caller is not None else ""
    return entrant


def admit_envelope(runtime: Runtime, name: str, content: bytes, landed_id: str) -> None:
    """Judge a message that came by a channel by the guards of its envelope; the same one may be judged again. Raises
    NotAdmitted."""
    envelope = runtime.definitions.envelopes.get(name)
    if envelope is not None and envelope.accept:
        enveloped(runtime, envelope, content, len(content), landed_id)


def staged(runtime: Runtime, envelope: Envelope, names: Row, body: Row | str) -> Entrant:
    """A message that scenarios make up: judged by all guards but those of bytes, signatures and ciphers. No door leads
    here. Raises NotAdmitted."""
    entrant = Entrant(body_bytes(body), names=names, message={"kind": envelope.id}, body=body)
    gate = RecordGate(runtime, envelope, entrant.content, entrant)
    guards = [one for one in envelope.accept if not isinstance(one, Size | Wellformed | Verified | Unsealed)]
    entrant.caller = admit(guards, Admission(0, names), gate).caller
    entrant.document = envelope.known.document if envelope.known is not None else ""
    return entrant


def guarded(
    runtime: Runtime, guards: Sequence[Guard], content: bytes, read: Row, message: Row, landed_id: str = ""
) -> Entrant:
    """Let a message in that comes bare, such as an XML message under guards of its own mapping. Raises NotAdmitted."""
    entrant = Entrant(content, names=read, message=message)
    gate = RecordGate(runtime, None, content, entrant, landed_id)
    names = {**read, **{f"{MESSAGE}.{name}": one for name, one in message.items()}}
    found = admit(guards, Admission(len(content), names), gate)
    entrant.caller = found.caller
    return entrant


def _unreadable(guards: Sequence[Guard], code: object, error: UnreadableMessage) -> NotAdmitted:
    named = next((one.code for one in guards if isinstance(one, Wellformed)), code)
    texts = error.texts if hasattr(error, "texts") else {"zh": error.text["zh"], "en": error.text["en"]}
    return NotAdmitted("shape", named, texts["zh"], texts["en"])  # type: ignore[arg-type]


def _missing(guards: Sequence[Guard], names: Row, *, has_body: bool) -> list[Mapping[str, str]]:
    """What guards cannot do without."""
    lacking = [name for name in needed(guards) if name != BODY and name in names and names[name] in (None, "")]
    lacking += [BODY] if BODY in needed(guards) and not has_body else []
    return [{"zh": f"缺少{name}", "en": f"{name} is missing"} for name in lacking]


class _Looked(Exception):
    """Ends a transaction that only looked."""

    def __init__(self, found: bool) -> None:
        self.found = found
        super().__init__()


class RecordGate:
    """Implements `engine.envelopes.admission.Gate` on a runtime, for one message."""

    def __init__(
        self,
        runtime: Runtime,
        envelope: Envelope | None,
        content: bytes,
        entrant: Entrant,
        landed_id: str = "",
        seconds: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._runtime, self._envelope, self._content, self._entrant = runtime, envelope, content, entrant
        self._landed_id, self._seconds = landed_id, seconds
        self._wrapped: Wrapped | None = None
        self.faults: list[Mapping[str, str]] = []

    @property
    def now(self) -> datetime:
        return self._runtime.clock.now()

    def read(self) -> None:
        """Read the envelope. Raises UnreadableMessage."""
        assert self._envelope is not None
        entrant = self._entrant
        if self._envelope.mapping.format == "json":
            found = self._wrapped = wrapper_of(self._runtime, self._envelope.id).opened(self._content)
            entrant.names, entrant.message, entrant.body = found.names, found.message, found.body
            entrant.content = body_bytes(found.body)
            self.faults = list(found.faults)
            return
        compiled = envelope_of(self._runtime, self._envelope.id)
        read = compiled.read(self._content)
        row = read.documents[0] if read.documents else {}
        entrant.names = {**dict.fromkeys(compiled.names), **row}
        entrant.message, entrant.body = read.message, row.get(BODY)
        entrant.content = body_bytes(entrant.body)
        self.faults = [fault.text for fault in read.faults]

    def seen(self, key: str, seconds: float) -> bool:
        """The time is cut into lengths; a key is noted for its own and the next, so that it is known for one at
        least."""
        source, key = f"{ONCE}:{self._envelope.id if self._envelope else ''}", kept_text(key)
        own = f"{key}:{self._landed_id}"
        at = int(self.now.timestamp() // max(seconds, 1.0))
        if self._landed_id and self._was_noted(source, own):
            return False  # this very message is processed again
        with self._runtime.store.begin() as unit:
            before = unit.seen(source, f"{key}:{at}")
            unit.seen(source, f"{key}:{at + 1}")
            if self._landed_id and not before:
                unit.seen(source, own)
        return before

    def _was_noted(self, source: str, key: str) -> bool:
        """Whether something was noted, without noting it."""

        def look(unit: Unit) -> None:
            raise _Looked(unit.seen(source, key))

        try:
            with self._runtime.store.begin() as unit:
                look(unit)
        except _Looked as looked:
            return looked.found
        raise AssertionError("unreachable")

    def allows(self, key: str, limit: Limit) -> bool:
        name = self._envelope.id if self._envelope else ""
        return may_come(self._runtime, f"{name}:{limit.per}:{key}", limit)

    def find(self, document: str, by: str, value: object) -> Row | None:
        if (isinstance(value, str) and kept_text(value) != value) or isinstance(value, list | tuple):
            return None  # nothing of the kind is stored
        where = Every((Compare(("deleted",), "==", False), Compare((by,), "==", value)))
        with self._runtime.store.begin(write=False) as unit:
            found = unit.select(Selection(document, where, limit=2, tables=None))
        return found[0].values if len(found) == 1 else None

    def holds(self, condition: Formula, admission: Admission) -> bool:
        with self._runtime.store.begin(write=False) as unit:
            world = RecordWorld(self._runtime, unit, ENGINE, self.now)
            world.asking = admission.caller
            return condition.holds(Env(admission.names, world, names={MESSAGE: self._entrant.message}))

    def verified(self, guard: Verified, admission: Admission) -> Proof:
        if self._runtime.crypto is None:
            return Proof.STRANGER
        room = self._runtime.crypto()
        if guard.over:
            names = admission.names
            value, number = names.get(guard.of), names.get(guard.number)
            return proof_of_members(room, self._content, guard.over, value, number, self.now)
        if self._wrapped is None:
            return self._signed_xml(room, guard, admission)
        given = admission.names.get(guard.of)
        if given in (None, ""):
            return Proof.ABSENT
        public = self._key_of(room, guard, admission)
        try:
            content = wrapper_of(self._runtime, self._envelope.id if self._envelope else "").signed(self._wrapped.tree)
        except ValueError:
            return Proof.WRONG
        holds = public is not None and securing.holds(room.provider(), public, content, given)
        return Proof.HOLDS if holds else Proof.WRONG

    def _key_of(self, room: CryptoRoom, guard: Verified, admission: Admission) -> PublicKey | None:
        """The key that a signature must be by: one of this node's, else the caller's."""
        try:
            if guard.key:
                return room.provider().public(guard.key)
            return partner_key(self._runtime, self._envelope, admission.caller)
        except CryptoRefused:
            return None

    def _signed_xml(self, room: CryptoRoom, guard: Verified, admission: Admission) -> Proof:
        public = self._key_of(room, guard, admission)
        at = None if public is not None else self.now
        if guard.key and public is None:
            return Proof.STRANGER
        proof, signer = proof_of(room, self._content, at=at, key=public)
        self._entrant.message = {**self._entrant.message, SIGNER: signer or None}
        return proof

    def opened(self, guard: Unsealed, admission: Admission) -> bool:
        security = self._envelope.security if self._envelope is not None else None
        sealed_key = admission.names.get(SEALED_KEY)
        if sealed_key in (None, ""):
            return guard.if_present
        if security is None or self._runtime.crypto is None:
            return False
        provider = self._runtime.crypto().provider()
        content = securing.unsealed(provider, security.key, sealed_key, self._entrant.body)
        if content is None:
            return False
        try:
            self._entrant.body = parsed(content, self._seconds)
        except UnreadableMessage:
            if (text := _text_of(content)) is None:
                return False
            self._entrant.body, content = text, text.encode()
        self._entrant.content, self._entrant.was_sealed = content, True
        return True


def _text_of(content: bytes) -> str | None:
    """The text that stands in a sealed body instead of an object: a message of another format."""
    try:
        found = json.loads(content)
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def body_bytes(body: object) -> bytes:
    """A body as bytes: text and bytes as they are, data as JSON."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    return b"" if body is None else json.dumps(body, ensure_ascii=False, default=str).encode()
