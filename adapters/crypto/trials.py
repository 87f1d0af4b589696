"""A room to try one library in: keys in memory, certificates judged by what the case brings. Implements `TrialRoom`."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.crypto.asn1 import PublicKeyInfo, parsed
from adapters.crypto.curve import SM2_CURVE, unpacked
from adapters.crypto.facts import key_of
from adapters.crypto.gmt0010 import Gmt0010Messages
from adapters.crypto.primitives import Primitives
from adapters.crypto.provider import Trial
from adapters.crypto.store import read_key
from adapters.crypto.trust import X509Certificates
from engine.model.crypto import KeyKind, NewKey, PublicKey
from engine.ports.crypto import XmlSignatures


class Trials:
    """One library on trial."""

    curve = SM2_CURVE

    def __init__(self, primitives: Primitives, xml: XmlSignatures) -> None:
        """Refuses `self_test`."""
        self.provider, self.xml = Trial(primitives), xml

    def point(self, data: bytes) -> PublicKey:
        """A point in one of its spellings, or a SubjectPublicKeyInfo. Refuses `encoding`, `point`."""
        if data[:1] == b"\x30" and len(data) > 65:
            return key_of(parsed(PublicKeyInfo, data))
        return PublicKey(KeyKind.SM2, unpacked(data))

    def key(self, content: bytes) -> NewKey:
        """A private key written as PKCS #8. Refuses `encoding`, `key`."""
        return read_key(content)

    def certificates(self, roots: Sequence[bytes]) -> X509Certificates:
        """Judged by these roots alone."""
        return X509Certificates(self.provider, roots)

    def messages(self, roots: Sequence[bytes]) -> Gmt0010Messages:
        """With certificates judged by these roots."""
        return Gmt0010Messages(self.provider, self.certificates(roots))
