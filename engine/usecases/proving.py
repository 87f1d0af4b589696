"""What a signature is worth that came with a message, in the words of guards.

In: signed documents and objects, keys and certificates of this node. Out: a `Proof`. Who may come in is decided
elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.envelopes.admission import Proof, Row
from engine.model.crypto import ALTERED, UNSIGNED, CryptoRefused, Fault, PublicKey
from engine.model.envelopes import Envelope
from engine.model.values import StoredFile
from engine.ports.crypto import CryptoRoom
from engine.signing.members import signed_text
from engine.signing.profiles import AUTOMATIC, profile_for
from engine.signing.values import verify_value
from engine.signing.xmldsig import verify_xml
from engine.usecases.runtime import Runtime

_BY_FAULT = {(Fault.MESSAGE, UNSIGNED): Proof.ABSENT, (Fault.SIGNATURE, ALTERED): Proof.ALTERED}


def proof_of(room: CryptoRoom, content: bytes, *, at: datetime | None, key: PublicKey | None) -> tuple[Proof, str]:
    """What the signature within an XML document is worth: by a key, else by a certificate that is trusted `at`; and
    the number of that certificate, empty for a key: that somebody is trusted does not say who he is."""
    try:
        found = verify_xml(content, room.provider(), room.xml, room.certificates, at=at, key=key)
    except CryptoRefused as refused:
        if refused.code is Fault.CERTIFICATE:
            return Proof.STRANGER, ""
        return _BY_FAULT.get((refused.code, refused.about), Proof.WRONG), ""
    return Proof.HOLDS, found.certificate.number if found.certificate is not None and key is None else ""


def proof_of_members(
    room: CryptoRoom, content: bytes, over: Sequence[str], value: object, number: object, at: datetime
) -> Proof:
    """What a signature over members of a JSON object is worth, by the certificate of a number that is trusted `at`."""
    if value in (None, ""):
        return Proof.ABSENT
    try:
        public = room.certificates.numbered(str(number or ""), at).key
    except CryptoRefused:
        return Proof.STRANGER
    try:
        signed = signed_text(content, over).encode()
        profile = profile_for(AUTOMATIC, public.kind)
        return Proof.HOLDS if verify_value(signed, str(value), public, room.provider(), profile.over) else Proof.WRONG
    except (CryptoRefused, ValueError):
        return Proof.WRONG


def partner_key(runtime: Runtime, envelope: Envelope | None, partner: Row | None) -> PublicKey | None:
    """The key in the certificate that a partner's record holds. Refuses `encoding`."""
    security = envelope.security if envelope is not None else None
    if security is None or partner is None or runtime.crypto is None:
        return None
    file = partner.get(security.certificate)
    if not isinstance(file, StoredFile):
        return None
    return runtime.crypto().certificates.read(runtime.files.get(file.hash)).key
