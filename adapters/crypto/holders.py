"""Who holds private keys: what stands between a provider and a key store, a signature server or a card.

In: names of keys, digests, cipher texts. Out: signatures, plain texts. `SoftwareKeys` holds those of a key store and
signs with a library; others ask elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from adapters.crypto import openssl
from adapters.crypto.curve import point, public_of, scalar
from adapters.crypto.forms import Sm2Cipher
from adapters.crypto.primitives import Primitives
from engine.model.crypto import CryptoRefused, Digest, Fault, KeyKind, NewKey, PublicKey

_KEPT = 64


class KeyHolder(Protocol):
    """Uses private keys that nobody else sees."""

    def names(self) -> Sequence[str]:
        """What keys there are."""
        ...

    def public(self, key: str) -> PublicKey:
        """Refuses `unknown_key`."""
        ...

    def certificate(self, key: str) -> bytes:
        """In DER; empty where there is none."""
        ...

    def sign(self, key: str, digests: Sequence[bytes]) -> list[bytes]:
        """SM2: r and s over each digest."""
        ...

    def decrypt(self, key: str, cipher: Sm2Cipher) -> bytes:
        """SM2. Refuses `cipher`."""
        ...

    def rsa_sign(self, key: str, digest: Digest, message: bytes) -> bytes:
        """PKCS #1 v1.5."""
        ...


class KeyStore(Protocol):
    """Where private keys lie that this process may read."""

    def names(self) -> Sequence[str]: ...

    def key(self, name: str) -> NewKey:
        """Refuses `unknown_key`."""
        ...

    def certificate(self, name: str) -> bytes: ...


class MemoryKeys:
    """Keys that end with the process, for trials. Implements `KeyStore`."""

    def __init__(
        self, keys: Mapping[str, NewKey] | None = None, certificates: Mapping[str, bytes] | None = None
    ) -> None:
        self._keys, self._certificates = dict(keys or {}), dict(certificates or {})

    def adopt(self, key: NewKey, certificate: bytes = b"") -> str:
        """Take a key in. Refuses `key`."""
        checked(key)
        name = f"trial_{len(self._keys) + 1}"
        self._keys[name], self._certificates[name] = key, certificate
        return name

    def names(self) -> Sequence[str]:
        """All of them."""
        return sorted(self._keys)

    def key(self, name: str) -> NewKey:
        """One of them. Refuses `unknown_key`."""
        if name not in self._keys:
            raise CryptoRefused(Fault.UNKNOWN_KEY, name)
        return self._keys[name]

    def certificate(self, name: str) -> bytes:
        """Empty where it has none."""
        return self._certificates.get(name, b"")


class SoftwareKeys:
    """Keys of a store, used by a library in this process. Implements `KeyHolder`."""

    def __init__(self, primitives: Primitives, store: KeyStore) -> None:
        self._primitives, self._store = primitives, store
        self._public = lru_cache(_KEPT)(_public)
        self._rsa = lru_cache(_KEPT)(openssl.rsa_key)

    def names(self) -> Sequence[str]:
        """What keys there are."""
        return self._store.names()

    def public(self, key: str) -> PublicKey:
        """The public key."""
        found = self._store.key(key)
        return self._public(found.kind, found.secret)

    def certificate(self, key: str) -> bytes:
        """In DER; empty where there is none."""
        return self._store.certificate(key)

    def sign(self, key: str, digests: Sequence[bytes]) -> list[bytes]:
        """SM2: r and s over each digest."""
        secret = self._secret(key, KeyKind.SM2)
        return [self._primitives.sm2_sign(secret, one) for one in digests]

    def decrypt(self, key: str, cipher: Sm2Cipher) -> bytes:
        """SM2. Refuses `point` before the key touches it: a foreign curve would tell of the key; `cipher`."""
        point(cipher.point)
        return self._primitives.sm2_decrypt(self._secret(key, KeyKind.SM2), cipher)

    def rsa_sign(self, key: str, digest: Digest, message: bytes) -> bytes:
        """PKCS #1 v1.5."""
        return openssl.rsa_sign(self._rsa(self._secret(key, KeyKind.RSA)), digest, message)

    def _secret(self, key: str, kind: KeyKind) -> bytes:
        found = self._store.key(key)
        if found.kind is not kind:
            raise CryptoRefused(Fault.KEY, f"{key} is no key of {kind.value}")
        return found.secret


def checked(key: NewKey) -> None:
    """Refuses `key` for what is no private key of its kind."""
    if key.kind is KeyKind.SM2:
        scalar(key.secret)
    else:
        openssl.rsa_key(key.secret)


def _public(kind: KeyKind, secret: bytes) -> PublicKey:
    return PublicKey(kind, public_of(secret) if kind is KeyKind.SM2 else openssl.rsa_public_of(secret))
