"""A provider of cryptography: a library for what is public, a holder for what needs a private key.

In: names of keys, messages, cipher texts in the forms of their interfaces. Out: the same. Forms, the signer's id and
the checks of everything that comes from outside are here, once for all libraries: points are on the curve, numbers in
their range, before anything is computed with them. A provider whose library computes wrongly does not come into being.
Long because it is every method of a port.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from adapters.crypto.curve import SIZE, SM2_CURVE, multiply, octets, point, scalar
from adapters.crypto.facts import read_certificate
from adapters.crypto.forms import cipher_from, cipher_to, signature_from, signature_to
from adapters.crypto.holders import KeyHolder, MemoryKeys, SoftwareKeys
from adapters.crypto.openssl import BLOCK, rsa_verify
from adapters.crypto.primitives import Primitives
from adapters.crypto.soundness import check_sound
from engine.model.crypto import (
    SIGNER_ID,
    Ability,
    BlockMode,
    CertificateFacts,
    CipherForm,
    CryptoRefused,
    CurveParameters,
    Derivation,
    Digest,
    Fault,
    KeyKind,
    Mac,
    NewKey,
    PublicKey,
    SignatureForm,
)

_LONGEST_ID = 8191
_KEPT = 1024


class Provider:
    """Implements `engine.ports.crypto.CryptoProvider`. Safe across threads where its library is."""

    def __init__(self, primitives: Primitives, holder: KeyHolder, name: str = "") -> None:
        """Refuses `self_test` where the library computes wrongly."""
        check_sound(primitives)
        self.name = name or primitives.name
        self._primitives, self._holder = primitives, holder
        self._begun = lru_cache(_KEPT)(self._signed_part)

    @property
    def able(self) -> frozenset[Ability]:
        """What it can do."""
        return self._primitives.able - {Ability.NONCE, Ability.CURVE, Ability.ADOPT}

    def keys(self) -> Sequence[str]:
        """Names of the private keys at hand."""
        return self._holder.names()

    def public(self, key: str) -> PublicKey:
        """The public key that belongs to a private one. Refuses `unknown_key`."""
        return self._holder.public(key)

    def certificate(self, key: str) -> CertificateFacts | None:
        """The certificate of a key."""
        der = self._holder.certificate(key)
        return read_certificate(der) if der else None

    # --- digests and SM4 ---------------------------------------------------------------------------------------------

    def digest(self, algorithm: Digest, data: bytes) -> bytes:
        """The digest."""
        return self._primitives.digest(algorithm, data)

    def mac(self, algorithm: Mac, key: bytes, data: bytes) -> bytes:
        """The keyed digest."""
        return self._primitives.mac(algorithm, key, data)

    def derive(
        self, way: Derivation, secret: bytes, size: int, *, salt: bytes = b"", info: bytes = b"", rounds: int = 0
    ) -> bytes:
        """A derived key."""
        return self._primitives.derive(way, secret, size, salt, info, rounds)

    def random(self, size: int) -> bytes:
        """Bytes that nobody can guess."""
        return self._primitives.random(size)

    def sm4_encrypt(self, mode: BlockMode, key: bytes, plain: bytes, iv: bytes = b"", *, padded: bool = False) -> bytes:
        """One of the modes. Refuses `key`, `encoding`."""
        if padded:
            count = BLOCK - len(plain) % BLOCK
            plain += bytes([count]) * count
        return self._primitives.sm4(mode, key, plain, iv, encrypt=True)

    def sm4_decrypt(
        self, mode: BlockMode, key: bytes, cipher: bytes, iv: bytes = b"", *, padded: bool = False
    ) -> bytes:
        """The plain text. Refuses `cipher` for a wrong padding."""
        plain = self._primitives.sm4(mode, key, cipher, iv, encrypt=False)
        if not padded:
            return plain
        count = plain[-1] if plain else 0
        if not 1 <= count <= BLOCK or plain[-count:] != bytes([count]) * count:
            raise CryptoRefused(Fault.CIPHER)
        return plain[:-count]

    def sm4_seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes = b"") -> bytes:
        """GCM: cipher text and tag."""
        return self._primitives.sm4_seal(key, nonce, plain, aad)

    def sm4_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
        """The plain text. Refuses `cipher`."""
        if len(sealed) < BLOCK:
            raise CryptoRefused(Fault.CIPHER)
        return self._primitives.sm4_open(key, nonce, sealed, aad)

    # --- SM2 ---------------------------------------------------------------------------------------------------------

    def sm2_sign(
        self, key: str, message: bytes, *, form: SignatureForm = SignatureForm.RAW, signer: bytes = SIGNER_ID
    ) -> bytes:
        """SM2 with SM3 over the signer's id, the public key and the message. Refuses `unknown_key`, `key`."""
        e = self._digested(self._sm2(self.public(key)), message, signer)
        return signature_to(form, self._holder.sign(key, [e])[0])

    def sm2_sign_many(
        self, key: str, messages: Sequence[bytes], *, form: SignatureForm = SignatureForm.RAW
    ) -> list[bytes]:
        """Many at once."""
        public = self._sm2(self.public(key))
        digests = [self._digested(public, message, SIGNER_ID) for message in messages]
        return [signature_to(form, one) for one in self._holder.sign(key, digests)]

    def sm2_verify(
        self,
        public: PublicKey,
        message: bytes,
        signature: bytes,
        *,
        form: SignatureForm = SignatureForm.RAW,
        signer: bytes = SIGNER_ID,
    ) -> bool:
        """Whether it is a signature of the message. Refuses `encoding`, `key`, `point`."""
        raw, xy = signature_from(form, signature), self._sm2(public)
        if not _in_range(raw, SM2_CURVE):
            return False
        return self._primitives.sm2_verify(xy, self._digested(xy, message, signer), raw)

    def sm2_encrypt(self, public: PublicKey, plain: bytes, *, form: CipherForm = CipherForm.DER) -> bytes:
        """A few bytes for the owner of the private key. Refuses `encoding` for none, `unable` for too many, `key`,
        `point`."""
        if not plain:
            raise CryptoRefused(Fault.ENCODING, "nothing to encipher")
        self._check_size(plain)
        made = self._primitives.sm2_encrypt(self._sm2(public), plain)
        while (
            made.body == plain
        ):  # a stream of zeros hides nothing; not every library begins anew, as GB/T 32918.4 has it
            made = self._primitives.sm2_encrypt(self._sm2(public), plain)
        return cipher_to(form, made)

    def sm2_decrypt(self, key: str, cipher: bytes, *, form: CipherForm = CipherForm.DER) -> bytes:
        """The plain text. Refuses `encoding`, `point` before anything is computed, `cipher` for what was altered."""
        parts = cipher_from(form, cipher)
        point(parts.point)
        self._check_size(parts.body)
        return self._holder.decrypt(key, parts)

    def _check_size(self, text: bytes) -> None:
        if len(text) > self._primitives.most:
            raise CryptoRefused(Fault.UNABLE, f"SM2 enciphers at most {self._primitives.most} bytes here")

    def signed_part(self, public: PublicKey, signer: bytes, curve: CurveParameters | None = None) -> bytes:
        """ZA of GB/T 32918.2, 5.5."""
        return self._begun(self._sm2(public, curve), signer, curve or SM2_CURVE)

    def _sm2(self, public: PublicKey, curve: CurveParameters | None = None) -> bytes:
        if public.kind is not KeyKind.SM2:
            raise CryptoRefused(Fault.KEY, "no key of SM2")
        _on_curve(public.data, curve or SM2_CURVE)
        return public.data

    def _digested(self, xy: bytes, message: bytes, signer: bytes) -> bytes:
        return self._primitives.digest(Digest.SM3, self._begun(xy, signer, SM2_CURVE) + message)

    def _signed_part(self, xy: bytes, signer: bytes, curve: CurveParameters) -> bytes:
        if len(signer) > _LONGEST_ID:
            raise CryptoRefused(Fault.ENCODING, "a signer's id is shorter")
        length = (8 * len(signer)).to_bytes(2, "big")
        numbers = b"".join(octets(one) for one in (curve.a, curve.b, curve.gx, curve.gy))
        return self._primitives.digest(Digest.SM3, length + signer + numbers + xy)

    # --- RSA ---------------------------------------------------------------------------------------------------------

    def rsa_sign(self, key: str, message: bytes, digest: Digest = Digest.SHA256) -> bytes:
        """PKCS #1 v1.5. Refuses `unknown_key`, `key`."""
        return self._holder.rsa_sign(key, digest, message)

    def rsa_verify(self, public: PublicKey, message: bytes, signature: bytes, digest: Digest = Digest.SHA256) -> bool:
        """Whether it is a signature of the message. Refuses `key`."""
        if public.kind is not KeyKind.RSA:
            raise CryptoRefused(Fault.KEY, "no key of RSA")
        return rsa_verify(public.data, digest, message, signature)


