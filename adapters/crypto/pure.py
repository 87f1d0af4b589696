"""SM2, SM3 and SM4 by `gmssl`, which is plain Python: its one importing place, and guards against what it does wrong.

In: canonical bytes. Out: canonical bytes. Of version 3.2.2 is not used: its constructor's public key (it strips every
leading 0 and 4), its nonces and its encryption (chance that can be foretold), its decryption (no check of the point,
none of the digest), its signer's id (fixed) and its paddings. Not in constant time and a thousand times slower than the
others: for machines where nothing can be installed, and as a second opinion.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from gmssl import sm3
from gmssl.sm2 import CryptSM2
from gmssl.sm4 import SM4_DECRYPT, SM4_ENCRYPT, CryptSM4

from adapters.crypto.curve import SIZE, SM2_CURVE, octets
from adapters.crypto.forms import Sm2Cipher
from engine.model.crypto import Ability, BlockMode, CryptoRefused, CurveParameters, Derivation, Digest, Fault, Mac

_BLOCK = 16
_SM3_BLOCK = 64
_UNPADDED = -1
_PATIENCE = 2_000
"""Rounds of SM4 that are still waited for."""


class Gmssl:
    """Implements `Primitives`."""

    name = "gmssl"
    most = 1 << 12
    able = frozenset({Ability.SM2, Ability.RSA, Ability.SM4, Ability.MAC, Ability.NONCE, Ability.CURVE, Ability.ADOPT})

    def digest(self, algorithm: Digest, data: bytes) -> bytes:
        """SM3; the others come with Python."""
        if algorithm is not Digest.SM3:
            return hashlib.new(algorithm.value, data, usedforsecurity=False).digest()
        return bytes.fromhex(sm3.sm3_hash(list(data)))

    def mac(self, algorithm: Mac, key: bytes, data: bytes) -> bytes:
        """HMAC-SM3 (RFC 2104)."""
        if algorithm is not Mac.HMAC_SM3:
            raise CryptoRefused(Fault.UNABLE, algorithm.value)
        key = self.digest(Digest.SM3, key) if len(key) > _SM3_BLOCK else key
        inner, outer = (bytes(one ^ pad for one in key.ljust(_SM3_BLOCK, b"\0")) for pad in (0x36, 0x5C))
        return self.digest(Digest.SM3, outer + self.digest(Digest.SM3, inner + data))

    def derive(self, way: Derivation, secret: bytes, size: int, salt: bytes, info: bytes, rounds: int) -> bytes:
        """The derivation within SM2's own encryption."""
        if way is not Derivation.X963_SM3:
            raise CryptoRefused(Fault.UNABLE, way.value)
        return self._stream(secret + info, size)

    def random(self, size: int) -> bytes:
        """Bytes that nobody can guess."""
        return secrets.token_bytes(size)

    # --- SM4: the library's single block, modes around it ------------------------------------------------------------

    def sm4(self, mode: BlockMode, key: bytes, data: bytes, iv: bytes, *, encrypt: bool) -> bytes:
        """One of the modes without padding."""
        if mode is BlockMode.ECB:
            return self._blocks(key, data, encrypt=encrypt)
        if len(iv) != _BLOCK:
            raise CryptoRefused(Fault.ENCODING, "an initialisation vector has 16 bytes")
        if mode is BlockMode.CBC:
            return self._chained(key, data, iv, encrypt=encrypt)
        return self._streamed(mode, key, data, iv, encrypt=encrypt)

    def _blocks(self, key: bytes, data: bytes, *, encrypt: bool) -> bytes:
        if len(key) != _BLOCK:
            raise CryptoRefused(Fault.KEY, "SM4 has keys of 16 bytes")
        if len(data) % _BLOCK:
            raise CryptoRefused(Fault.ENCODING, "not whole blocks")
        cipher = CryptSM4(padding_mode=_UNPADDED)
        cipher.set_key(key, SM4_ENCRYPT if encrypt else SM4_DECRYPT)
        return bytes(cipher.crypt_ecb(data))

    def _chained(self, key: bytes, data: bytes, iv: bytes, *, encrypt: bool) -> bytes:
        if not encrypt:
            plain = self._blocks(key, data, encrypt=False)
            return _mixed(plain, iv + data[:-_BLOCK]) if data else b""
        found = [iv]
        for block in _cut(data):
            found.append(self._blocks(key, _mixed(block, found[-1]), encrypt=True))
        return b"".join(found[1:])

    def _streamed(self, mode: BlockMode, key: bytes, data: bytes, iv: bytes, *, encrypt: bool) -> bytes:
        found = []
        for block in _cut(data):
            stream = self._blocks(key, iv, encrypt=True)
            found.append(_mixed(block, stream))
            if mode is BlockMode.CTR:
                iv = ((int.from_bytes(iv, "big") + 1) % (1 << 8 * _BLOCK)).to_bytes(_BLOCK, "big")
            elif mode is BlockMode.OFB:
                iv = stream
            else:
                iv = found[-1] if encrypt else block
        return b"".join(found)

    def sm4_repeated(self, key: bytes, block: bytes, rounds: int) -> bytes:
        """A block encrypted over and over, unless that takes minutes."""
        if rounds > _PATIENCE:
            raise CryptoRefused(Fault.UNABLE, f"{rounds} rounds in plain Python")
        for _ in range(rounds):
            block = self._blocks(key, block, encrypt=True)
        return block

    def sm4_seal(self, key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        """Refused: the library has no GCM."""
        raise CryptoRefused(Fault.UNABLE, "SM4-GCM")

    def sm4_open(self, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
        """Refused."""
        raise CryptoRefused(Fault.UNABLE, "SM4-GCM")

    # --- SM2 ---------------------------------------------------------------------------------------------------------

    def sm2_generate(self) -> bytes:
        """A fresh scalar."""
        return octets(1 + secrets.randbelow(SM2_CURVE.n - 2))

    def sm2_sign(self, secret: bytes, e: bytes) -> bytes:
        """R and s over the digest e, the nonce from the system."""
        while True:
            try:
                return self.sm2_sign_with(secret, e, _nonce(), None)
            except _Unlucky:
                continue

    def sm2_sign_with(self, secret: bytes, e: bytes, nonce: bytes, curve: CurveParameters | None) -> bytes:
        """A signature with a given nonce."""
        found = _library(curve, secret=secret).sign(e, nonce.hex())
        if found is None:
            raise _Unlucky(Fault.KEY, "a nonce that gives no signature")
        return bytes.fromhex(found)

    def sm2_verify(self, public: bytes, e: bytes, signature: bytes) -> bool:
        """Whether it holds."""
        return self.sm2_verify_on(SM2_CURVE, public, e, signature)

    def sm2_verify_on(self, curve: CurveParameters, public: bytes, e: bytes, signature: bytes) -> bool:
        """Whether it holds on a curve."""
        try:
            return bool(_library(curve, public=public).verify(signature.hex(), e))
        except (TypeError, ValueError):  # it stumbles over the point at infinity, which no signature leads to
            return False

    def sm2_encrypt(self, public: bytes, plain: bytes) -> Sm2Cipher:
        """The parts of a cipher text."""
        while True:
            try:
                return self.sm2_encrypt_with(public, plain, _nonce())
            except _Unlucky:
                continue

    def sm2_encrypt_with(self, public: bytes, plain: bytes, nonce: bytes) -> Sm2Cipher:
        """The parts of a cipher text made with a given nonce."""
        factor = int.from_bytes(nonce, "big")
        first = _multiplied(factor, octets(SM2_CURVE.gx) + octets(SM2_CURVE.gy))
        shared = _multiplied(factor, public)
        stream = self._stream(shared, len(plain))
        if not any(stream):
            raise _Unlucky(Fault.KEY, "a nonce that enciphers nothing")
        return Sm2Cipher(first, self._bound(shared, plain), _mixed(plain, stream))

    def sm2_decrypt(self, secret: bytes, cipher: Sm2Cipher) -> bytes:
        """The plain text, its digest compared. Refuses `cipher`."""
        shared = _multiplied(int.from_bytes(secret, "big"), cipher.point)
        stream = self._stream(shared, len(cipher.body))
        plain = _mixed(cipher.body, stream)
        if not any(stream) or not hmac.compare_digest(self._bound(shared, plain), cipher.digest):
            raise CryptoRefused(Fault.CIPHER)
        return plain

    def _bound(self, shared: bytes, plain: bytes) -> bytes:
        return self.digest(Digest.SM3, shared[:SIZE] + plain + shared[SIZE:])

    def _stream(self, shared: bytes, size: int) -> bytes:
        count = -(-size // SIZE)
        return b"".join(self.digest(Digest.SM3, shared + one.to_bytes(4, "big")) for one in range(1, count + 1))[:size]


class _Unlucky(CryptoRefused):
    """Another nonce must be taken; one in 2 to the 256."""


def _nonce() -> bytes:
    return octets(1 + secrets.randbelow(SM2_CURVE.n - 1))


def _library(curve: CurveParameters | None, *, secret: bytes = b"", public: bytes = b"") -> CryptSM2:
    of = curve or SM2_CURVE
    numbers = {"n": of.n, "p": of.p, "a": of.a, "b": of.b}
    table = {name: octets(number).hex() for name, number in numbers.items()}
    made = CryptSM2(secret.hex(), "", {**table, "g": (octets(of.gx) + octets(of.gy)).hex()})
    made.public_key = public.hex()
    return made


def _multiplied(factor: int, point: bytes) -> bytes:
    found = _library(None)._kg(factor, point.hex())  # noqa: SLF001 -- what it offers in public checks nothing
    return bytes.fromhex(found)


def _cut(data: bytes) -> list[bytes]:
    return [data[at : at + _BLOCK] for at in range(0, len(data), _BLOCK)]


def _mixed(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=False))
