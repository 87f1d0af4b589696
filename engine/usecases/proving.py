"""What a signature is worth that came with a message, in the words of guards.

In: signed documents, the keys and certificates of this node. Out: a `Proof`. Who may come in is decided elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from engine.envelopes.admission import Proof
from engine.model.crypto import ALTERED, UNSIGNED, CryptoRefused, Fault, PublicKey
from engine.ports.crypto import CryptoRoom
from engine.signing.xmldsig import verify_xml

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