class Trial(Provider):
    """A provider for published vectors: keys in memory, nonces given. Implements `TrialProvider`."""

    def __init__(self, primitives: Primitives) -> None:
        self._memory = MemoryKeys()
        super().__init__(primitives, SoftwareKeys(primitives, self._memory))

    @property
    def able(self) -> frozenset[Ability]:
        """All that its library does."""
        return self._primitives.able

    def adopt(self, key: NewKey, certificate: bytes = b"") -> str:
        """Take a key in. Refuses `key`."""
        return self._memory.adopt(key, certificate)

    def sm4_repeated(self, key: bytes, block: bytes, rounds: int) -> bytes:
        """A block encrypted over and over."""
        return self._primitives.sm4_repeated(key, block, rounds)

    def sign_with(self, key: str, message: bytes, nonce: bytes, signer: bytes, curve: CurveParameters | None) -> bytes:
        """A signature with a given nonce."""
        secret = self._memory.key(key).secret
        public = self.public(key) if curve is None else _public_on(curve, secret)
        e = self._primitives.digest(Digest.SM3, self.signed_part(public, signer, curve) + message)
        return self._primitives.sm2_sign_with(secret, e, nonce, curve)

    def verify_on(
        self, curve: CurveParameters, public: PublicKey, message: bytes, signature: bytes, signer: bytes
    ) -> bool:
        """`sm2_verify` on another curve."""
        raw = signature_from(SignatureForm.RAW, signature)
        if not _in_range(raw, curve):
            return False
        e = self._primitives.digest(Digest.SM3, self.signed_part(public, signer, curve) + message)
        return self._primitives.sm2_verify_on(curve, public.data, e, raw)

    def encrypt_with(self, public: PublicKey, plain: bytes, nonce: bytes) -> bytes:
        """C1, C3 and C2, with 04 before them."""
        return cipher_to(CipherForm.C1C3C2, self._primitives.sm2_encrypt_with(self._sm2(public), plain, nonce))


def _public_on(curve: CurveParameters, secret: bytes) -> PublicKey:
    x, y = multiply(scalar(secret, curve), (curve.gx, curve.gy), curve)
    return PublicKey(KeyKind.SM2, octets(x) + octets(y))


@lru_cache(_KEPT)
def _on_curve(xy: bytes, curve: CurveParameters) -> None:
    point(xy, curve)


def _in_range(raw: bytes, curve: CurveParameters) -> bool:
    """R and s from 1 to n-1, and not together n: GB/T 32918.2, 7.1."""
    r, s = int.from_bytes(raw[:SIZE], "big"), int.from_bytes(raw[SIZE:], "big")
    return 1 <= r < curve.n and 1 <= s < curve.n and (r + s) % curve.n != 0
