"""What a library of cryptography must do to stand behind a provider: canonical bytes in, canonical bytes out.

Forms, signers' ids and the checks of what comes from outside are done once, above (`provider`); a library gets scalars
of 1 to n-2, points of the curve, digests of 32 bytes. Most take all but SM2 from OpenSSL: `OpensslParts`.
"""

from __future__ import annotations

import secrets
from typing import Protocol

from adapters.crypto import openssl
from adapters.crypto.forms import Sm2Cipher
from engine.model.crypto import Ability, BlockMode, CryptoRefused, CurveParameters, Derivation, Digest, Fault, Mac


class Primitives(Protocol):
    """One library."""

    @property
    def name(self) -> str:
        """How the console calls it."""
        ...

    @property
    def able(self) -> frozenset[Ability]:
        """What it does; the rest it refuses with `unable`."""
        ...

    @property
    def most(self) -> int:
        """The longest text that SM2 enciphers here."""
        ...

    def digest(self, algorithm: Digest, data: bytes) -> bytes: ...

    def mac(self, algorithm: Mac, key: bytes, data: bytes) -> bytes: ...

    def derive(self, way: Derivation, secret: bytes, size: int, salt: bytes, info: bytes, rounds: int) -> bytes: ...

    def random(self, size: int) -> bytes: ...

    def sm4(self, mode: BlockMode, key: bytes, data: bytes, iv: bytes, *, encrypt: bool) -> bytes:
        """One of the modes without padding."""
        ...

    def sm4_repeated(self, key: bytes, block: bytes, rounds: int) -> bytes:
        """A block encrypted over and over."""
        ...

    def sm4_seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        """GCM: cipher text and tag."""
        ...

    def sm4_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes: ...

    def sm2_generate(self) -> bytes:
        """A fresh scalar."""
        ...

    def sm2_sign(self, secret: bytes, e: bytes) -> bytes:
        """R and s over the digest e."""
        ...

    def sm2_verify(self, public: bytes, e: bytes, signature: bytes) -> bool: ...

    def sm2_encrypt(self, public: bytes, plain: bytes) -> Sm2Cipher: ...

    def sm2_decrypt(self, secret: bytes, cipher: Sm2Cipher) -> bytes:
        """The plain text, its digest compared. Refuses `cipher`."""
        ...

    def sm2_sign_with(self, secret: bytes, e: bytes, nonce: bytes, curve: CurveParameters | None) -> bytes:
        """A signature with a given nonce, perhaps on another curve: for published vectors."""
        ...

    def sm2_verify_on(self, curve: CurveParameters, public: bytes, e: bytes, signature: bytes) -> bool: ...

    def sm2_encrypt_with(self, public: bytes, plain: bytes, nonce: bytes) -> Sm2Cipher: ...


class OpensslParts:
    """All but SM2, by OpenSSL."""

    @property
    def able(self) -> frozenset[Ability]:
        """Everything but what only published vectors need."""
        return frozenset(Ability) - {Ability.NONCE, Ability.CURVE}

    def digest(self, algorithm: Digest, data: bytes) -> bytes:
        """The digest."""
        return openssl.digest(algorithm, data)

    def mac(self, algorithm: Mac, key: bytes, data: bytes) -> bytes:
        """The keyed digest."""
        return openssl.mac(algorithm, key, data)

    def derive(self, way: Derivation, secret: bytes, size: int, salt: bytes, info: bytes, rounds: int) -> bytes:
        """A derived key."""
        return openssl.derive(way, secret, size, salt, info, rounds)

    def random(self, size: int) -> bytes:
        """Bytes that nobody can guess."""
        return secrets.token_bytes(size)

    def sm4(self, mode: BlockMode, key: bytes, data: bytes, iv: bytes, *, encrypt: bool) -> bytes:
        """One of the modes without padding."""
        return openssl.sm4(mode, key, data, iv, encrypt=encrypt)

    def sm4_repeated(self, key: bytes, block: bytes, rounds: int) -> bytes:
        """A block encrypted over and over."""
        return openssl.repeated(key, block, rounds)

    def sm4_seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        """GCM: cipher text and tag."""
        return b"".join(openssl.seal(openssl.sm4_key(key), nonce, plain, aad))

    def sm4_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """The plain text. Refuses `cipher`."""
        return openssl.unseal(openssl.sm4_key(key), nonce, sealed[: -openssl.BLOCK], sealed[-openssl.BLOCK :], aad)

    def sm2_sign_with(self, secret: bytes, e: bytes, nonce: bytes, curve: CurveParameters | None) -> bytes:
        """Refused: the nonce is the library's own affair."""
        raise CryptoRefused(Fault.UNABLE, "a given nonce")

    def sm2_verify_on(self, curve: CurveParameters, public: bytes, e: bytes, signature: bytes) -> bool:
        """Refused."""
        raise CryptoRefused(Fault.UNABLE, "another curve")

    def sm2_encrypt_with(self, public: bytes, plain: bytes, nonce: bytes) -> Sm2Cipher:
        """Refused."""
        raise CryptoRefused(Fault.UNABLE, "a given nonce")
