"""How messages are signed, as operators set it: by whom, and whether at all; whoever carries a card is asked.

In: an answer, a PIN, the name of a provider. Out: settings in force in all processes within seconds, plain views, and
what a try found. A signature that nobody agrees to is not left out: its messages wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.configured import BUSINESS, TRANSPORT, SigningChoice
from engine.model.crypto import CardFacts, CryptoRefused, Digest, Fault, KeyKind
from engine.model.records import AuditEntry
from engine.ports.crypto import CryptoProvider, CryptoRoom
from engine.problems import Refused
from engine.signing.profiles import AUTOMATIC
from engine.signing.values import sign_value, verify_value
from engine.usecases.configuring import NO, SIGNING, keep, kept, signing_of
from engine.usecases.incident_kinds import UNSIGNED
from engine.usecases.landed import LandedQuery
from engine.usecases.landed_acts import retry_query
from engine.usecases.landing_records import BLOCKED, FAILED
from engine.usecases.licensing import refuse_locked
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

PURPOSES = (BUSINESS, TRANSPORT)
TOKEN, REMOTE = "token", "remote"
_PROBE = b"Whatever is signed with this key here can be verified."
_RSA = "xmldsig_rsa_sha256"


@dataclass(frozen=True, slots=True)
class PurposeView:
    """One of the two signatures: whether it is made, how many kinds of messages ask for it, with which keys."""

    name: str
    is_made: bool
    messages: int
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class SigningView:
    """`provider` signs now, "" where nobody can; `providers` are those that are here; `fault` says why nothing can be
    signed or no card be read."""

    choice: SigningChoice
    provider: str
    providers: Sequence[str]
    purposes: Sequence[PurposeView]
    card: CardFacts | None = None
    fault: str = ""

    @property
    def asks_pin(self) -> bool:
        """Whether whoever agrees has to give a PIN."""
        return self.provider == TOKEN


@dataclass(frozen=True, slots=True)
class TriedKey:
    """What a try of one key found: whether its signature `holds`; `detail` says by whom it was made, or why not."""

    key: str
    holds: bool
    detail: str
    until: datetime | None = None


def signing_view(runtime: Runtime) -> SigningView:
    """How messages are signed now."""
    choice = signing_of(kept(runtime.store))
    room = _room(runtime)
    fault, name, card = "", choice.provider, None
    try:
        name = name or room.provider().name
        card = room.card()
    except CryptoRefused as refused:
        fault = refused.code.value
    return SigningView(choice, name, _providers(room), tuple(_purposes(runtime, choice)), card, fault)


def choose_provider(runtime: Runtime, actor: Actor, name: str) -> None:
    """Let somebody else sign. Raises Refused where settings are locked, or not_found; refuses `unable`, `self_test`."""
    refuse_locked(runtime)
    room = _room(runtime)
    if name and name not in _providers(room):
        raise Refused((), kind="not_found")
    if name != TOKEN:  # a card may come later
        room.provider(name)
    _keep(runtime, actor, SIGNING, {"provider": name})
    _go_on(runtime, actor)


def agree(runtime: Runtime, actor: Actor, purpose: str, pin: str = "") -> None:
    """Agree that a signature is made from now on; of a card with its PIN, which is kept sealed. What waited for it is
    signed at once. Raises Refused where settings are locked; refuses `removed`, `pin`, `locked`."""
    refuse_locked(runtime)
    if signing_view(runtime).asks_pin:
        _room(runtime).consent(pin, agreed=True)
    _keep(runtime, actor, "signing_agreed", {purpose: "yes"})
    _go_on(runtime, actor)


def decline(runtime: Runtime, actor: Actor, purpose: str) -> None:
    """Take it back: that signature is made no more, and its messages wait. With the last of them the card is not used
    at all. Raises Refused where settings are locked."""
    refuse_locked(runtime)
    _keep(runtime, actor, "signing_declined", {purpose: NO})
    view = signing_view(runtime)
    if view.asks_pin and view.card is not None and not any(view.choice.makes(one) for one in PURPOSES):
        _room(runtime).consent("", agreed=False)


def try_signing(runtime: Runtime, actor: Actor) -> tuple[TriedKey, ...]:
    """Sign something with each key that messages are signed with, and verify it; what came of each."""
    room, choice = _room(runtime), signing_of(kept(runtime.store))
    keys = sorted({key for purpose in _purposes(runtime, choice) for key in purpose.keys})
    tried = tuple(_tried(room, choice.provider, key) for key in keys)
    about = {"keys": {one.key: one.detail for one in tried}}
    runtime.store.note(AuditEntry(runtime.clock.now(), actor.id, "signing_try", "", "", about, actor.address))
    return tried


def _tried(room: CryptoRoom, provider: str, key: str) -> TriedKey:
    try:
        signer = room.provider(provider)
        found = signer.certificate(key)
        until = found.ends if found is not None else None
        return TriedKey(key, _holds(signer, key), signer.name, until)
    except CryptoRefused as refused:
        return TriedKey(key, False, refused.code.value)


def _holds(signer: CryptoProvider, key: str) -> bool:
    public = signer.public(key)
    made = sign_value(_PROBE, key, signer, profile=_RSA if public.kind is KeyKind.RSA else AUTOMATIC)
    return verify_value(_PROBE, made.value, public, signer, Digest.SHA256)


def _providers(room: CryptoRoom) -> tuple[str, ...]:
    """Who may sign: libraries, the signature server where it is set up, a card whether it is in or not."""
    return tuple(dict.fromkeys((*sorted(room.names), TOKEN)))


def _purposes(runtime: Runtime, choice: SigningChoice) -> Iterator[PurposeView]:
    definitions, systems = runtime.definitions, runtime.node.systems
    envelopes = [one for one in definitions.envelopes.values() if one.mapping.system in systems]
    sealed = [one.security.key for one in envelopes if one.security is not None and one.security.sign]
    for name, mappings, others in (
        (BUSINESS, [one for one in definitions.mappings.values() if one.system in systems], []),
        (TRANSPORT, [one.mapping for one in envelopes], sealed),
    ):
        keys = [*(one.sign.key for one in mappings if one.sign is not None), *others]
        yield PurposeView(name, choice.makes(name), len(keys), sorted(set(keys)))


def _keep(runtime: Runtime, actor: Actor, action: str, told: Mapping[str, str]) -> None:
    before = kept(runtime.store).get(SIGNING)
    keep(runtime, actor, SIGNING, {**(before.content if before is not None else {}), **told}, {}, action)


def _go_on(runtime: Runtime, actor: Actor) -> None:
    """Let what could not be signed be tried again at once."""
    for code in sorted(UNSIGNED):
        retry_query(runtime, actor, LandedQuery(states=(BLOCKED, FAILED), code=code))


def _room(runtime: Runtime) -> CryptoRoom:
    if runtime.crypto is None:
        raise CryptoRefused(Fault.UNABLE, "this node has no keys")
    return runtime.crypto()
