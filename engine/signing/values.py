"""Bare signatures: of a text that an interface builds from its fields, of a file that is signed as it is.

In: bytes and the name of a key. Out: the value in Base64 with the number of the certificate, as such interfaces carry
them, or whether it holds. Knows no library.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.crypto import Digest, PublicKey
from engine.ports.crypto import CryptoProvider
from engine.signing.profiles import AUTOMATIC, profile_for
from engine.signing.xmldsig import holds, signed_value


@dataclass(frozen=True, slots=True)
class SignedValue:
    """A signature in Base64 and the number of the certificate, empty where the key has none."""

    value: str
    number: str


def sign_value(content: bytes, key: str, crypto: CryptoProvider, *, profile: str = AUTOMATIC) -> SignedValue:
    """Sign bytes. Refuses `unknown_key`, `unable`, `key`."""
    chosen = profile_for(profile, crypto.public(key).kind)
    certificate = crypto.certificate(key)
    value = b64encode(signed_value(crypto, key, chosen, content)).decode()
    return SignedValue(value, certificate.number if certificate else "")


def verify_value(content: bytes, value: str, public: PublicKey, crypto: CryptoProvider, over: Digest) -> bool:
    """Whether a value in Base64 is a signature of the bytes; `over` is the digest where the key is one of RSA."""
    try:
        raw = b64decode("".join(value.split()), validate=True)
    except ValueError:
        return False
    return holds(crypto, public, over, content, raw)


def joined_members(members: Iterable[tuple[str, str]], between: str = "||") -> str:
    """Members of a message as the text that is signed: `"name":"value"` each, one behind the other, nothing escaped."""
    return between.join(f'"{name}":"{value}"' for name, value in members)
